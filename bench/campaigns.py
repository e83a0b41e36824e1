"""What numbers of a campaign with 100,000 events cost over HTTP: its performance, its versions, its company's insight.

`python -m bench.campaigns` loads them and measures; on PostgreSQL too where TRIGRAPH_TEST_POSTGRES_URL names a server.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx
from sqlalchemy import insert, text

from bench.databases import on_server
from bench.processes import Cores, serving
from bench.startup import SERVE
from domain.abm import AbmCampaign, CampaignDay, ItemStatus, ScheduledContent
from domain.accounts import Account
from domain.channels import Channel
from domain.contacts import Contact
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementEvent, EngagementType
from domain.engagement_rules import COUNTERS
from domain.marketing import CampaignStatus
from domain.viewer import Dialect
from gateway import keys
from gateway.cli.storage import opened
from gateway.database import Database
from gateway.members import ensure_organization
from gateway.settings import load as load_settings

EVENTS, OTHERS = 100_000, 20
_PEOPLE, _PIECES, _DAYS, _RUNS = 1_250, 16, 28, 15
_AT_ONCE = 5_000
_KINDS = (EngagementType.EMAIL_OPEN, EngagementType.LINK_CLICK, EngagementType.RESPONSE_RECEIVED)
_SCORES = {EngagementType.EMAIL_OPEN: 0.3, EngagementType.LINK_CLICK: 0.65, EngagementType.RESPONSE_RECEIVED: 0.895}
_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
_BEGIN = _TODAY - timedelta(days=_DAYS)
Say = Callable[[str], None]
Values = dict[str, Any]

_NUMBERS = (
    "emailsSent emailsDelivered emailsOpened emailsClicked emailsReplied deliveryRate openRate clickRate replyRate "
    "averageEngagement metrics { date emailsSent engagementScore } analysisText optimizationOpportunities "
    "expectedFinalResponseRate predictionConfidence"
)
_INSIGHT = (
    "overallScore trend peakDays peakTimes preferredContentTypes preferredChannels responseLikelihood "
    "conversionProbability optimalNextAction recommendations { description expectedImpact } evidence"
)
_QUESTIONS = (
    ("performance", f"{{ abmCampaign(id: $id) {{ performance {{ {_NUMBERS} }} }} }}", "campaign", 100.0),
    (
        "versions of messages",
        "{ abmCampaign(id: $id) { variantComparisons { localId winner variants { variant openRate } } } }",
        "campaign",
        100.0,
    ),
    ("insight", f"{{ account(id: $id) {{ insight {{ {_INSIGHT} }} }} }}", "account", 300.0),
    (
        f"performance of {OTHERS + 1} campaigns",
        f"{{ abmCampaigns(first: 100) {{ nodes {{ performance {{ {_NUMBERS} }} }} }} }}",
        None,
        None,
    ),
    (
        f"insight of {OTHERS + 1} companies",
        f"{{ accounts(first: 100) {{ nodes {{ insight {{ {_INSIGHT} }} }} }} }}",
        None,
        None,
    ),
)
"""What is asked, of which id, and within how many milliseconds it has to be answered."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The campaign that is measured and its company, and a key that opens them."""

    campaign: str
    account: str
    key: str


def measure(say: Say, server: str | None = None) -> bool:
    """Load and measure on the embedded database, and on a server; whether all promises were kept."""
    with tempfile.TemporaryDirectory(prefix="trigraph-bench-") as folder:
        kept = _measure(say, "SQLite", Path(folder), f"sqlite:///{folder}/trigraph.db")
        if server:
            with on_server(server) as url:
                kept = _measure(say, "PostgreSQL", Path(folder), url) and kept
    return kept


def _measure(say: Say, name: str, folder: Path, url: str) -> bool:
    began = perf_counter()
    loaded = asyncio.run(_prepare(folder, url))
    say(f"{name}: {EVENTS:,} events and {_PEOPLE * _PIECES:,} messages loaded in {perf_counter() - began:.1f} s")
    kept = True
    with serving(SERVE, folder, Cores.own().server, {"TRIGRAPH_DATABASE_URL": url}) as process:
        headers = {"Authorization": f"Bearer {loaded.key}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{process.port}", headers=headers, timeout=60) as client:
            for title, question, of, most in _QUESTIONS:
                used = process.cpu_seconds()
                quickest, middle = _asked(client, question, {"id": getattr(loaded, of)} if of else {})
                within = "" if most is None else f"  (at most {most:.0f})"
                used = (process.cpu_seconds() - used) * 1000 / (_RUNS + 1)
                say(f"{name}: {title:28} {quickest:7.1f} ms{within}, median {middle:.1f} ms, {used:.1f} ms of CPU")
                kept = kept and (most is None or quickest < most)
    return kept


def _asked(client: httpx.Client, question: str, variables: dict[str, str]) -> tuple[float, float]:
    """The quickest answer, because whatever else the machine does only adds, and the median, in milliseconds.

    The first is left out.
    """
    query = f"query ($id: ID!) {question}" if variables else question
    taken = []
    for _ in range(_RUNS + 1):
        began = perf_counter()
        answer = client.post("/graphql", json={"query": query, "variables": variables})
        taken.append((perf_counter() - began) * 1000)
        if answer.status_code != 200 or "errors" in answer.json():
            raise SystemExit(f"Something was not answered: {answer.text[:500]}")
    return min(taken[1:]), median(taken[1:])


async def _prepare(folder: Path, url: str) -> Loaded:
    settings = load_settings(env_file=None, data_dir=folder, database_url=url)
    async with opened(settings, migrating=True) as database:
        loaded = await load(database, EVENTS)
        if not database.engines.embedded:
            # As autovacuum does it by itself after a while: plans and index-only scans depend on it.
            async with database.engines.writing.connect() as connection:
                bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await bare.execute(text("VACUUM ANALYZE"))
        return loaded


async def load(database: Database, events: int) -> Loaded:
    """A campaign of four weeks with so many events, and others with some each."""
    organization = (await ensure_organization(database, "Bench")).id
    chance = random.Random(7)
    companies = [_Company(organization, 0, events, chance)]
    companies += [_Company(organization, number, events // 1_000, chance) for number in range(1, OTHERS + 1)]
    for company in companies:
        await _insert(database, company.rows())
    wanted = keys.Wanted("Bench", Dialect.CRM_ULTRA, organization, tier="Enterprise")
    issued = await keys.create(database, wanted)
    return Loaded(companies[0].campaign, companies[0].account, issued.key)


async def _insert(database: Database, rows: Iterator[tuple[type[Any], list[Values]]]) -> None:
    for entity, values in rows:
        for start in range(0, len(values), _AT_ONCE):
            part = values[start : start + _AT_ONCE]

            async def work(session: Any, entity: Any = entity, part: Any = part) -> None:
                await session.execute(insert(entity), part)

            await database.store(work)


class _Company:
    """One company with its campaign, as rows."""

    def __init__(self, organization: str, number: int, events: int, chance: random.Random) -> None:
        self.owned: Values = {"organization_id": organization, "created_at": _BEGIN}
        self.number, self.events, self.chance = number, events, chance
        self.account, self.campaign = Account.new_id(), AbmCampaign.new_id()
        self.contacts = [Contact.new_id() for _ in range(max(10, _PEOPLE * events // EVENTS))]
        self.pieces = [ScheduledContent.new_id() for _ in range(_PIECES)]

    def rows(self) -> Iterator[tuple[type[Any], list[Values]]]:
        """Everything, parents first."""
        known = {"name": f"Company {self.number}", "name_key": f"company {self.number}", "technologies": []}
        domain = f"company{self.number}.example.com"
        yield Account, [{**self.owned, "id": self.account, "domain": domain, "updated_at": _BEGIN, **known}]
        yield Contact, [self._contact(id_, place, domain) for place, id_ in enumerate(self.contacts)]
        yield AbmCampaign, [self._campaign()]
        yield ScheduledContent, [self._piece(id_, place) for place, id_ in enumerate(self.pieces)]
        messages = [self._message(piece, person) for piece in range(_PIECES) for person in range(len(self.contacts))]
        yield Email, messages
        happened = [self._event(place, messages) for place in range(self.events)]
        yield EngagementEvent, happened
        yield CampaignDay, list(self._days(messages, happened))

    def _contact(self, id_: str, place: int, host: str) -> Values:
        return {**self.owned, "id": id_, "email": f"p{place}@{host}", "host": host, "account_id": self.account}

    def _campaign(self) -> Values:
        return {
            **self.owned,
            "id": self.campaign,
            "account_id": self.account,
            "name": f"Campaign {self.number}",
            "status": CampaignStatus.ACTIVE,
            "campaign_type": "multi_channel_abm",
            "channels": ["EMAIL"],
            "start_date": _BEGIN,
            "end_date": _TODAY - timedelta(seconds=1),
            "duration_weeks": 4,
            "frequency": "weekly",
            "strategy": [],
            "automation_enabled": True,
            "automation_triggers": [],
            "automation_ab_testing": True,
            "expected_response_rate": 0.08,
            "expected_meeting_conversion": 0.02,
            "expected_roi": 1.0,
            "expected": {},
            "updated_at": _BEGIN,
        }

    def _piece(self, id_: str, place: int) -> Values:
        at = self._sent_at(place)
        return {
            **self.owned,
            "id": id_,
            "campaign_id": self.campaign,
            "local_id": f"cnt_week{place // 4 + 1}_email_{place % 4 + 1}",
            "week": place // 4 + 1,
            "position": place + 1,
            "date": at.date(),
            "type": "email",
            "channel": Channel.EMAIL,
            "content_type": ("insight_email", "case_study_email", "personal_story_email", "demo_request_email")[
                place % 4
            ],
            "variants": [{"key": key, "text": "Words " * 90} for key in "AB"],
            "status": ItemStatus.SENT,
            "send_time": at,
        }

    def _sent_at(self, place: int) -> datetime:
        return _BEGIN + timedelta(days=place * _DAYS // _PIECES, hours=10, minutes=30)

    def _message(self, piece: int, person: int) -> Values:
        at = self._sent_at(piece)
        drawn = self.chance.random()
        bounced = drawn < 0.03
        return {
            **self.owned,
            "id": Email.new_id(),
            "contact_id": self.contacts[person],
            "campaign_id": self.campaign,
            "item_id": self.pieces[piece],
            "variant": "AB"[person % 2],
            "status": EmailStatus.SENT,
            "to": ["p@example.com"],
            "subject": "About your quarter",
            "body": "Words " * 200,
            "sent_at": at,
            "opened_at": at if not bounced and drawn > 0.5 else None,
            "clicked_at": at if drawn > 0.7 else None,
            "replied_at": at if drawn > 0.93 else None,
            "bounced_at": at if bounced else None,
        }

    def _event(self, place: int, messages: Sequence[Values]) -> Values:
        message = messages[place % len(messages)]
        kind = _KINDS[min(2, int(self.chance.expovariate(1.2)))]
        at = message["sent_at"] + timedelta(hours=self.chance.expovariate(1 / 12))
        at = min(at, _TODAY - timedelta(seconds=1)).replace(microsecond=0)
        return {
            **self.owned,
            "id": EngagementEvent.new_id(),
            "type": kind,
            "channel": Channel.EMAIL,
            "occurred_at": at,
            "score": _SCORES[kind],
            "counted": place < len(messages),
            "source_key": f"bench:{self.number}:{place}",
            "account_id": self.account,
            "contact_id": message["contact_id"],
            "campaign_id": self.campaign,
            "item_id": message["item_id"],
            "email_id": message["id"],
            "variant": message["variant"],
        }

    def _days(self, messages: Sequence[Values], happened: Sequence[Values]) -> Iterator[Values]:
        found: dict[date, dict[str, float]] = {}
        for message in messages:
            day = found.setdefault(message["sent_at"].date(), dict.fromkeys(_COLUMNS, 0))
            day["emails_sent"] += 1
            day["emails_delivered"] += message["bounced_at"] is None
        for event in happened:
            day = found.setdefault(event["occurred_at"].date(), dict.fromkeys(_COLUMNS, 0))
            day["engagements"] += 1
            day["score_sum"] += event["score"]
            day[COUNTERS[event["type"]]] += event["counted"]
        for at, numbers in found.items():
            yield {**self.owned, "id": CampaignDay.new_id(), "campaign_id": self.campaign, "day": at, **numbers}


_COLUMNS = (
    "emails_sent",
    "emails_delivered",
    "emails_opened",
    "emails_clicked",
    "emails_replied",
    "engagements",
    "score_sum",
)


if __name__ == "__main__":
    sys.exit(not measure(print, os.environ.get("TRIGRAPH_TEST_POSTGRES_URL")))
