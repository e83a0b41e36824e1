"""Playbooks: those that are carried, and what an organization puts in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from domain.errors import DomainError, Problem, conflict, invalid
from domain.events import EventType
from domain.intelligence.playbooks import SIZES, KnownPlaybook, body_of, carried, key_of
from domain.levels import Level
from domain.permissions import Permission
from domain.research import Playbook, PlaybookKind
from domain.texts import line, needed
from domain.values import iso
from domain.viewer import Viewer
from resolvers.drafts import taken
from resolvers.reads import Listing, Statement, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires

_OWN = 200
"""Most playbooks of an organization: their keys are looked through by every research."""
_PARTS, _WORDS, _LONGEST = 20, 20, 300


@reads(Playbook, Permission.READ_ACCOUNTS)
def visible(viewer: Viewer) -> Statement:
    """Playbooks of the organization."""
    return visible_to(viewer, Playbook)


@reads(Playbook, Permission.READ_ACCOUNTS)
def search(viewer: Viewer) -> Listing:
    """Playbooks of the organization, newest first."""
    return Listing(visible_to(viewer, Playbook), newest_first(Playbook))


@dataclass(frozen=True, slots=True)
class PlaybookFilter:
    """Which playbooks are wanted."""

    kind: PlaybookKind | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class PlaybooksQuestion:
    """Which playbooks hold for an organization."""

    where: PlaybookFilter | None = None

    permission = Permission.READ_ACCOUNTS

    def statement(self, viewer: Viewer) -> Statement:
        """The organization's own ones."""
        own = Playbook
        return visible_to(viewer, own).with_only_columns(own.id, own.kind, own.key, own.body).order_by(own.key)

    def answer(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """The carried ones with the organization's own in their place, by kind and key."""
        mine = [KnownPlaybook(row.kind, row.key, body_of(row.body), id=row.id) for row in rows]
        all_ = {(each.kind, each.key): each for each in (*carried(), *mine)}
        where = self.where or PlaybookFilter()
        wanted = [each for each in all_.values() if where.kind in (None, each.kind)]
        if where.key is not None:
            wanted = [each for each in wanted if each.key == key_of(each.kind, where.key)]
        order = list(PlaybookKind)
        return [_shown(each) for each in sorted(wanted, key=lambda each: (order.index(each.kind), each.key))]


@dataclass(frozen=True, slots=True, kw_only=True)
class PainDraft:
    """What such companies often struggle with."""

    category: str
    description: str
    urgency: Level = Level.MEDIUM
    impact: str
    solutions: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityDraft:
    """What such companies can often be helped with."""

    type: str
    description: str
    value: str
    timeline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookDraft:
    """A playbook as it is to be; what is left out it does not say."""

    kind: PlaybookKind
    key: str
    pain_points: list[PainDraft] = field(default_factory=list)
    opportunities: list[OpportunityDraft] = field(default_factory=list)
    approaches: list[str] = field(default_factory=list)
    recommended_content: list[str] = field(default_factory=list)
    timing: str | None = None


@requires(Permission.WRITE_ACCOUNTS)
async def save(unit: Unit, draft: PlaybookDraft) -> Keys:
    """Put a playbook of the organization's own in place of the one of this kind and key."""
    key = _key(draft)
    body = _body(draft)
    own = visible_to(unit.viewer, Playbook)
    known = await unit.find(own.where(Playbook.kind == draft.kind, Playbook.key == key).with_for_update())
    if known is None:
        if len(list(await unit.session.scalars(own.with_only_columns(Playbook.id).limit(_OWN)))) >= _OWN:
            raise conflict(f"There are {_OWN} playbooks already, which is the most.", "key")
        new_id, organization_id = Playbook.new_id(), unit.viewer.organization_id
        known = Playbook(id=new_id, organization_id=organization_id, created_at=unit.now, kind=draft.kind, key=key)
        unit.add(known)
    known.body, known.updated_at = body, unit.now
    unit.record(EventType.PLAYBOOK_CHANGED, known, {"id": known.id, "kind": known.kind, "key": known.key})
    return {"playbook": known.id}


@requires(Permission.WRITE_ACCOUNTS)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete a playbook of the organization's own: the carried one holds again, if there is one."""
    known = await unit.load(Playbook, id)
    await unit.session.delete(known)
    told = {"id": known.id, "kind": known.kind, "key": known.key, "deletedAt": iso(unit.now)}
    unit.record(EventType.PLAYBOOK_CHANGED, known, told)
    return {"deleted_id": known.id, "deleted": True, "deleted_at": iso(unit.now)}


def _shown(known: KnownPlaybook) -> dict[str, Any]:
    body = known.body
    return {
        "kind": known.kind,
        "key": known.key,
        "also_called": list(known.also),
        "own": known.id is not None,
        "playbook_id": known.id,
        "pain_points": body.pain_points,
        "opportunities": body.opportunities,
        "approaches": body.approaches,
        "recommended_content": body.recommended_content,
        "timing": body.timing,
    }


def part(name: str) -> Callable[[dict[str, Any]], Any]:
    """Reads a part of a stored body."""
    return lambda body: getattr(body_of(body), name)


def _key(draft: PlaybookDraft) -> str:
    key = key_of(draft.kind, needed("key", draft.key, 100))
    if draft.kind is PlaybookKind.SIZE and key not in SIZES:
        raise invalid("key", f"key must be one of {', '.join(SIZES)}, not {key[:40]!r}.")
    return key


def _body(draft: PlaybookDraft) -> dict[str, Any]:
    """The checked body as it is stored.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    problems: list[Problem] = []
    pains = [_checked(f"painPoints.{place}.", each, problems) for place, each in enumerate(draft.pain_points)]
    chances = [_checked(f"opportunities.{place}.", each, problems) for place, each in enumerate(draft.opportunities)]
    for field_, many in (("painPoints", pains), ("opportunities", chances)):
        if len(many) > _PARTS:
            problems.extend(invalid(field_, f"{field_} must be at most {_PARTS}.").problems)
    try:
        words = taken(
            draft,
            {
                "approaches": partial(_words, "approaches"),
                "recommended_content": partial(_words, "recommendedContent"),
                "timing": partial(line, "timing"),
            },
        )
    except DomainError as error:
        problems.extend(error.problems)
    if problems:
        raise DomainError(problems)
    return {"pain_points": pains, "opportunities": chances, **words}


def _checked(path: str, each: PainDraft | OpportunityDraft, problems: list[Problem]) -> dict[str, Any]:
    try:
        return taken(each, _pain_checks(path) if isinstance(each, PainDraft) else _opportunity_checks(path))
    except DomainError as error:
        problems.extend(error.problems)
        return {}


def _text(path: str, value: str) -> str:
    return needed(path, value, _LONGEST).strip()


def _words(path: str, values: list[str]) -> list[str]:
    if len(values) > _WORDS:
        raise invalid(path, f"{path} must be at most {_WORDS} texts.")
    return list(dict.fromkeys(_text(path, each) for each in values))


def _pain_checks(path: str) -> Mapping[str, Callable[[Any], Any]]:
    texts = {name: partial(_text, path + name) for name in ("category", "description", "impact")}
    return {**texts, "urgency": lambda level: level.value, "solutions": partial(_words, f"{path}solutions")}


def _opportunity_checks(path: str) -> Mapping[str, Callable[[Any], Any]]:
    return {name: partial(_text, path + name) for name in ("type", "description", "value", "timeline")}
