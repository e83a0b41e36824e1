"""Numbers as they are told."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def shown(value: float, digits: int = 4) -> int | float:
    """A number rounded half up, whole ones without a fraction; four digits are ClickUp Brain's (X-10)."""
    # By way of its shortest text: 0.2489 is meant, not the binary neighbour below it.
    rounded = float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    return int(rounded) if rounded == int(rounded) else rounded
