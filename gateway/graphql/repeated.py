"""Requests that come again: what was understood of a body is not worked out anew for the same bytes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from gateway.graphql.cost import Cost
from gateway.graphql.document import Documents, Operation
from gateway.graphql.errors import Refused
from gateway.graphql.persisted import Persisted
from gateway.graphql.request import GraphQLRequest, from_body
from schema.compiled.arguments import Kept

_MOST, _LONGEST, _MOST_BYTES = 512, 4096, 524_288
"""Bodies kept, bytes of the longest and of all of them: what a body leads to may take twenty times its bytes."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A request with its operation; `variables` and `cost` are there if it may be run as compiled."""

    request: GraphQLRequest
    operation: Operation
    variables: Kept | None
    cost: Cost | None


class Repeated:
    """What the bodies of requests are about, as far as their documents are known; the latest are remembered."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._kept: OrderedDict[bytes, Understood] = OrderedDict()
        self._bytes = 0
        # What is kept here must not keep documents for which there was no room.
        documents.on_drop(self._forget)

    def understood(self, body: bytes, persisted: Persisted) -> Understood | None:
        """What a body is about; None where its document is not known, or something is wrong with it.

        Raises:
            Refused: 400 naming what was expected.
        """
        found = self._kept.get(body)
        if found is not None and self._known(found.request) is found.operation:
            self._kept.move_to_end(body)
            return found
        asked = from_body(body)
        found = self.of(asked, persisted)
        # What stands under a name may change; what changes something is rarely asked for again.
        if found is not None and found.cost is not None and asked.named is None and len(body) <= _LONGEST:
            self._keep(body, found)
        return found

    def of(self, asked: GraphQLRequest, persisted: Persisted) -> Understood | None:
        """What a request is about; None where its document is not known."""
        request = persisted.resolved_at_once(asked)
        operation = self._known(request) if request else None
        if request is None or operation is None:
            return None
        compiled = operation.compiled
        variables = compiled.variables(request.variables) if compiled and operation.is_query else None
        if variables is None:
            return Understood(request, operation, None, None)
        try:
            cost = operation.plan.price(variables)
        except Refused:
            cost = None
        return Understood(request, operation, Kept(variables), cost)

    def _keep(self, body: bytes, found: Understood) -> None:
        if body not in self._kept:
            self._bytes += len(body)
        self._kept[body] = found
        while len(self._kept) > _MOST or self._bytes > _MOST_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[0])

    def _forget(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _known(self, request: GraphQLRequest) -> Operation | None:
        return self._documents.known(request.query, request.operation_name)
