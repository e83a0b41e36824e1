"""Due mail leaves here: right after the commit that wanted it, or when a sweep finds it due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from domain.errors import DomainError
from domain.ports import Letter, Mailer, OutgoingMail
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import mail_delivery
from resolvers.unit import Keys, Unit

log = logging.getLogger(__name__)

_AT_ONCE = 10
"""Messages handed over at the same time by a sweep."""


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
        wait_seconds: float,
    ) -> None:
        """A mailroom; `wait_seconds` is how long a request waits for its own message to leave."""
        self._database = database
        self._mailer = mailer
        self._sender = sender
        self._attempts = attempts
        self._retry_seconds = retry_seconds
        self._poll_seconds = poll_seconds
        self._wait_seconds = wait_seconds
        self.under_way: set[asyncio.Task[None]] = set()
        """Messages on their way that no request waits for any more."""

    async def deliver(self, viewer: Viewer, email_id: str) -> None:
        """Send one message that is already taken, and wait a while for it.

        A slow mail server does not hold the request up for long: the message goes on its way without it.
        """
        await self._begin(self._attempt(viewer, email_id))

    async def post(self, letter: Letter) -> None:
        """Send a message of the server itself, and wait a while for it; it is tried once, for it is stored nowhere."""
        await self._begin(self._try_once(letter))

    async def _begin(self, attempt: Coroutine[Any, Any, None]) -> None:
        sending = asyncio.create_task(attempt)
        self.under_way.add(sending)
        sending.add_done_callback(self.under_way.discard)
        await asyncio.wait({sending}, timeout=self._wait_seconds)

    async def stop(self) -> None:
        """Give up what is under way; it stays due and is sent after the next start."""
        for sending in self.under_way:
            sending.cancel()
        await asyncio.gather(*self.under_way, return_exceptions=True)

    async def _attempt(self, viewer: Viewer, email_id: str) -> None:
        """One try; a failure is noted on the message, never raised."""
        try:
            await self._send(viewer, email_id)
        except DomainError as error:
            # Still stored as due: the next sweep after the lease tries again.
            log.warning("message %s stays due: %s", email_id, error.message)

    async def _try_once(self, letter: Letter) -> None:
        """One try; whoever caused the letter knows what is in it and can pass it on."""
        host = self._sender.rpartition("@")[2].rstrip(">") or "localhost"
        name = f"<{letter.id}@{host}>"
        try:
            await self._mailer.send(
                OutgoingMail(letter.id, self._sender, (letter.to,), letter.subject, letter.body, name)
            )
        except DomainError as error:
            log.warning("letter %s was not sent: %s", letter.id, error.message)

    async def run(self) -> None:
        """Look for due messages until cancelled."""
        while True:
            try:
                await self.sweep()
            except DomainError as error:
                log.warning("due mail cannot be read: %s", error.message)
            await asyncio.sleep(self._poll_seconds)

    async def sweep(self) -> int:
        """Send what is due now, several at once so that one silent server holds back few; how many were taken."""
        due = await self._database.rows(mail_delivery.due(self._database.clock.now()))
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(organization_id: str, email_id: str) -> bool:
            async with places:
                viewer = _system(organization_id)
                answer = await self._database.transact(viewer, _take(email_id))
                if answer["taken"]:
                    await self._attempt(viewer, email_id)
                return bool(answer["taken"])

        return sum(await asyncio.gather(*(one(*row) for row in due)))

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
