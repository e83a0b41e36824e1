"""Numbers that are expected, not counted."""

import strawberry

from schema.engine.scalars import Fraction
from schema.enums import Basis


@strawberry.type(description="An expected share, and between what it lies four times in five.")
class Estimate:
    """An expected share, and between what it lies four times in five."""

    value: Fraction
    low: Fraction
    high: Fraction
    basis: Basis = strawberry.field(description="What it stands on: assumptions, or the organization's own history.")
    cases: int = strawberry.field(description="How many cases of the organization's own are in it.")


@strawberry.type(description="An expected multiple of what is spent, and between what it lies four times in five.")
class RoiEstimate:
    """An expected multiple of what is spent, and between what it lies four times in five."""

    value: float
    low: float
    high: float
    basis: Basis = strawberry.field(description="What it stands on: assumptions, or the organization's own history.")
    cases: int = strawberry.field(description="How many cases of the organization's own are in it.")
