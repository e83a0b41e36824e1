"""Loaded volume is what the rules would have made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts import Account
from domain.activities import Activity
from domain.contacts import Contact, domain_of
from domain.event_log import Event
from domain.events import EventType
from domain.leads import Lead, LeadStatus, digits_of, status_of
from domain.notes import Note
from domain.organizations import Organization
from domain.scoring import score
from domain.tasks import Task, TaskStatus
from domain.viewer import Viewer
from domain.visibility import NoteVisibility
from gateway.database import Database
from gateway.seeds.load import Volume, load
from tests.graphs import Graph

_VOLUME = Volume(leads=300, accounts=15, contacts=200, notes=320, tasks=280, activities=600)


async def mapped(database: Database, statement: Any) -> Sequence[Any]:
    """The mapped rows of a statement, detached."""
    async with AsyncSession(database.engines.reading, expire_on_commit=False) as session:
        return (await session.scalars(statement)).all()


@pytest.fixture
async def counts(database: Database, organization: str) -> Counter[str]:
    """What the loading said it put in, by table."""
    heard: Counter[str] = Counter()
    loaded = await load(database, organization, _VOLUME, lambda kind, count: heard.update({kind: count}))
    assert loaded.rows == _VOLUME.rows
    return heard


async def _all(database: Database, organization: str, entity: Any) -> Any:
    return await mapped(database, select(entity).where(entity.organization_id == organization))


async def test_as_many_rows_as_asked_for(database: Database, organization: str, counts: Counter[str]):
    wanted = {"account": 15, "contact": 200, "lead": 300, "note": 320, "task": 280, "activity": 600}
    stored = {}
    for entity in (Account, Contact, Lead, Note, Task, Activity):
        statement = select(func.count()).select_from(entity).where(entity.organization_id == organization)
        stored[entity.__tablename__] = (await database.rows(statement))[0][0]

    assert dict(counts) == stored == wanted


async def test_leads_are_as_the_rules_leave_them(database: Database, organization: str, counts: Counter[str]):
    leads = await _all(database, organization, Lead)

    assert len({lead.status for lead in leads}) == len(LeadStatus)
    for lead in leads:
        stored = (lead.search_text, lead.phone_digits)
        lead.index_words()
        points = score(lead)
        assert (lead.search_text, lead.phone_digits) == stored
        assert lead.phone_digits == digits_of(lead.phone)
        assert (lead.score, lead.score_given) == (points.points, False)
        assert [reason["points"] for reason in lead.score_reasons] == [reason.points for reason in points.reasons]
        assert (lead.status, lead.status_text) == status_of(lead.status_text)
        assert lead.status_key == lead.status_text.lower()
        assert (lead.converted_at is not None) == (lead.status is LeadStatus.WON)
        assert lead.created_at <= lead.updated_at <= database.clock.now()
        assert lead.campaign_id == lead.custom_fields.get("campaignId")


async def test_contacts_are_found_by_address_and_companies_by_its_domain(
    database: Database, organization: str, counts: Counter[str]
):
    contacts = {contact.id: contact for contact in await _all(database, organization, Contact)}
    accounts = {account.id: account.domain for account in await _all(database, organization, Account)}

    assert {bool(contact.account_id) for contact in contacts.values()} == {True, False}
    for contact in contacts.values():
        assert not contact.account_id or accounts[contact.account_id] == domain_of(contact.email)
    for lead in await _all(database, organization, Lead):
        assert contacts[lead.contact_id].email == lead.email


async def test_what_hangs_on_leads_is_consistent(database: Database, organization: str, counts: Counter[str]):
    leads = {lead.id: lead for lead in await _all(database, organization, Lead)}

    for task in await _all(database, organization, Task):
        assert (task.completed_at is not None) == (task.status is TaskStatus.COMPLETED)
    for note in await _all(database, organization, Note):
        assert note.visibility is not NoteVisibility.PUBLIC or note.audience is None
        assert note.visibility is not NoteVisibility.PRIVATE or note.audience == f"user:{note.created_by_id}"
        assert note.created_at >= leads[note.lead_id].created_at
    created = [entry for entry in await _all(database, organization, Activity) if entry.type == "LEAD_CREATED"]
    made = {lead.id: lead.created_at for lead in leads.values()}
    assert {entry.lead_id: entry.created_at for entry in created} == made


async def test_readers_are_told_of_rows_but_not_of_each(database: Database, organization: str, counts: Counter[str]):
    events = await mapped(database, select(Event).where(Event.organization_id == organization).order_by(Event.sequence))
    last = select(Organization.event_sequence).where(Organization.id == organization)

    assert {event.type for event in events} == {EventType.LEADS_LOADED}
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert (await database.rows(last))[0][0] == len(events) < 20


async def test_a_second_load_adds_to_the_first(database: Database, organization: str, counts: Counter[str]):
    await load(database, organization, _VOLUME, lambda kind, count: None)

    assert len(await _all(database, organization, Contact)) == 400


async def test_leads_without_people_are_reachable_by_telephone(database: Database, organization: str):
    await load(database, organization, Volume(20, 0, 0, 5, 5, 5), lambda kind, count: None)

    leads = await _all(database, organization, Lead)
    assert len(leads) == 20
    assert all(lead.phone and lead.contact_id is None for lead in leads)


async def test_feedback_is_loaded_with_its_authors_and_themes(database: Database, viewer: Viewer) -> None:
    counts: Counter[str] = Counter()
    wanted = Volume(0, 0, 0, 0, 0, 0, feedback=60)
    await load(database, viewer.organization_id, wanted, lambda kind, count: counts.update({kind: count}))
    assert (counts["feedback"], counts["end_user"]) == (60, 15)
    query = """{ feedbackReport { totalFeedback topThemes { count } groups { count } }
      endUsers { nodes { totalFeedback } } }"""
    told = await Graph(database, viewer).data(query)
    assert told["feedbackReport"]["totalFeedback"] == sum(g["count"] for g in told["feedbackReport"]["groups"]) == 60
    assert sum(each["totalFeedback"] for each in told["endUsers"]["nodes"]) == 60
    assert counts["feedback_theme"] >= sum(each["count"] for each in told["feedbackReport"]["topThemes"]) > 10
