"""What may be said of a piece of feedback, and checking it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.errors import DomainError, Problem, invalid
from domain.intelligence.feedback_findings import FeedbackSource
from domain.texts import LINE, json_object, needed, text
from domain.values import Moment, start_of

RATINGS = range(1, 6)
"""Stars."""
CONTENT = 65_536
"""Most characters of a piece of feedback: what a ticket of a help desk may have."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackDraft:
    """Feedback to be taken in.

    `user_id` is the author by the customer's own name for it; without one the author is unknown. `rating`, `version`,
    `platform` and `language` are taken out of `metadata` where they are not given by themselves. `given_at` is when it
    was said, for what is taken in later.
    """

    source: FeedbackSource
    content: str
    user_id: str | None = None
    rating: int | None = None
    version: str | None = None
    platform: str | None = None
    language: str | None = None
    metadata: dict[str, Any] | None = None
    given_at: Moment | None = None


def checked(draft: FeedbackDraft, now: datetime) -> FeedbackDraft:
    """The draft as it is stored; a checked one stays as it is.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    problems: list[Problem] = []

    def take(check: Callable[[], Any]) -> Any:
        try:
            return check()
        except DomainError as error:
            problems.extend(error.problems)
            return None

    rest = take(lambda: json_object("metadata", draft.metadata)) if draft.metadata is not None else {}
    rest = dict(rest or {})
    known = {name: take(lambda name=name: _known(draft, rest, name)) for name in _KNOWN}  # type: ignore[misc]
    taken = replace(
        draft,
        content=take(lambda: needed("content", draft.content, CONTENT)),
        user_id=take(lambda: user_id_of("userId", draft.user_id)),
        given_at=take(lambda: _given_at(draft.given_at, now)),
        metadata=rest,
        **known,
    )
    if problems:
        raise DomainError(problems)
    return taken


def user_id_of(field: str, value: str | None) -> str | None:
    """The customer's own name for a user, kept as given; a blank one is none (X-12)."""
    return None if value is None or not value.strip() else text(field, value, LINE)


def _known(draft: FeedbackDraft, rest: dict[str, Any], name: str) -> Any:
    """One of the four known facts: given by itself, or else out of the metadata, which then no longer holds it."""
    inside = rest.pop(name, None)
    value, field = getattr(draft, name), name
    if value is None:
        value, field = inside, f"metadata.{name}"
    return None if value is None else _KNOWN[name](field, value)


def _rating(field: str, value: object) -> int:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(whole, int) or isinstance(whole, bool) or whole not in RATINGS:
        raise invalid(field, f"{field} must be a whole number from 1 to 5.")
    return whole


def _words(field: str, value: object) -> str | None:
    # A version such as 2 or 2.1 is often sent as a number.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid(field, f"{field} must be text.")
    return text(field, str(value), LINE).strip() or None


def _language(field: str, value: object) -> str | None:
    if not isinstance(value, str) or (value.strip() and not _LANGUAGE.fullmatch(value.strip())):
        raise invalid(field, f"{field} must be the code of a language, such as en or pt-BR.")
    return value.strip() or None


def _given_at(value: Moment | None, now: datetime) -> datetime | None:
    if value is None:
        return None
    moment = start_of(value)
    if moment > now:
        raise invalid("givenAt", "givenAt must not be in the future.")
    return moment


_KNOWN: Mapping[str, Callable[[str, object], Any]] = {
    "rating": _rating,
    "version": _words,
    "platform": _words,
    "language": _language,
}
