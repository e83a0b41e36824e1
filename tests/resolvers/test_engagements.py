"""What is seen is noted once, counted by day, told, and sets rules off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.abm import AbmCampaign, CampaignDay, OncePer, RuleAction, TriggeredAction
from domain.emails import Email
from domain.engagement import EngagementEvent, EngagementType
from domain.event_log import Event
from domain.events import EventType
from domain.marketing import CampaignStatus
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import engagements
from resolvers.engagements import Seen, opening
from resolvers.unit import Keys, Unit
from rest_compat.copycar.telling import tell
from tests.clocks import SetClock
from tests.conftest import CountStatements
from tests.factories.abm import Reached, campaign_row, item_row, loaded, make_campaign, rule_row
from tests.factories.leads import email_row, make_lead
from tests.factories.organizations import store
from tests.graphs import Graph

OPEN, CLICK, REPLY = EngagementType.EMAIL_OPEN, EngagementType.LINK_CLICK, EngagementType.RESPONSE_RECEIVED
MOVE = """mutation ($id: ID!, $status: LeadStatus!) {
  changeLeadStatus(input: {leadId: $id, status: $status}) { errors { code } } }"""
FACTS = ("engagementType", "contentId", "engagementScore", "triggeredActions")


async def note(database: Database, organization: str, *seen: Seen) -> list[str | None]:
    """The ids of what was noted, None for what was known."""
    noted: list[str | None] = []

    async def work(unit: Unit) -> Keys:
        found = await engagements.note_many(unit, seen)
        noted[:] = [each.id if each else None for each in found]
        return {}

    await database.transact(Viewer.nobody(organization, "Reader"), work)
    return noted


async def days(database: Database, reached: Reached) -> dict[date, dict[str, float]]:
    counts = ("emails_", "meetings_", "conversions", "engagements", "score_")
    names = [each.key for each in CampaignDay.__table__.columns if each.key.startswith(counts)]
    columns = [getattr(CampaignDay, name) for name in ("day", *names)]
    rows = await database.rows(select(*columns).where(CampaignDay.campaign_id == reached.campaign))
    return {row.day: {name: getattr(row, name) for name in names if getattr(row, name)} for row in rows}


async def told(database: Database, organization: str, *types: EventType) -> Sequence[Any]:
    mine = (Event.organization_id == organization, Event.type.in_(types))
    return await database.rows(select(Event.type, Event.lead_id, Event.data).where(*mine).order_by(Event.sequence))


class Mailed:
    """A campaign that has mailed one person, who is a lead twice."""

    def __init__(self, reached: Reached, email: str, item: str, leads: list[str], lead: str) -> None:
        self.reached, self.email, self.item, self.leads, self.lead = reached, email, item, leads, lead


@pytest.fixture
async def mailed(database: Database, organization: str, clock: SetClock) -> Mailed:
    reached = await make_campaign(database, organization)
    campaign = await loaded(database, reached)
    item = item_row(campaign, clock.now())
    linked = rule_row(campaign, OPEN, RuleAction.SEND_LINKEDIN_CONNECTION, delay_seconds=7200)
    follow = rule_row(campaign, CLICK, RuleAction.SEND_FOLLOW_UP_EMAIL, once_per=OncePer.ITEM, position=1)
    off = rule_row(campaign, REPLY, RuleAction.CREATE_TASK, enabled=False, position=2)
    await store(database, item, linked, follow, off)
    (contact,) = reached.contacts
    leads = [await make_lead(database, organization, contact_id=contact) for _ in range(2)]
    own = {"contact_id": contact, "campaign_id": reached.campaign, "item_id": item.id, "variant": "B"}
    message = email_row(leads[1], organization, clock.now(), **own)
    await store(database, message)
    return Mailed(reached, message.id, item.id, leads, leads[1])


async def test_a_click_opens_its_message_is_scored_with_it_and_sets_rules_off_once(
    database: Database, organization: str, mailed: Mailed, clock: SetClock
) -> None:
    at = clock.advance(minutes=5)
    click = Seen(type=CLICK, source_key="click:1", occurred_at=at, email_id=mailed.email, url="https://example.com")
    assert None not in await note(database, organization, click)
    assert await note(database, organization, click, opening(mailed.email, at)) == [None, None]
    another = Seen(type=CLICK, source_key="click:2", occurred_at=at, email_id=mailed.email)
    assert None not in await note(database, organization, another)

    events = await told(database, organization, EventType.ENGAGEMENT_DETECTED)
    assert [tuple(each.data[name] for name in FACTS) for each in events] == [
        ("EMAIL_OPEN", "cnt_week1_email", 30, [_action("send_linkedin_connection", at + timedelta(hours=2))]),
        ("LINK_CLICK", "cnt_week1_email", 65, [_action("send_follow_up_email", at + timedelta(hours=1))]),
        ("LINK_CLICK", "cnt_week1_email", 65, []),
    ]
    assert {each.data["contactId"] for each in events} == set(mailed.reached.contacts)
    assert {each.data["accountId"] for each in events} == {mailed.reached.account}
    assert tell(Event(type=EventType.ENGAGEMENT_DETECTED, data=events[0].data)) == {
        "campaign_id": mailed.reached.campaign,
        "account_id": mailed.reached.account,
        "contact_id": mailed.reached.contacts[0],
        "data": {
            "engagement_type": "email_open",
            "content_id": "cnt_week1_email",
            "engagement_score": 30,
            "user_agent": None,
            "ip_address": None,
            "location": None,
        },
        "triggered_actions": [
            {
                "action_type": "send_linkedin_connection",
                "scheduled_time": "2024-01-15T16:35:00Z",
                "status": "scheduled",
            }
        ],
    }
    rows = await database.rows(
        select(EngagementEvent.counted, EngagementEvent.variant)
        .where(EngagementEvent.email_id == mailed.email)
        .order_by(EngagementEvent.id)
    )
    assert [tuple(row) for row in rows] == [(True, "B"), (True, "B"), (False, "B")]
    counted = {"emails_opened": 1, "emails_clicked": 1, "engagements": 3, "score_sum": pytest.approx(1.6)}
    assert await days(database, mailed.reached) == {at.date(): counted}
    (message,) = await database.rows(select(Email.opened_at, Email.clicked_at).where(Email.id == mailed.email))
    assert tuple(message) == (at, at)
    (opened,) = await told(database, organization, EventType.EMAIL_OPENED)
    assert (opened.lead_id, opened.data["openedAt"]) == (mailed.lead, "2024-01-15T14:35:00Z")


def _action(kind: str, at: datetime) -> dict[str, str]:
    return {"actionType": kind, "scheduledTime": at.isoformat().replace("+00:00", "Z"), "status": "scheduled"}


async def test_what_happens_in_a_pause_or_was_long_ago_is_counted_and_sets_nothing_off(
    database: Database, organization: str, mailed: Mailed, clock: SetClock
) -> None:
    async def pause(status: CampaignStatus) -> None:
        async def work(session: Any) -> None:
            await session.execute(
                update(AbmCampaign).where(AbmCampaign.id == mailed.reached.campaign).values(status=status)
            )

        await database.store(work)

    await pause(CampaignStatus.PAUSED)
    await note(database, organization, opening(mailed.email, clock.now()))
    await pause(CampaignStatus.ACTIVE)
    long_ago = clock.now() - timedelta(days=8)
    old = Seen(type=CLICK, source_key="old", occurred_at=long_ago, email_id=mailed.email)
    await note(database, organization, old)
    mine = TriggeredAction.campaign_id == mailed.reached.campaign
    assert await database.rows(select(TriggeredAction.id).where(mine)) == []
    by_day = await days(database, mailed.reached)
    assert {day: each["engagements"] for day, each in by_day.items()} == {clock.now().date(): 1, long_ago.date(): 1}


async def test_mail_that_comes_back_was_not_delivered_and_people_without_mail_count_for_themselves(
    database: Database, organization: str, mailed: Mailed, clock: SetClock
) -> None:
    (contact,) = mailed.reached.contacts
    today = clock.now().date()
    later = clock.advance(days=1)
    bounce = Seen(type=EngagementType.BOUNCE, source_key="b", occurred_at=later, email_id=mailed.email)
    own = {"contact_id": contact, "campaign_id": mailed.reached.campaign}
    meetings = [
        Seen(type=EngagementType.MEETING_SCHEDULED, source_key=f"m{n}", occurred_at=later, **own)  # type: ignore[arg-type]
        for n in range(2)
    ]
    nobody = Seen(
        type=OPEN, source_key="p", occurred_at=later, campaign_id=mailed.reached.campaign, ip_address="1.2.3.4"
    )
    again = Seen(
        type=OPEN, source_key="q", occurred_at=later, campaign_id=mailed.reached.campaign, ip_address="1.2.3.4"
    )
    await note(database, organization, bounce, *meetings, nobody, again)
    by_day = await days(database, mailed.reached)
    assert by_day[today] == {"emails_delivered": -1}
    assert by_day[later.date()] | {"score_sum": 0} == {
        "engagements": 4,
        "meetings_scheduled": 1,
        "emails_opened": 1,
        "score_sum": 0,
    }


async def test_many_are_noted_in_as_many_statements_as_few(
    database: Database, organization: str, clock: SetClock, count_statements: CountStatements
) -> None:
    reached = await make_campaign(database, organization, people=1)
    (contact,) = reached.contacts

    def seen(name: str, count: int) -> list[Seen]:
        own = {"contact_id": contact, "campaign_id": reached.campaign, "occurred_at": clock.now()}
        return [Seen(type=CLICK, source_key=f"{name}{number}", **own) for number in range(count)]  # type: ignore[arg-type]

    await note(database, organization, *seen("first", 1))
    with count_statements() as few:
        await note(database, organization, *seen("few", 2))
    with count_statements() as many:
        await note(database, organization, *seen("many", 300))
    assert len(many) == len(few)
    assert (await days(database, reached))[clock.now().date()]["engagements"] == 303


async def test_two_who_see_the_same_at_once_note_it_once(database: Database, organization: str, mailed: Mailed) -> None:
    at = database.clock.now()
    keys = [opening(mailed.email, at)] * 4 + [
        Seen(type=CLICK, source_key=f"c{number}", occurred_at=at, email_id=mailed.email) for number in range(4)
    ]
    await asyncio.gather(*(note(database, organization, each) for each in keys))
    today = (await days(database, mailed.reached))[at.date()]
    assert (today["emails_opened"], today["emails_clicked"], today["engagements"]) == (1, 1, 5)
    assert (
        len(
            await database.rows(
                select(TriggeredAction.id).where(TriggeredAction.campaign_id == mailed.reached.campaign)
            )
        )
        == 2
    )


async def test_a_won_lead_is_owed_to_the_campaign_it_names_or_to_the_last_that_has_written(
    database: Database, organization: str, mailed: Mailed, graph: Graph, clock: SetClock
) -> None:
    async def won() -> int:
        return int(sum(each.get("conversions", 0) for each in (await days(database, mailed.reached)).values()))

    async def win(lead: str) -> None:
        for status in ("WON", "QUALIFIED", "WON"):
            assert (await graph.data(MOVE, id=lead, status=status))["changeLeadStatus"]["errors"] == []

    await win(mailed.leads[0])
    assert await won() == 1
    named = await make_lead(database, organization, custom_fields={"campaignId": mailed.reached.campaign})
    await win(named)
    # Unknown to the campaign, and of one that is none of ours.
    await win(await make_lead(database, organization, custom_fields={"campaignId": "camp_1"}))
    assert await won() == 2
    # The last mail of all never reached its reader.
    later = campaign_row(organization, mailed.reached.account, clock.advance(days=1))
    (contact,) = mailed.reached.contacts
    own = {"contact_id": contact, "campaign_id": later.id, "bounced_at": clock.now()}
    await store(database, later)
    await store(database, email_row(None, organization, clock.now(), **own))  # type: ignore[arg-type]
    await win(await make_lead(database, organization, contact_id=contact))
    assert await days(database, replace(mailed.reached, campaign=later.id)) == {}
    clock.advance(days=91)
    await win(mailed.leads[1])
    assert await won() == 2
