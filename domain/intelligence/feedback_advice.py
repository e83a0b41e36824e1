"""What to do about a piece of feedback: rules over what it says and how many others have said the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from domain.intelligence.feedback_findings import (
    FeedbackCategory,
    FeedbackFindings,
    FeedbackPriority,
    FeedbackSource,
    Sentiment,
)
from domain.levels import Level

UNKNOWN_EFFORT = "unknown"
"""The effort of an action nobody has estimated: it is for the organization to say, no text can tell it."""

_URGENT = (FeedbackPriority.HIGH, FeedbackPriority.CRITICAL)
_STEPS = (Level.LOW, Level.MEDIUM, Level.HIGH, Level.CRITICAL)
_SEVERAL, _MANY = 3, 10
"""From how many others on, saying the same makes an action worth more."""


@dataclass(frozen=True, slots=True)
class FeedbackTerms:
    """How feedback is handled in this installation.

    An analysis is unsure below `unsure_below`; `written` is the most texts of a request that a language model is asked
    about, `efforts` are the installation's own estimates by action.
    """

    unsure_below: float = 0.5
    written: int = 20
    efforts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voices:
    """How many other pieces of feedback of the same category name a theme, counted over so many days."""

    theme: str | None
    others: int
    days: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do. `others` is the evidence: that many other pieces of feedback name `theme`."""

    kind: str
    description: str
    priority: Level
    estimated_effort: str
    expected_impact: Level
    voices: Voices

    def as_json(self) -> dict[str, Any]:
        """The advice as it is stored and told."""
        return {
            "kind": self.kind,
            "description": self.description,
            "priority": self.priority.value,
            "estimated_effort": self.estimated_effort,
            "expected_impact": self.expected_impact.value,
            "theme": self.voices.theme,
            "others": self.voices.others,
            "days": self.voices.days,
        }


ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "add_to_roadmap": "Weigh the wish for the roadmap",
        "fix_bug": "Reproduce and fix the fault",
        "escalate_incident": "Have somebody look at the fault at once",
        "contact_user": "Answer the author and say what will be done",
        "ask_for_review": "Ask the author for a public review",
        "review_manually": "Have a person read it: the analysis is unsure",
    }
)
"""Every action there is, and what it means."""


def advise(
    source: FeedbackSource, findings: FeedbackFindings, voices: Voices, known_author: bool, terms: FeedbackTerms
) -> list[Advice]:
    """What to do, the most pressing first.

    The action follows from the category, its priority is that of the feedback, one step higher when 10 others have
    said the same. The impact is high for urgent feedback or from 10 others on, medium for medium priority or from 3
    on, else low. Efforts are the installation's own estimates by action.
    """
    priority, impact = _priority(findings.priority, voices.others), _impact(findings.priority, voices.others)

    def advice(kind: str, level: Level = priority) -> Advice:
        return Advice(kind, _described(kind, voices), level, terms.efforts.get(kind, UNKNOWN_EFFORT), impact, voices)

    return [advice(kind) for kind in _kinds(source, findings, known_author, terms)]


def is_unsure(found: FeedbackFindings, below: float) -> bool:
    """Whether an analysis is unsure of sentiment or category."""
    return min(found.sentiment_confidence, found.category_confidence) < below


def _kinds(
    source: FeedbackSource, findings: FeedbackFindings, known_author: bool, terms: FeedbackTerms
) -> Iterator[str]:
    bug, wish = (findings.category is each for each in (FeedbackCategory.BUG_REPORT, FeedbackCategory.FEATURE_REQUEST))
    displeased = findings.sentiment is Sentiment.NEGATIVE
    # Who writes to support waits for an answer.
    answered = known_author and (displeased or findings.priority in _URGENT or source is FeedbackSource.SUPPORT)
    if bug:
        yield "escalate_incident" if findings.priority is FeedbackPriority.CRITICAL else "fix_bug"
    if wish:
        yield "add_to_roadmap"
    if answered:
        yield "contact_user"
    done = bug or wish or answered
    if known_author and not done and findings.sentiment is Sentiment.POSITIVE:
        yield "ask_for_review"
    if is_unsure(findings, terms.unsure_below) or (displeased and not done):
        yield "review_manually"


def _described(kind: str, voices: Voices) -> str:
    words = ACTIONS[kind]
    if not voices.others:
        return f"{words}."
    others = "1 other says" if voices.others == 1 else f"{voices.others} others say"
    return f"{words}: {others} the same of {voices.theme} in the last {voices.days} days."


def _priority(given: FeedbackPriority, others: int) -> Level:
    step = _STEPS.index(Level(given.value))
    # Numbers alone make nothing critical.
    return _STEPS[max(step, min(step + 1, 2))] if others >= _MANY else _STEPS[step]


def _impact(given: FeedbackPriority, others: int) -> Level:
    if given in _URGENT or others >= _MANY:
        return Level.HIGH
    return Level.MEDIUM if given is FeedbackPriority.MEDIUM or others >= _SEVERAL else Level.LOW
