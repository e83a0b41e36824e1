"""Entering news about rules, one by one or from a feed, and changing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as day
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from domain.compliance import RegulatoryUpdate
from domain.errors import Code, DomainError, Problem, conflict, invalid, required
from domain.events import EventType
from domain.jurisdictions import canonical
from domain.levels import Level
from domain.permissions import Permission
from domain.texts import TEXT, line, needed, text
from domain.values import ABSENT, Absent, iso
from resolvers.drafts import Checks, taken
from resolvers.regulatory_updates import word_of
from resolvers.unit import Keys, Unit, requires

INDUSTRIES = 50
"""Most industries that one update names."""

Text = str | Absent | None
_Name = tuple[str, str]
"""A source, and what it calls an update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFields:
    """Everything that is said of an update; absent stays as it is, null clears."""

    title: Text = ABSENT
    date: day | Absent | None = ABSENT
    jurisdiction: Text = ABSENT
    update_type: Text = ABSENT
    impact_level: Level | Absent | None = ABSENT
    summary: Text = ABSENT
    affected_industries: list[str] | Absent | None = ABSENT
    deadline: day | Absent | None = ABSENT
    source: Text = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDraft(UpdateFields):
    """An update to be entered; `external_id` is what its source calls it."""

    external_id: Text = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePatch(UpdateFields):
    """Changes to an update."""

    id: str


class FeedOutcome(StrEnum):
    """What became of an entry of a feed."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """The entries of a feed; one that could not be understood says why instead."""

    entries: list[UpdateDraft | DomainError]


@requires(Permission.WRITE_COMPLIANCE)
async def enter(unit: Unit, draft: UpdateDraft) -> Keys:
    """Enter news about a rule."""
    known = complete(draft)
    if await _known(unit, [known]):
        raise conflict("An update of this source has this externalId already: change that one.", "externalId")
    update = _make(unit, known)
    unit.record(EventType.REGULATORY_UPDATE_ENTERED, update, _facts(update))
    return {"regulatory_update": update.id}


@requires(Permission.WRITE_COMPLIANCE)
async def enter_many(unit: Unit, batch: FeedBatch) -> Keys:
    """Enter the updates of a feed; known ones are brought up to date, bad ones reported by their place."""
    if len(batch.entries) > unit.bulk:
        raise invalid("file", f"file must hold at most {unit.bulk} updates, not {len(batch.entries)}.")
    checked = [_checked(entry) for entry in batch.entries]
    known = await _known(unit, [each for each in checked if not isinstance(each, DomainError)])
    results = [_enter_one(unit, index, entry, known) for index, entry in enumerate(checked)]
    await unit.flush()
    counts = {each: sum(1 for result in results if result["outcome"] == each) for each in FeedOutcome}
    touched = [
        each["regulatory_update"] for each in results if each["outcome"] in (FeedOutcome.CREATED, FeedOutcome.CHANGED)
    ]
    if touched:
        # One event for all of them: a feed of a thousand updates is one thing that happened.
        first = await unit.load(RegulatoryUpdate, touched[0])
        told = {each.lower(): count for each, count in counts.items()}
        unit.record(EventType.REGULATORY_UPDATES_IMPORTED, first, told)
    return {"results": results, **{each.lower(): count for each, count in counts.items()}}


@requires(Permission.WRITE_COMPLIANCE)
async def change(unit: Unit, patch: UpdatePatch) -> Keys:
    """Merge changes into an update; nothing is told when nothing changes."""
    update = await unit.load(RegulatoryUpdate, patch.id)
    known = _stored(taken(patch, _CHECKS))
    source = known.get("source", update.source)
    if source != update.source and await _known(unit, [{"source": source, "external_id": update.external_id}]):
        raise conflict("This source has an update of the same externalId already.", "source")
    if _merge(unit, update, known):
        unit.record(EventType.REGULATORY_UPDATE_CHANGED, update, _facts(update))
    return {"regulatory_update": update.id}


@requires(Permission.WRITE_COMPLIANCE)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete an update."""
    update = await unit.load(RegulatoryUpdate, id)
    await unit.session.delete(update)
    unit.record(EventType.REGULATORY_UPDATE_DELETED, update, {"id": update.id, "deletedAt": iso(unit.now)})
    return {"deleted_id": update.id, "deleted": True, "deleted_at": iso(unit.now)}


def _checked(entry: UpdateDraft | DomainError) -> dict[str, Any] | DomainError:
    try:
        return entry if isinstance(entry, DomainError) else complete(entry)
    except DomainError as error:
        return error


def _enter_one(
    unit: Unit, index: int, entry: dict[str, Any] | DomainError, known: dict[_Name, RegulatoryUpdate]
) -> Keys:
    if isinstance(entry, DomainError):
        problems = [{"code": each.code, "message": each.message, "field": each.field} for each in entry.problems]
        return {"index": index, "regulatory_update": None, "outcome": FeedOutcome.FAILED, "errors": problems}
    name = _name(entry)
    update = known.get(name) if name else None
    if update is None:
        update, outcome = _make(unit, entry), FeedOutcome.CREATED
        if name:
            known[name] = update
    else:
        outcome = FeedOutcome.CHANGED if _merge(unit, update, entry) else FeedOutcome.UNCHANGED
    return {"index": index, "regulatory_update": update.id, "outcome": outcome, "errors": []}


def _name(columns: Mapping[str, Any]) -> _Name | None:
    """What an update is known by, if its source calls it anything."""
    return (columns["source"], columns["external_id"]) if columns["external_id"] is not None else None


async def _known(unit: Unit, entries: Sequence[Mapping[str, Any]]) -> dict[_Name, RegulatoryUpdate]:
    """The updates that their sources call by the same ids, by source and id."""
    names = {name for each in entries if (name := _name(each))}
    if not names:
        return {}
    update = RegulatoryUpdate
    own = (update.organization_id == unit.viewer.organization_id, update.source.in_({name[0] for name in names}))
    statement = select(update).where(*own, update.external_id.in_({name[1] for name in names})).order_by(update.id)
    found = await unit.session.scalars(statement.with_for_update())
    return {(each.source, each.external_id or ""): each for each in found}


def complete(draft: UpdateDraft) -> dict[str, Any]:
    """The checked columns of a new update.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    problems = [
        Problem(Code.REQUIRED, f"{field} is required.", field)
        for name, field in _NEEDED.items()
        if isinstance(getattr(draft, name), Absent)
    ]
    try:
        known = taken(draft, {**_CHECKS, "external_id": lambda value: line("externalId", value)})
    except DomainError as error:
        problems.extend(error.problems)
    if problems:
        raise DomainError(problems)
    return {"impact_level": Level.MEDIUM, "affected_industries": [], "deadline": None, "external_id": None} | _stored(
        known
    )


def _stored(known: dict[str, Any]) -> dict[str, Any]:
    if "date" in known:
        known["published_on"] = known.pop("date")
    return known


def _make(unit: Unit, known: dict[str, Any]) -> RegulatoryUpdate:
    update = RegulatoryUpdate(
        id=RegulatoryUpdate.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        **known,
    )
    unit.add(update)
    return update


def _merge(unit: Unit, update: RegulatoryUpdate, known: dict[str, Any]) -> bool:
    changed = {name for name, value in known.items() if getattr(update, name) != value}
    for name in changed:
        setattr(update, name, known[name])
    if changed:
        update.updated_at = unit.now
    return bool(changed)


def _facts(update: RegulatoryUpdate) -> dict[str, Any]:
    return {
        "id": update.id,
        "title": update.title,
        "date": update.published_on.isoformat(),
        "jurisdiction": update.jurisdiction,
        "updateType": update.update_type,
        "impactLevel": update.impact_level,
        "affectedIndustries": update.affected_industries,
        "deadline": update.deadline.isoformat() if update.deadline else None,
        "source": update.source,
    }


def _published(value: day | None) -> day:
    if value is None:
        raise required("date")
    return value


def _industries(value: list[str] | None) -> list[str]:
    names = [text("affectedIndustries", each, 100).strip() for each in value or []]
    if len(names) > INDUSTRIES:
        raise invalid("affectedIndustries", f"affectedIndustries must be at most {INDUSTRIES} texts.")
    return list(dict.fromkeys(each for each in names if each))


_NEEDED = {
    "title": "title",
    "date": "date",
    "jurisdiction": "jurisdiction",
    "update_type": "updateType",
    "summary": "summary",
    "source": "source",
}
_CHECKS: Checks = {
    "title": lambda value: needed("title", value).strip(),
    "date": _published,
    "jurisdiction": lambda value: canonical(needed("jurisdiction", value, 100)),
    "update_type": lambda value: word_of(needed("updateType", value, 100)),
    "impact_level": lambda value: value or Level.MEDIUM,
    "summary": lambda value: needed("summary", value, TEXT).strip(),
    "affected_industries": _industries,
    "deadline": lambda value: value,
    "source": lambda value: needed("source", value).strip(),
}
