"""Having a language model translate what the memory lacks; what it writes is checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import DomainError
from domain.intelligence.localizing import Term, broken_terms, used_terms
from domain.outside import WriterTask
from domain.placeholders import braces, places
from domain.texts import storable
from resolvers.desk import Desk
from resolvers.writer_tasks import asked

_AT_ONCE = 10
"""Markets of one task."""
_LONGEST = 4
"""How many times as long as the original a translation may be."""
_INSTRUCTIONS = (
    "Translate the advertising text in `text` from the language `from` for every entry of `targets`, into its "
    "`language` as it is used in its `country`. Write what a native copywriter would write there, in the brand voice "
    "`voice` and for the campaign type `campaign_type` where they are given. Keep every placeholder in braces, such as "
    "{percent} or {name_2}, exactly as it is and exactly once; add none. Use the words of `glossary` of an entry: each "
    "`term` has to be its `target`. Answer with one item per entry, its `id` unchanged."
)
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "translations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "text": {"type": "string"}},
                "required": ["id", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["translations"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Into which language a text is wanted, for which country."""

    language: str
    country: str


async def written_by_model(
    desk: Desk,
    text: str,
    manner: tuple[str, str | None, str | None],
    wanted: Mapping[str, Wanted],
    glossary: Sequence[Term],
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Translations with placeholders, each with a note on who wrote it, by the keys of `wanted`; why others failed.

    `manner` is the language of the text, the brand voice, the campaign type.
    """
    texts: dict[str, tuple[str, str]] = {}
    refused: dict[str, str] = {}
    keys = list(wanted)
    parts = [{key: wanted[key] for key in keys[start : start + _AT_ONCE]} for start in range(0, len(keys), _AT_ONCE)]
    answers = await asked(desk, [_task(text, manner, part, glossary) for part in parts])
    for part, answer in zip(parts, answers, strict=True):
        if isinstance(answer, DomainError):
            refused |= dict.fromkeys(part, answer.message)
            continue
        given = {each["id"]: each["text"] for each in answer.value["translations"]}
        for key, target in part.items():
            why = _wrong(text, given.get(key), target, glossary)
            if why:
                refused[key] = f"the language model's translation was refused: {why}"
            else:
                texts[key] = given[key].strip(), f"Written by the language model {answer.model}; nobody has checked it."
    return texts, refused


def _task(
    text: str, manner: tuple[str, str | None, str | None], part: Mapping[str, Wanted], glossary: Sequence[Term]
) -> WriterTask:
    source, voice, kind = manner
    targets = [
        {
            "id": key,
            "language": target.language,
            "country": target.country,
            "glossary": [
                {"term": each.term, "target": each.target or each.term}
                for each in used_terms(glossary, target.language, text)
            ],
        }
        for key, target in part.items()
    ]
    data = {"text": text, "from": source, "voice": voice, "campaign_type": kind, "targets": targets}
    most = min(8_000, 400 + len(part) * (len(text) + 50))
    return WriterTask("localize", _INSTRUCTIONS, data, _SCHEMA, most)


def _wrong(text: str, translation: str | None, target: Wanted, glossary: Sequence[Term]) -> str | None:
    """Why a translation cannot be used; None when it can."""
    if translation is None or not translation.strip():
        return "there was none for this market."
    if not storable(translation) or len(translation) > _LONGEST * len(text) + 200:
        return "it is too long, or holds what cannot be stored."
    if places(translation) != places(text) or braces(translation) != braces(text):
        return "it does not keep the placeholders."
    broken = broken_terms(glossary, target.language, text, translation)
    return broken[0] if broken else None
