"""How revenue answers a budget: concave curves whose best division among campaigns has a closed form.

LOG: a ln(1 + b / s), without a ceiling. HILL: v b / (b + h), which nears v. Both go through today's budget and revenue;
`room` says how far they are from saturation there: s, or h, is that many times today's budget.
"""

from __future__ import annotations

import math
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
        budgets[index] = min(caps[index], max(floors[index], _wanted(responses[index], price)))
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
    turns = [(responses[index].next_unit(floors[index]), 1, index) for index in curved]
    turns += [(responses[index].next_unit(caps[index]), 0, index) for index in curved]
    turns.sort(key=lambda each: (-each[0], -each[1]))
    fixed, reach, scale = math.fsum(floors[index] for index in curved), 0.0, 0.0
    log = responses[curved[0]].model is ResponseModel.LOG
    for price, entering, index in turns:
        spent = fixed + (reach / (price if log else math.sqrt(price)) - scale if reach else 0.0)
        if reach and spent >= left:
            break
        own = responses[index]
        if entering:
            fixed, reach, scale = fixed - floors[index], reach + own.reach, scale + own.scale
        else:
            fixed, reach, scale = fixed + caps[index], reach - own.reach, scale - own.scale
    if reach <= 0:
        return turns[-1][0]
    found = reach / max(left - fixed + scale, 1e-300)
    return found if log else found * found


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
_ROOMS = tuple(10 ** (step / 6) for step in range(-6, 7))
