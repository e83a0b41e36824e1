"""The monthly quota of generated tokens: used up inside the transaction that stores what was generated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from domain.clients import ApiClient
from domain.errors import Code, DomainError, refuse
from domain.limits import Allowance, LimitGroup, LimitWindow, Standing
from domain.quotas import TokenUsage, month_of
from domain.viewer import Viewer
from resolvers.reads import Statement
from resolvers.unit import Unit


def usage(viewer: Viewer, now: datetime) -> Statement:
    """How many tokens the client may generate this month, and how many it has; no row without such a client."""
    this_month = and_(TokenUsage.client_id == ApiClient.id, TokenUsage.month == month_of(now))
    return (
        select(ApiClient.monthly_tokens, func.coalesce(TokenUsage.used, 0))
        .outerjoin(TokenUsage, this_month)
        .where(ApiClient.id == viewer.client_id)
    )


def standing(rows: Sequence[Any], now: datetime) -> Standing | None:
    """What `usage` found, as the state of a window."""
    for limit, used in rows:
        return _standing(limit, used, now)
    return None


async def spend(unit: Unit, tokens: int, client_id: str | None) -> Standing | None:
    """Use up a client's tokens of this month; what is left after this call. Without a client there is no quota.

    Writers of one client wait for each other here, until the first of them is committed: together they never exceed
    the quota, and what is refused or rolled back is not used up.

    Raises:
        DomainError: QUOTA_EXCEEDED when they are more than the month has left.
    """
    if not client_id:
        return None
    client = select(ApiClient.monthly_tokens).where(ApiClient.id == client_id).with_for_update(key_share=True)
    limit = (await unit.session.scalars(client)).one_or_none()
    if limit is None:
        return None
    row = await unit.session.get(TokenUsage, (client_id, month_of(unit.now)), populate_existing=True)
    if row is None:
        row = TokenUsage(client_id=client_id, month=month_of(unit.now), used=0)
        unit.add(row)
    if row.used + tokens > limit:
        raise _exceeded(_standing(limit, row.used, unit.now), unit.now)
    row.used += tokens
    await unit.flush()
    return _standing(limit, row.used, unit.now)


def require_left(rows: Sequence[Any], now: datetime) -> None:
    """Let a client pass that has tokens left, before anything is generated for it; `rows` are those of `usage`.

    Raises:
        DomainError: QUOTA_EXCEEDED when nothing is left of the month.
    """
    found = standing(rows, now)
    if found is not None and found.remaining <= 0:
        raise _exceeded(found, now)


def tokens_of(texts: Iterable[str | None]) -> int:
    """How many tokens texts are counted as: a quarter of their characters, which is what models make of English."""
    return sum(-(-len(text) // 4) for text in texts if text)


def _standing(limit: int, used: int, now: datetime) -> Standing:
    allowance = Allowance(LimitGroup.TOKENS, LimitWindow.MONTH, limit)
    return Standing(allowance, used, LimitWindow.MONTH.end(now))


def _exceeded(standing: Standing, now: datetime) -> DomainError:
    limit, remaining = standing.allowance.limit, standing.remaining
    return refuse(
        Code.QUOTA_EXCEEDED,
        f"The monthly quota of {limit:,} tokens does not suffice: {remaining:,} are left.",
        limit=limit,
        used=standing.used,
        remaining=remaining,
        resets_at=standing.resets_at,
        retry_after=int((standing.resets_at - now).total_seconds()),
    )
