"""Due mail leaves here: right after the commit that wanted it, or as durable work when its time has come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from domain.errors import DomainError, Kind
from domain.ports import Letter, Mailer, OutgoingMail
from domain.viewer import Viewer
from gateway.database import Database
from gateway.work.queue import Job
from resolvers import mail_delivery
from resolvers.emails import FIRST
from resolvers.unit import Keys, Unit
from schema.context import Work

log = logging.getLogger(__name__)

_AT_ONCE = 10
"""Messages that were due and are handed over at the same time; one silent server holds back few."""


class Mailroom:
    """Takes due messages, hands them to the mailer, notes what became of them; a queue of durable work."""

    name = "mail"
    at_once = _AT_ONCE

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        sender: str,
        *,
        attempts: int,
        retry_seconds: float,
        wait_seconds: float,
        campaigns: str | None = None,
    ) -> None:
        """A mailroom; `wait_seconds` is how long a request waits for its own message to leave.

        `campaigns` is the sender of mail of campaigns, if it is another.
        """
        self._database = database
        self._mailer = mailer
        self._sender = sender
        self._campaigns = campaigns
        self._attempts = attempts
        self._retry_seconds = retry_seconds
        self._wait_seconds = wait_seconds
        self.under_way: set[asyncio.Task[None]] = set()
        """Messages on their way that no request waits for any more."""

    async def deliver(self, viewer: Viewer, email_id: str) -> None:
        """Send one message that is already taken, and wait a while for it.

        A slow mail server does not hold the request up for long: the message goes on its way without it.
        """
        await self._begin(self._attempt(Job(viewer.organization_id, email_id, FIRST)))

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

    async def _attempt(self, job: Job) -> None:
        """One try; a failure is noted on the message, never raised."""
        try:
            await self.run(job)
        except DomainError as error:
            # Still stored as due: it is taken up again when its lease is over.
            log.warning("message %s stays due: %s", job.id, error.message)

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

    async def take(self, most: int) -> Sequence[Job]:
        """Take up messages that are due.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now = self._database.clock.now()
        taken = await self._database.store(partial(mail_delivery.take, now=now, most=most))
        return [Job(*each) for each in taken]

    async def next_due(self) -> datetime | None:
        """When a message is due next."""
        found = await self._database.rows(mail_delivery.next_due())
        return found[0][0] if found else None

    async def run(self, job: Job) -> None:
        """Send a message that was taken up, and note what became of it.

        Raises:
            DomainError: UNAVAILABLE when the database is, and nothing could be noted.
        """
        viewer, held = Viewer.nobody(job.organization_id), list[OutgoingMail | None]()

        async def read(unit: Unit) -> Keys:
            held[:] = [await mail_delivery.outgoing(unit, job.id, job.attempt, self._sender, self._campaigns)]
            return {}

        await self._database.transact(viewer, read)
        message = held[0]
        if message is None:
            return
        try:
            await self._mailer.send(message)
        except DomainError as error:
            await self._database.transact(viewer, self._failed(job, error))
        else:
            await self._database.transact(viewer, _sent(job.id))

    def _failed(self, job: Job, error: DomainError) -> Work:
        async def note(unit: Unit) -> Keys:
            if error.kind is Kind.NOT_FOUND:
                await mail_delivery.note_returned(unit, job.id, job.attempt, error.message)
            else:
                limits = (self._attempts, self._retry_seconds)
                await mail_delivery.note_failed(unit, job.id, job.attempt, error.message, *limits)
            return {}

        return note


def _sent(email_id: str) -> Work:
    async def note(unit: Unit) -> Keys:
        await mail_delivery.note_sent(unit, email_id)
        return {}

    return note
