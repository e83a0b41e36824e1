"""The two ways an operation can be run, over the same data, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.limits import Allowance, LimitGroup, LimitWindow, Standing
from domain.viewer import Viewer
from gateway import json
from gateway.calls import CallRecord
from gateway.database import Database
from gateway.graphql.errors import Refused
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.pipeline import Caller, Pipeline, refusal
from gateway.graphql.request import GraphQLRequest
from schema.graph import graphql_schema
from tests.compiled.world import NOW
from tests.factories.contexts import contexts_of

BOUNDS = GraphQLLimits(cost=10**7, nodes=10**7, cached_documents=50)
"""What an operation may cost is no matter here: there are few rows."""


class Purse:
    """Points without end, so that what is left of them is the same on both sides."""

    async def spend(self, viewer: Viewer | None, address: str | None, points: int) -> Standing:
        """Where every payer stands at all times."""
        return Standing(Allowance(LimitGroup.POINTS, LimitWindow.MINUTE, 1000), 999, NOW)


@dataclass(frozen=True)
class Asked:
    """One run of an operation."""

    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    viewer: Viewer | None = None

    @property
    def request(self) -> GraphQLRequest:
        """As a door hands it on."""
        return GraphQLRequest(self.text, None, dict(self.variables))


class Side:
    """One way of running operations."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.pipeline = Pipeline(graphql_schema, contexts_of(database).make, Purse(), BOUNDS)  # type: ignore[arg-type]

    async def answer(self, asked: Asked) -> bytes:
        """The whole response."""
        call = CallRecord("req_1", viewer=asked.viewer)
        request = asked.request
        try:
            operation = self.pipeline.operation(request, call)
            return (await self.pipeline.execute(operation, request, Caller(call))).body
        except Refused as refused:
            return json.dumps(refusal(refused, call))
