"""Processes that are killed in the middle of their work: nothing is forgotten, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from domain.abm import ActionStatus, RuleAction, TriggeredAction
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementType
from domain.event_log import Event
from domain.events import EventType
from domain.permissions import Role
from domain.ports import SystemClock
from domain.research import ResearchRun, ResearchStatus
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import engagements
from resolvers.engagements import Seen
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.conftest import opened
from tests.factories.abm import Reached, item_row, loaded, make_campaign, rule_row
from tests.factories.credentials import make_client
from tests.factories.leads import email_row, make_lead
from tests.factories.organizations import make_organization, make_viewer, store
from tests.factories.research import RESEARCH
from tests.forks import PIPE, Forked
from tests.graphs import Graph

SECONDS = 120
"""Patience for slow machines; leases are five minutes, so what is done sooner was begun again, not found again."""


class Process:
    """A worker process and what it has said."""

    def __init__(self, process: Forked) -> None:
        self._process = process
        self.sent: list[str] = []
        self.read: list[str] = []

    async def until(self, enough: Callable[[list[str]], bool | Awaitable[bool]]) -> None:
        """Hear what it says until that is enough."""
        async with asyncio.timeout(SECONDS):
            while not enough(self.sent):
                line = (await self._line()).strip()
                assert line, "the process has ended"
                if line.startswith("email_"):
                    self.sent.append(line)
                elif line.startswith("https://"):
                    self.read.append(line)

    async def launched(self) -> None:
        """Wait until it takes up work."""
        async with asyncio.timeout(SECONDS):
            while (line := await self._line()) != "launched\n":
                self.sent.append(line.strip())

    async def kill(self) -> list[str]:
        """Kill it without a word; everything it had said."""
        if self._process.returncode is None:
            self._process.kill()
            rest, _ = await asyncio.to_thread(self._process.communicate)
            self.sent.extend(line for line in rest.split() if line.startswith("email_"))
        return self.sent

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return await asyncio.to_thread(self._process.stdout.readline)


@asynccontextmanager
async def working(database: Database, folder: Path, mode: str) -> AsyncIterator[Process]:
    """A worker process beside the test."""
    url = database.engines.writing.url.render_as_string(hide_password=False)
    process = Process(Forked(["tests.gateway.work.worker_process", url, str(folder), mode], stdout=PIPE))
    try:
        yield process
    finally:
        await process.kill()


async def due(database: Database, organization: str, count: int) -> list[str]:
    """So many messages whose time has come, by the clock of processes."""
    now = SystemClock().now()
    lead = await make_lead(database, organization)
    waiting = {"status": EmailStatus.SCHEDULED, "sent_at": None, "due_at": now, "taken": 0}
    rows = [email_row(lead, organization, now, **waiting) for _ in range(count)]
    await store(database, *rows)
    return [row.id for row in rows]


async def due_research(database: Database, organization: str) -> str:
    """A research whose time has come, which nobody works on."""
    viewer = await make_viewer(database, organization, role=Role.ADMIN)
    graph = Graph(database, replace(viewer, client_id=await make_client(database, organization)))
    company = {"name": "Acme", "website": "https://acme.example"}
    run: str = (await graph.data(RESEARCH, input={"company": company}))["researchAccount"]["run"]["id"]
    due_now = update(ResearchRun).where(ResearchRun.id == run).values(due_at=SystemClock().now())
    await database.store(lambda session: session.execute(due_now))
    return run


async def completed(database: Database, run: str) -> int:
    """Wait until a research is over: how often it was taken up."""
    statement = select(ResearchRun.taken).where(ResearchRun.id == run, ResearchRun.status == ResearchStatus.COMPLETED)
    async with asyncio.timeout(SECONDS):
        while not (rows := await database.rows(statement)):  # noqa: ASYNC110 - others write
            await asyncio.sleep(0.05)
    return int(rows[0].taken)


async def opened_by(database: Database, organization: str, reached: Reached, key: str) -> None:
    """Somebody a campaign is for has opened its mail."""
    seen = Seen(
        type=EngagementType.EMAIL_OPEN,
        source_key=key,
        occurred_at=database.clock.now(),
        contact_id=reached.contacts[0],
        campaign_id=reached.campaign,
    )

    async def work(unit: Unit) -> Keys:
        await engagements.note(unit, seen)
        return {}

    await database.transact(Viewer.nobody(organization), work)


async def followed_up(database: Database, rule: str) -> str:
    """Wait until a rule has been done: the message it has sent."""
    statement = select(TriggeredAction.email_id).where(
        TriggeredAction.rule_id == rule, TriggeredAction.status == ActionStatus.DONE
    )
    async with asyncio.timeout(SECONDS):
        while not (rows := await database.rows(statement)):  # noqa: ASYNC110 - others write
            await asyncio.sleep(0.05)
    return str(rows[0].email_id)


async def settled(database: Database, ids: list[str]) -> dict[str, int]:
    """Wait until all are sent: how often each was taken up."""
    statement = select(Email.id, Email.taken).where(Email.id.in_(ids), Email.status == EmailStatus.SENT)
    async with asyncio.timeout(SECONDS):
        while len(rows := await database.rows(statement)) < len(ids):  # noqa: ASYNC110 - others write
            await asyncio.sleep(0.05)
    return {row.id: row.taken for row in rows}


async def told(database: Database, organization: str) -> Counter[str]:
    """How often the log tells that a message was sent."""
    rows = await database.rows(
        select(Event.subject_id).where(Event.organization_id == organization, Event.type == "EMAIL_SENT")
    )
    return Counter(row[0] for row in rows)


async def test_what_a_killed_process_had_begun_is_begun_again_at_its_next_start(
    embedded: Database, tmp_path: Path, clock: SetClock
) -> None:
    organization = await make_organization(embedded)
    clock.at = SystemClock().now()
    reached = await make_campaign(embedded, organization, people=12)
    item = item_row(await loaded(embedded, reached), clock.now(), variants=[{"key": key, "text": key} for key in "AB"])
    rule = rule_row(
        await loaded(embedded, reached), EngagementType.EMAIL_OPEN, RuleAction.SEND_FOLLOW_UP_EMAIL, delay_seconds=0
    )
    await store(embedded, item, rule)
    await opened_by(embedded, organization, reached, "before")
    run = await due_research(embedded, organization)
    async with working(embedded, tmp_path, "silent") as first:
        await first.until(lambda sent: len(sent) == 10 and len(first.read) == 1)
        begun = await first.kill()
    told_of = select(Event.type).where(Event.subject_id == run).order_by(Event.sequence)
    stages = [EventType.RESEARCH_STARTED, EventType.RESEARCH_PROGRESSED]
    assert [row.type for row in await embedded.rows(told_of)] == stages
    made = await embedded.rows(select(Email.id, Email.variant).where(Email.item_id == item.id))
    ids = [row.id for row in made]
    assert Counter(row.variant for row in made) == {"A": 6, "B": 6}

    # Fired once, for whoever opens again too; what it sends is a message as those of the piece are.
    await opened_by(embedded, organization, reached, "after")
    async with working(embedded, tmp_path, "well") as second:
        ids.append(await followed_up(embedded, rule.id))
        taken = await settled(embedded, ids)
        attempts = await completed(embedded, run)
        sent = await second.kill()

    # The very attempts that were under way, once each, and what the first had no room for.
    assert set(taken.values()) == {1}
    assert Counter(sent) == Counter(ids)
    assert set(begun) < set(ids)
    assert await told(embedded, organization) == Counter(ids)
    executed = select(Event.subject_id).where(Event.type == EventType.CAMPAIGN_ITEM_EXECUTED)
    assert [tuple(row) for row in await embedded.rows(executed)] == [(item.id,)]
    done = select(func.count()).where(Event.type == EventType.CAMPAIGN_ACTION_DONE)
    actions = select(func.count()).select_from(TriggeredAction)
    assert [(await embedded.rows(each))[0][0] for each in (done, actions)] == [1, 1]
    # The research too: it was taken up once after the request that left it, and its website is read from the start.
    assert attempts == 2
    again = [*stages, EventType.RESEARCH_PROGRESSED, EventType.RESEARCH_COMPLETED]
    assert [row.type for row in await embedded.rows(told_of)] == again


@pytest.fixture
async def server(own_postgres_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """A PostgreSQL database of this test alone: its workers would take up what other tests have left."""
    async with opened(own_postgres_url, clock) as database:
        yield database


@pytest.mark.postgres
async def test_workers_share_jobs_and_who_comes_takes_the_place_of_who_was_killed(
    server: Database, tmp_path: Path
) -> None:
    organization = await make_organization(server)
    ids = await due(server, organization, 200)
    async with working(server, tmp_path, "silent") as first:
        await first.until(lambda sent: len(sent) == 10)
        async with working(server, tmp_path, "well") as second:
            await second.until(lambda sent: len(sent) == 190)
            stuck = await first.kill()

            async with working(server, tmp_path, "well") as third:
                taken = await settled(server, ids)
                sent = [*await third.kill(), *await second.kill()]

    assert len(stuck) == 10
    assert set(taken.values()) == {1}
    assert Counter(sent) == Counter(ids)
    assert await told(server, organization) == Counter(ids)
