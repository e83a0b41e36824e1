"""What a client has left of what it may generate in a month."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers import quotas
from schema.context import Context
from schema.engine.forms import service


@strawberry.type(description="Tokens a client may generate in a month.")
class TokenQuota:
    """Tokens a client may generate in a month."""

    limit: int
    used: int
    remaining: int
    resets_at: datetime


async def _quota(context: Context) -> dict[str, Any] | None:
    now = context.boundary.clock.now()
    async with context.reading() as run:
        found = quotas.standing(await run(quotas.usage(context.known_viewer(), now)), now)
    if found is None:
        return None
    limit = found.allowance.limit
    return {"limit": limit, "used": found.used, "remaining": found.remaining, "resets_at": found.resets_at}


def token_quota() -> Any:
    """The calling client's tokens of this month, as they are after what the payload tells of."""
    return service(_quota, "The calling client's tokens of this month; null for who signed in without a client.")
