"""Who leaves: the printed example, impacts that add up, and weights learnt from outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intelligence.churn import BASE_RATE, ChurnAdvice, level_of, predict
from domain.intelligence.churn_fit import fit
from domain.intelligence.churn_weights import PRIOR_WEIGHTS, UserFacts, Weights, row
from domain.levels import Basis, RiskLevel

TODAY = date(2024, 1, 15)
PRINTED = UserFacts(date(2023, 6, 15), date(2024, 1, 10), 0.85, 0.25, 0.10, 5, 2, 0.40)
SHARES = st.none() | st.floats(0, 1)
FACTS = st.builds(
    UserFacts,
    signup_date=st.none() | st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    last_login=st.none() | st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    core_features=SHARES,
    advanced_features=SHARES,
    support_usage=SHARES,
    total_feedback=st.none() | st.integers(0, 50),
    negative_feedback=st.none() | st.integers(0, 50),
    recent_sentiment=SHARES,
)


@pytest.mark.parametrize("today", [TODAY, date(2024, 3, 1), date(2030, 1, 1)])
def test_the_printed_user_is_at_high_risk_for_the_printed_reasons(today: date) -> None:
    found = predict(PRIOR_WEIGHTS, PRINTED, today)
    assert (found.level, found.basis) == (RiskLevel.HIGH, Basis.PRIOR)
    assert {each.factor for each in found.factors} == {"low_feature_usage", "negative_feedback", "inactive_period"}
    assert found.low < found.probability < found.high
    assert {each.kind for each in found.advice} == {"personalized_onboarding", "proactive_support", "win_back"}


@given(FACTS)
def test_impacts_add_up_to_the_probability(facts: UserFacts) -> None:
    found = predict(PRIOR_WEIGHTS, facts, TODAY)
    assert sum(round(each.impact * 10_000) for each in found.factors) == round(found.probability * 10_000)
    assert all(0 < each.impact <= 1 and each.description for each in found.factors)
    assert 0 <= found.low <= found.probability <= found.high <= 1
    assert [each.impact for each in found.factors] == sorted((each.impact for each in found.factors), reverse=True)


def test_a_weight_that_speaks_for_staying_is_no_reason_to_leave() -> None:
    means = list(PRIOR_WEIGHTS.means)
    means[5] = -1.0
    found = predict(replace(PRIOR_WEIGHTS, means=tuple(means)), PRINTED, TODAY)
    assert "inactive_period" not in {each.factor for each in found.factors}
    assert found.probability < predict(PRIOR_WEIGHTS, PRINTED, TODAY).probability


def test_each_fact_moves_the_probability_its_own_way() -> None:
    usual = predict(PRIOR_WEIGHTS, PRINTED, TODAY).probability
    worse = {"core_features": 0.2, "advanced_features": 0.0, "support_usage": 0.9, "negative_feedback": 4}
    worse |= {"recent_sentiment": 0.1, "last_login": date(2023, 12, 1), "signup_date": date(2024, 1, 1)}
    for name, value in worse.items():
        assert predict(PRIOR_WEIGHTS, replace(PRINTED, **{name: value}), TODAY).probability > usual, name


def test_of_nobody_known_only_the_base_rate_is_told_and_it_is_uncertain() -> None:
    found = predict(PRIOR_WEIGHTS, UserFacts(), TODAY)
    assert [each.factor for each in found.factors] == [BASE_RATE]
    assert found.advice == ()
    assert found.high - found.low > 0.5


@pytest.mark.parametrize(
    ("probability", "level"),
    [(0, "LOW"), (0.2499, "LOW"), (0.25, "MEDIUM"), (0.5, "HIGH"), (0.8999, "HIGH"), (0.9, "CRITICAL")],
)
def test_levels(probability: float, level: str) -> None:
    assert level_of(probability).value == level


def users(count: int, true: list[float]) -> tuple[list[list[float]], list[bool]]:
    """Invented users who leave by a known rule."""
    random = Random(7)
    rows = []
    for _ in range(count):
        facts = UserFacts(
            signup_date=TODAY - timedelta(days=random.randrange(700)),
            last_login=TODAY - timedelta(days=int(random.expovariate(1 / 20))),
            core_features=random.random(),
            advanced_features=random.random() ** 2,
            support_usage=random.random() * 0.7,
            total_feedback=random.randrange(1, 8),
            negative_feedback=random.randrange(3),
            recent_sentiment=random.random(),
        )
        rows.append(row(facts, TODAY))
    left = [random.random() < 1 / (1 + exp(-sum(a * b for a, b in zip(true, each, strict=True)))) for each in rows]
    return rows, left


def test_weights_are_learnt_from_outcomes() -> None:
    true = [-3.0, 0.2, 3.0, 1.0, 0.5, 4.0, 0.0, 1.0]
    few, many = (fit(*users(count, true)) for count in (200, 4000))
    assert (few.weights.basis, many.weights.basis) == (Basis.BLENDED, Basis.HISTORY)
    assert many.auc > many.prior_auc + 0.02
    assert many.calibration_error < 0.03
    # Within three standard deviations of the truth, and nearer than what was assumed.
    spreads = [many.weights.covariance[place][place] ** 0.5 for place in range(len(true))]
    assert all(abs(a - b) < 3.5 * s for a, b, s in zip(many.weights.means, true, spreads, strict=True))
    assert Weights.from_json(many.weights.as_json()) == many.weights
    assert Weights.from_json(many.weights.as_json() | {"names": ["other"]}) is None
    found = predict(many.weights, PRINTED, TODAY)
    assert found.high - found.low < 0.3
    assert sum(each.impact for each in found.factors) == pytest.approx(found.probability)


def test_what_helps_takes_away_its_own_part_at_most() -> None:
    found = predict(PRIOR_WEIGHTS, PRINTED, TODAY)
    impacts = {each.factor: each.impact for each in found.factors}
    assert all(isinstance(each, ChurnAdvice) and each.points == impacts[each.factor] for each in found.advice)
