"""Taking up what is due in a durable queue: it is in its taker's hands until the lease is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from resolvers.reads import Statement

Taken = tuple[str, str, int]
"""Organization, id, and how often it has been taken by now."""


async def take(session: AsyncSession, entity: Any, due: Statement, **values: Any) -> list[Taken]:
    """Take up the rows whose ids a select names, in its order; `values` say until when, and what else is noted."""
    # What another process is taking up this moment is left to it, and not waited for.
    ids = list(await session.scalars(due.with_for_update(skip_locked=True)))
    if not ids:
        return []
    taken = (
        update(entity)
        .where(entity.id.in_(ids))
        .values(**values, taken=entity.taken + 1)
        .returning(entity.organization_id, entity.id, entity.taken)
        .execution_options(synchronize_session=False)
    )
    found = {row[1]: (row[0], row[1], row[2]) for row in await session.execute(taken)}
    return [found[each] for each in ids if each in found]
