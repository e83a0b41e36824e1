"""What to do about feedback: by its kind, by who said it, by how many say the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.intelligence.feedback_advice import FeedbackTerms, Voices, advise
from domain.intelligence.feedback_findings import (
    FeedbackCategory,
    FeedbackFindings,
    FeedbackPriority,
    FeedbackSource,
    Sentiment,
)

PLAIN = FeedbackFindings(
    language="en",
    sentiment=Sentiment.NEUTRAL,
    sentiment_score=0.5,
    sentiment_confidence=0.9,
    category=FeedbackCategory.GENERAL,
    categories=(FeedbackCategory.GENERAL,),
    category_confidence=0.9,
    priority=FeedbackPriority.LOW,
    priority_reasons=(),
    themes=("login",),
    entities=(),
)
BUG: dict[str, Any] = {"category": FeedbackCategory.BUG_REPORT, "sentiment": Sentiment.NEGATIVE}
WISH: dict[str, Any] = {"category": FeedbackCategory.FEATURE_REQUEST, "priority": FeedbackPriority.MEDIUM}


@pytest.mark.parametrize(
    ("found", "source", "known", "kinds"),
    [
        ({}, "APP_STORE", True, []),
        ({}, "SUPPORT", True, ["contact_user"]),
        ({}, "SUPPORT", False, []),
        ({"sentiment": Sentiment.POSITIVE}, "APP_STORE", True, ["ask_for_review"]),
        ({"sentiment": Sentiment.POSITIVE}, "APP_STORE", False, []),
        ({"sentiment": Sentiment.NEGATIVE}, "SOCIAL", True, ["contact_user"]),
        ({"sentiment": Sentiment.NEGATIVE}, "SOCIAL", False, ["review_manually"]),
        (BUG, "APP_STORE", False, ["fix_bug"]),
        (BUG | {"priority": FeedbackPriority.CRITICAL}, "APP_STORE", True, ["escalate_incident", "contact_user"]),
        (WISH, "SURVEY", True, ["add_to_roadmap"]),
        ({"sentiment_confidence": 0.4}, "APP_STORE", True, ["review_manually"]),
        (WISH | {"category_confidence": 0.4}, "SURVEY", True, ["add_to_roadmap", "review_manually"]),
    ],
)
def test_what_to_do(found: dict[str, Any], source: str, known: bool, kinds: list[str]) -> None:
    advice = advise(
        FeedbackSource(source),
        replace(PLAIN, **found),
        Voices("login", 0, 90),
        known,
        FeedbackTerms(),
    )
    assert [each.kind for each in advice] == kinds


@pytest.mark.parametrize(
    ("given", "others", "priority", "impact"),
    [
        ("LOW", 2, "LOW", "LOW"),
        ("LOW", 3, "LOW", "MEDIUM"),
        ("LOW", 10, "MEDIUM", "HIGH"),
        ("MEDIUM", 0, "MEDIUM", "MEDIUM"),
        ("MEDIUM", 10, "HIGH", "HIGH"),
        ("HIGH", 50, "HIGH", "HIGH"),
        ("CRITICAL", 0, "CRITICAL", "HIGH"),
    ],
)
def test_how_pressing_it_is(given: str, others: int, priority: str, impact: str) -> None:
    found = replace(PLAIN, category=FeedbackCategory.FEATURE_REQUEST, priority=FeedbackPriority(given))
    terms = FeedbackTerms(efforts={"add_to_roadmap": "2 weeks"})
    (advice, *_) = advise(FeedbackSource.SURVEY, found, Voices("login", others, 90), False, terms)
    assert (advice.priority.value, advice.expected_impact.value) == (priority, impact)
    assert advice.estimated_effort == "2 weeks"
    assert ("say the same" in advice.description) == (others > 0)
