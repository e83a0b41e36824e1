"""Finding a text in what has been translated before: as a whole, else sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.placeholders import Masked, filled, masked, sentences


@dataclass(frozen=True, slots=True)
class KnownTranslation:
    """A translation with placeholders; '' as market or voice is every one."""

    source_language: str
    target_language: str
    market: str
    voice: str
    key: str
    target: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence with placeholders, and what follows it up to the next one."""

    text: str
    content: Masked
    following: str


@dataclass(frozen=True, slots=True)
class Content:
    """A text as it is looked up: whole, and in sentences."""

    text: str
    whole: Masked
    pieces: tuple[Piece, ...]

    @property
    def keys(self) -> list[str]:
        """Everything to look for."""
        return list(dict.fromkeys([self.whole.key, *(piece.content.key for piece in self.pieces)]))


@dataclass(frozen=True, slots=True)
class Found:
    """Translations of all pieces, or the sentences nobody has translated yet."""

    parts: tuple[tuple[Masked, str, str], ...]
    missing: tuple[str, ...] = ()


def content_of(text: str) -> Content:
    """A text made ready for looking up."""
    parts = sentences(text)
    pieces = [
        Piece(part, masked(part), parts[place + 1] if place + 1 < len(parts) else "")
        for place, part in enumerate(parts)
        if place % 2 == 0 and part
    ]
    return Content(text, masked(text.strip()), tuple(pieces))


def look_up(content: Content, known: Iterable[KnownTranslation], language: str, market: str, voice: str) -> Found:
    """The best translation of the whole, else of every sentence; one for the market or the voice wins over others."""
    best: dict[str, KnownTranslation] = {}
    for each in known:
        fits = each.target_language == language and each.market in ("", market) and each.voice in ("", voice)
        if fits and (each.key not in best or _near(each) > _near(best[each.key])):
            best[each.key] = each
    whole = best.get(content.whole.key)
    if whole:
        return Found(((content.whole, whole.target, ""),))
    missing = tuple(piece.text for piece in content.pieces if piece.content.key not in best)
    if missing or not content.pieces:
        return Found((), missing or (content.text,))
    return Found(tuple((each.content, best[each.content.key].target, each.following) for each in content.pieces))


def _near(each: KnownTranslation) -> tuple[bool, bool]:
    return bool(each.market), bool(each.voice)


def put_together(parts: Sequence[tuple[Masked, str, str]], written: Sequence[dict[str, str]]) -> str:
    """The translated text; `written` says for each part how the market writes what stands in its places."""
    texts = (
        filled(target, content, values) + following
        for (content, target, following), values in zip(parts, written, strict=True)
    )
    return "".join(texts).strip()
