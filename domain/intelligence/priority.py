"""How soon somebody should look at feedback: a rule of points, not a trained model.

| part | points |
|---|---|
| bug report | 2 |
| feature request | 1 |
| one or two stars, or displeased without stars | 1 |
| four or five stars, or pleased without stars, on a bug report | -1 |
| words of data loss, security or danger, in a bug report or of somebody displeased | 2 |
| else words of a crash, failed log in, payment or uselessness, likewise | 1 |
| words of urgency | 1 |

Up to 0 is LOW, 1 and 2 MEDIUM, 3 and 4 HIGH, more CRITICAL. General feedback of somebody pleased is always LOW. The
words are in words/severity.json and words/themes.json, in six languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackPriority, Sentiment
from domain.intelligence.phrases import Found, Phrases
from domain.intelligence.word_lists import word_list

BUG, REQUEST = FeedbackCategory.BUG_REPORT, FeedbackCategory.FEATURE_REQUEST
_URGENT = "urgent"


@cache
def severity_phrases() -> Phrases:
    """Words of severity that are no themes."""
    return Phrases(
        (name, phrase)
        for name, kind in word_list("severity.json").items()
        for spelled in kind.get("words", {}).values()
        for phrase in spelled
    )


@cache
def severity_points() -> dict[str, int]:
    """Points of each severity."""
    return {name: kind["points"] for name, kind in word_list("severity.json").items()}


@cache
def severe_themes() -> dict[str, str]:
    """The severity that a theme stands for."""
    return {kind["theme"]: name for name, kind in word_list("severity.json").items() if "theme" in kind}


def priority(
    tokens: Sequence[str],
    matters: Sequence[Found],
    categories: tuple[FeedbackCategory, ...],
    sentiment: Sentiment,
    rating: int | None,
) -> tuple[FeedbackPriority, tuple[str, ...]]:
    """The priority and the parts of the rule that gave it, each with its points."""
    pleased = rating >= 4 if rating is not None else sentiment is Sentiment.POSITIVE
    if pleased and BUG not in categories and REQUEST not in categories:
        return FeedbackPriority.LOW, ("general feedback of somebody pleased",)
    parts = [*_kind(categories), *_mood(categories, sentiment, rating)]
    troubled = BUG in categories or sentiment is Sentiment.NEGATIVE
    parts += _severity(tokens, matters, troubled)
    return level(sum(points for _, points in parts)), tuple(f"{reason} ({points:+d})" for reason, points in parts)


def level(points: int) -> FeedbackPriority:
    """What so many points amount to."""
    if points <= 0:
        return FeedbackPriority.LOW
    if points <= 2:
        return FeedbackPriority.MEDIUM
    return FeedbackPriority.HIGH if points <= 4 else FeedbackPriority.CRITICAL


def _kind(categories: tuple[FeedbackCategory, ...]) -> Iterator[tuple[str, int]]:
    if BUG in categories:
        yield "bug report", 2
    elif REQUEST in categories:
        yield "feature request", 1


def _mood(
    categories: tuple[FeedbackCategory, ...], sentiment: Sentiment, rating: int | None
) -> Iterator[tuple[str, int]]:
    if rating is not None:
        if rating <= 2:
            yield f"rating {rating}", 1
        elif rating >= 4 and BUG in categories:
            yield f"rating {rating}", -1
    elif sentiment is Sentiment.NEGATIVE:
        yield "displeased", 1
    elif sentiment is Sentiment.POSITIVE and BUG in categories:
        yield "pleased", -1


def _severity(tokens: Sequence[str], matters: Sequence[Found], troubled: bool) -> Iterator[tuple[str, int]]:
    named = {one.name for one in severity_phrases().found(tokens)}
    named |= {severe_themes()[one.name] for one in matters if one.name in severe_themes()}
    points = severity_points()
    if _URGENT in named:
        yield _URGENT, points[_URGENT]
    grave = sorted(named - {_URGENT}, key=lambda name: (-points[name], name))
    if grave and troubled:
        yield f"severity: {grave[0].replace('_', ' ')}", points[grave[0]]
