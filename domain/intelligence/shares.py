"""Shares that add up to their whole after rounding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")


def whole_shares(parts: Mapping[K, float], whole: float = 1.0, digits: int = 4) -> dict[K, float]:
    """The parts in proportion, rounded so that they add up to the whole exactly (largest remainders first).

    All are 0 where the parts are.
    """
    total = sum(parts.values())
    if total <= 0:
        return dict.fromkeys(parts, 0.0)
    steps = 10**digits
    target = round(whole * steps)
    exact = {key: part / total * target for key, part in parts.items()}
    floored = {key: int(value) for key, value in exact.items()}
    missing = target - sum(floored.values())
    for key in sorted(exact, key=lambda each: floored[each] - exact[each])[:missing]:
        floored[key] += 1
    return {key: count / steps for key, count in floored.items()}
