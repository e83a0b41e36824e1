"""Settings of feedback: when an analysis is unsure, what actions cost, and when churn is learnt anew."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from domain.intelligence.feedback_advice import ACTIONS
from gateway.settings_sections import Section, split


def _efforts(parts: tuple[str, ...]) -> tuple[str, ...]:
    for part in parts:
        action, sign, words = (each.strip() for each in part.partition("="))
        if action not in ACTIONS or not sign or not words:
            raise ValueError(
                f"{part!r} must be an action and its effort, such as fix_bug=3 days ({', '.join(ACTIONS)})"
            )
    return parts


class FeedbackSettings(Section):
    """Analysis of feedback, and prediction of churn."""

    embeddings: bool = Field(
        False,
        description="Judge feedback by a sentence embedding as well: better, dearer (some 30 ms a text on one core, "
        "350 MB of memory); needs the extra `embeddings`, which there is for x86-64 with AVX only",
    )
    unsure_below: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Confidence below which an analysis is unsure: a person is asked to read it, and a language model "
        "decides where one is set up",
    )
    written: int = Field(
        20, ge=0, le=500, description="Most texts of one request that a language model is asked about; 0 asks it never"
    )
    efforts: Annotated[tuple[str, ...], BeforeValidator(split), AfterValidator(_efforts)] = Field(
        (),
        description="Your own estimates of what actions on feedback cost, such as `add_to_roadmap=2 weeks,fix_bug=3 "
        "days`; the effort of others is `unknown`",
    )
    churn_labels: int = Field(
        200,
        ge=50,
        description="From how many outcomes (users who left or are known to have stayed) an organization's own churn "
        "model is learnt; twenty of each kind are needed besides",
    )
    churn_growth: float = Field(
        0.1, ge=0, description="By which part the outcomes must have grown before the model is learnt anew"
    )
    churn_hours: float = Field(24, gt=0, description="How often it is looked whether churn models should be learnt")
