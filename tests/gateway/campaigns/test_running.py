"""A campaign of four weeks under a clock that is set: everything happens once, at its time, and nothing in a pause."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from domain.abm import (
    AbmCampaign,
    ActionStatus,
    CampaignDay,
    ItemStatus,
    OncePer,
    RuleAction,
    ScheduledContent,
    TriggeredAction,
)
from domain.activities import Activity, ActivityType
from domain.channels import Channel
from domain.contacts import Contact
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementEvent, EngagementType
from domain.errors import Code, refuse
from domain.event_log import Event
from domain.events import EventType
from domain.marketing import CampaignStatus
from domain.permissions import Permission
from domain.ports import OutgoingMail
from domain.tasks import Task, TaskType
from domain.viewer import Viewer
from gateway.campaigns.queue import CampaignQueue
from gateway.database import Database
from gateway.mailroom import Mailroom
from gateway.settings_campaigns import CampaignSettings
from resolvers import abm_campaign_writes, engagements, tracking
from resolvers.engagements import Seen
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.factories.abm import Reached, item_row, loaded, make_campaign, rule_row
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization, make_user, store

MONDAY = datetime(2024, 1, 22, 10, 30, tzinfo=UTC)
VERSIONS = [
    {"key": "A", "template": "a", "subject": "For {{first_name}}", "text": "Dear {{first_name}},\n\nhello."},
    {"key": "B", "template": "b", "subject": "Hello {{first_name}}", "text": "Hi {{first_name}}."},
]


class Servers:
    """The mail server, which takes everything but what is for those it does not know."""

    def __init__(self) -> None:
        self.taken: list[OutgoingMail] = []
        self.unknown: set[str] = set()

    async def send(self, message: OutgoingMail) -> None:
        if self.unknown & set(message.to):
            raise refuse(Code.NOT_FOUND, "There is nobody of that name.", "to")
        self.taken.append(message)

    def subjects(self, address: str) -> list[str]:
        return [each.subject for each in self.taken if each.to == (address,)]


class House:
    """What works on campaigns and on their mail, by hand."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self.database, self.clock = database, clock
        self.server = Servers()
        self.queue = CampaignQueue(database, CampaignSettings())
        self.room = Mailroom(database, self.server, "us@example.com", attempts=2, retry_seconds=60, wait_seconds=1)

    async def work(self) -> None:
        """Do everything that is due now, and what follows from it at once."""
        while jobs := [(queue, job) for queue in (self.queue, self.room) for job in await queue.take(50)]:
            for queue, job in jobs:
                await queue.run(job)
                # Run again after a crash, it does nothing.
                await queue.run(job)

    async def until(self, moment: datetime) -> None:
        """Let time pass, and everything be done at its time."""
        while True:
            due = [each for each in (await self.queue.next_due(), await self.room.next_due()) if each]
            if not due or min(due) > moment:
                self.clock.at = max(moment, self.clock.at)
                return
            self.clock.at = max(min(due), self.clock.at)
            await self.work()

    async def do(self, organization: str, use_case: Any, *args: Any) -> None:
        async def work(unit: Unit) -> Keys:
            found: Keys = await use_case(unit, *args)
            return found

        viewer = Viewer(organization, "", None, None, frozenset(Permission), (), None, "t", "Somebody")
        await self.database.transact(viewer, work)

    async def rows(self, entity: Any, reached: Reached) -> Sequence[Any]:
        async def work(session: Any) -> Sequence[Any]:
            own = select(entity).where(entity.campaign_id == reached.campaign).order_by(entity.created_at, entity.id)
            return list(await session.scalars(own))

        return await self.database.store(work)


@pytest.fixture
def house(database: Database, clock: SetClock) -> House:
    return House(database, clock)


async def planned(database: Database, organization: str, clock: SetClock, people: int) -> Reached:
    """A campaign for so many people: an e-mail every Monday, a request to connect every Thursday, two rules."""
    clock.at = MONDAY - timedelta(hours=1)
    reached = await make_campaign(database, organization, people)
    campaign = await loaded(database, reached)
    items = []
    for week in range(4):
        monday = MONDAY + timedelta(weeks=week)
        items.append(item_row(campaign, monday, week + 1, variants=VERSIONS))
        thursday = monday + timedelta(days=3)
        linked = {"channel": Channel.LINKEDIN, "type": "linkedin_connection", "message": "Let us connect"}
        items.append(item_row(campaign, thursday, week + 1, position=week + 10, **linked))
    open_, click = EngagementType.EMAIL_OPEN, EngagementType.LINK_CLICK
    connect = rule_row(campaign, open_, RuleAction.SEND_LINKEDIN_CONNECTION, delay_seconds=7200)
    follow = rule_row(campaign, click, RuleAction.SEND_FOLLOW_UP_EMAIL, once_per=OncePer.ITEM, position=1)
    await store(database, *items, connect, follow)
    return reached


async def test_four_weeks_pass_and_everything_happens_once(
    database: Database, organization: str, house: House, clock: SetClock
) -> None:
    reached = await planned(database, organization, clock, people=3)
    owner = await make_user(database, organization)
    lead = await make_lead(database, organization, contact_id=reached.contacts[0], assigned_to_id=owner)
    house.server.unknown = {"person2@northwind.example"}

    # The first week: the first person opens and follows a link, the third is not known to the server.
    await house.until(MONDAY + timedelta(minutes=5))
    mail = {each.to[0]: each for each in await house.rows(Email, reached)}
    assert [mail[f"person{n}@northwind.example"].variant for n in range(3)] == ["A", "B", "A"]
    assert mail["person0@northwind.example"].subject == "For Person"
    assert mail["person0@northwind.example"].lead_id == lead
    returned = mail["person2@northwind.example"]
    assert (returned.status, returned.attempts, returned.bounced_at) == (EmailStatus.FAILED, 1, MONDAY)
    bounces = [each for each in await house.rows(EngagementEvent, reached) if each.type is EngagementType.BOUNCE]
    assert [(each.email_id, each.note) for each in bounces] == [(returned.id, "There is nobody of that name.")]
    (day,) = await house.rows(CampaignDay, reached)
    assert (day.emails_sent, day.emails_delivered, day.engagements) == (3, 2, 0)
    first = mail["person0@northwind.example"].id
    await house.do(organization, tracking.followed, first, "https://example.com/offer", 1)
    await house.do(organization, tracking.opened, first)
    await house.until(MONDAY + timedelta(days=4))
    actions = {each.action: each for each in await house.rows(TriggeredAction, reached)}
    assert {each.status for each in actions.values()} == {ActionStatus.DONE}
    assert actions[RuleAction.SEND_LINKEDIN_CONNECTION].done_at == MONDAY + timedelta(hours=2, minutes=5)
    assert actions[RuleAction.SEND_FOLLOW_UP_EMAIL].done_at == MONDAY + timedelta(hours=1, minutes=5)
    assert len(house.server.subjects("person0@northwind.example")) == 2
    # What is done with the message that followed up counts for the piece it follows, and is not followed up again.
    follow_up = actions[RuleAction.SEND_FOLLOW_UP_EMAIL].email_id
    await house.do(organization, tracking.followed, follow_up, "https://example.com/offer", 1)
    answers = await house.rows(EngagementEvent, reached)
    assert {each.item_id for each in answers} == {mail["person0@northwind.example"].item_id}
    await house.until(MONDAY + timedelta(days=5))
    assert len(await house.rows(TriggeredAction, reached)) == 2

    # The second week is paused on its Tuesday and goes on after two days: what had not left leaves two days later.
    await house.until(MONDAY + timedelta(days=8))
    await house.do(organization, abm_campaign_writes.pause, reached.campaign)
    before = len(house.server.taken)
    await house.until(MONDAY + timedelta(days=9, hours=23))
    second = next(e for e in await house.rows(Email, reached) if e.created_at == MONDAY + timedelta(weeks=1))
    await house.do(organization, tracking.opened, second.id)
    await house.until(MONDAY + timedelta(days=10, hours=1))
    assert len(house.server.taken) == before
    assert len(await house.rows(Task, reached)) == 4
    await house.do(organization, abm_campaign_writes.resume, reached.campaign)

    # Then the second person stops it, and it runs to its end.
    await store_unsubscribed(database, reached.contacts[1], clock.now())
    await house.until(MONDAY + timedelta(weeks=6))

    items = await house.rows(ScheduledContent, reached)
    assert Counter(each.status for each in items) == {ItemStatus.SENT: 4, ItemStatus.ASSIGNED: 4}
    campaign = await loaded(database, reached)
    assert campaign.status is CampaignStatus.COMPLETED
    assert campaign.end_date == MONDAY - timedelta(hours=1) + timedelta(weeks=4, days=2)
    executed = await told(database, organization, EventType.CAMPAIGN_ITEM_EXECUTED)
    assert Counter(executed) == Counter({each.id: 1 for each in items})
    assert len(await told(database, organization, EventType.CAMPAIGN_ACTION_DONE)) == 2

    every = await house.rows(Email, reached)
    to = Counter((each.item_id, each.contact_id) for each in every if each.item_id)
    # Four to the first, two to the second who stopped it, one to the third, whose server does not know them.
    assert len(to) == sum(to.values()) == 4 + 2 + 1
    assert Counter("does not know" in (each.note or "") for each in items) == {False: 5, True: 3}
    versions = Counter(each.variant for each in every if each.variant)
    assert abs(versions["A"] - versions["B"]) <= 1
    for item in items:
        own = Counter(each.variant for each in every if each.item_id == item.id)
        assert abs(own["A"] - own["B"]) <= 1
    work = await house.rows(Task, reached)
    # Three people in the first week, those who have not stopped it in the others, and what a rule asked for.
    assert Counter(each.type for each in work) == {TaskType.FOLLOW_UP: 10}
    assert {each.assignee_id for each in work} == {owner}
    assert {each.lead_id for each in work if each.contact_id == reached.contacts[0]} == {lead}
    days = await house.rows(CampaignDay, reached)
    assert sum(each.emails_sent for each in days) == 8
    assert sum(each.emails_delivered for each in days) == 7
    assert (sum(each.emails_opened for each in days), sum(each.emails_clicked for each in days)) == (3, 2)
    line = select(func.count()).select_from(Activity).where(Activity.lead_id == lead)
    assert (await database.rows(line.where(Activity.type == ActivityType.EMAIL_SENT)))[0][0] == 5


async def store_unsubscribed(database: Database, contact: str, at: datetime) -> None:
    async def work(session: Any) -> None:
        await session.execute(update(Contact).where(Contact.id == contact).values(unsubscribed_at=at))

    await database.store(work)


async def told(database: Database, organization: str, type: EventType) -> list[str]:
    mine = (Event.organization_id == organization, Event.type == type)
    return [row[0] for row in await database.rows(select(Event.subject_id).where(*mine))]


async def test_what_waits_when_a_campaign_is_paused_leaves_when_it_goes_on(
    database: Database, organization: str, house: House, clock: SetClock
) -> None:
    reached = await planned(database, organization, clock, people=2)
    clock.at = MONDAY
    for job in await house.queue.take(10):
        await house.queue.run(job)
    held = await house.room.take(10)
    await house.do(organization, abm_campaign_writes.pause, reached.campaign)
    for job in held:
        await house.room.run(job)
    assert house.server.taken == []
    assert {each.status for each in await house.rows(Email, reached)} == {EmailStatus.SCHEDULED}
    clock.advance(hours=5)
    await house.do(organization, abm_campaign_writes.resume, reached.campaign)
    await house.work()
    assert len(house.server.taken) == 2
    assert all(each.reader in reached.contacts for each in house.server.taken)

    # Of what waits when it is completed nothing leaves, nor to who stops it before it does.
    clock.at = MONDAY + timedelta(weeks=1)
    for job in await house.queue.take(10):
        await house.queue.run(job)
    await store_unsubscribed(database, reached.contacts[0], clock.now())
    await house.work()
    assert len(house.server.taken) == 3
    await house.do(organization, abm_campaign_writes.complete, reached.campaign)
    await house.until(MONDAY + timedelta(weeks=6))
    assert len(house.server.taken) == 3


async def test_what_is_leaving_when_a_campaign_is_paused_and_resumed_leaves_once(
    database: Database, organization: str, house: House, clock: SetClock
) -> None:
    reached = await planned(database, organization, clock, people=2)
    clock.at = MONDAY
    for job in await house.queue.take(10):
        await house.queue.run(job)
    (job,) = await house.room.take(1)
    on_its_way = asyncio.Event()
    taken = asyncio.Event()
    server = house.server.send

    async def slow(message: OutgoingMail) -> None:
        on_its_way.set()
        await taken.wait()
        await server(message)

    house.server.send = slow  # type: ignore[method-assign]
    sending = asyncio.create_task(house.room.run(job))
    await on_its_way.wait()
    house.server.send = server  # type: ignore[method-assign]
    await house.do(organization, abm_campaign_writes.pause, reached.campaign)
    await house.do(organization, abm_campaign_writes.resume, reached.campaign)
    await house.work()
    taken.set()
    await sending
    await house.until(MONDAY + timedelta(hours=1))
    assert Counter(each.to for each in house.server.taken) == {
        (f"person{number}@northwind.example",): 1 for number in range(2)
    }


async def test_who_has_unsubscribed_is_left_out_of_everything_and_it_says_so(
    database: Database, organization: str, house: House, clock: SetClock
) -> None:
    reached = await planned(database, organization, clock, people=2)
    await house.until(MONDAY + timedelta(minutes=5))
    seen = Seen(
        type=EngagementType.EMAIL_OPEN,
        source_key="o",
        occurred_at=clock.now(),
        **_of(reached, reached.contacts[0]),
    )
    await house.do(organization, _note, [seen])
    await store_unsubscribed(database, reached.contacts[0], clock.now())

    await house.until(MONDAY + timedelta(weeks=1, days=1))
    first, connect, second = (await house.rows(ScheduledContent, reached))[:3]
    assert (first.note, connect.status, second.status) == (None, ItemStatus.ASSIGNED, ItemStatus.SENT)
    assert connect.note == second.note == "Left out, for they have unsubscribed: Person 0."
    (action,) = await house.rows(TriggeredAction, reached)
    assert (action.status, action.note) == (ActionStatus.SKIPPED, "The person has unsubscribed.")
    assert {each.contact_id for each in await house.rows(Task, reached)} == {reached.contacts[1]}

    await store_unsubscribed(database, reached.contacts[1], clock.now())
    await house.until(MONDAY + timedelta(weeks=1, days=4))
    asked = next(each for each in await house.rows(ScheduledContent, reached) if each.week == 2 and each.position > 9)
    assert (asked.status, asked.note) == (ItemStatus.SKIPPED, "Everybody the campaign is for has unsubscribed.")


async def test_nothing_follows_up_by_mail_to_who_is_not_known_to_the_mail_server(
    database: Database, organization: str, house: House, clock: SetClock
) -> None:
    reached = await planned(database, organization, clock, people=1)
    campaign = await loaded(database, reached)
    await store(database, rule_row(campaign, EngagementType.BOUNCE, RuleAction.SEND_FOLLOW_UP_EMAIL, position=2))
    house.server.unknown = {"person0@northwind.example"}
    await house.until(MONDAY + timedelta(days=1))
    (action,) = await house.rows(TriggeredAction, reached)
    assert (action.status, action.note) == (ActionStatus.SKIPPED, "The mail server does not know the person's address.")
    assert len(await house.rows(Email, reached)) == 1


async def test_for_nobody_nothing_is_sent_and_it_says_why(
    database: Database, organization: str, house: House, clock: SetClock
) -> None:
    reached = await planned(database, organization, clock, people=0)
    await house.until(MONDAY + timedelta(days=5))
    items = await house.rows(ScheduledContent, reached)
    skipped = [each for each in items if each.status is ItemStatus.SKIPPED]
    assert len(skipped) == 2
    assert all(each.note and each.due_at is None for each in skipped)
    assert await house.rows(Email, reached) == []


@pytest.mark.postgres
async def test_sweepers_at_once_do_everything_once(server: Database, clock: SetClock) -> None:
    organization = await make_organization(server)
    reached = await planned(server, organization, clock, people=4)
    clock.at = MONDAY + timedelta(weeks=5)
    houses = [House(server, clock) for _ in range(3)]
    await end_later(server, reached)
    # Everybody opens something, told by three at once.
    opened = [
        Seen(type=EngagementType.EMAIL_OPEN, source_key=f"o:{each}", occurred_at=clock.now(), **_of(reached, each))
        for each in reached.contacts
    ]
    await asyncio.gather(*(house.do(organization, _note, opened) for house in houses))
    clock.advance(hours=2)
    await all_due_now(server, reached)
    await asyncio.gather(*(house.work() for house in houses))
    await houses[0].work()
    mail = await houses[0].rows(Email, reached)
    assert len(mail) == len({(each.item_id, each.contact_id) for each in mail}) == 16
    assert Counter(each.variant for each in mail) == {"A": 8, "B": 8}
    # What other tests have left due in the same database leaves too.
    mine = {each.id for each in mail}
    sent = Counter(each.id for house in houses for each in house.server.taken if each.id in mine)
    assert sent == Counter({each.id: 1 for each in mail})
    assert len(await houses[0].rows(Task, reached)) == 16 + 4
    assert len(await told(server, organization, EventType.ENGAGEMENT_DETECTED)) == 4
    assert len(await told(server, organization, EventType.CAMPAIGN_ACTION_DONE)) == 4
    assert len(await told(server, organization, EventType.CAMPAIGN_ITEM_EXECUTED)) == 8


def _of(reached: Reached, contact: str) -> dict[str, Any]:
    return {"contact_id": contact, "campaign_id": reached.campaign}


async def _note(unit: Unit, seen: Sequence[Seen]) -> Keys:
    await engagements.note_many(unit, seen)
    return {}


async def end_later(database: Database, reached: Reached) -> None:
    """The campaign ends after everything of it, however late that is."""
    at = database.clock.now() + timedelta(weeks=9)
    change = update(AbmCampaign).where(AbmCampaign.id == reached.campaign).values(end_date=at, due_at=at)
    await database.store(partial(_run, change))


async def all_due_now(database: Database, reached: Reached) -> None:
    """Everything is planned for this moment: what were late would be overtaken by what comes after it."""
    now = database.clock.now()
    own = update(ScheduledContent).where(ScheduledContent.campaign_id == reached.campaign)
    await database.store(partial(_run, own.values(send_time=now, due_at=now)))


async def _run(statement: Any, session: Any) -> None:
    await session.execute(statement)
