"""Taking feedback in: checked and analysed before the transaction, stored in it, one event for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from domain.compliance import ProcessingStatus
from domain.errors import DomainError, Problem
from domain.events import EventType
from domain.feedback import Feedback, FeedbackTheme
from domain.intelligence.feedback_advice import Advice, Voices, advise
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackFindings, FeedbackPriority, FeedbackText
from domain.permissions import Permission
from domain.values import iso, new_id
from resolvers import end_user_links
from resolvers.desk import Desk
from resolvers.feedback_fields import FeedbackDraft, checked
from resolvers.feedback_refining import refined
from resolvers.reads import visibility
from resolvers.sql import padded
from resolvers.unit import Keys, Unit, requires

__all__ = ["AnalyzedFeedback", "FeedbackDraft", "collect", "prepare", "prepare_one", "store_many"]

VOICES = timedelta(days=90)
"""How far back others are counted who have said the same."""
URGENCY = {each: step for step, each in enumerate(FeedbackPriority)}
"""Priorities as numbers, 0 to 3."""
COUNTED_BY = ("category", "source", "sentiment_score", "platform", "version", "detected_language")
"""What themes repeat of their feedback."""
_THEMES_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class AnalyzedFeedback:
    """Feedback that is checked and analysed, ready to be stored. `analyzed_by` names the model."""

    draft: FeedbackDraft
    findings: FeedbackFindings
    analyzed_by: str
    recommendations: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """What an event is about."""

    id: str


async def prepare(desk: Desk, drafts: Sequence[FeedbackDraft], under: str = "") -> list[AnalyzedFeedback]:
    """Check and analyse feedback, all of it in one call of the analyst; problems of a list are filed `under` its name.

    Raises:
        DomainError: every problem of every draft at once, its field such as `items.3.content` under `items`;
            UNAVAILABLE when nothing can be analysed.
    """
    taken = _checked(drafts, desk.now, under)
    if not taken:
        return []
    texts = [FeedbackText(each.content, each.source, each.rating, each.language) for each in taken]
    found = list(await desk.outside.analyst.feedback(texts))
    decided = await refined(desk, texts, found, desk.outside.analyst.version)
    voices = await _voices(desk, [findings for findings, _ in decided])
    terms = desk.outside.feedback
    return [
        AnalyzedFeedback(draft, each, model, tuple(advise(draft.source, each, heard, draft.user_id is not None, terms)))
        for draft, (each, model), heard in zip(taken, decided, voices, strict=True)
    ]


async def prepare_one(desk: Desk, draft: FeedbackDraft) -> AnalyzedFeedback:
    """Check and analyse one piece of feedback.

    Raises:
        DomainError: as `prepare`.
    """
    return (await prepare(desk, [draft]))[0]


@requires(Permission.WRITE_FEEDBACK)
async def collect(unit: Unit, item: AnalyzedFeedback) -> Keys:
    """Take in a piece of feedback: it is analysed at once, and its author is found or made."""
    (id_,) = await store_many(unit, [item])
    return {"feedback": id_}


async def store_many(
    unit: Unit, items: Sequence[AnalyzedFeedback], job_id: str | None = None, first_position: int = 0
) -> list[str]:
    """Store feedback and tell of each piece; the ids in the same order. Who calls has checked the permission.

    Of a batch `job_id` is the batch and `first_position` the place of the first piece in it.
    """
    if not items:
        return []
    authors = await end_user_links.find_or_make(unit, [each.draft.user_id for each in items if each.draft.user_id])
    rows = [
        _row(unit, item, authors.get(item.draft.user_id or ""), job_id, position)
        for position, item in enumerate(items, first_position)
    ]
    await _insert(unit, Feedback.__table__, rows)
    await _insert(unit, FeedbackTheme.__table__, [theme for row in rows for theme in _theme_rows(row)])
    for row in rows:
        unit.record(EventType.FEEDBACK_ANALYZED, _Told(row["id"]), told(row))
    return [row["id"] for row in rows]


def told(row: dict[str, Any]) -> dict[str, Any]:
    """What is told of analysed feedback: the printed answer of the route that takes it in (CB-32)."""
    return {
        "feedback_id": row["id"],
        "status": row["status"].value.lower(),
        "analysis": {
            "sentiment": row["sentiment"].value.lower(),
            "sentiment_score": round(row["sentiment_score"], 4),
            "category": row["category"].value.lower(),
            "priority": row["priority"].value.lower(),
            "themes": row["themes"],
            "entities": row["entities"],
        },
        "recommendations": [
            {
                "action": each["kind"],
                "priority": each["priority"].lower(),
                "estimated_effort": each["estimated_effort"],
                "expected_impact": each["expected_impact"].lower(),
            }
            for each in row["recommendations"]
        ],
        "created_at": iso(row["created_at"]),
    }


def _checked(drafts: Sequence[FeedbackDraft], now: datetime, under: str) -> list[FeedbackDraft]:
    taken: list[FeedbackDraft] = []
    problems: list[Problem] = []
    for place, draft in enumerate(drafts):
        try:
            taken.append(checked(draft, now))
        except DomainError as error:
            before = f"{under}.{place}." if under else ""
            problems.extend(Problem(each.code, each.message, f"{before}{each.field}") for each in error.problems)
    if problems:
        raise DomainError(problems)
    return taken


async def _voices(desk: Desk, found: Sequence[FeedbackFindings]) -> list[Voices]:
    """For each its theme that most others name in the same category: those stored, and those before it in the list."""
    counts = await _counted(desk, {theme for each in found for theme in each.themes})
    heard: list[Voices] = []
    for each in found:
        named = [(counts[theme, each.category], theme) for theme in each.themes]
        others, theme = max(named, default=(0, None), key=lambda pair: pair[0])
        heard.append(Voices(theme, others, VOICES.days))
        counts.update((theme, each.category) for theme in set(each.themes))
    return heard


async def _counted(desk: Desk, themes: set[str]) -> Counter[tuple[str, FeedbackCategory]]:
    counts: Counter[tuple[str, FeedbackCategory]] = Counter()
    ordered = sorted(themes)
    for start in range(0, len(ordered), _THEMES_AT_ONCE):
        among = FeedbackTheme.theme.in_(padded(ordered[start : start + _THEMES_AT_ONCE]))
        recent = (*visibility(desk.viewer, FeedbackTheme), among, FeedbackTheme.created_at >= desk.now - VOICES)
        by = (FeedbackTheme.theme, FeedbackTheme.category)
        for theme, category, count in await desk.rows(select(*by, func.count()).where(*recent).group_by(*by)):
            counts[theme, category] += count
    return counts


def _row(
    unit: Unit, item: AnalyzedFeedback, author: str | None, job_id: str | None, position: int | None
) -> dict[str, Any]:
    draft, found = item.draft, item.findings
    return {
        "id": Feedback.new_id(),
        "organization_id": unit.viewer.organization_id,
        "created_at": draft.given_at or unit.now,
        "source": draft.source,
        "content": draft.content,
        "rating": draft.rating,
        "version": draft.version,
        "platform": draft.platform,
        "language": draft.language,
        "details": draft.metadata or {},
        "status": ProcessingStatus.PROCESSED,
        **analysed(found),
        "recommendations": [each.as_json() for each in item.recommendations],
        "analyzed_by": item.analyzed_by,
        "end_user_id": author,
        "batch_id": job_id,
        "position": position if job_id else None,
    }


def analysed(found: FeedbackFindings) -> dict[str, Any]:
    """The columns that an analysis fills."""
    return {
        "detected_language": found.language,
        "sentiment": found.sentiment,
        "sentiment_score": found.sentiment_score,
        "sentiment_confidence": found.sentiment_confidence,
        "category": found.category,
        "categories": [each.value for each in found.categories],
        "category_confidence": found.category_confidence,
        "priority": found.priority,
        "priority_reasons": list(found.priority_reasons),
        "themes": list(found.themes),
        "entities": list(found.entities),
        "urgency": URGENCY[found.priority],
    }


def _theme_rows(row: dict[str, Any]) -> Iterable[dict[str, Any]]:
    shared = {name: row[name] for name in ("organization_id", "created_at", *COUNTED_BY)}
    for theme in dict.fromkeys(row["themes"]):
        yield {"id": new_id(FeedbackTheme.prefix), "feedback_id": row["id"], "theme": theme, **shared}


async def _insert(unit: Unit, table: Table | Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await unit.session.execute(insert(table), list(rows))
