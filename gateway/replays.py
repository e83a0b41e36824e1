"""First answers to writes that carried an idempotency key, kept to be given again (decision 0004)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Code, DomainError, conflict
from domain.idempotency import IdempotencyAnswer, IdempotencyClaim
from domain.viewer import Viewer
from gateway import json
from gateway.database import Database
from rest_compat.engine.services import StoredAnswer

_SERVER_ERROR = 500
_NOT_KEPT = {401, 403, 408, 429}


class Replays:
    """Answers by client and key, for as long as a key is remembered."""

    def __init__(self, database: Database, lifetime: timedelta) -> None:
        self._database = database
        self._lifetime = lifetime

    async def before(self, viewer: Viewer, key: str, fingerprint: str) -> StoredAnswer | None:
        """The first answer to this key, when there was one.

        Raises:
            DomainError: CONFLICT when the key was used for another request.
        """
        found = await self._database.rows(
            select(
                IdempotencyAnswer.fingerprint,
                IdempotencyAnswer.status,
                IdempotencyAnswer.headers,
                IdempotencyAnswer.body,
            ).where(
                IdempotencyAnswer.client_id == viewer.counted_as,
                IdempotencyAnswer.key == key,
                IdempotencyAnswer.created_at > self._oldest(),
            )
        )
        if not found:
            return None
        used_for, status, headers, body = found[0]
        if used_for != fingerprint:
            message = "This Idempotency-Key was used for another request."
            raise conflict(message, "Idempotency-Key", Code.IDEMPOTENCY_CONFLICT)
        return StoredAnswer(status, tuple((name, value) for name, value in headers["list"]), body)

    async def after(self, viewer: Viewer, key: str, fingerprint: str, answer: StoredAnswer) -> None:
        """Keep the first answer to this key; a failure that may pass is not kept, so that trying again helps."""
        if answer.status >= _SERVER_ERROR or answer.status in _NOT_KEPT or _failed(answer.body):
            return
        row = IdempotencyAnswer(
            client_id=viewer.counted_as,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            headers={"list": [list(header) for header in answer.headers]},
            body=answer.body,
            created_at=self._database.clock.now(),
        )

        async def keep(session: AsyncSession) -> None:
            await session.merge(row)

        try:
            await self._database.store(keep)
        except DomainError:
            # The write itself is claimed in its own transaction; without the bytes a repeat reads the result anew.
            return

    async def forget(self) -> None:
        """Drop what is no longer remembered."""

        async def drop(session: AsyncSession) -> None:
            for table in (IdempotencyAnswer, IdempotencyClaim):
                await session.execute(delete(table).where(table.created_at <= self._oldest()))

        await self._database.store(drop)

    def _oldest(self) -> datetime:
        return self._database.clock.now() - self._lifetime


def _failed(body: bytes) -> bool:
    """Whether a GraphQL answer has errors of the operation, which are the ones that may pass."""
    if b'"errors"' not in body:
        return False
    answer = json.loads(body)
    return isinstance(answer, dict) and "data" in answer and bool(answer.get("errors"))
