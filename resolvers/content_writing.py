"""Having a language model rewrite drafts; a version that says more than the facts and the draft do is not used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.channels import Channel
from domain.errors import DomainError
from domain.intelligence.copy import LIMITS, Draft, finished_html, preview_of
from domain.intelligence.copy_checks import unfounded
from domain.intelligence.copy_templates import PARTS
from domain.outside import WriterAnswer, WriterTask
from domain.texts import storable
from resolvers.content_drafts import Asked
from resolvers.desk import Desk
from resolvers.quotas import tokens_of
from resolvers.writer_tasks import asked as asked_together

Texts = list[tuple[Channel, tuple[Draft, tuple[str, ...]]]]
"""Each variant's channel, text, and what to tell of how it came about."""

_AT_ONCE = 3
"""Drafts of one task."""
_LONGEST = 2
"""How many times as long as its draft a version may be."""
_TEMPLATES = "templates"
_INSTRUCTIONS = (
    "Each of `drafts` is a message from a company to a person of another company. Rewrite every part of each so that "
    "it reads as a good salesperson would write it by hand: in the tone `tone`, for the objective `objective`, about "
    "as long as it is. Keep what it says, its greeting, its signature and its line breaks between paragraphs. Say "
    "nothing that is not in the draft or in `facts`: no other number, name, company, customer, result, date or "
    "address, and no claim about anybody. No version may equal another. Answer with one item per draft, its `number` "
    "unchanged and the same parts."
)


async def rewritten(desk: Desk, asked: Asked, drafts: Sequence[tuple[Channel, Draft]]) -> tuple[Texts, str, int]:
    """The texts, who wrote them, and the tokens of what was written and not used."""
    kept: Texts = [(channel, (draft, ())) for channel, draft in drafts]
    if not asked.modelled or not await _available(desk):
        return kept, _TEMPLATES, 0
    places = range(len(drafts))
    parts = [places[start : start + _AT_ONCE] for start in range(0, len(drafts), _AT_ONCE)]
    answers = await asked_together(desk, [_task(asked, drafts, part) for part in parts])
    author, wasted = _TEMPLATES, 0
    for part, answer in zip(parts, answers, strict=True):
        for place in part:
            channel, draft = drafts[place]
            text, notes = draft, (_refused(answer.message),) if isinstance(answer, DomainError) else ()
            if isinstance(answer, WriterAnswer):
                given: Mapping[str, Any] = next(
                    (each for each in answer.value["versions"] if each["number"] == place), {}
                )
                why = _wrong(channel, draft, given)
                taken = {} if why else _parts(channel, given)
                if why or _is_there(_with(draft, taken), kept, place):
                    wasted += tokens_of(value for value in given.values() if isinstance(value, str))
                    notes = (_refused(why or "it equals another one."),)
                else:
                    text, author = _with(draft, taken), answer.model
            kept[place] = (channel, (text, notes))
    return kept, author, wasted


def _is_there(draft: Draft, kept: Texts, place: int) -> bool:
    """Whether another variant says the same already."""
    return any(other.words == draft.words for number, (_, (other, _)) in enumerate(kept) if number != place)


async def _available(desk: Desk) -> bool:
    try:
        return await desk.outside.writer.available(desk.viewer)
    except DomainError:
        return False


def _task(asked: Asked, drafts: Sequence[tuple[Channel, Draft]], places: Sequence[int]) -> WriterTask:
    sent = [{"number": place, "channel": drafts[place][0].value.lower()} | _said(*drafts[place]) for place in places]
    facts = {fact.variable: fact.value for place in places for fact in drafts[place][1].facts}
    names = dict.fromkeys(part for place in places for part in PARTS[drafts[place][0]])
    schema = {
        "type": "object",
        "properties": {
            "versions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"number": {"type": "integer"}, **{name: {"type": "string"} for name in names}},
                    "required": ["number"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["versions"],
        "additionalProperties": False,
    }
    data = {"tone": asked.manner.tone, "objective": asked.manner.objective, "facts": facts, "drafts": sent}
    size = sum(len(text) for place in places for text in _said(*drafts[place]).values())
    return WriterTask("content", _INSTRUCTIONS, data, schema, min(8_000, 400 + size))


def _said(channel: Channel, draft: Draft) -> dict[str, str]:
    return {part: getattr(draft, part) or "" for part in PARTS[channel]}


def _parts(channel: Channel, given: Mapping[str, Any]) -> dict[str, str]:
    return {part: str(given.get(part) or "").replace("\r\n", "\n").strip() for part in PARTS[channel]}


def _wrong(channel: Channel, draft: Draft, given: Mapping[str, Any]) -> str | None:
    """Why a version cannot be used; None when it can."""
    parts, before = _parts(channel, given), _said(channel, draft)
    for part, text in parts.items():
        if not text:
            return f"there was no {part} for this variant."
        limit = LIMITS.get(part)
        if not storable(text) or len(text) > _LONGEST * len(before[part]) + 200 or (limit and len(text) > limit):
            return f"its {part} is too long, or holds what cannot be stored."
        if part == "subject" and "\n" in text:
            return "its subject has several lines."
    strange = unfounded("\n".join(parts.values()), [*before.values(), *(fact.value for fact in draft.facts)])
    return f"it says what no fact does: {', '.join(strange[:5])}." if strange else None


def _with(draft: Draft, parts: Mapping[str, str]) -> Draft:
    changed: Draft = replace(draft, **parts)  # type: ignore[arg-type]
    if changed.text is None or draft.preview is None:
        return changed
    return replace(changed, preview=preview_of(changed.text), html=finished_html(changed))


def _refused(why: str) -> str:
    return f"The language model's version was not used: {why}"
