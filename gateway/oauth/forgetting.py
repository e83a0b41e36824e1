"""Codes and tokens that are past their time, and authorizations nothing is left of."""

from __future__ import annotations

from sqlalchemy import delete, exists, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain.credentials import Credential, CredentialKind
from domain.grants import Grant
from gateway.database import Database

_PASSING = (CredentialKind.ACCESS_TOKEN, CredentialKind.REFRESH_TOKEN, CredentialKind.CODE)


async def forget(database: Database) -> None:
    """Drop what has expired.

    Codes and refresh tokens that were used stay as long as their family lives: without them nobody would notice that
    one comes again.
    """
    now = database.clock.now()
    relative = aliased(Credential)
    family_lives = exists().where(
        relative.grant_id == Credential.grant_id,
        relative.used_at.is_(None),
        relative.revoked_at.is_(None),
        relative.expires_at > now,
    )
    withdrawn = exists().where(Grant.id == Credential.grant_id, Grant.revoked_at.is_not(None))

    async def work(session: AsyncSession) -> None:
        await session.execute(
            delete(Credential)
            .where(
                Credential.kind.in_(_PASSING),
                Credential.expires_at <= now,
                or_(Credential.used_at.is_(None), withdrawn, ~family_lives),
            )
            .execution_options(synchronize_session=False)
        )
        await session.execute(
            delete(Grant)
            .where(~exists().where(Credential.grant_id == Grant.id))
            .execution_options(synchronize_session=False)
        )

    await database.store(work)
