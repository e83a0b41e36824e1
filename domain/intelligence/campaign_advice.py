"""What follows from a campaign's numbers: recommendations, each with the figures it stands on.

Parts of a campaign are held against the rest of it, its second half against the first, the whole against the
organization's other campaigns. Where rates move from day to day by more than chance, differences have to be larger. All
tests of one analysis are corrected together (Holm); what is left at 5 % and differs by at least a tenth becomes advice.
Nothing is said of fewer clicks than `fewest`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.figures import Fact, Figures, total
from domain.intelligence.daily_spread import clicked, spread, thinned, won
from domain.intelligence.performance import Reference
from domain.intelligence.significance import Difference, Share, chance, compare, enough, holm, likely, ratio, wilson

LEVEL = 0.05
LEAST_DIFFERENCE = 0.1
"""A tenth, relative to what is compared with: less is not worth acting upon, we assume."""
MOST_ADVICE = 12
_MOST_PARTS = 200
_FEWEST_DAYS = 14
_SHIFT, _GROWTH = 0.2, 0.5
"""At most a fifth of what the rest costs is moved, and at most half of a part's own cost added to it."""
_STEP = 0.2
_ELASTIC = 0.7213
"""What the next unit of a budget returns, of the average, under the logarithm of `budget`: 1 / (2 ln 2)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A measure of one thing beside that of another, the 95 % interval of the difference and the corrected chance."""

    measure: str
    subject: str
    value: float
    compared_with: str
    other: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Advice. `change` is the expected relative change with its 95 % interval, where one could be computed."""

    kind: str
    description: str
    expected_impact: str
    evidence: tuple[Evidence, ...] = ()
    region: str | None = None
    segment: str | None = None
    change: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class _Test:
    """One comparison and what is to be said if it holds; `worth` is about how many conversions hang on it."""

    p: float
    worth: float
    tell: Callable[[float], Recommendation | None] = field(repr=False)


def advise(
    facts: Sequence[Fact], usual: Reference, fewest: int, regional: Callable[[str], str]
) -> list[Recommendation]:
    """What follows from the facts; `regional` turns the region of a fact into the one that is reported."""
    whole = total(facts)
    if whole.clicks < fewest:
        return [_too_few(whole, fewest, usual)]
    tests = [
        *_parts(facts, whole, fewest, lambda fact: fact.segment, "segment"),
        *_parts(facts, whole, fewest, lambda fact: regional(fact.region), "region"),
        *_halves(facts, fewest),
        *_peers(facts, whole, usual, fewest),
        *_returns(facts, whole),
    ]
    corrected = holm([test.p for test in tests])
    told = [(test.worth, test.tell(p)) for test, p in zip(tests, corrected, strict=True) if p < LEVEL]
    ranked = sorted((each for each in told if each[1] is not None), key=lambda each: -each[0])
    return [advice for _, advice in ranked if advice is not None][:MOST_ADVICE]


def _too_few(whole: Figures, fewest: int, usual: Reference) -> Recommendation:
    rate = usual.conversion_rate
    # Lehr's rule of thumb for a fifth of difference at 80 % power: 16 p (1 - p) / d^2 in each part.
    needed = math.ceil(16 * rate * (1 - rate) / (0.2 * rate) ** 2 / 100) * 100
    return Recommendation(
        "data_collection",
        f"{whole.clicks:,} clicks are known, fewer than the {fewest:,} from which parts of a campaign are compared: "
        "send daily figures, with regions and ad groups where there are any",
        f"None can be computed yet; {needed:,} clicks in each part tell a difference of a fifth in conversions",
    )


def _parts(
    facts: Sequence[Fact], whole: Figures, fewest: int, name: Callable[[Fact], str], kind: str
) -> Iterable[_Test]:
    """Every part that is large enough against the rest of the campaign; of two parts only the better one."""
    groups: dict[str, Figures] = {}
    for fact in facts:
        groups[name(fact)] = groups.get(name(fact), Figures()) + fact.figures
    groups.pop("", None)
    largest = sorted(groups.items(), key=lambda each: -each[1].clicks)[:_MOST_PARTS]
    if len(groups) == 2:
        # The other against this one would be the same test once more.
        largest = [max(largest, key=lambda each: each[1].conversion_rate)]
    everything, unrest = total(Fact(figures) for figures in groups.values()), spread(facts, name, won)
    for label, part in largest:
        rest = _without(everything, part)
        mine, theirs = won(part), won(rest)
        if enough(mine, theirs, fewest):
            found = compare(thinned(mine, unrest), thinned(theirs, unrest))
            tell = _teller(label, part, rest, found, kind, whole, unrest) if _matters(found) else _silent
            yield _Test(found.p, abs(found.size) * part.clicks, tell)


def _without(everything: Figures, part: Figures) -> Figures:
    return Figures(
        everything.impressions - part.impressions,
        everything.clicks - part.clicks,
        # Sums of fractions leave crumbs behind when all is taken away again.
        max(0.0, round(everything.conversions - part.conversions, 6)),
        max(0.0, round(everything.cost - part.cost, 6)),
    )


def _silent(p: float) -> None:
    """A test that was made, and so counts, but whose outcome there is nothing to do about."""


def _teller(
    label: str, part: Figures, rest: Figures, found: Difference, kind: str, whole: Figures, unrest: float
) -> Callable[[float], Recommendation | None]:
    def tell(p: float) -> Recommendation | None:
        better = found.size > 0
        change = _moved(part, rest, whole, unrest) if better else _left_out(part, rest, whole, unrest)
        if change is not None and change[0] <= 0:
            # It converts differently, but at its price nothing is gained by acting on it.
            return None
        budget = better and kind == "segment"
        proof = Evidence("conversion_rate", label, found.first, "the rest", found.second, found.low, found.high, p)
        return Recommendation(
            "budget_optimization" if budget else "targeting_optimization",
            f"{_deed(label, part, rest, better, kind)}: it converts {_percent(found.first)} of {part.clicks:,} clicks "
            f"against {_percent(found.second)} of {rest.clicks:,} elsewhere ({_proof(found, p)})",
            _impact(change, "conversions for the same cost") if change else _per_hundred(found),
            (proof,),
            region=label if kind == "region" else None,
            segment=label if kind == "segment" else None,
            change=change,
        )

    return tell


def _deed(label: str, part: Figures, rest: Figures, better: bool, kind: str) -> str:
    if not better:
        return f"Narrow or leave out {label}"
    moved = _shift(part, rest)
    if kind == "region":
        return f"Aim more of the campaign at {label}"
    return f"Move {moved:,.2f} of the budget to {label}" if moved else f"Give more of the budget to {label}"


def _shift(part: Figures, rest: Figures) -> float:
    return min(_SHIFT * rest.cost, _GROWTH * part.cost)


def _moved(part: Figures, rest: Figures, whole: Figures, unrest: float) -> tuple[float, float, float] | None:
    """The change of all conversions when some cost moves from the rest to a part, clicks at the price they have."""
    moved = _shift(part, rest)
    if not moved or not whole.conversions:
        return None
    more, fewer = moved * part.clicks / part.cost, moved * rest.clicks / rest.cost
    return _net(more, part, fewer, rest, whole, unrest)


def _left_out(part: Figures, rest: Figures, whole: Figures, unrest: float) -> tuple[float, float, float] | None:
    """The change of all conversions when a part's cost is spent as the rest is."""
    if not part.cost or not rest.cost or not whole.conversions:
        return None
    return _net(part.cost * rest.clicks / rest.cost, rest, part.clicks, part, whole, unrest)


def _net(
    more: float, gaining: Figures, fewer: float, losing: Figures, whole: Figures, unrest: float
) -> tuple[float, float, float]:
    low_gain, high_gain = wilson(thinned(won(gaining), unrest))
    low_loss, high_loss = wilson(thinned(won(losing), unrest))
    middle = more * gaining.conversion_rate - fewer * losing.conversion_rate
    low, high = more * low_gain - fewer * high_loss, more * high_gain - fewer * low_loss
    return middle / whole.conversions, low / whole.conversions, high / whole.conversions


def _halves(facts: Sequence[Fact], fewest: int) -> Iterable[_Test]:
    """The later half of the days against the earlier one, when it converts worse."""
    days = sorted({fact.day for fact in facts if fact.day})
    if len(days) < _FEWEST_DAYS:
        return
    turn = days[len(days) // 2]
    dated = [fact for fact in facts if fact.day]
    before = total(fact for fact in dated if fact.day and fact.day < turn)
    after = total(fact for fact in dated if fact.day and fact.day >= turn)
    late, early, unrest = won(after), won(before), spread(facts, _together, won)
    if enough(late, early, fewest):
        found = compare(thinned(late, unrest), thinned(early, unrest))
        fallen = _matters(found) and found.size < 0
        yield _Test(found.p, -found.size * after.clicks, lambda p: _fallen(turn, found, after, p) if fallen else None)


def _fallen(turn: date, found: Difference, after: Figures, p: float) -> Recommendation:
    proof = Evidence(
        "conversion_rate", f"since {turn}", found.first, f"before {turn}", found.second, found.low, found.high, p
    )
    change = _relative(found)
    return Recommendation(
        "landing_page_optimization",
        f"Find out what changed about {turn}: {_percent(found.first)} of {after.clicks:,} clicks have converted since, "
        f"{_percent(found.second)} before ({_proof(found, p)})",
        _regained(change, found, "conversions", "from as many clicks, if the former rate comes back"),
        (proof,),
        change=change,
    )


def _together(fact: Fact) -> str:
    return ""


def _peers(facts: Sequence[Fact], whole: Figures, usual: Reference, fewest: int) -> Iterable[_Test]:
    """The campaign against the organization's others, where it does worse."""
    history = usual.history
    for measure, share, worth in (("click_rate", clicked, whole.conversion_rate), ("conversion_rate", won, 1.0)):
        own, others = share(whole), share(history)
        if enough(own, others, fewest):
            unrest = spread(facts, _together, share)
            # How restless the others are is not known here: as much as this one.
            found = compare(thinned(own, unrest), thinned(others, unrest))
            tell = _behind(measure, own, others, found) if _matters(found) and found.size < 0 else _silent
            yield _Test(found.p, -found.size * own.trials * worth, tell)


def _behind(measure: str, own: Share, others: Share, found: Difference) -> Callable[[float], Recommendation]:
    creative = measure == "click_rate"
    deed = "Try other wording and pictures" if creative else "Work on the page the advertisement leads to"
    what = "of impressions are clicked" if creative else "of clicks convert"

    def tell(p: float) -> Recommendation:
        change = _relative(found)
        proof = Evidence(measure, "this campaign", own.rate, "history", others.rate, found.low, found.high, p)
        return Recommendation(
            "creative_optimization" if creative else "landing_page_optimization",
            f"{deed}: {_percent(own.rate)} {what}, in the organization's history {_percent(others.rate)} "
            f"({_proof(found, p)})",
            _regained(change, found, "clicks" if creative else "conversions", "at the organization's usual rate"),
            (proof,),
            change=change,
        )

    return tell


def _returns(facts: Sequence[Fact], whole: Figures) -> Iterable[_Test]:
    """Whether the next unit of the budget earns more or less than itself, by the spread of its days."""
    days: dict[date, Figures] = {}
    for fact in facts:
        if fact.day and fact.figures.revenue is not None:
            days[fact.day] = days.get(fact.day, Figures()) + fact.figures
    found = ratio([(each.revenue or 0.0, each.earning) for each in days.values()])
    if len(days) < _FEWEST_DAYS or found is None:
        return
    roi, error = found
    nxt, around = _ELASTIC * roi, _ELASTIC * error
    gained = abs(nxt - 1) * sum(each.earning for each in days.values()) * _STEP
    worth = gained / (whole.cost_per_conversion or math.inf)
    yield _Test(chance(nxt - 1, around), worth, lambda p: _step(roi, error, nxt, around, p))


def _step(roi: float, error: float, nxt: float, around: float, p: float) -> Recommendation:
    more = nxt > 1
    low, high = max(0.0, nxt - 1.96 * around), nxt + 1.96 * around
    proof = Evidence("roi", "this campaign", roi, "a unit that pays for itself", 1 / _ELASTIC, *_about(roi, error), p)
    change = _elastic(more)
    return Recommendation(
        "budget_optimization",
        f"{'Raise' if more else 'Lower'} the budget by {_STEP:.0%}: revenue is {roi:.2f} times the cost, and where "
        f"returns grow with the logarithm of the budget the next unit returns {nxt:.2f} "
        f"(95% interval {low:.2f} to {high:.2f}, p {likely(p)})",
        f"{abs(change):.0%} {'more' if more else 'less'} revenue at {_STEP:.0%} {'more' if more else 'less'} cost",
        (proof,),
        change=(change, change, change),
    )


def _about(roi: float, error: float) -> tuple[float, float]:
    """The interval of the ROI's distance from what it is compared with."""
    away = roi - 1 / _ELASTIC
    return away - 1.96 * error, away + 1.96 * error


def _elastic(more: bool) -> float:
    # ln(1 + 1.2) / ln 2 - 1 and ln(1 + .8) / ln 2 - 1.
    return 0.1375 if more else -0.152


def _matters(found: Difference) -> bool:
    return bool(found.second) and abs(found.size) >= LEAST_DIFFERENCE * found.second


def _relative(found: Difference) -> tuple[float, float, float] | None:
    """How much more there would be at the second rate; the interval is that of the difference. Nothing has no part."""
    own = found.first
    return (-found.size / own, -found.high / own, -found.low / own) if own > 0 else None


def _regained(change: tuple[float, float, float] | None, found: Difference, what: str, when: str) -> str:
    if change is not None:
        return _impact(change, f"{what} {when}")
    return f"{-found.size * 100:.1f} {what} of 100 {when}"


def _per_hundred(found: Difference) -> str:
    return (
        f"{abs(found.size) * 100:.1f} more conversions from every 100 clicks that are won there instead "
        f"(95% interval {min(abs(found.low), abs(found.high)) * 100:.1f} to "
        f"{max(abs(found.low), abs(found.high)) * 100:.1f})"
    )


def _impact(change: tuple[float, float, float], what: str) -> str:
    middle, low, high = change
    # Where whole percents would tell nothing, tenths do.
    digits = 0 if abs(middle) >= 0.05 else 1
    return f"{middle:.{digits}%} increase in {what} (95% interval {low:.{digits}%} to {high:.{digits}%})"


def _proof(found: Difference, p: float) -> str:
    return (
        f"difference {found.size * 100:+.2f} points, 95% interval {found.low * 100:+.2f} to {found.high * 100:+.2f}, "
        f"p {likely(p)} after Holm"
    )


def _percent(rate: float) -> str:
    return f"{rate * 100:.2f}%"
