"""What is left of each limit, for the client that asks."""

from datetime import datetime
from typing import Any

import strawberry

from domain.limits import LimitGroup as Group
from domain.limits import Standing
from schema.context import Context
from schema.enums import LimitGroup, LimitWindow


@strawberry.type(description="Where a client stands in one window of one limit.")
class LimitStanding:
    """Where a client stands in one window of one limit."""

    group: LimitGroup = strawberry.field(description="What is counted.")
    window: LimitWindow
    limit: int
    used: int
    remaining: int
    reset_at: datetime = strawberry.field(description="When the window ends and the next one begins.")


@strawberry.type(description="What the asking client may still do, at every door.")
class Budget:
    """What the asking client may still do, at every door."""

    requests: list[LimitStanding] = strawberry.field(
        description="Calls and items of the REST product the credential was made for, as it documents them; "
        "a window that is not listed is unlimited."
    )
    points: LimitStanding = strawberry.field(description="Points of GraphQL operations; see `extensions.cost`.")
    tokens: LimitStanding | None = strawberry.field(description="Tokens generated this month.")


async def left(context: Context) -> dict[str, Any]:
    """The budget of who is asking; looking costs nothing of it."""
    standings = await context.budgets.standings(context.known_viewer())
    single = {each.allowance.group: _told(each) for each in standings}
    return {
        "requests": [_told(each) for each in standings if each.allowance.group not in (Group.POINTS, Group.TOKENS)],
        "points": single[Group.POINTS],
        "tokens": single.get(Group.TOKENS),
    }


def _told(standing: Standing) -> dict[str, Any]:
    return {
        "group": standing.allowance.group,
        "window": standing.allowance.window,
        "limit": standing.allowance.limit,
        "used": standing.used,
        "remaining": standing.remaining,
        "reset_at": standing.resets_at,
    }
