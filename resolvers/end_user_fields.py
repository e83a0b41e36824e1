"""What may be said of an end user, and checking it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.errors import DomainError, Problem, invalid, required
from domain.feedback import EndUser
from domain.values import ABSENT, Absent
from resolvers.drafts import taken
from resolvers.feedback_fields import user_id_of
from resolvers.unit import Unit

_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EndUserDraft:
    """What is said of an end user, known by the customer's own name for it: what is left out stays, null clears."""

    user_id: str
    signup_date: date | Absent | None = ABSENT
    last_login: date | Absent | None = ABSENT
    core_features: float | Absent | None = ABSENT
    advanced_features: float | Absent | None = ABSENT
    support_usage: float | Absent | None = ABSENT
    total_feedback: int | Absent | None = ABSENT
    positive_feedback: int | Absent | None = ABSENT
    negative_feedback: int | Absent | None = ABSENT
    recent_sentiment: float | Absent | None = ABSENT


_COUNTS = ("total_feedback", "positive_feedback", "negative_feedback")


def user_id(value: str) -> str:
    """The customer's own name for a user.

    Raises:
        DomainError: REQUIRED when it says nothing, INVALID when it cannot be stored.
    """
    found = user_id_of("userId", value)
    if found is None:
        raise required("userId")
    return found


def said(draft: EndUserDraft) -> tuple[str, dict[str, Any]]:
    """The user's name and what was said of it, checked.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    problems: list[Problem] = []

    def take(check: Callable[[], Any]) -> Any:
        try:
            return check()
        except DomainError as error:
            problems.extend(error.problems)

    name = take(lambda: user_id(draft.user_id))
    facts = take(lambda: taken(draft, _CHECKS))
    if problems:
        raise DomainError(problems)
    return name, facts


def apply(unit: Unit, user: EndUser, facts: dict[str, Any]) -> bool:
    """Merge what was said into a user; whether it changed anything.

    Counts of earlier that do not go with what is said now are outdated, and forgotten.

    Raises:
        DomainError: INVALID when more positive and negative feedback is said than feedback.
    """
    if _too_many({name: facts.get(name) for name in _COUNTS}):
        raise invalid("totalFeedback", "totalFeedback must not be less than positive and negative feedback together.")
    changed = {name: value for name, value in facts.items() if getattr(user, name) != value}
    for name, value in changed.items():
        setattr(user, name, value)
    if changed and _too_many({name: getattr(user, name) for name in _COUNTS}):
        for name in _COUNTS:
            setattr(user, name, facts.get(name))
    if changed:
        user.updated_at = unit.now
    return bool(changed)


def _too_many(counts: Mapping[str, int | None]) -> bool:
    total = counts["total_feedback"]
    return total is not None and (counts["positive_feedback"] or 0) + (counts["negative_feedback"] or 0) > total


def _fraction(field: str) -> Callable[[Any], float | None]:
    def check(value: Any) -> float | None:
        if value is not None and not 0 <= value <= 1:
            raise invalid(field, f"{field} must be a number from 0 to 1.")
        return None if value is None else float(value)

    return check


def _count(field: str) -> Callable[[Any], int | None]:
    def check(value: Any) -> int | None:
        if value is not None and not 0 <= value <= _MOST:
            raise invalid(field, f"{field} must be a whole number from 0 on.")
        return None if value is None else int(value)

    return check


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "signup_date": lambda value: value,
    "last_login": lambda value: value,
    "core_features": _fraction("coreFeatures"),
    "advanced_features": _fraction("advancedFeatures"),
    "support_usage": _fraction("supportUsage"),
    "total_feedback": _count("totalFeedback"),
    "positive_feedback": _count("positiveFeedback"),
    "negative_feedback": _count("negativeFeedback"),
    "recent_sentiment": _fraction("recentSentiment"),
}
