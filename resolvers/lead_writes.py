"""What can be done with leads: make, change, assign, convert, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from domain.activities import Activity, ActivityType
from domain.emails import Email
from domain.errors import Code, DomainError, Kind, Problem, invalid, required
from domain.events import EventType
from domain.leads import Lead, LeadStatus, status_of
from domain.notes import Note
from domain.organizations import Organization
from domain.permissions import Permission
from domain.scoring import given_score, score
from domain.tasks import Task
from domain.values import Absent, iso
from resolvers import activities, attribution, contacts, organizations, users
from resolvers.lead_fields import LeadDraft, LeadPatch, checked
from resolvers.unit import Keys, Unit, requires

_SCORED = ("email", "phone", "first_name", "last_name", "city", "state", "insurance_type", "tags")
_PLAIN = (*_SCORED, "source", "priority", "custom_fields")


@dataclass(frozen=True, slots=True)
class LeadBatch:
    """Leads to be made together."""

    leads: list[LeadDraft]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is to look after a lead; nobody when there is no user."""

    lead_id: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Where a lead is to be moved: a known status, or a word."""

    lead_id: str
    status: LeadStatus | None = None
    status_text: str | None = None


@requires(Permission.WRITE_LEADS)
async def create(unit: Unit, draft: LeadDraft) -> Keys:
    """Make a lead; it finds or makes its contact, and is scored."""
    lead = await _make(unit, draft, await organizations.own(unit))
    return {"lead": lead.id}


@requires(Permission.WRITE_LEADS)
async def create_many(unit: Unit, batch: LeadBatch) -> Keys:
    """Make several leads; a bad one is reported by its place and does not hold back the others."""
    drafts = batch.leads
    if not drafts:
        raise required("leads", "leads must hold at least one lead.")
    if len(drafts) > unit.bulk:
        raise invalid("leads", f"leads must hold at most {unit.bulk} leads, not {len(drafts)}.")
    organization = await organizations.own(unit)
    results = [await _make_one(unit, index, draft, organization) for index, draft in enumerate(drafts)]
    failed = sum(1 for result in results if result["errors"])
    return {"results": results, "created": len(results) - failed, "failed": failed}


@requires(Permission.WRITE_LEADS)
async def change(unit: Unit, patch: LeadPatch) -> Keys:
    """Merge changes into a lead; what is not sent stays, and nothing is told when nothing changes (CU-51, CU-58)."""
    lead = await unit.load(Lead, patch.id)
    taken = checked(patch, await organizations.own(unit))
    if not (taken.get("email", lead.email) or taken.get("phone", lead.phone)):
        raise required("email", "email or phone is required; not both can be cleared.")
    changed = {name for name in _PLAIN if name in taken and getattr(lead, name) != taken[name]}
    for name in changed:
        setattr(lead, name, taken[name])
    await _follow(unit, lead, changed)
    scored = _take_score(lead, taken, bool(changed & set(_SCORED)))
    moved = _take_status(unit, lead, taken)
    assigned = await _assign(unit, lead, taken)
    if changed or scored or moved or assigned is not None:
        lead.updated_at = unit.now
        _tell_change(unit, lead, moved, assigned)
        if moved and lead.status is LeadStatus.WON:
            await attribution.credit(unit, lead)
    return {"lead": lead.id}


@requires(Permission.WRITE_LEADS)
async def assign(unit: Unit, draft: Assignment) -> Keys:
    """Give a lead to a member of staff, or to nobody."""
    try:
        return await change(unit, LeadPatch(id=draft.lead_id, assigned_to=draft.user_id))
    except DomainError as error:
        raise error.renamed({"id": "leadId", "assignedTo": "userId"}) from None


@requires(Permission.WRITE_LEADS)
async def change_status(unit: Unit, draft: StatusChange) -> Keys:
    """Move a lead to another status; WON converts it."""
    word = draft.status_text or (draft.status and draft.status.value)
    if not word:
        raise required("status", "status or statusText is required.")
    if word == LeadStatus.OTHER:
        raise required("statusText", "status OTHER needs its word in statusText.")
    try:
        return await change(unit, LeadPatch(id=draft.lead_id, status_text=word))
    except DomainError as error:
        raise error.renamed({"id": "leadId"}) from None


@requires(Permission.WRITE_LEADS)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete a lead with its notes, tasks, e-mails and timeline; nobody finds them any more (CU-40)."""
    lead = await unit.load(Lead, id)
    lead.deleted_at = unit.now
    for child in (Note, Task, Email, Activity):
        gone: dict[str, Any] = {"deleted_at": unit.now} | ({"due_at": None} if child is Email else {})
        statement = update(child).where(child.lead_id == lead.id, child.deleted_at.is_(None)).values(gone)
        await unit.session.execute(statement.execution_options(synchronize_session=False))
    unit.record(EventType.LEAD_DELETED, lead, {"id": lead.id, "deletedAt": iso(unit.now)}, lead_id=lead.id)
    return {"deleted_id": lead.id, "deleted": True, "deleted_at": iso(unit.now)}


async def _make(unit: Unit, draft: LeadDraft, organization: Organization) -> Lead:
    taken = _complete(draft, organization)
    status, word = taken.get("status_text") or taken.get("status") or status_of(LeadStatus.NEW)
    lead = Lead(
        id=Lead.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        status=LeadStatus.NEW,
        status_text="",
        **{name: taken.get(name) for name in _PLAIN if name not in ("tags", "custom_fields")},
        tags=taken.get("tags", []),
        custom_fields=taken.get("custom_fields", {}),
        assigned_to_id=None,
    )
    # What can still be refused comes before what leaves a trace, so that a refused lead of a batch leaves none.
    assigned = await _assign(unit, lead, taken)
    lead.take_status(status, word, unit.now)
    _take_score(lead, taken, changed=True)
    await _follow(unit, lead, set(_PLAIN))
    unit.add(lead)
    await unit.flush()
    activities.add(
        unit, lead.id, ActivityType.LEAD_CREATED, f"Lead created from {lead.source}", {"source": lead.source}
    )
    unit.record(EventType.LEAD_CREATED, lead, lead.facts(), lead_id=lead.id)
    _tell_assignment(unit, lead, assigned)
    _tell_outcome(unit, lead)
    if lead.status is LeadStatus.WON:
        await attribution.credit(unit, lead)
    return lead


def _complete(draft: LeadDraft, organization: Organization) -> dict[str, Any]:
    """The checked fields of a new lead, which needs a source and a way to be reached."""
    problems = []
    if isinstance(draft.source, Absent):
        problems.append(Problem(Code.REQUIRED, "source is required.", "source"))
    if not any(isinstance(way, str) and way.strip() for way in (draft.email, draft.phone)):
        problems.append(Problem(Code.REQUIRED, "email or phone is required.", "email"))
    try:
        taken = checked(draft, organization)
    except DomainError as error:
        raise DomainError([*error.problems, *problems]) from None
    if problems:
        raise DomainError(problems)
    return taken


async def _make_one(unit: Unit, index: int, draft: LeadDraft, organization: Organization) -> Keys:
    try:
        lead = await _make(unit, draft, organization)
    except DomainError as error:
        if error.kind not in (Kind.INVALID, Kind.CONFLICT):
            raise
        problems = [{"code": p.code, "message": p.message, "field": p.field} for p in error.problems]
        return {"index": index, "lead": None, "errors": problems}
    return {"index": index, "lead": lead.id, "errors": []}


async def _follow(unit: Unit, lead: Lead, changed: set[str]) -> None:
    """What follows from changed fields: the contact, the campaign reference, the words search looks at."""
    if "email" in changed:
        # The lead's own event tells address and name; nobody who listens to leads is told twice.
        contact = (await contacts.find_or_make(unit, lead.email, name=lead.full_name))[0] if lead.email else None
        lead.contact_id = contact.id if contact else None
    if "custom_fields" in changed:
        lead.campaign_id = lead.custom_fields.get("campaignId")
    lead.index_words()


def _take_score(lead: Lead, taken: dict[str, Any], changed: bool) -> bool:
    """Write the given score, or the rule's when what it looks at changed and no client has written one."""
    if "score" in taken:
        new, written = given_score(taken["score"]), True
        if lead.score_given and lead.score == new.points:
            return False
    elif changed and not lead.score_given:
        new, written = score(lead), False
    else:
        return False
    was = (lead.score, lead.score_given)
    lead.score, lead.score_given = new.points, written
    lead.score_reasons = [{"points": reason.points, "reason": reason.reason} for reason in new.reasons]
    return was != (new.points, written)


def _take_status(unit: Unit, lead: Lead, taken: dict[str, Any]) -> bool:
    wanted = taken.get("status_text") or taken.get("status")
    was = lead.status_text
    if not wanted or not lead.take_status(wanted[0], wanted[1], unit.now):
        return False
    change = {"from": was, "to": lead.status_text}
    activities.add(
        unit, lead.id, ActivityType.STATUS_CHANGED, f"Status changed from {was} to {lead.status_text}", change
    )
    return True


async def _assign(unit: Unit, lead: Lead, taken: dict[str, Any]) -> dict[str, Any] | None:
    """Assign when asked: what is told of whom it went to, nothing of nobody; None when all stays as it was (CU-58)."""
    if "assigned_to" not in taken or taken["assigned_to"] == lead.assigned_to_id:
        return None
    person = await users.existing(unit, taken["assigned_to"], "assignedTo") if taken["assigned_to"] else None
    lead.assigned_to_id = person.id if person else None
    return users.told("assignedTo", person, "name", "email") if person else {}


def _tell_change(unit: Unit, lead: Lead, moved: bool, assigned: dict[str, Any] | None) -> None:
    unit.record(EventType.LEAD_UPDATED, lead, lead.facts(), lead_id=lead.id)
    _tell_assignment(unit, lead, assigned)
    if moved:
        _tell_outcome(unit, lead)


def _tell_assignment(unit: Unit, lead: Lead, assigned: dict[str, Any] | None) -> None:
    """A lead was given to somebody, who is told by name; one that was taken away goes to nobody."""
    if assigned:
        unit.record(EventType.LEAD_ASSIGNED, lead, lead.facts() | assigned, lead_id=lead.id)


def _tell_outcome(unit: Unit, lead: Lead) -> None:
    """A won lead is converted and says so twice, a lost one only on its timeline (CU-14)."""
    if lead.status is LeadStatus.WON:
        activities.add(unit, lead.id, ActivityType.WON, "Lead won")
        unit.record(EventType.LEAD_CONVERTED, lead, lead.facts(), lead_id=lead.id)
    elif lead.status is LeadStatus.LOST:
        activities.add(unit, lead.id, ActivityType.LOST, "Lead lost")
