"""What can be done with items: make, change, assign, complete, reopen, delete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.compliance import NEVER, ComplianceItem, ComplianceStatus
from domain.deadlines import due_after
from domain.errors import conflict, invalid, required
from domain.events import EventType
from domain.jurisdictions import canonical
from domain.levels import RiskLevel
from domain.permissions import Permission
from domain.texts import TEXT, line, needed, text
from domain.values import ABSENT, Absent, Moment, iso, present, start_of
from resolvers import compliance_alerts, users
from resolvers.drafts import Checks, taken
from resolvers.unit import Keys, Unit, requires

LISTED = 50
"""Most requirements or penalties of an item that somebody writes."""

Text = str | Absent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFields:
    """Everything a client may write; absent stays as it is, null clears."""

    title: Text = ABSENT
    description: Text = ABSENT
    place: Text = ABSENT
    jurisdiction: Text = ABSENT
    deadline: date | Absent | None = ABSENT
    risk_level: RiskLevel | Absent | None = ABSENT
    requirements: list[str] | Absent | None = ABSENT
    penalties: list[str] | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft(ItemFields):
    """An item to be made by hand."""

    status: ComplianceStatus | Absent | None = ABSENT
    assigned_to: Text = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPatch(ItemFields):
    """Changes to an item; of a document's item they stay when the document is processed again."""

    id: str


@dataclass(frozen=True, slots=True)
class ItemAssignment:
    """Who is to see to an item; nobody when there is no user."""

    item_id: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class ItemStatusChange:
    """Where an item stands from now on."""

    item_id: str
    status: ComplianceStatus


@dataclass(frozen=True, slots=True)
class TriggerDate:
    """When that happened which a relative deadline runs from; a date stands for its beginning."""

    item_id: str
    triggered_at: Moment


@requires(Permission.WRITE_COMPLIANCE)
async def create(unit: Unit, draft: ItemDraft) -> Keys:
    """Make an item by hand."""
    known = taken(draft, _CHECKS)
    for name in ("title", "jurisdiction"):
        if name not in known:
            raise required(name)
    assigned_to = present(draft.assigned_to, None)
    item = ComplianceItem(
        id=ComplianceItem.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        status=ComplianceStatus.PENDING,
        assigned_to_id=(await users.existing(unit, assigned_to, "assignedTo")).id if assigned_to else None,
        written=[],
        **{"risk_level": RiskLevel.MEDIUM, "requirements": [], "penalties": []} | known,
    )
    item.take_deadline(item.deadline)
    item.take_status(_stored(present(draft.status, None) or ComplianceStatus.PENDING), unit.now)
    unit.add(item)
    await unit.flush()
    unit.record(EventType.COMPLIANCE_ITEM_CREATED, item, item.facts())
    await compliance_alerts.tell(unit, [item])
    return {"compliance_item": item.id}


@requires(Permission.WRITE_COMPLIANCE)
async def change(unit: Unit, patch: ItemPatch) -> Keys:
    """Merge changes into an item; nothing is told when nothing changes."""
    item = await unit.load(ComplianceItem, patch.id)
    known = taken(patch, _CHECKS)
    await _write(unit, item, known)
    return {"compliance_item": item.id}


@requires(Permission.WRITE_COMPLIANCE)
async def assign(unit: Unit, draft: ItemAssignment) -> Keys:
    """Give an item to a member of staff, or to nobody."""
    item = await unit.load(ComplianceItem, draft.item_id, "itemId")
    person = await users.existing(unit, draft.user_id, "userId") if draft.user_id else None
    if item.assigned_to_id != (person.id if person else None):
        item.assigned_to_id = person.id if person else None
        _tell(unit, item)
    return {"compliance_item": item.id}


@requires(Permission.WRITE_COMPLIANCE)
async def change_status(unit: Unit, draft: ItemStatusChange) -> Keys:
    """Begin an item, complete it, or open it again; that it is overdue is told from its deadline, never written."""
    item = await unit.load(ComplianceItem, draft.item_id, "itemId")
    if item.take_status(_stored(draft.status), unit.now):
        _tell(unit, item)
        await compliance_alerts.tell(unit, [item])
    return {"compliance_item": item.id}


@requires(Permission.WRITE_COMPLIANCE)
async def trigger(unit: Unit, draft: TriggerDate) -> Keys:
    """Say when that happened which a relative deadline runs from: from then on it is a date."""
    item = await unit.load(ComplianceItem, draft.item_id, "itemId")
    if item.count is None or item.unit is None:
        raise conflict("The deadline of this item does not run from anything: set its date instead.", "itemId")
    known = {"deadline": due_after(draft.triggered_at, item.count, item.unit)}
    await _write(unit, item, known | {"triggered_on": start_of(draft.triggered_at).date()})
    return {"compliance_item": item.id}


@requires(Permission.WRITE_COMPLIANCE)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete an item; processing its document again does not bring it back."""
    item = await unit.load(ComplianceItem, id)
    item.deleted_at, item.dropped_at = unit.now, None
    unit.record(EventType.COMPLIANCE_ITEM_DELETED, item, {"id": item.id, "deletedAt": iso(unit.now)})
    return {"deleted_id": item.id, "deleted": True, "deleted_at": iso(unit.now)}


async def _write(unit: Unit, item: ComplianceItem, known: dict[str, Any]) -> None:
    changed = {name for name, value in known.items() if getattr(item, name) != value}
    if not changed:
        return
    for name in changed:
        setattr(item, name, known[name])
    item.take_deadline(item.deadline)
    item.written = sorted({*item.written, *changed})
    _tell(unit, item)
    await unit.flush()
    await compliance_alerts.tell(unit, [item])


def _tell(unit: Unit, item: ComplianceItem) -> None:
    item.updated_at = unit.now
    unit.record(EventType.COMPLIANCE_ITEM_UPDATED, item, item.facts())


def _stored(status: ComplianceStatus) -> ComplianceStatus:
    if status is ComplianceStatus.OVERDUE:
        raise invalid("status", "status must be PENDING, IN_PROGRESS or COMPLETED: OVERDUE follows from the deadline.")
    return status


def _texts(field: str, values: list[str] | None) -> list[str]:
    texts = [text(field, value, 1_000).strip() for value in values or []]
    if len(texts) > LISTED:
        raise invalid(field, f"{field} must be at most {LISTED} texts.")
    return list(dict.fromkeys(each for each in texts if each))


def _deadline(day: date | None) -> date | None:
    if day == NEVER:
        raise invalid("deadline", f"deadline must be before {NEVER}, which stands for none.")
    return day


_CHECKS: Checks = {
    "title": lambda value: needed("title", value).strip(),
    "description": lambda value: line("description", value, TEXT),
    "place": lambda value: line("place", value),
    "jurisdiction": lambda value: canonical(needed("jurisdiction", value, 100)),
    "deadline": _deadline,
    "risk_level": lambda value: value or RiskLevel.MEDIUM,
    "requirements": lambda value: _texts("requirements", value),
    "penalties": lambda value: _texts("penalties", value),
}
