"""What is said of campaigns is what their numbers say: budgets, significance, scores, rows as platforms write them."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from random import Random

import numpy as np
import pytest

from domain.errors import DomainError
from domain.figures import Fact, Figures, figures
from domain.intelligence.budget import BudgetLine, BudgetRule, _bounds, _room, divide
from domain.intelligence.campaign_analysis import analyse
from domain.intelligence.daily_spread import spread, won
from domain.intelligence.performance import reference_of, score
from domain.intelligence.responses import ResponseModel, response, room_of
from domain.intelligence.significance import Share, compare, enough, holm, more_likely, wilson
from domain.levels import Basis
from domain.performance_files import read_performance
from domain.performance_rows import PerformanceRow, Unreadable, number_of, performance_of


def solved(curves, floors, caps, total):
    """What a numeric solver makes of the same problem, scaled to shares of the total."""
    start = np.array(floors) + (total - sum(floors)) * (np.array(caps) - np.array(floors)) / max(
        1e-12, sum(caps) - sum(floors)
    )
    scipy = import_module("scipy.optimize")
    found = scipy.minimize(
        lambda x: -sum(c.revenue(max(b, 0.0) * total) for c, b in zip(curves, x, strict=True)) / total,
        start / total,
        jac=lambda x: -np.array([c.next_unit(max(b, 0.0) * total) for c, b in zip(curves, x, strict=True)]),
        bounds=scipy.Bounds(np.array(floors) / total, np.array(caps) / total),
        constraints=[scipy.LinearConstraint(np.ones((1, len(curves))), 1, 1)],
        method="trust-constr",
        options={"maxiter": 1000, "gtol": 1e-9},
    )
    return sum(c.revenue(b * total) for c, b in zip(curves, found.x, strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_a_budget_is_divided_as_well_as_a_solver_does(seed):
    random = Random(seed)
    model, rule_change = list(ResponseModel)[seed % 2], (None, 0.5, 0.2)[seed % 3]
    lines = [
        BudgetLine(str(n), random.choice([0, random.uniform(10, 1e5)]), random.random(), random.uniform(-0.2, 6))
        for n in range(random.randint(2, 10))
    ]
    total, rule = random.uniform(1_000, 2e5), BudgetRule(model, rule_change)
    division = divide(lines, total, rule)
    floors, caps = _bounds(lines, total, rule)
    curves = [response(model, each.roi, each.current or total / len(lines), _room(each)) for each in lines]
    budgets = [each.budget for each in division.allotments]
    earned = sum(curve.revenue(budget) for curve, budget in zip(curves, budgets, strict=True))
    best = solved(curves, floors, caps, total)
    assert earned >= best - 0.001 * abs(best)
    assert sum(budgets) == pytest.approx(total, abs=1e-6)
    assert all(f - 0.011 <= b <= c + 0.011 for f, b, c in zip(floors, budgets, caps, strict=True))


def test_a_thousand_campaigns_are_divided_at_once_and_to_the_cent():
    random = Random(1)
    lines = [BudgetLine(str(n), random.uniform(10, 1e5), random.random(), random.uniform(-1, 6)) for n in range(1000)]
    began = time.process_time()
    division = divide(lines, 5e7, BudgetRule())
    assert time.process_time() - began < 0.2
    assert sum(round(each.budget * 100) for each in division.allotments) == 5_000_000_000


def test_budgets_of_any_size_side_by_side_add_up_and_keep_their_bounds():
    for seed in range(300):
        random = Random(seed)
        lines = [
            BudgetLine(str(n), 10 ** random.uniform(-2, 12), random.random(), 10 ** random.uniform(-6, 6))
            for n in range(random.randint(2, 12))
        ]
        total, rule = 10 ** random.uniform(2, 12), BudgetRule(random.choice(list(ResponseModel)))
        budgets = [each.budget for each in divide(lines, total, rule).allotments]
        assert sum(budgets) == pytest.approx(total, abs=1e-3, rel=1e-15)
        assert all(
            floor - 0.011 <= budget <= cap + 0.011
            for floor, budget, cap in zip(
                _bounds(lines, total, rule)[0], budgets, _bounds(lines, total, rule)[1], strict=True
            )
        )


@pytest.mark.parametrize(
    ("lines", "total", "expected"),
    [
        ([BudgetLine("a", 100, 0.5, 2)], 250, [250]),
        ([BudgetLine("a", 0, 0.5, 2), BudgetLine("b", 0, 0.5, 2)], 0.03, [0.02, 0.01]),
        ([BudgetLine("a", 100, 0.5, 2)], 0, [0]),
        ([BudgetLine("a", 100, 0.5, -1), BudgetLine("b", 100, 0.5, -0.5)], 200, [50, 150]),
        ([BudgetLine("a", 100, 0.5, 9, cap=10), BudgetLine("b", 100, 0.5, 1)], 200, [10, 190]),
        ([BudgetLine("a", 100, 0.5, 0.1, floor=180), BudgetLine("b", 100, 0.5, 5)], 200, [180, 20]),
        # What floats can hardly tell from nothing is nothing.
        ([BudgetLine("a", 5e-324, 1, 5e-324), BudgetLine("b", 0, 0.5, 2)], 0.04, [0.01, 0.03]),
        ([BudgetLine("a", 2e-309, 0.6, -0.5), BudgetLine("b", 0, 0, 1e-300)], 4e-13, [0, 0]),
    ],
)
def test_odd_budgets(lines, total, expected):
    assert [each.budget for each in divide(lines, total, BudgetRule()).allotments] == expected


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"floor": 20, "cap": 10}, "campaigns.0.minBudget"),
        ({"floor": 300}, "totalBudget"),
        ({"cap": 50}, "totalBudget"),
    ],
)
def test_bounds_that_leave_no_division_are_told(line, field):
    with pytest.raises(DomainError) as refused:
        divide([BudgetLine("a", 100, 0.5, 2, **line)], 200, BudgetRule())
    assert refused.value.field == field


def test_room_for_growth_is_fitted_to_days_that_differ():
    def days(room, count=90):
        return [(cost, 100 * np.log1p(cost / (room * 100))) for cost in (60 + 80 * (n % 7) / 6 for n in range(count))]

    near, far = room_of(days(0.2)), room_of(days(5.0))
    assert near is not None
    assert far is not None
    assert near < 0.6 < 1.7 < far
    assert room_of(days(0.2, count=20)) is None
    assert room_of([(100.0, 200.0)] * 90) is None


def test_shares_are_compared_as_statistics_do():
    first, second = Share(56, 70), Share(48, 80)
    found = compare(first, second)
    # Newcombe's own example: 56/70 against 48/80, method 10: 0.0524 to 0.3339.
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    table = [[56, 14], [48, 32]]
    # Loaded by the test: every process that collects it would wait for that.
    stats = import_module("scipy.stats")
    assert found.p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-6)
    interval = stats.binomtest(56, 70).proportion_ci(method="wilson")
    assert wilson(first) == pytest.approx((interval.low, interval.high))
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert not enough(Share(1, 50), Share(3, 1000), 100)
    assert more_likely(Share(90, 1000), Share(50, 1000), Share(1, 20)) > 0.99


def campaign(rates, days=28, clicks=100):
    return [
        Fact(
            figures(clicks * 20, clicks, round(clicks * rate), clicks * 1.0, None),
            date(2024, 1, 1) + timedelta(n),
            region,
            part,
        )
        for n in range(days)
        for region, part, rate in rates
    ]


def test_advice_follows_from_numbers_only_when_they_are_enough():
    none = Figures()
    alike = analyse(campaign([("US", "a", 0.05), ("DE", "b", 0.05)]), none, 100, (None, None))
    assert alike.recommendations == []
    unlike = analyse(campaign([("US", "a", 0.08), ("DE", "b", 0.03)]), none, 100, (None, None))
    kinds = [(each.kind, each.segment, each.region) for each in unlike.recommendations]
    assert sorted(kinds, key=str) == [("budget_optimization", "a", None), ("targeting_optimization", None, "US")]
    for each in unlike.recommendations:
        (proof,) = each.evidence
        assert (proof.value, proof.other) == (0.08, 0.03)
        assert 0 < proof.low < 0.05 < proof.high
        assert proof.p < 0.05
        assert each.change is not None
        assert each.change[1] < each.change[0] < each.change[2]
    few = analyse(campaign([("US", "a", 0.08), ("DE", "b", 0.03)], days=1, clicks=40), none, 100, (None, None))
    assert [each.kind for each in few.recommendations] == ["data_collection"]
    assert unlike.basis is Basis.PRIOR
    days = [
        Fact(figures(2_000, 100, 6.0 if n < 14 else 0.0, 100.0, None), date(2024, 1, 1) + timedelta(n))
        for n in range(28)
    ]
    (stopped,) = analyse(days, none, 100, (None, None)).recommendations
    assert stopped.change is None
    assert stopped.expected_impact.startswith("6.0 conversions of 100 from as many clicks")
    assert "No revenue is known" in unlike.notes[0]


def test_rates_that_move_from_day_to_day_prove_less():
    def alternating(*rates):
        days = [
            campaign([("", part, high if n % 2 else low)], days=1)[0] for n in range(28) for part, low, high in rates
        ]
        return [replace(fact, day=date(2024, 1, 1) + timedelta(n // len(rates))) for n, fact in enumerate(days)]

    calm, restless = alternating(("a", 0.06, 0.06), ("b", 0.04, 0.04)), alternating(("a", 0.02, 0.1), ("b", 0.02, 0.06))
    advice = [analyse(facts, Figures(), 100, (None, None)).recommendations for facts in (calm, restless)]
    assert [len(each) for each in advice] == [1, 0]
    # Of each step: the square of the difference over what chance makes it, of 100 clicks a day.
    expected = (0.08**2 / (0.06 * 0.94 / 50) + 0.04**2 / (0.04 * 0.96 / 50)) / 2
    assert spread(restless, lambda fact: fact.segment, won) == pytest.approx(expected)
    changed = campaign([("", "a", 0.06)], days=14) + [
        replace(fact, day=date(2024, 2, 1) + timedelta(n))
        for n, fact in enumerate(campaign([("", "a", 0.03)], days=14))
    ]
    assert spread(changed, lambda fact: fact.segment, won) == 1


def test_a_score_is_half_at_what_is_usual_and_grows_with_the_numbers():
    usual = reference_of(figures(1_000_000, 50_000, 2_500, 50_000, 100_000))
    assert usual.basis is Basis.HISTORY
    same = score(figures(100_000, 5_000, 250, 5_000, 10_000), usual)
    better = score(figures(100_000, 7_000, 500, 5_000, 20_000), usual)
    assert same.value == pytest.approx(0.5, abs=0.005)
    assert same.low < same.value < same.high < better.value < 1
    unsure = score(figures(200, 10, 1, 10, 20), usual)
    assert unsure.high - unsure.low > same.high - same.low
    assert score(Figures(), usual).value == 0
    refunded = reference_of(figures(100_000, 5_000, 1_000, 100, -1_000))
    assert 0 <= score(figures(100_000, 5_000, 250, 5_000, 1_000), refunded).value <= 1


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234", 1234),
        ("1,5", 1.5),
        ("12 345,60 €", 12345.6),
        ("US$ 1,200.00", 1200),
        ("\u2212$5", -5),
        ("4.5 %", 0.045),
        ("1'000", 1000),
        ("12,34,567.50", 1234567.5),
        ("1.234.567", 1234567),
        (7, 7),
    ],
)
def test_numbers_are_read_as_they_are_written(written, number):
    assert number_of(written) == pytest.approx(number)


@pytest.mark.parametrize(
    "written", ["--", "many", "1e5", "nan", float("inf"), True, "1.2.3,4,5x", "31.12.2024", "1,2,3", 10**400]
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match="must be"):
        number_of(written)


def test_rows_of_every_kind_say_the_same():
    forms = [
        {"Campaign ID": "7", "Campaign": "X", "Day": "2024-01-02", "Cost": "1.50", "Clicks": "1,200", "Impr.": "3,000"},
        {"campaign.id": 7, "campaign.name": "X", "segments.date": "20240102", "metrics.cost_micros": 1_500_000,
         "metrics.clicks": 1200, "metrics.impressions": 3000},
        {"campaign": {"id": "7", "name": "X"}, "segments": {"date": "2024-01-02"},
         "metrics": {"costMicros": "1500000", "clicks": "1200", "impressions": "3000"}},
    ]  # fmt: skip
    assert len({performance_of(row) for row in forms}) == 1
    commas = performance_of(
        {"Campaign ID": 7, "Clicks": "1.200", "Impr.": "3.000", "Cost": "1,50", "Conv. value": "1.000"}
    )
    assert commas.fact.figures == figures(3000, 1200, 0.0, 1.5, 1000.0)
    for name, value, column in (("Clicks", "1.5", "Clicks"), ("\0clicks", 10**13, "?clicks")):
        with pytest.raises(Unreadable) as refused:
            performance_of({"Campaign ID": 7, name: value})
        assert refused.value.column == column


def test_a_google_ads_export_is_read_with_its_title_and_totals():
    text = (
        'Campaign report\n"January 1, 2024 - January 2, 2024"\n'
        "Campaign ID\tCampaign\tDay\tCountry/Territory\tImpr.\tClicks\tCost\tConversions\tConv. value\n"
        '7\tX\t2024-01-01\tGermany\t"1,000"\t50\t"1,234.50"\t2.50\t300.00\n'
        "7\tX\tyesterday\tGermany\t10\t1\t1\t--\t--\n"
        "7\tX\t2024-01-02\tGermany\t10\tmany\t1\t0\t0\n"
        "Total Fitness\tX\t2024-01-02\tGermany\t10\t1\t1\t0\t0\t\n"
        "Total: Account\t\t\t\t1,020\t52\t1,236.50\t2.50\t300.00\n"
    )
    for content in (text.encode("utf-16"), text.encode("utf-8-sig"), text.replace("\t", ";").encode()):
        rows = list(read_performance(io.BytesIO(content)))
        assert isinstance(rows[0], PerformanceRow)
        assert rows[0].fact == Fact(figures(1000, 50, 2.5, 1234.5, 300.0), date(2024, 1, 1), "Germany")
        assert [(each.line, each.column) for each in rows[1:3]] == [(5, "Day"), (6, "Clicks")]
        assert [each.campaign_id for each in rows[3:]] == ["Total Fitness"]
    with pytest.raises(DomainError, match="column names"):
        list(read_performance(io.BytesIO(b"a,b\n1,2\n")))
    with pytest.raises(DomainError, match="UTF-8"):
        list(read_performance(io.BytesIO(b"Day,Clicks\n\xff\xfe\xfa,1\n\xe9\xe8")))
