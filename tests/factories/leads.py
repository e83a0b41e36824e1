"""Leads and what hangs on them, put into the database as rows."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.accounts import Account, name_key
from domain.activities import Activity, ActivityType
from domain.contacts import Contact, domain_of
from domain.emails import Email, EmailClick, EmailStatus
from domain.leads import Lead, LeadStatus, status_of
from domain.notes import Note
from domain.scoring import score
from domain.tasks import Task, TaskPriority, TaskStatus, TaskType
from domain.templates import EmailTemplate
from domain.visibility import NoteVisibility, audience_of
from gateway.database import Database
from tests.factories.organizations import store


def lead_row(organization_id: str, at: datetime, **values: Any) -> Lead:
    """A lead that is not stored yet; `status` may be any word."""
    status, word = status_of(values.pop("status", "new"))
    given: dict[str, Any] = {
        "source": "website",
        "tags": [],
        "custom_fields": {},
        "score_reasons": [],
        "score_given": False,
        "updated_at": values.get("created_at", at),
        "created_at": at,
        "status": LeadStatus.NEW,
        "status_text": "",
    } | values
    for name in ("email", "phone", "first_name", "last_name", "city", "state", "insurance_type", "contact_id"):
        given.setdefault(name, None)
    lead = Lead(id=Lead.new_id(), organization_id=organization_id, **given)
    lead.take_status(status, word, at)
    lead.campaign_id = lead.custom_fields.get("campaignId")
    lead.index_words()
    if "score" not in values:
        lead.score = score(lead).points
    return lead


async def make_lead(database: Database, organization_id: str, **values: Any) -> str:
    """A stored lead; its id."""
    lead = lead_row(organization_id, database.clock.now(), **({"email": "john@example.com"} | values))
    await store(database, lead)
    return lead.id


async def make_account(database: Database, organization_id: str, **values: Any) -> str:
    """A stored company; its id."""
    account = account_row(organization_id, database.clock.now(), **values)
    await store(database, account)
    return account.id


def account_row(organization_id: str, at: datetime, **values: Any) -> Account:
    """A company that is not stored yet."""
    given: dict[str, Any] = {"name": "Example", "domain": None, "industry": None, "size": None, "location": None}
    given |= {"technologies": [], "created_at": at, "updated_at": at} | values
    return Account(
        id=Account.new_id(), organization_id=organization_id, **({"name_key": name_key(given["name"])} | given)
    )


async def make_contact(database: Database, organization_id: str, email: str, **values: Any) -> str:
    """A stored person; the id."""
    contact = contact_row(organization_id, database.clock.now(), email, **values)
    await store(database, contact)
    return contact.id


def contact_row(organization_id: str, at: datetime, email: str, **values: Any) -> Contact:
    """A person who is not stored yet."""
    given: dict[str, Any] = {"name": None, "linkedin": None, "account_id": None, "created_at": at}
    given["host"] = domain_of(email)
    return Contact(id=Contact.new_id(), organization_id=organization_id, email=email, **(given | values))


def note_row(lead: str, organization_id: str, at: datetime, **values: Any) -> Note:
    """A note that is not stored yet; `author` and `team` say who wrote it."""
    author, team = values.pop("author", None), values.pop("team", None)
    visibility = values.pop("visibility", NoteVisibility.PUBLIC)
    given = {"content": "Called, will call again.", "created_at": at} | values
    return Note(
        id=Note.new_id(),
        organization_id=organization_id,
        lead_id=lead,
        visibility=visibility,
        audience=audience_of(visibility, author, team),
        created_by_id=author,
        **given,
    )


def task_row(lead: str, organization_id: str, at: datetime, **values: Any) -> Task:
    """A task that is not stored yet."""
    given = {
        "title": "Call back",
        "description": None,
        "priority": TaskPriority.MEDIUM,
        "status": TaskStatus.OPEN,
        "type": TaskType.CALL,
        "due_date": None,
        "assignee_id": None,
        "created_by_id": None,
        "created_at": at,
        "updated_at": at,
    } | values
    return Task(id=Task.new_id(), organization_id=organization_id, lead_id=lead, **given)


def email_row(lead: str, organization_id: str, at: datetime, **values: Any) -> Email:
    """A sent message that is not stored yet."""
    given = {
        "status": EmailStatus.SENT,
        "to": ["john@example.com"],
        "subject": "Your quote",
        "body": "Hello John",
        "sent_at": at,
        "created_at": at,
    } | values
    return Email(id=Email.new_id(), organization_id=organization_id, lead_id=lead, **given)


def activity_row(lead: str, organization_id: str, at: datetime, **values: Any) -> Activity:
    """An entry of a timeline that is not stored yet."""
    given = {
        "type": ActivityType.CALL_MADE,
        "description": "Called",
        "details": {},
        "audience": None,
        "created_by_id": None,
        "created_at": at,
    } | values
    return Activity(id=Activity.new_id(), organization_id=organization_id, lead_id=lead, **given)


def click_row(message: Email, at: datetime, url: str = "https://example.com/") -> EmailClick:
    """A link of a message that was followed once."""
    return EmailClick(
        id=EmailClick.new_id(),
        organization_id=message.organization_id,
        email_id=message.id,
        url=url,
        digest=sha256(url.encode()).hexdigest(),
        last_at=at,
        created_at=at,
    )


def template_row(organization_id: str, at: datetime, **values: Any) -> EmailTemplate:
    """A template that is not stored yet."""
    given = {
        "name": "Quote",
        "subject": "Your {{insuranceType}} quote",
        "body": "Hello {{firstName}}",
        "variables": ["firstName", "insuranceType"],
        "created_at": at,
        "updated_at": at,
    } | values
    return EmailTemplate(id=EmailTemplate.new_id(), organization_id=organization_id, **given)
