"""What is looked for in legal texts, and what was found: each finding with its quote and place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.levels import RiskLevel


class FindingKind(StrEnum):
    """What kind of thing was found in a legal text."""

    DEADLINE = "DEADLINE"
    REQUIREMENT = "REQUIREMENT"
    PENALTY = "PENALTY"
    ENTITY = "ENTITY"


class TimeUnit(StrEnum):
    """In what a relative deadline counts."""

    HOUR = "HOUR"
    DAY = "DAY"
    WORKING_DAY = "WORKING_DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a text says, with the quote it stands on.

    `start` and `end` are offsets of the quote in the text, in characters. `place` is the article or section it stands
    in, such as `Article 33(1)`, if the text says so. `text` is the finding in short. Of a deadline, either `on` is
    known, or `count`, `unit` and, if it is said, the `trigger` it runs from: it becomes a date when the trigger's is
    known. Of a penalty, `amount` with `currency`, or `fraction` with what it is a fraction of (`base`), or both; `per`
    is what it is due for, such as `violation`; one with neither amount nor fraction is prison. `bound` is who a
    requirement binds, and its `count` and `unit` are how often it is to be done, if again and again. `key` is the same
    when the same text is read again.
    """

    kind: FindingKind
    text: str
    quote: str
    start: int
    end: int
    key: str
    place: str | None = None
    on: date | None = None
    count: int | None = None
    unit: TimeUnit | None = None
    trigger: str | None = None
    amount: float | None = None
    currency: str | None = None
    fraction: float | None = None
    base: str | None = None
    per: str | None = None
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something to be done, put together from findings: what, until when, and what it costs to leave undone.

    `key` is the same when the same text is read again, so that nothing is made twice. Requirements and penalties are
    texts as found.
    """

    key: str
    title: str
    description: str
    place: str | None
    on: date | None
    count: int | None
    unit: TimeUnit | None
    trigger: str | None
    requirements: tuple[str, ...]
    penalties: tuple[str, ...]
    risk_level: RiskLevel


@dataclass(frozen=True, slots=True)
class Assessment:
    """How well a text can be complied with, 0 to 1, and what is at stake, with the reasons for both."""

    score: float
    risk_level: RiskLevel
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LawFindings:
    """Everything a legal text says. `language` is an ISO 639-1 code, None when it is none that is understood."""

    language: str | None
    title: str | None
    findings: tuple[Finding, ...]
    obligations: tuple[Obligation, ...]
    assessment: Assessment
    notes: tuple[str, ...] = field(default=())
