"""The queue of deliveries: which are due, in what order, how many at once, and what is done with each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncSession

from domain.event_log import Event
from gateway.database import Database
from gateway.logging import bound, logger
from gateway.settings_webhooks import WebhookSettings
from gateway.spans import SpanKind, span
from gateway.webhooks.batches import Batches
from gateway.webhooks.bodies import Bodies, Unwritable
from gateway.webhooks.ready import Loading, Ready
from gateway.webhooks.sender import Sender
from gateway.webhooks.standing import give_up
from gateway.work.queue import Job
from resolvers import webhook_deliveries, webhook_lines
from resolvers.webhook_deliveries import Outcome, Outgoing, Retries
from resolvers.webhook_lines import Line

log = logger(__name__)

_MARGIN_SECONDS = 30
"""How much longer than its answer may take a delivery stays in one process's hands."""
_SHORT_MARGIN_SECONDS = 5
"""The same for what follows at once and waits for nobody."""
_CHAIN_SECONDS = 3.0
"""How long one job goes on with what follows in strict order: less than a process that stops waits for it."""
_TOGETHER = 100
"""Deliveries that are read, or noted, in one transaction."""


class WebhookQueue:
    """Deliveries that are due, taken up fairly: a slow receiver holds back nobody but itself."""

    name = "webhooks"

    def __init__(self, database: Database, bodies: Bodies, sender: Sender, settings: WebhookSettings) -> None:
        """The queue of a process."""
        self.at_once = settings.at_once
        self.attempts: Counter[str] = Counter()
        """How attempts of this process came out."""
        self._database = database
        self._bodies = bodies
        self._sender = sender
        self._settings = settings
        self._lease = timedelta(seconds=settings.timeout_seconds + _MARGIN_SECONDS)
        self._short_lease = timedelta(seconds=settings.timeout_seconds + _SHORT_MARGIN_SECONDS)
        self._retries = Retries(settings.schedule, settings.breaker_failures, settings.breaker_seconds)
        self._load = Batches(Loading(database).ready, _TOGETHER)
        self._note = Batches(self._noted, _TOGETHER)

    async def take(self, most: int) -> Sequence[Job]:
        """Take up what is due now: a share for each endpoint, those first whose deliveries have waited longest.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now = self._database.clock.now()
        # No more of them than can get a share, for others wait for those that are locked.
        waiting = [each.endpoint_id for each in await self._lines(now) if self._is_due(each, now)][:most]
        if not waiting:
            return ()

        async def work(session: AsyncSession) -> Sequence[tuple[str, str, int]]:
            # Read again now that no other process can take of them: what is in hands counts for all together.
            found = await webhook_lines.lock_lines(session, now, waiting)
            shares = self._shares([each for each in found if self._is_due(each, now)], most)
            return await webhook_lines.take(session, shares, now, self._lease) if shares else ()

        return [Job(*each) for each in await self._database.store(work)]

    async def next_due(self) -> datetime | None:
        """When an endpoint that can take one has a delivery to be made."""
        now = self._database.clock.now()
        free = (each for each in await self._lines(now) if self._free(each) > 0)
        moments = [max(each.due_at, each.broken_until or each.due_at) for each in free if each.due_at]
        return min(moments, default=None)

    async def run(self, job: Job) -> None:
        """Send a delivery, and note what became of it; one that has moved on is left alone.

        In strict order what follows is taken up with the note and sent right after it, for a while: there is never
        more than one to take up, and handing each on by itself would take longer than sending it.
        """
        end = monotonic() + _CHAIN_SECONDS
        following: Job | None = job
        while following:
            following = await self._one(following, end)

    async def _one(self, job: Job, end: float) -> Job | None:
        """One delivery; what follows it in strict order, as long as the end has not come."""
        found = await self._load(job)
        if found is None:
            return None
        delivery = found.delivery
        if found.ended:
            await give_up(self._database, job.organization_id, delivery.endpoint_id, found.ended)
            return None
        with bound(delivery_id=delivery.id, event_id=f"{job.organization_id}:{delivery.sequence or 'test'}"):
            outcome = await self._traced(found)
            self._count(delivery, outcome)
            if outcome.gone:
                await give_up(self._database, job.organization_id, delivery.endpoint_id, "It answered 410 Gone.")
            return await self._note((outcome, outcome.strict and monotonic() < end))

    async def _traced(self, found: Ready) -> Outcome:
        delivery = found.delivery
        facts = {"trigraph__delivery": delivery.id, "trigraph__sequence": delivery.sequence}
        with span("webhook", SpanKind.CLIENT, http__request__method="POST", **facts) as traced:
            outcome = await self._attempt(found)
            traced.note(http__response__status_code=outcome.status)
            if outcome.failure:
                # Not the words: they may repeat what the receiver has said.
                traced.failed("failed")
            return outcome

    def _count(self, delivery: Outgoing, outcome: Outcome) -> None:
        result = "gone" if outcome.gone else "failed" if outcome.failure else "delivered"
        self.attempts[result] += 1
        log.info(
            "webhook attempt",
            endpoint_id=delivery.endpoint_id,
            type=delivery.type,
            attempt=delivery.attempts + 1,
            result=result,
            status=outcome.status,
            reason=outcome.failure,
            duration_ms=outcome.milliseconds,
        )

    async def _attempt(self, found: Ready) -> Outcome:
        delivery = found.delivery
        if not delivery.is_for(found.viewer):
            # Rights may have been narrowed since its body was written.
            return self._sender.failed(delivery, "The event is not for whom the webhook acts.", final=True)
        if not delivery.body:
            written = await self._written(found)
            if isinstance(written, Unwritable):
                return self._sender.failed(delivery, str(written), final=True)
            delivery = replace(delivery, body=written)
        if found.secrets is None:
            return self._sender.failed(delivery, "Its secret is sealed under a key that this server does not have.")
        return await self._sender.send(delivery, found.secrets, self._bodies.signature_header(delivery.dialect))

    async def _written(self, found: Ready) -> str | Unwritable:
        """The body of a delivery that was made without one, kept before it is sent for the first time."""
        try:
            body = await self._body(found)
        except Unwritable as error:
            return error

        async def work(session: AsyncSession) -> None:
            await webhook_deliveries.write(session, found.delivery.id, body)

        await self._database.store(work)
        return body

    async def _body(self, found: Ready) -> str:
        delivery = found.delivery
        if delivery.sequence is None:
            return self._bodies.sample(delivery.dialect, delivery.type, self._database.clock.now())
        event = await self._event(delivery, delivery.sequence)
        if event is None:
            raise Unwritable("The log does not keep the event any more.")
        if self._bodies.name(delivery.dialect, event.type) is None:
            raise Unwritable("The product has no name for the event.")
        body = await self._bodies.write(delivery.dialect, delivery.query, event, found.viewer)
        if body is None:
            raise Unwritable("The event tells nothing that the webhook asks for.")
        return body

    async def _event(self, delivery: Outgoing, sequence: int) -> Event | None:
        rows = await self._database.rows(webhook_deliveries.event(delivery.organization_id, sequence))
        return Event(**rows[0]._mapping) if rows else None

    async def _noted(self, outcomes: Sequence[tuple[Outcome, bool]]) -> Sequence[Job | None]:
        """Note outcomes; for each that is to be followed, what was taken up after it."""
        now = self._database.clock.now()
        followed = {outcome.endpoint_id for outcome, follow in outcomes if follow}

        async def work(session: AsyncSession) -> dict[str, Job]:
            jitter = [random.uniform(0, self._settings.jitter) for _ in outcomes]  # noqa: S311 - spreads load only
            await webhook_deliveries.note(session, [each for each, _ in outcomes], self._retries, jitter)
            taken: dict[str, Job] = {}
            for line in await webhook_lines.locked_lines(session, now, sorted(followed)) if followed else ():
                if self._is_due(line, now):
                    for found in await webhook_lines.take(session, [(line, 1)], now, self._short_lease):
                        taken[line.endpoint_id] = Job(*found)
            return taken

        taken = await self._database.store(work)
        return [taken.get(outcome.endpoint_id) if follow else None for outcome, follow in outcomes]

    async def _lines(self, now: datetime) -> list[Line]:
        return [Line(*row) for row in await self._database.rows(webhook_lines.lines(now))]

    def _is_due(self, line: Line, now: datetime) -> bool:
        healthy = line.broken_until is None or line.broken_until <= now
        return healthy and line.due_at is not None and line.due_at <= now and self._free(line) > 0

    def _free(self, line: Line) -> int:
        """How many more may be under way: one in strict order, and one to see whether a broken endpoint is well."""
        trial = line.failures >= self._settings.breaker_failures
        return (1 if line.strict or trial else self._settings.at_once_per_endpoint) - line.held

    def _shares(self, lines: Sequence[Line], most: int) -> list[tuple[Line, int]]:
        """How many each gets of what one process can take: by turns, so that few of many are nobody's alone."""
        shares = dict.fromkeys(lines, 0)
        while most > 0 and (hungry := [line for line in lines if shares[line] < self._free(line)]):
            for line in hungry[:most]:
                shares[line] += 1
            most -= len(hungry)
        return [(line, share) for line, share in shares.items() if share]
