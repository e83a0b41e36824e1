"""The glossary: words that have to be a certain word in a language, or stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.errors import conflict
from domain.events import EventType
from domain.localization import GlossaryTerm
from domain.markets import language_of
from domain.permissions import Permission
from domain.texts import line, needed
from domain.values import ABSENT, Absent, iso
from domain.viewer import Viewer
from resolvers.reads import Listing, Statement, newest_first, reads, visible_to
from resolvers.translations import language
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True)
class GlossaryFilter:
    """Which terms are wanted."""

    target_language: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryDraft:
    """A word and what it has to be; without a target it stays as it is."""

    term: str
    target_language: str
    target: str | None = None
    source_language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryPatch:
    """What a word has to be from now on; null keeps it as it is."""

    id: str
    target: str | Absent | None = ABSENT


@reads(GlossaryTerm, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Terms of the organization."""
    return visible_to(viewer, GlossaryTerm)


@reads(GlossaryTerm, Permission.READ_MARKETING)
def search(viewer: Viewer, where: GlossaryFilter | None = None) -> Listing:
    """Terms, newest first."""
    statement, where = visible_to(viewer, GlossaryTerm), where or GlossaryFilter()
    if where.target_language is not None:
        statement = statement.where(GlossaryTerm.target_language == language_of(where.target_language))
    if where.search and where.search.strip():
        statement = statement.where(GlossaryTerm.key.contains(where.search.strip().casefold(), autoescape=True))
    return Listing(statement, newest_first(GlossaryTerm))


@requires(Permission.WRITE_MARKETING)
async def create(unit: Unit, draft: GlossaryDraft) -> Keys:
    """Put a word into the glossary."""
    term = needed("term", draft.term).strip()
    values: dict[str, Any] = {
        "source_language": language("sourceLanguage", draft.source_language),
        "target_language": language("targetLanguage", draft.target_language),
        "key": term.casefold(),
    }
    same = visible_to(unit.viewer, GlossaryTerm)
    for name, value in values.items():
        same = same.where(getattr(GlossaryTerm, name) == value)
    if await unit.find(same) is not None:
        raise conflict("term is in the glossary already for this language.", "term")
    made = GlossaryTerm(
        id=GlossaryTerm.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        term=term,
        target=line("target", draft.target),
        **values,
    )
    unit.add(made)
    _tell(unit, made, 1)
    return {"glossary_term": made.id}


@requires(Permission.WRITE_MARKETING)
async def change(unit: Unit, patch: GlossaryPatch) -> Keys:
    """Change what a word has to be."""
    own = await unit.load(GlossaryTerm, patch.id)
    if not isinstance(patch.target, Absent) and own.target != line("target", patch.target):
        own.target, own.updated_at = line("target", patch.target), unit.now
        _tell(unit, own, 1)
    return {"glossary_term": own.id}


@requires(Permission.WRITE_MARKETING)
async def delete(unit: Unit, id: str) -> Keys:
    """Take a word out of the glossary."""
    own = await unit.load(GlossaryTerm, id)
    await unit.session.delete(own)
    _tell(unit, own, -1)
    return {"deleted_id": own.id, "deleted": True, "deleted_at": iso(unit.now)}


def _tell(unit: Unit, about: GlossaryTerm, count: int) -> None:
    unit.record(EventType.TRANSLATIONS_CHANGED, about, {"kind": "GlossaryTerm", "count": count})
