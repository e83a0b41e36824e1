"""What administrators are told of the running process: who listens, what waits, how endpoints fare."""

from __future__ import annotations

from collections.abc import Sequence

from domain.viewer import Viewer
from gateway.connections import Connections
from gateway.database import Database
from resolvers import operations, writing
from resolvers.operations import EndpointCounts, LiveConnection, QueueDepth
from resolvers.writing import Budget


class Operations:
    """Answers for the viewer's organization, and for its sandbox as far as connections go."""

    def __init__(self, database: Database, connections: Connections) -> None:
        self._database = database
        self._connections = connections

    def connections(self, viewer: Viewer) -> Sequence[LiveConnection]:
        """The streams of this process that are open on behalf of the organization, the oldest first."""
        return [
            LiveConnection(
                each.id,
                each.kind,
                each.viewer.client_id,
                each.viewer.name,
                each.viewer.user_id,
                each.address,
                each.opened_at,
                each.operations,
                each.sent,
                each.waiting,
            )
            for each in self._connections.all()
            if each.viewer.home_id == viewer.organization_id
        ]

    async def queues(self, viewer: Viewer) -> Sequence[QueueDepth]:
        """What waits on behalf of the organization."""
        now = self._database.clock.now()
        async with self._database.snapshot() as reader:
            rows = await reader.rows(operations.depths(now, viewer.organization_id))
            failed = await reader.rows(operations.failed(now, viewer.organization_id))
        return operations.depths_of(rows, operations.failed_of(failed))

    async def endpoints(self, viewer: Viewer) -> EndpointCounts:
        """How many endpoints of the organization are in which state."""
        found = await self._database.rows(operations.endpoints(self._database.clock.now(), viewer.organization_id))
        return operations.endpoints_of(found)

    async def writing(self, viewer: Viewer) -> Budget:
        """What language models have cost the organization this month; a sandbox spends what is its owner's."""
        now = self._database.clock.now()
        found = await self._database.rows(writing.standing(viewer.home_id, now))
        return writing.budget_of(found, self._database.writing, now)
