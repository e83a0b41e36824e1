"""Everything that is needed to send deliveries, read for many of them in one snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.viewer import Viewer
from gateway.database import Database
from gateway.webhooks.standing import ending
from gateway.work.queue import Job
from resolvers import webhook_deliveries
from resolvers.webhook_deliveries import Outgoing
from resolvers.webhook_viewers import Standing, standings

_OPENED = 1000
"""Secrets that are kept opened, for opening one takes longer than signing by it."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A delivery to be sent, as whom it is told, and what it is signed with.

    `ended` says why nobody answers for its endpoint any more; `secrets` None are some that cannot be opened.
    """

    delivery: Outgoing
    viewer: Viewer
    secrets: tuple[str, ...] | None
    ended: str | None


class Loading:
    """Reads deliveries that were taken up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open = lru_cache(maxsize=_OPENED)(database.vault.open)

    async def ready(self, jobs: Sequence[Job]) -> Sequence[Ready | None]:
        """The deliveries of jobs, in their order; None where one is done, in other hands, or not to be made now.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now = self._database.clock.now()
        async with self._database.snapshot() as reader:
            rows = await reader.rows(webhook_deliveries.outgoing([job.id for job in jobs]))
            found = {each.id: each for each in (Outgoing(*row) for row in rows)}
            endpoint_ids = list({each.endpoint_id for each in found.values()})
            hangs_on = {row[0]: Standing(*row) for row in await reader.rows(standings(endpoint_ids))}
            sealed: defaultdict[str, list[str]] = defaultdict(list)
            for endpoint_id, text in await reader.rows(webhook_deliveries.secrets(endpoint_ids, now)):
                sealed[endpoint_id].append(text)
        secrets = {each: self._secrets(sealed[each]) for each in endpoint_ids}
        viewers = {each: standing.viewer for each, standing in hangs_on.items()}
        ended = {each: None if standing.works(now) else ending(standing, now) for each, standing in hangs_on.items()}

        def answer(job: Job) -> Ready | None:
            delivery = found.get(job.id)
            if delivery is None or delivery.taken != job.attempt:
                return None
            endpoint_id = delivery.endpoint_id
            return Ready(delivery, viewers[endpoint_id], secrets[endpoint_id], ended[endpoint_id])

        return [answer(job) for job in jobs]

    def _secrets(self, sealed: Sequence[str]) -> tuple[str, ...] | None:
        opened = [self._open(each) for each in sealed]
        known = tuple(each for each in opened if each is not None)
        return known if known or not sealed else None
