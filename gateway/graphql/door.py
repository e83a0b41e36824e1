"""What both ways into the graph share, HTTP and websockets."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.calls import CallRecord
from gateway.connections import Connections
from gateway.graphql.document import Operation
from gateway.graphql.identity import Authenticate
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.persisted import Persisted
from gateway.graphql.pipeline import Pipeline
from gateway.graphql.request import GraphQLRequest
from gateway.guard import Guard


@dataclass(frozen=True)
class Door:
    """Who executes and knows documents and callers, who watches over open streams, and within which limits."""

    pipeline: Pipeline
    authenticate: Authenticate
    guard: Guard
    connections: Connections
    limits: GraphQLLimits
    persisted: Persisted

    async def understood(self, request: GraphQLRequest, call: CallRecord) -> tuple[GraphQLRequest, Operation]:
        """A request with the text of its document, and the validated operation in it; nothing has run yet.

        Raises:
            Refused: with what is wrong with the document, or with its name.
        """
        request = await self.persisted.resolved(request)
        operation = self.pipeline.operation(request, call)
        self.persisted.keep(request, call.viewer)
        return request, operation
