"""Dividing a budget among campaigns so that most comes back, under diminishing returns with floors and caps.

Each campaign's curve goes through what it returns today. Its room for growth is fitted to its own days where there are
enough, else assumed from its performance: a half to one and a half times today's budget (a prior, no measurement).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import invalid
from domain.intelligence.responses import Response, ResponseModel, best, response

_UNIT = 100
"""Budgets are whole hundredths."""
_LEAST = 0.005
"""What is less is no money."""
_FLAT = 1e-6
"""What returns less than that of a unit returns nothing; curves through it are beyond what floats can tell."""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A campaign as it is: what it gets, how it does (0..1), what comes back per unit, and bounds of its own.

    `room` is how far it is from saturation, by its own history; None where that is unknown.
    """

    name: str
    current: float
    performance: float
    roi: float
    floor: float | None = None
    cap: float | None = None
    room: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetRule:
    """How far one plan goes. `change` is the most a budget moves, relative to its part of the new total; None is any.

    `share` is the least part of the total for every campaign.
    """

    model: ResponseModel = ResponseModel.LOG
    change: float | None = 0.5
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a campaign is to get, what comes back per unit of it, and why."""

    budget: float
    change: float
    roi: float
    reasoning: str


@dataclass(frozen=True, slots=True)
class Division:
    """All of it. The ROIs are means weighted by budget; the improvement is their difference (CB-25)."""

    allotments: list[Allotment]
    current_roi: float
    expected_roi: float
    assumption: str

    @property
    def improvement(self) -> float:
        """Expected minus current."""
        return self.expected_roi - self.current_roi


def divide(lines: Sequence[BudgetLine], total: float, rule: BudgetRule) -> Division:
    """The best division of a total; the parts add up to it to the last hundredth.

    Raises:
        DomainError: INVALID when the bounds leave no division.
    """
    lines = [_told(each) for each in lines]
    floors, caps = _bounds(lines, total, rule)
    usual = max(total / len(lines), _LEAST)
    curves = [response(rule.model, each.roi, each.current or usual, _room(each)) for each in lines]
    budgets = _whole(best(curves, floors, caps, total), floors, caps, total)
    expected = math.fsum(curve.revenue(budget) for curve, budget in zip(curves, budgets, strict=True))
    current = math.fsum(each.current for each in lines)
    earned = math.fsum(each.current * each.roi for each in lines)
    current_roi = earned / current if current else 0.0
    price = max((c.next_unit(b) for c, b, cap in zip(curves, budgets, caps, strict=True) if b < cap - 0.01), default=0)
    highest = max(each.roi for each in lines)
    allotments = []
    for line, curve, budget, floor, cap in zip(lines, curves, budgets, floors, caps, strict=True):
        why = _reason(line, curve, budget, (floor, cap, price), highest, current_roi)
        change = round(budget - line.current, 2)
        allotments.append(Allotment(budget, change, curve.revenue(budget) / budget if budget else 0.0, why))
    return Division(allotments, current_roi, expected / total if total else 0.0, _assumption(lines, rule))


def _told(line: BudgetLine) -> BudgetLine:
    """A campaign without what is too little to be told from nothing."""
    current = line.current if line.current >= _LEAST else 0.0
    return replace(line, current=current, roi=line.roi if abs(line.roi) >= _FLAT else 0.0)


def _room(line: BudgetLine) -> float:
    return line.room if line.room is not None else 0.5 + line.performance


def _bounds(lines: Sequence[BudgetLine], total: float, rule: BudgetRule) -> tuple[list[float], list[float]]:
    """The least and most of each campaign; bounds nobody asked for give way when they leave no division."""
    current = math.fsum(each.current for each in lines)
    usual, step = total / len(lines), rule.change
    floors, caps = [], []
    for each in lines:
        part = each.current * total / current if current else usual
        least = 0.0 if step is None else part * (1 - step)
        most = total if step is None else (part or usual) * (1 + step)
        floor = each.floor if each.floor is not None else max(rule.share * total, least)
        cap = each.cap if each.cap is not None else min(total, max(most, floor))
        floors.append(min(floor, cap) if each.floor is None else floor)
        caps.append(max(cap, floor) if each.cap is None else cap)
    if math.fsum(floors) > total:
        floors = [
            least if each.floor is not None else min(least, rule.share * total)
            for each, least in zip(lines, floors, strict=True)
        ]
    if math.fsum(caps) < total:
        caps = [most if each.cap is not None else total for each, most in zip(lines, caps, strict=True)]
    _check(lines, floors, caps, total)
    return floors, caps


def _check(lines: Sequence[BudgetLine], floors: Sequence[float], caps: Sequence[float], total: float) -> None:
    for index, (floor, cap) in enumerate(zip(floors, caps, strict=True)):
        if floor > cap:
            name = lines[index].name
            raise invalid(f"campaigns.{index}.minBudget", f"the least budget of {name} must not exceed its most.")
    least, most, slack = math.fsum(floors), math.fsum(caps), 1e-9 * max(1.0, total)
    if least > total + slack:
        raise invalid("totalBudget", f"totalBudget must be at least {least:.2f}, what the least budgets add up to.")
    if most < total - slack:
        raise invalid("totalBudget", f"totalBudget must be at most {most:.2f}, what the most budgets add up to.")


def _whole(budgets: Sequence[float], floors: Sequence[float], caps: Sequence[float], total: float) -> list[float]:
    """Budgets in hundredths that add up to the total: the largest remainders are rounded up, bounds are kept."""
    units = [math.floor(each * _UNIT + 1e-6) for each in budgets]
    wanted = math.floor(total * _UNIT + 1e-6)
    missing = wanted - sum(units)
    for index in sorted(range(len(units)), key=lambda index: units[index] - budgets[index] * _UNIT):
        if missing > 0 and (units[index] + 1) / _UNIT <= caps[index] + 1e-9:
            units[index] += 1
            missing -= 1
    largest = sorted(range(len(units)), key=budgets.__getitem__, reverse=True)
    for index in largest:
        # What is left is what floats cannot tell of budgets that are millions of times larger than others.
        least = min(0, math.ceil(floors[index] * _UNIT - 1e-6) - units[index])
        most = max(0, math.floor(caps[index] * _UNIT + 1e-6) - units[index])
        moved = min(max(missing, least), most)
        units[index] += moved
        missing -= moved
    # Bounds in parts of a hundredth may leave one nowhere to go.
    units[largest[0]] += missing
    found = [each / _UNIT for each in units]
    rest = total - wanted / _UNIT
    if rest > 1e-9:
        # Parts of a hundredth belong to the total all the same.
        found[largest[0]] += rest
    return found


def _assumption(lines: Sequence[BudgetLine], rule: BudgetRule) -> str:
    fitted = sum(1 for each in lines if each.room is not None)
    log = rule.model is ResponseModel.LOG
    grows = (
        "grows with the logarithm of its budget" if log else "nears a ceiling as its budget grows (Hill, exponent 1)"
    )
    # By the rooms of performance 0 and 1.
    share = "61% to 78%" if log else "33% to 60%"
    given = any(each.floor is not None or each.cap is not None for each in lines)
    unless = ", unless bounds that were given make it" if given else ""
    moves = "" if rule.change is None else f" No budget moves by more than {rule.change:.0%} of its part of the total"
    bounds = f"{moves}{unless}." if moves else ""
    return (
        f"Each campaign's revenue {grows}, through what it returns today. How fast it saturates is fitted to the "
        f"campaign's own days for {fitted} of {len(lines)}, and assumed from its performance for the others: the next "
        f"unit returns {share} of the average.{bounds}"
    )


def _reason(
    line: BudgetLine,
    curve: Response,
    budget: float,
    bounds: tuple[float, float, float],
    highest: float,
    average: float,
) -> str:
    floor, cap, price = bounds
    nxt = curve.next_unit(budget)
    if line.roi <= 0:
        return f"ROI {line.roi:.2f} brings nothing back: the least it may get"
    standing = "the highest ROI" if line.roi == highest else "ROI above the mean" if line.roi > average else "lower ROI"
    begin = f"{standing[0].upper()}{standing[1:]}, {line.roi:.2f}, at performance {line.performance:.2f}"
    if budget >= cap - 0.01 and floor < cap:
        return f"{begin}: as much as it may get, its next unit would still return {nxt:.2f}"
    if budget <= floor + 0.01 and floor < cap:
        return f"{begin}: the least it may get, its next unit returns {nxt:.2f}, elsewhere {price:.2f}"
    return f"{begin}: its next unit returns {nxt:.2f}, as everywhere between the bounds"
