"""Everything that has happened around a company, of every product, as rows of one kind."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Enum,
    Select,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from domain.abm import AbmCampaign
from domain.accounts import Account, AccountPlace
from domain.compliance import ComplianceItem
from domain.contacts import Contact
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementEvent
from domain.entity import Entity
from domain.feedback import EndUser, Feedback
from domain.leads import Lead
from domain.permissions import Permission
from domain.research import ResearchRun
from domain.tasks import Task

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

SHOWN = 120
"""Characters of a long text that an entry shows."""


class TimelineKind(StrEnum):
    """What an entry of a company's timeline is."""

    LEAD = "LEAD"
    EMAIL = "EMAIL"
    TASK = "TASK"
    ENGAGEMENT = "ENGAGEMENT"
    FEEDBACK = "FEEDBACK"
    COMPLIANCE_ITEM = "COMPLIANCE_ITEM"
    CAMPAIGN = "CAMPAIGN"
    RESEARCH = "RESEARCH"


PERMISSION_OF: dict[TimelineKind, Permission] = {
    TimelineKind.LEAD: Permission.READ_LEADS,
    TimelineKind.EMAIL: Permission.READ_LEADS,
    TimelineKind.TASK: Permission.READ_LEADS,
    TimelineKind.ENGAGEMENT: Permission.READ_MARKETING,
    TimelineKind.FEEDBACK: Permission.READ_FEEDBACK,
    TimelineKind.COMPLIANCE_ITEM: Permission.READ_COMPLIANCE,
    TimelineKind.CAMPAIGN: Permission.READ_MARKETING,
    TimelineKind.RESEARCH: Permission.READ_ACCOUNTS,
}
"""What a viewer needs to be shown entries of a kind."""

_KIND = Enum(TimelineKind, native_enum=False, length=32)


def _entries(kind: TimelineKind, subject: Any, at: Any, words: Any, detail: Any = None) -> Select[Any]:
    """The columns of a branch, which begins at the company: what else is read of it hangs on the company's rows.

    Only the company tells the organization. Its number on every table would have databases read that table by it.
    """
    return select(
        subject.id.label("id"),
        Account.organization_id.label("organization_id"),
        Account.id.label("account_id"),
        type_coerce(literal(kind.value, literal_execute=True), _KIND).label("kind"),
        at.label("occurred_at"),
        cast(words, Text).label("words"),
        cast(null() if detail is None else detail, Text).label("detail"),
    ).select_from(Account)


def _of_people(entries: Select[Any]) -> Select[Any]:
    return entries.join(Contact, Contact.account_id == Account.id)


def _of_leads(entries: Select[Any]) -> Select[Any]:
    return _of_people(entries).join(Lead, and_(Lead.contact_id == Contact.id, Lead.deleted_at.is_(None)))


def _names_nobody(subject: Any) -> ColumnElement[bool]:
    """That a row names no person, said so that no database looks for all such rows by their index."""
    named: ColumnElement[bool] = subject.contact_id.is_not(None)
    return named == false()


def _of_both(entries: Select[Any], subject: Any, live: ColumnElement[bool]) -> list[Select[Any]]:
    """What names a person, and what names nobody but a person's lead: no row is both."""
    by_lead = and_(subject.lead_id == Lead.id, _names_nobody(subject), live)
    return [
        _of_people(entries).join(subject, and_(subject.contact_id == Contact.id, live)),
        _of_leads(entries).join(subject, by_lead),
    ]


def _leads() -> list[Select[Any]]:
    name = func.trim(func.coalesce(Lead.first_name, "") + " " + func.coalesce(Lead.last_name, ""))
    words = func.coalesce(func.nullif(name, ""), Lead.email, Lead.phone)
    return [_of_leads(_entries(TimelineKind.LEAD, Lead, Lead.created_at, words, Lead.source))]


def _mail() -> list[Select[Any]]:
    sent = and_(Email.status == EmailStatus.SENT, Email.sent_at.is_not(None), Email.deleted_at.is_(None))
    return _of_both(_entries(TimelineKind.EMAIL, Email, Email.sent_at, Email.subject), Email, sent)


def _tasks() -> list[Select[Any]]:
    entries = _entries(TimelineKind.TASK, Task, Task.created_at, Task.title, Task.status)
    return _of_both(entries, Task, Task.deleted_at.is_(None))


def _feedback() -> list[Select[Any]]:
    words = func.substr(Feedback.content, 1, SHOWN + 1)
    entries = _entries(TimelineKind.FEEDBACK, Feedback, Feedback.created_at, words, Feedback.sentiment)
    people = _of_both(entries, EndUser, true())
    return [each.join(Feedback, Feedback.end_user_id == EndUser.id) for each in people]


def _compliance() -> list[Select[Any]]:
    item, place = ComplianceItem, AccountPlace
    entries = _entries(TimelineKind.COMPLIANCE_ITEM, item, item.created_at, item.title, item.jurisdiction)
    held = and_(item.organization_id == place.organization_id, item.jurisdiction == place.jurisdiction)
    return [entries.join(place, place.account_id == Account.id).join(item, and_(held, item.deleted_at.is_(None)))]


def _engagement() -> list[Select[Any]]:
    seen = EngagementEvent
    entries = _entries(TimelineKind.ENGAGEMENT, seen, seen.occurred_at, seen.url, seen.type)
    return [entries.join(seen, seen.account_id == Account.id)]


def _its_own() -> list[Select[Any]]:
    """What else names the company itself."""
    campaign, run = AbmCampaign, ResearchRun
    kinds = (
        (_entries(TimelineKind.CAMPAIGN, campaign, campaign.created_at, campaign.name, campaign.status), campaign),
        (_entries(TimelineKind.RESEARCH, run, run.created_at, run.depth, run.status), run),
    )
    return [entries.join(subject, subject.account_id == Account.id) for entries, subject in kinds]


_SEEN = _engagement()
_REST = [*_leads(), *_mail(), *_tasks(), *_feedback(), *_compliance(), *_its_own()]
_ALL = union_all(*_REST, *_SEEN).subquery("timeline_entry")


class TimelineEntry(Entity):
    """Something that happened around a company: read only, put together from the tables of its kinds.

    `id` is that of what the entry is about; `words` and `detail` are what its title is made of.
    """

    __table__ = _ALL
    __tablename__ = "timeline_entry"
    __mapper_args__ = {"primary_key": [_ALL.c.account_id, _ALL.c.id]}
    label = "Timeline entry"

    if TYPE_CHECKING:
        id: Mapped[str]
        organization_id: Mapped[str]
        account_id: Mapped[str]
        kind: Mapped[TimelineKind]
        occurred_at: Mapped[datetime]
        words: Mapped[str | None]
        detail: Mapped[str | None]


def _part(*branches: Select[Any]) -> type[TimelineEntry]:
    """Entries of some branches alone."""
    rows = union_all(*branches) if len(branches) > 1 else branches[0]
    part: type[TimelineEntry] = aliased(TimelineEntry, rows.subquery(), adapt_on_names=True)
    return part


PAGED = (_part(*_REST), _part(*_SEEN))
"""All entries in parts, for pages: of engagements, of which a company may have many, an index has the newest first."""
COUNTED = tuple(_part(each) for each in (*_REST, *_SEEN))
"""All entries in parts, for totals: counted together, every row of every branch would be written down first."""
