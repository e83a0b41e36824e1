"""Points, and what they were given for."""

import strawberry


@strawberry.type(description="Points and what they were given for.")
class ScoreReason:
    """Points and what they were given for."""

    points: int
    reason: str
