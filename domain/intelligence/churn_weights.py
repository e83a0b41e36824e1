"""What speaks for an end user's leaving, as numbers, and what each weighs: first by assumption, then as learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from math import exp
from types import MappingProxyType
from typing import Any

from domain.levels import Basis

INACTIVE_DAYS = 30
"""After so many days without a login the exposure to having gone is two thirds, after a quarter it is nearly whole."""
EARLY_DAYS = 90
"""For so long after the signup a user is new."""
USUAL_SUPPORT = 0.3
"""Share of support in all usage that is nothing to worry about."""


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What is known of a user; usage and sentiment are fractions."""

    signup_date: date | None = None
    last_login: date | None = None
    core_features: float | None = None
    advanced_features: float | None = None
    support_usage: float | None = None
    total_feedback: int | None = None
    negative_feedback: int | None = None
    recent_sentiment: float | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known at all."""
        return any(getattr(self, each.name) is not None for each in fields(self))


@dataclass(frozen=True, slots=True)
class Prior:
    """An assumed weight of an exposure, and what the exposure is on average where it is not known."""

    factor: str
    weight: float
    usual: float


INTERCEPT = "intercept"
PRIORS: Mapping[str, Prior] = MappingProxyType(
    {
        "unused_core": Prior("low_feature_usage", 2.0, 0.25),
        "unused_advanced": Prior("low_feature_usage", 2.0, 0.5),
        "negative_share": Prior("negative_feedback", 5.0, 0.04),
        "low_sentiment": Prior("negative_feedback", 2.0, 0.05),
        "inactive": Prior("inactive_period", 2.0, 0.25),
        "support": Prior("high_support_usage", 1.5, 0.05),
        "early": Prior("early_stage", 0.8, 0.05),
    }
)
"""Exposures, each from 0 (nothing to worry about) to 1."""
PRIOR_INTERCEPT, PRIOR_INTERCEPT_SPREAD = -3.7, 0.5
"""Log-odds of a user with nothing to worry about: 2 or 3 of 100 leave all the same."""
NAMES = (INTERCEPT, *PRIORS)
"""The order of weights."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by NAMES, and their covariance."""

    means: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    basis: Basis

    def as_json(self) -> dict[str, Any]:
        """The weights as they are stored."""
        return {
            "names": list(NAMES),
            "means": list(self.means),
            "covariance": [list(row) for row in self.covariance],
            "basis": self.basis.value,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Weights | None:
        """Stored weights; None for those of an earlier rule with other exposures."""
        if stored.get("names") != list(NAMES):
            return None
        covariance = tuple(tuple(map(float, row)) for row in stored["covariance"])
        return cls(tuple(map(float, stored["means"])), covariance, Basis(stored["basis"]))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Learnt weights and what they reach on outcomes they have not seen.

    `auc` is the chance that who left was given more than who stayed, `prior_auc` what the assumed weights reach on the
    same outcomes. `calibration_error` is the mean distance of predicted from seen shares over ten bins of equal size.
    """

    weights: Weights
    auc: float
    prior_auc: float
    calibration_error: float


def prior_spreads() -> tuple[float, ...]:
    """Standard deviations of the assumed weights: half of each."""
    return (PRIOR_INTERCEPT_SPREAD, *(each.weight / 2 for each in PRIORS.values()))


def _prior() -> Weights:
    spreads = prior_spreads()
    covariance = tuple(
        tuple(spread**2 if row == column else 0.0 for column in range(len(spreads)))
        for row, spread in enumerate(spreads)
    )
    return Weights((PRIOR_INTERCEPT, *(each.weight for each in PRIORS.values())), covariance, Basis.PRIOR)


PRIOR_WEIGHTS = _prior()


def exposures(facts: UserFacts, today: date) -> dict[str, float | None]:
    """What a user is exposed to as of a day, each from 0 to 1; None where it is not known."""
    inactive = None if facts.last_login is None else max(0, (today - facts.last_login).days)
    age = None if facts.signup_date is None else max(0, (today - facts.signup_date).days)
    return {
        "unused_core": _rest(facts.core_features),
        "unused_advanced": _rest(facts.advanced_features),
        "negative_share": _negative_share(facts),
        "low_sentiment": None if facts.recent_sentiment is None else _unit((0.5 - facts.recent_sentiment) / 0.5),
        "inactive": None if inactive is None else 1 - exp(-inactive / INACTIVE_DAYS),
        "support": _above(facts.support_usage, USUAL_SUPPORT),
        "early": None if age is None else _unit(1 - age / EARLY_DAYS),
    }


def row(facts: UserFacts, today: date) -> list[float]:
    """The exposures as numbers in the order of the weights, 1 for the intercept, the usual where nothing is known."""
    found = exposures(facts, today)
    return [1.0, *(prior.usual if (value := found[name]) is None else value for name, prior in PRIORS.items())]


def _negative_share(facts: UserFacts) -> float | None:
    if facts.total_feedback is None and facts.negative_feedback is None:
        return None
    negative = facts.negative_feedback or 0
    # Two more that are not negative: one complaint alone is no history.
    return _unit(negative / (max(facts.total_feedback or 0, negative) + 2))


def _rest(share: float | None) -> float | None:
    return None if share is None else _unit(1 - share)


def _above(share: float | None, usual: float) -> float | None:
    return None if share is None else _unit((share - usual) / (1 - usual))


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
