"""Due mail leaves here: right after the commit that wanted it, or when a sweep finds it due."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from domain.errors import DomainError
from domain.ports import Mailer
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import mail_delivery
from resolvers.unit import Keys, Unit

log = logging.getLogger(__name__)


class Mailroom:
    """Takes due messages, hands them to the mailer, notes what became of them."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        sender: str,
        *,
        attempts: int,
        retry_seconds: float,
        poll_seconds: float,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._sender = sender
        self._attempts = attempts
        self._retry_seconds = retry_seconds
        self._poll_seconds = poll_seconds

    async def deliver(self, viewer: Viewer, email_id: str) -> None:
        """Send one message that is already taken; a failure is noted on it, never raised."""
        try:
            await self._send(viewer, email_id)
        except DomainError as error:
            # Still stored as due: the next sweep after the lease tries again.
            log.warning("message %s stays due: %s", email_id, error.message)

    async def run(self) -> None:
        """Look for due messages until cancelled."""
        while True:
            try:
                await self.sweep()
            except DomainError as error:
                log.warning("due mail cannot be read: %s", error.message)
            await asyncio.sleep(self._poll_seconds)

    async def sweep(self) -> int:
        """Send what is due now; how many messages were taken."""
        taken = 0
        for organization_id, email_id in await self._database.rows(mail_delivery.due(self._database.clock.now())):
            viewer = _system(organization_id)
            answer = await self._database.transact(viewer, _take(email_id))
            if answer["taken"]:
                taken += 1
                await self.deliver(viewer, email_id)
        return taken

    async def _send(self, viewer: Viewer, email_id: str) -> None:
        held: list[Any] = []

        async def read(unit: Unit) -> Keys:
            held[:] = [await mail_delivery.outgoing(unit, email_id, self._sender)]
            return {}

        await self._database.transact(viewer, read)
        message = held[0]
        if message is None:
            return
        try:
            await self._mailer.send(message)
        except DomainError as error:
            await self._database.transact(viewer, self._failed(email_id, error.message))
        else:
            await self._database.transact(viewer, _sent(email_id))

    def _failed(self, email_id: str, reason: str) -> Any:
        async def note(unit: Unit) -> Keys:
            await mail_delivery.note_failed(unit, email_id, reason, self._attempts, self._retry_seconds)
            return {}

        return note


def _take(email_id: str) -> Any:
    async def take(unit: Unit) -> Keys:
        return {"taken": await mail_delivery.take(unit, email_id)}

    return take


def _sent(email_id: str) -> Any:
    async def note(unit: Unit) -> Keys:
        await mail_delivery.note_sent(unit, email_id)
        return {}

    return note


def _system(organization_id: str) -> Viewer:
    """The process itself, when nobody is asking."""
    return Viewer(organization_id, "client_system", None, None, frozenset(), (), None, "system", "Trigraph")
