"""The translation memory: reading it, adding to it, taking many in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func

from domain.errors import conflict, invalid
from domain.events import EventType
from domain.localization import TranslationUnit
from domain.markets import language_of, market_of
from domain.permissions import Permission
from domain.placeholders import template
from domain.texts import LINE, line, needed
from domain.values import ABSENT, Absent, iso, present
from domain.viewer import Viewer
from resolvers.drafts import taken
from resolvers.reads import Listing, Statement, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires

_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class TranslationFilter:
    """Which translations are wanted."""

    source_language: str | None = None
    target_language: str | None = None
    market: str | None = None
    voice: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationDraft:
    """A text and its translation; both may be written as examples (50%) or with placeholders ({percent})."""

    source: str
    target: str
    target_language: str
    source_language: str = "en"
    market: str | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationPatch:
    """Changes to a translation; what it translates stays."""

    id: str
    target: str | Absent | None = ABSENT
    voice: str | Absent | None = ABSENT
    market: str | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class TranslationBatch:
    """Translations to be taken in, checked, and those that could not be read by their lines."""

    values: Sequence[dict[str, Any]]
    rejected: Sequence[dict[str, Any]] = ()


@reads(TranslationUnit, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Translations of the organization."""
    return visible_to(viewer, TranslationUnit)


@reads(TranslationUnit, Permission.READ_MARKETING)
def search(viewer: Viewer, where: TranslationFilter | None = None) -> Listing:
    """Translations, newest first."""
    statement, where = visible_to(viewer, TranslationUnit), where or TranslationFilter()
    equal = (
        (TranslationUnit.source_language, where.source_language and language_of(where.source_language)),
        (TranslationUnit.target_language, where.target_language and language_of(where.target_language)),
        (TranslationUnit.market, where.market),
        (TranslationUnit.voice, where.voice),
    )
    for column, value in equal:
        if value is not None:
            statement = statement.where(column == value)
    if where.search and where.search.strip():
        words = func.lower(TranslationUnit.source + " " + TranslationUnit.target)
        statement = statement.where(words.contains(where.search.strip().lower(), autoescape=True))
    return Listing(statement, newest_first(TranslationUnit))


@requires(Permission.WRITE_MARKETING)
async def create(unit: Unit, draft: TranslationDraft) -> Keys:
    """Put a translation into the memory."""
    values = values_of(draft)
    if await _same(unit, values) is not None:
        raise conflict("source is translated already for this language, market and voice.", "source")
    made = _made(unit, values)
    _tell(unit, made, 1)
    return {"translation": made.id}


@requires(Permission.WRITE_MARKETING)
async def change(unit: Unit, patch: TranslationPatch) -> Keys:
    """Change a translation."""
    own = await unit.load(TranslationUnit, patch.id)
    target = own.target if isinstance(patch.target, Absent) or patch.target is None else patch.target
    draft = TranslationDraft(
        source=own.source,
        target=target,
        source_language=own.source_language,
        target_language=own.target_language,
        market=present(patch.market, own.market),
        voice=present(patch.voice, own.voice),
    )
    # What it translates is not read anew: beside placeholders other things look like numbers than beside words.
    values = values_of(draft) | {"source": own.source, "key": own.key}
    other = await _same(unit, values)
    if other is not None and other.id != own.id:
        raise conflict("source is translated already for this language, market and voice.", "market")
    if any(getattr(own, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(own, name, value)
        own.updated_at = unit.now
        _tell(unit, own, 1)
    return {"translation": own.id}


@requires(Permission.WRITE_MARKETING)
async def delete(unit: Unit, id: str) -> Keys:
    """Take a translation out of the memory."""
    own = await unit.load(TranslationUnit, id)
    await unit.session.delete(own)
    _tell(unit, own, -1)
    return {"deleted_id": own.id, "deleted": True, "deleted_at": iso(unit.now)}


@requires(Permission.WRITE_MARKETING)
async def import_many(unit: Unit, batch: TranslationBatch) -> Keys:
    """Take translations in; one that is known already is replaced, a bad one is reported by its line."""
    known = await _known(unit, [each["key"] for each in batch.values])
    stored: dict[tuple[Any, ...], TranslationUnit] = {}
    for values in batch.values:
        key = tuple(values[name] for name in _KEY)
        own = stored.get(key) or known.get(key)
        if own is None:
            own = _made(unit, values)
        else:
            own.source, own.target, own.updated_at = values["source"], values["target"], unit.now
        stored[key] = own
    if stored:
        _tell(unit, next(iter(stored.values())), len(stored))
    return {"stored": len(stored), "rejected": list(batch.rejected)}


async def _known(unit: Unit, keys: Sequence[str]) -> dict[tuple[Any, ...], TranslationUnit]:
    found: dict[tuple[Any, ...], TranslationUnit] = {}
    for start in range(0, len(keys), _AT_ONCE):
        statement = visible_to(unit.viewer, TranslationUnit)
        for own in await unit.session.scalars(statement.where(TranslationUnit.key.in_(keys[start : start + _AT_ONCE]))):
            found[tuple(getattr(own, name) for name in _KEY)] = own
    return found


_AT_ONCE = 400


_KEY = ("source_language", "target_language", "market", "voice", "key")


def values_of(draft: TranslationDraft) -> dict[str, Any]:
    """A translation as it is kept: with placeholders, and the key it is found by.

    Raises:
        DomainError: INVALID or REQUIRED naming every field that is wrong.
    """
    values = taken(
        draft,
        {
            "source": lambda value: needed("source", value, _LONGEST).strip(),
            "target": lambda value: needed("target", value, _LONGEST).strip(),
            "source_language": partial(language, "sourceLanguage"),
            "target_language": partial(language, "targetLanguage"),
            "market": _market,
            "voice": voice_of,
        },
    )
    try:
        own, target = template(values["source"], values["target"])
    except ValueError as error:
        raise invalid("target", f"target {error}: it must have the placeholders of source.") from None
    return values | {"source": own.text, "target": target, "key": own.key}


def voice_of(voice: str | None) -> str:
    """A brand voice as it is compared; '' is every one."""
    return (line("voice", voice) or "").lower()


def language(field: str, code: str) -> str:
    """A language as it is kept."""
    known = language_of(needed(field, code, LINE))
    if not (known.isascii() and known.isalpha() and 2 <= len(known) <= 3):
        raise invalid(field, f"{field} must be an ISO 639 code such as de.")
    return known


def _market(asked: str | None) -> str:
    if not asked:
        return ""
    market = market_of(asked)
    if market is None:
        raise invalid("market", f"market must be a country such as DE, not {asked[:40]!r}.")
    return market.country.code


def _made(unit: Unit, values: dict[str, Any]) -> TranslationUnit:
    made = TranslationUnit(
        id=TranslationUnit.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        **values,
    )
    unit.add(made)
    return made


async def _same(unit: Unit, values: dict[str, Any]) -> TranslationUnit | None:
    statement = visible_to(unit.viewer, TranslationUnit)
    for name in _KEY:
        statement = statement.where(getattr(TranslationUnit, name) == values[name])
    found: TranslationUnit | None = await unit.find(statement)
    return found


def _tell(unit: Unit, about: Any, count: int) -> None:
    unit.record(EventType.TRANSLATIONS_CHANGED, about, {"kind": type(about).__name__, "count": count})
