"""How likely an end user is to leave, and why: a logistic rule over what is known of the user.

Weights begin as published assumptions (docs/models/churn.md) and are learnt anew from an organization's own outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, sqrt
from types import MappingProxyType

from domain.estimates import SPREAD
from domain.intelligence.churn_weights import NAMES, PRIORS, UserFacts, Weights, exposures, row
from domain.intelligence.shares import whole_shares
from domain.levels import Basis, RiskLevel

DIGITS = 4
"""Digits after the point of probabilities and impacts, which add up exactly (CB-24)."""
SMALL_BASE = 0.1
"""Up to which share of the probability the part that no factor explains is spread over the factors."""
_LEVELS = ((0.25, RiskLevel.LOW), (0.5, RiskLevel.MEDIUM), (0.9, RiskLevel.HIGH))
"""Below which probability which level applies; critical beyond (CB-24)."""


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """A reason, and which part of the probability is due to it."""

    factor: str
    impact: float
    description: str


@dataclass(frozen=True, slots=True)
class ChurnAdvice:
    """Something to do against a factor; `points` is the part of the probability that it may take away."""

    kind: str
    description: str
    factor: str
    points: float


@dataclass(frozen=True, slots=True)
class Churn:
    """How likely a user is to leave; the impacts of the factors add up to the probability."""

    probability: float
    low: float
    high: float
    basis: Basis
    level: RiskLevel
    factors: tuple[RiskFactor, ...]
    advice: tuple[ChurnAdvice, ...]


def predict(weights: Weights, facts: UserFacts, today: date) -> Churn:
    """How likely the user is to leave within a quarter.

    The log-odds are a sum, and so is what each factor adds to it. Going from nothing to worry about to where the user
    stands in a straight line, each factor's part of the rise of the probability is in proportion to what it adds
    (integrated gradients, Sundararajan and others 2017; the same as Aumann-Shapley prices). What is there without any
    factor is listed as `base_rate`, unless it is at most a tenth of the whole: then it is spread over the factors.
    """
    values, seen = row(facts, today), exposures(facts, today)
    added: dict[str, float] = {}
    base = weights.means[0]
    for name, weight, value in zip(NAMES[1:], weights.means[1:], values[1:], strict=True):
        part = weight * value
        # What is not known, and what speaks for staying, is no reason to leave: it belongs to where the line begins.
        if seen[name] is None or part <= 0:
            base += part
        else:
            added[PRIORS[name].factor] = added.get(PRIORS[name].factor, 0.0) + part
    odds = base + sum(added.values())
    probability = round(_logistic(odds), DIGITS)
    spread = SPREAD * sqrt(_variance(weights, values, seen))
    factors = _factors(added, _logistic(base), probability, facts, today)
    return Churn(
        probability=probability,
        low=round(_logistic(odds - spread), DIGITS),
        high=round(_logistic(odds + spread), DIGITS),
        basis=weights.basis,
        level=level_of(probability),
        factors=factors,
        advice=_advice(factors),
    )


def level_of(probability: float) -> RiskLevel:
    """The level of a probability (CB-24)."""
    return next((level for bound, level in _LEVELS if probability < bound), RiskLevel.CRITICAL)


def _factors(
    added: Mapping[str, float], base: float, probability: float, facts: UserFacts, today: date
) -> tuple[RiskFactor, ...]:
    whole = sum(added.values())
    parts = {factor: (probability - base) * part / whole for factor, part in added.items()} if whole > 0 else {}
    if not parts or base > SMALL_BASE * probability:
        parts[BASE_RATE] = base
    kept = {factor: part for factor, part in parts.items() if part >= 10**-DIGITS / 2}
    shares = whole_shares(kept, probability, DIGITS)
    found = [RiskFactor(factor, impact, _described(factor, facts, today)) for factor, impact in shares.items()]
    return tuple(sorted(found, key=lambda each: -each.impact))


def _advice(factors: Sequence[RiskFactor]) -> tuple[ChurnAdvice, ...]:
    """What helps against each factor worth it; at most it takes away the factor's own part."""
    return tuple(
        ChurnAdvice(*ADVICE[each.factor], each.factor, each.impact)
        for each in factors
        if each.factor in ADVICE and each.impact >= _WORTH
    )


def _variance(weights: Weights, values: Sequence[float], seen: Mapping[str, float | None]) -> float:
    """The variance of the log-odds: from the weights, and from what is not known of the user."""
    pairs = ((a, b) for a in range(len(values)) for b in range(len(values)))
    known = sum(values[a] * values[b] * weights.covariance[a][b] for a, b in pairs)
    missing = (weights.means[place] for place, name in enumerate(NAMES) if name in seen and seen[name] is None)
    return max(0.0, known) + sum((weight * _UNKNOWN_SPREAD) ** 2 for weight in missing)


def _described(factor: str, facts: UserFacts, today: date) -> str:
    if factor == "low_feature_usage":
        used = [("core", facts.core_features), ("advanced", facts.advanced_features)]
        return "Uses " + " and ".join(
            f"{value:.0%} of the {name} features" for name, value in used if value is not None
        )
    if factor == "negative_feedback":
        said = []
        if facts.negative_feedback:
            total = max(facts.total_feedback or 0, facts.negative_feedback)
            said.append(
                f"{facts.negative_feedback} of {total} pieces of feedback {_are(facts.negative_feedback)} negative"
            )
        if facts.recent_sentiment is not None:
            said.append(f"recent sentiment is {facts.recent_sentiment:.2f} of 1")
        return _sentence(", ".join(said))
    if factor == "inactive_period" and facts.last_login:
        return f"Has not logged in for {(today - facts.last_login).days} days"
    if factor == "high_support_usage" and facts.support_usage is not None:
        return f"Support makes up {facts.support_usage:.0%} of the usage"
    if factor == "early_stage" and facts.signup_date:
        return f"Signed up {(today - facts.signup_date).days} days ago"
    return "What no known factor explains: some users leave without a warning"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-odds)) if odds >= 0 else exp(odds) / (1 + exp(odds))


BASE_RATE = "base_rate"
_UNKNOWN_SPREAD = 0.3
"""How far an exposure that is not known is from the usual, as a standard deviation."""
_WORTH = 0.01
"""Impact below which nothing is recommended."""
ADVICE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "low_feature_usage": ("personalized_onboarding", "Show the user what the features not used yet are good for"),
        "negative_feedback": (
            "proactive_support",
            "Answer the recent negative feedback and tell what was done",
        ),
        "inactive_period": ("win_back", "Ask the user to come back, with what is new since the last login"),
        "high_support_usage": ("success_review", "Go through the open support cases with the user"),
        "early_stage": ("guided_start", "Accompany the first weeks until the core features are in use"),
    }
)
"""What helps against which factor."""
