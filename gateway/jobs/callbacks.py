"""Telling clients that their batches are over: as often as webhooks are tried, signed with the client's own secret."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from domain.jobs import Answered
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import bound, logger
from gateway.outgoing.answers import Answer, Failed
from gateway.outgoing.patience import retry_after
from gateway.settings_jobs import JobSettings
from gateway.settings_webhooks import WebhookSettings
from gateway.spans import SpanKind, span, trace_headers
from gateway.webhooks.signing import Signed, headers
from gateway.webhooks.standing import ending
from gateway.work.queue import Job
from resolvers import job_work
from resolvers.job_work import Callback
from resolvers.unit import Keys, Unit
from rest_compat.engine.faults import Fault

if TYPE_CHECKING:
    from gateway.outgoing.http import Http

log = logger(__name__)

Write = Callable[[Viewer, str], Awaitable[bytes]]
"""Makes the body that tells of a batch, as its viewer may see it."""

_MARGIN_SECONDS = 60
_GONE = 410
_BUSY = (429, 503)
_HEADERS: Final = {
    "User-Agent": f"Trigraph-Batches/{version('trigraph')}",
    "Content-Type": "application/json; charset=utf-8",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
}


class CallbackQueue:
    """Batches that are over and whose clients are not told yet."""

    name = "batch callbacks"

    def __init__(
        self,
        database: Database,
        open_http: Callable[[], Http],
        write: Write,
        signature_header: str,
        settings: JobSettings,
        webhooks: WebhookSettings,
    ) -> None:
        """The queue of a process; `open_http` makes the connections when there is something to send."""
        self.at_once = settings.callbacks_at_once
        self._database = database
        self._open_http = open_http
        self._write = write
        self._signature_header = signature_header
        self._most_bytes = settings.callback_bytes
        self._webhooks = webhooks
        self._lease = timedelta(seconds=webhooks.timeout_seconds + _MARGIN_SECONDS)

    @cached_property
    def _http(self) -> Http:
        return self._open_http()

    async def close(self) -> None:
        """Close every connection."""
        if "_http" in self.__dict__:
            await self._http.close()

    async def take(self, most: int) -> Sequence[Job]:
        """Take up what is due now.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now = self._database.clock.now()
        taken = await self._database.store(partial(job_work.take_callbacks, now=now, lease=self._lease, most=most))
        return [Job(*each) for each in taken]

    async def next_due(self) -> datetime | None:
        """When a client has to be told next."""
        found = await self._database.rows(job_work.next_callback_due())
        return found[0][0] if found else None

    async def run(self, job: Job) -> None:
        """Tell a client, and note what became of it.

        Raises:
            DomainError: UNAVAILABLE when the database is, and nothing could be noted.
        """
        found = await self._database.rows(job_work.callback(job.id, job.attempt))
        if not found:
            return
        callback = Callback(*found[0])
        with (
            bound(batch_id=callback.id),
            span("batch callback", SpanKind.CLIENT, trigraph__batch=callback.id) as traced,
        ):
            answered = await self._tell(callback)
            traced.note(http__response__status_code=answered.status)
            if answered.failure:
                traced.failed("failed")
        log.info("batch callback", attempt=callback.attempts + 1, status=answered.status, reason=answered.failure)
        jitter = random.uniform(0, self._webhooks.jitter)  # noqa: S311 - spreads load only

        async def note(unit: Unit) -> Keys:
            return await job_work.note_told(unit, job.id, job.attempt, answered, self._webhooks.schedule, jitter)

        await self._database.transact(Viewer.nobody(job.organization_id), note)

    async def _tell(self, callback: Callback) -> Answered:
        """One attempt; a failure is an outcome too."""
        now = self._database.clock.now()
        rows = await self._database.rows(job_work.standing(callback.id))
        standing = job_work.standing_of(rows[0]) if rows else None
        if standing is None or not standing.works(now):
            why = ending(standing, now) if standing else "Whoever asked for it is not there any more."
            return Answered(None, why, final=True)
        try:
            body = await self._write(standing.viewer, callback.id)
            if len(body) > self._most_bytes:
                return Answered(None, f"The results have more than {self._most_bytes} bytes.", final=True)
            told = await self._signed(callback, standing.client_id, body)
            return self._answered(await self._post(callback.url, told, body))
        except Fault as fault:
            # Rights may have been narrowed since it was asked for.
            return Answered(None, fault.message or "Its client may not see it any more.", final=True)
        except Failed as error:
            return Answered(None, str(error))
        except Exception:
            # Noted as any other failure: one that only raised would be tried for ever.
            log.exception("a batch could not be told of", batch=callback.id)
            return Answered(None, "The request could not be made; the server's log says more.")

    async def _post(self, url: str, told: dict[str, str], body: bytes) -> Answer:
        seconds, most_bytes = self._webhooks.timeout_seconds, self._webhooks.response_bytes
        return await self._http.post(url, told, body, seconds=seconds, most_bytes=most_bytes)

    async def _signed(self, callback: Callback, client_id: str, body: bytes) -> dict[str, str]:
        now, opened = self._database.clock.now(), list[str]()
        for (sealed,) in await self._database.rows(job_work.secrets(client_id, now)):
            secret = self._database.vault.open(sealed)
            # One that is sealed under another installation's key cannot sign here.
            opened += [secret] if secret else []
        # A batch that was worked on once more is told anew, and has to be told apart.
        id_ = f"{callback.id}.{int(callback.finished_at.timestamp())}"
        signed = Signed(id_, body, int(now.timestamp()))
        counted = {"X-Trigraph-Attempt": str(callback.attempts + 1)}
        return {**_HEADERS, **counted, **trace_headers(), **headers(signed, opened, self._signature_header)}

    def _answered(self, answer: Answer) -> Answered:
        status = answer.status
        if 200 <= status < 300:
            return Answered(status)
        redirected = ", a redirect; those are not followed" if 300 <= status < 400 else ""
        now = self._database.clock.now()
        pause = retry_after(answer.headers.get("retry-after", ""), now) if status in _BUSY else 0
        longest = self._webhooks.retry_after_seconds
        return Answered(status, f"It was answered with {status}{redirected}.", status == _GONE, min(pause, longest))
