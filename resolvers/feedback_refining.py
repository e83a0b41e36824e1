"""Asking a language model where the light analysis is unsure, if one is set up.

It decides sentiment and category; the priority follows by its rule. Confidences stay those of the light analysis, for a
language model tells none. What it cannot be asked, or does not answer as it should, stays as it was found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.errors import DomainError
from domain.intelligence.feedback_advice import is_unsure
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackFindings, FeedbackText, Sentiment
from domain.intelligence.feedback_words import words
from domain.intelligence.priority import priority
from domain.intelligence.themes import known_matters
from domain.outside import WriterAnswer, WriterTask
from resolvers.desk import Desk
from resolvers.writer_tasks import asked

_TOGETHER = 20
"""Texts of one task."""
_LONGEST = 2_000
"""Characters of a text that are asked about."""
_SCORES = {Sentiment.POSITIVE: 0.8, Sentiment.NEUTRAL: 0.5, Sentiment.NEGATIVE: 0.2}
"""The score of a sentiment that the light analysis did not find."""
_INSTRUCTIONS = (
    "Each text is feedback of a user on a software product. Say for each, by its number, whether its author is "
    "pleased (POSITIVE), displeased (NEGATIVE) or neither (NEUTRAL), and whether it mainly reports a fault "
    "(BUG_REPORT), mainly asks for something that is not there (FEATURE_REQUEST), or does neither (GENERAL). "
    "Judge every text in its own language; stars, where given, are the author's."
)
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "answers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "integer"},
                    "sentiment": {"type": "string", "enum": [each.value for each in Sentiment]},
                    "category": {"type": "string", "enum": [each.value for each in FeedbackCategory]},
                },
                "required": ["number", "sentiment", "category"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["answers"],
    "additionalProperties": False,
}


async def refined(
    desk: Desk, texts: Sequence[FeedbackText], found: Sequence[FeedbackFindings], version: str
) -> list[tuple[FeedbackFindings, str]]:
    """What each text says and who says so: the light model, or the language model where that was unsure."""
    terms = desk.outside.feedback
    decided = [(findings, version) for findings in found]
    unsure = [place for place, each in enumerate(found) if is_unsure(each, terms.unsure_below)][: terms.written]
    if not unsure or not await _available(desk):
        return decided
    parts = [unsure[start : start + _TOGETHER] for start in range(0, len(unsure), _TOGETHER)]
    answers = await asked(desk, [_task(texts, part) for part in parts])
    for part, answer in zip(parts, answers, strict=True):
        if isinstance(answer, WriterAnswer):
            # Its rule looks through the whole text.
            for place, findings in await asyncio.to_thread(_judged, texts, found, part, answer):
                decided[place] = findings, answer.model
    return decided


async def _available(desk: Desk) -> bool:
    try:
        return await desk.outside.writer.available(desk.viewer)
    except DomainError:
        return False


def _task(texts: Sequence[FeedbackText], places: Sequence[int]) -> WriterTask:
    sent = [
        {"number": place, "text": texts[place].content[:_LONGEST], "stars": texts[place].rating} for place in places
    ]
    return WriterTask("feedback", _INSTRUCTIONS, {"texts": sent}, _SCHEMA, most_tokens=60 * len(places) + 100)


def _judged(
    texts: Sequence[FeedbackText], found: Sequence[FeedbackFindings], places: Sequence[int], answer: WriterAnswer
) -> list[tuple[int, FeedbackFindings]]:
    said = {each["number"]: each for each in answer.value["answers"]}
    return [(place, _taken(texts[place], found[place], said[place])) for place in places if place in said]


def _taken(text: FeedbackText, found: FeedbackFindings, answer: Any) -> FeedbackFindings:
    sentiment, category = Sentiment(answer["sentiment"]), FeedbackCategory(answer["category"])
    others = [each for each in found.categories if each not in (category, FeedbackCategory.GENERAL)]
    categories = (category,) if category is FeedbackCategory.GENERAL else (category, *others)
    tokens = words(text.content)
    level, reasons = priority(tokens, known_matters(tokens), categories, sentiment, text.rating)
    score = found.sentiment_score if sentiment is found.sentiment else _SCORES[sentiment]
    return replace(
        found,
        sentiment=sentiment,
        sentiment_score=score,
        category=category,
        categories=categories,
        priority=level,
        priority_reasons=reasons,
    )
