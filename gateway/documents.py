"""Trusted documents, as whoever runs this server registers them and as all processes find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import AccessChange
from domain.documents import CHANGED, TrustedDocument, sha256_of
from domain.errors import conflict, not_found
from gateway.database import ACCESS, CHANNEL, Database
from resolvers.reads import Statement

_AT_ONCE = 500
"""Identifiers in one statement."""
_NAMED = or_(TrustedDocument.id == bindparam("named"), TrustedDocument.sha256 == bindparam("named"))
_TEXT: Statement = select(TrustedDocument.text).where(_NAMED).limit(1)


@dataclass(frozen=True, slots=True)
class Offered:
    """A valid document that is to be registered under an identifier."""

    id: str
    text: str
    operations: tuple[str, ...]
    source: str


async def find(database: Database, id: str) -> str | None:
    """The text of the document with this identifier or hash."""
    rows = await database.rows(_TEXT.params(named=id))
    return rows[0][0] if rows else None


async def register(database: Database, offered: Sequence[Offered]) -> int:
    """Store documents for all processes, all of them or none; how many of them were new.

    Raises:
        DomainError: CONFLICT when an identifier stands for another text already.
    """

    async def work(session: AsyncSession) -> int:
        known = await _texts(session, [each.id for each in offered])
        taken = [each for each in offered if known.get(each.id, each.text) != each.text]
        if taken:
            told = ", ".join(f"{each.id} ({each.source})" for each in taken[:5])
            more = f", and {len(taken) - 5} more" if len(taken) > 5 else ""
            raise conflict(f"Another document is registered already as {told}{more}; drop it first.")
        new = [each for each in offered if each.id not in known]
        session.add_all(_row(each, database) for each in new)
        if new:
            await _tell(session, database)
        return len(new)

    return await database.store(work)


async def listed(database: Database) -> Sequence[TrustedDocument]:
    """Every document, those of one file beside each other."""

    async def work(session: AsyncSession) -> Sequence[TrustedDocument]:
        statement = select(TrustedDocument).order_by(TrustedDocument.source, TrustedDocument.id)
        return (await session.scalars(statement)).all()

    return await database.store(work)


async def drop(database: Database, wanted: Sequence[str]) -> None:
    """Take documents back, by their identifiers or hashes: all of them or none.

    Raises:
        DomainError: NOT_FOUND.
    """

    async def work(session: AsyncSession) -> None:
        for each in wanted:
            ids = (await session.scalars(select(TrustedDocument.id).where(_NAMED), {"named": each})).all()
            if not ids:
                raise not_found(TrustedDocument.label, each)
            await session.execute(delete(TrustedDocument).where(TrustedDocument.id.in_(ids)))
        await _tell(session, database)

    await database.store(work)


async def _texts(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = TrustedDocument.id.in_(ids[start : start + _AT_ONCE])
        for each in await session.execute(select(TrustedDocument.id, TrustedDocument.text).where(some)):
            found[each.id] = each.text
    return found


def _row(offered: Offered, database: Database) -> TrustedDocument:
    return TrustedDocument(
        id=offered.id,
        sha256=sha256_of(offered.text),
        text=offered.text,
        operations=list(offered.operations),
        source=offered.source,
        created_at=database.clock.now(),
    )


async def _tell(session: AsyncSession, database: Database) -> None:
    """Let every process hear with the commit that what it remembers may have changed."""
    session.add(AccessChange(id=AccessChange.new_id(), subject_id=CHANGED, changed_at=database.clock.now()))
    if not database.engines.embedded:
        await session.execute(select(func.pg_notify(CHANNEL, ACCESS)))
