"""How revenue answers a budget: concave curves whose best division among campaigns has a closed form.

LOG: a ln(1 + b / s), without a ceiling. HILL: v b / (b + h), which nears v. Both go through today's budget and revenue;
`room` says how far they are from saturation there: s, or h, is that many times today's budget.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ResponseModel(StrEnum):
    """How returns diminish: with the logarithm of the budget, or towards a ceiling."""

    LOG = "LOG"
    HILL = "HILL"


@dataclass(frozen=True, slots=True)
class Response:
    """One curve. `height` is a or v, `scale` s or h; a campaign that only loses money is a straight line of `slope`."""

    model: ResponseModel
    height: float
    scale: float
    slope: float | None = None

    def revenue(self, budget: float) -> float:
        """What comes back."""
        if self.slope is not None:
            return self.slope * budget
        if self.model is ResponseModel.LOG:
            return self.height * math.log1p(budget / self.scale)
        return self.height * budget / (budget + self.scale)

    def next_unit(self, budget: float) -> float:
        """What the next unit returns."""
        if self.slope is not None:
            return self.slope
        if self.model is ResponseModel.LOG:
            return self.height / (self.scale + budget)
        return self.height * self.scale / (self.scale + budget) ** 2

    @property
    def reach(self) -> float:
        """The part of a budget's closed form that grows with the price of a unit: see `price`."""
        return self.height if self.model is ResponseModel.LOG else math.sqrt(self.height * self.scale)


def response(model: ResponseModel, roi: float, at: float, room: float) -> Response:
    """The curve that returns `roi` on average at a budget; `at` is positive."""
    scale = room * at
    if roi <= 0:
        return Response(model, 0.0, scale, slope=roi)
    if model is ResponseModel.LOG:
        return Response(model, roi * at / math.log1p(1 / room), scale)
    return Response(model, roi * (at + scale), scale)


def best(responses: Sequence[Response], floors: Sequence[float], caps: Sequence[float], total: float) -> list[float]:
    """The budgets that return most together: water-filling, exact, in O(n log n).

    Between its bounds a campaign gets as much as makes its next unit return the common price; the price at which the
    total is spent lies between two of the prices at which some campaign leaves its floor or reaches its cap.
    The floors must not exceed the total, nor the total the caps.
    """
    curved = [index for index, each in enumerate(responses) if each.slope is None]
    budgets = list(floors)
    left = total - sum(floors[index] for index in range(len(responses)) if responses[index].slope is not None)
    room = sum(caps[index] for index in curved)
    if left >= room:
        for index in curved:
            budgets[index] = caps[index]
        _fill_lines(responses, budgets, caps, left - room)
        return budgets
    if not curved:
        return budgets
    price = _price(responses, floors, caps, curved, left)
    for index in curved:
        budgets[index] = _within(responses[index], price, floors[index], caps[index])
    return budgets


def _fill_lines(responses: Sequence[Response], budgets: list[float], caps: Sequence[float], left: float) -> None:
    """What no curve can take goes to straight lines, to those that lose least first."""
    lines = [(each.slope, index) for index, each in enumerate(responses) if each.slope is not None]
    for _, index in sorted(lines, key=lambda each: (-each[0], each[1])):
        more = min(left, caps[index] - budgets[index])
        budgets[index] += more
        left -= more


def _price(
    responses: Sequence[Response], floors: Sequence[float], caps: Sequence[float], curved: Sequence[int], left: float
) -> float:
    """What the next unit returns everywhere once `left` is spent among the curves."""
    leaving = {index: responses[index].next_unit(floors[index]) for index in curved}
    filled = {index: responses[index].next_unit(caps[index]) for index in curved}

    def spent(price: float) -> float:
        return math.fsum(_within(responses[index], price, floors[index], caps[index]) for index in curved)

    # Each is added up anew: running sums would forget small campaigns beside large ones.
    turns = sorted({*leaving.values(), *filled.values()}, reverse=True)
    place = bisect_left(turns, left, key=spent)
    if place in (0, len(turns)):
        return turns[min(place, len(turns) - 1)]
    above, below = turns[place - 1], turns[place]
    free = [index for index in curved if leaving[index] >= above and filled[index] <= below]
    fixed = [floors[index] if leaving[index] <= below else caps[index] for index in curved if index not in set(free)]
    scales = [responses[index].scale for index in free]
    spread = math.fsum([left, *scales, *(-each for each in fixed)])
    if not free or spread <= 0:
        return below
    found = math.fsum(responses[index].reach for index in free) / spread
    return found if responses[free[0]].model is ResponseModel.LOG else found * found


def _within(own: Response, price: float, floor: float, cap: float) -> float:
    return min(cap, max(floor, _wanted(own, price)))


def _wanted(own: Response, price: float) -> float:
    return own.reach / (price if own.model is ResponseModel.LOG else math.sqrt(price)) - own.scale


def room_of(days: Sequence[tuple[float, float]]) -> float | None:
    """How far a campaign is from saturation, fitted to its days of (cost, revenue) by least squares under LOG.

    None when there are fewer than 30 days, or their costs hardly differ. The fit is drawn towards the usual room of 1
    as if by 60 further days, because days differ by more than their budgets.
    """
    spent = [each for each in days if each[0] > 0]
    if len(spent) < _FEWEST_DAYS:
        return None
    mean = math.fsum(cost for cost, _ in spent) / len(spent)
    spread = math.sqrt(math.fsum((cost - mean) ** 2 for cost, _ in spent) / len(spent))
    if spread < _LEAST_SPREAD * mean:
        return None
    fitted = min(_ROOMS, key=lambda room: _misfit(spent, mean, room))
    return math.exp(math.log(fitted) * len(spent) / (len(spent) + _USUAL_DAYS))


def _misfit(days: Sequence[tuple[float, float]], mean: float, room: float) -> float:
    shapes = [math.log1p(cost / (room * mean)) for cost, _ in days]
    height = math.fsum(shape * revenue for shape, (_, revenue) in zip(shapes, days, strict=True)) / math.fsum(
        shape * shape for shape in shapes
    )
    return math.fsum((revenue - height * shape) ** 2 for shape, (_, revenue) in zip(shapes, days, strict=True))


_FEWEST_DAYS, _USUAL_DAYS, _LEAST_SPREAD = 30, 60, 0.1
"""Assumptions, as the usual room of 1 is: days with less between them tell too little of a curve."""
_ROOMS = tuple(10 ** (step / 6) for step in range(-6, 7))
