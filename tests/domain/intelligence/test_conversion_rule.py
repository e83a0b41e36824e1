"""The rule of conversion: what is learnt from outcomes of a known truth, and what points are for."""

from __future__ import annotations

from math import exp, log1p
from random import Random
from typing import Any

import pytest

from domain.intelligence.conversion import AccountFacts, ConversionWeights, LeadFacts, account_points, probability
from domain.intelligence.conversion_fit import fit
from domain.levels import Basis

_WORTH = {"website": 0.0, "facebook_ads": -1.5, "referral": 1.8}


def leads(count: int, seed: int) -> tuple[list[LeadFacts], list[float]]:
    """Leads, and how likely each is to be won in truth."""
    random, found, chances = Random(seed), [], []
    for _ in range(count):
        known: dict[str, Any] = {each: "x" if random.random() < 0.6 else None for each in ("email", "phone", "city")}
        waited = exp(random.gauss(5, 2)) if random.random() < 0.8 else None
        facts = LeadFacts(
            points=15 * (known["email"] is not None) + 15 * (known["phone"] is not None),
            source=random.choice(list(_WORTH)),
            tags=["referral"] if random.random() < 0.3 else [],
            first_touch_minutes=waited,
            opens=int(random.expovariate(0.8)),
            replies=int(random.random() < 0.25),
            **known,
        )
        odds = -2.5 + 1.4 * bool(facts.email) + 1.4 * bool(facts.phone) + 1.5 * bool(facts.tags) + _WORTH[facts.source]
        odds += 1.2 * log1p(facts.opens) + 2.2 * facts.replies
        odds += 0.5 * (5 - log1p(waited)) if waited is not None else -1.5
        found.append(facts)
        chances.append(1 / (1 + exp(-odds)))
    return found, chances


def test_what_is_learnt_is_near_the_truth_and_says_how_near() -> None:
    random, (facts, chances) = Random(5), leads(1500, 1)
    model = fit(facts, [random.random() < chance for chance in chances])
    assert model.auc > 0.85 > 0.75 > model.points_auc
    assert model.calibration_error < 0.04
    assert sum(count for count, _, _ in model.calibration) == 1500
    weights = ConversionWeights.from_json(model.weights.as_json())
    assert weights == model.weights
    others, truth = leads(500, 2)
    told = [probability(model.weights, each) for each in others]
    assert all(0 < each.low <= each.value <= each.high < 1 and each.basis is Basis.HISTORY for each in told)
    assert sum(abs(each.value - true) for each, true in zip(told, truth, strict=True)) / 500 < 0.06
    covered = sum(each.low <= true <= each.high for each, true in zip(told, truth, strict=True)) / 500
    assert 0.6 < covered < 0.95


def test_what_no_outcome_was_like_stays_within_bounds() -> None:
    random, (facts, chances) = Random(5), leads(300, 3)
    model = fit(facts, [random.random() < chance for chance in chances])
    odd = LeadFacts(points=0, source="nowhere", tags=[], first_touch_minutes=1e9, opens=10**9)
    assert 0 <= probability(model.weights, odd).value <= 1


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        (AccountFacts(), 0),
        (AccountFacts(domain="a.example", industry="Software", size="50"), 15),
        (AccountFacts(contacts=3, personas=1, leads=2), 35),
        (AccountFacts(opens=9, clicks=1, replies=1, meetings=1), 50),
    ],
)
def test_points_of_a_company(facts: AccountFacts, points: int) -> None:
    told = account_points(facts)
    assert (told.points, sum(each.points for each in told.reasons)) == (points, points)
