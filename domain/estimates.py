"""Numbers that are not counted but expected: what they are, how far off they may be, and what they stand on."""

from __future__ import annotations

from dataclasses import dataclass

from domain.levels import Basis

SPREAD = 1.2816
"""Standard deviations of a normal interval that holds four times in five."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An expected fraction or multiple between `low` and `high` (four times in five), and how many cases of the
    organization's own are in it.
    """

    value: float
    low: float
    high: float
    basis: Basis
    cases: int = 0
