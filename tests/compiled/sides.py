"""The two ways an operation can be run, over the same data, and what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.limits import Allowance, LimitGroup, LimitWindow, Standing
from domain.viewer import Viewer
from gateway import json
from gateway.calls import CallRecord
from gateway.compiled.opening import open_driver
from gateway.database import Database
from gateway.graphql.answers import refusal
from gateway.graphql.callers import Caller
from gateway.graphql.compiling import Compiling
from gateway.graphql.errors import Refused
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.pipeline import Pipeline
from gateway.graphql.request import GraphQLRequest
from schema.compiled.operations import Compiler
from schema.compiled.steps import Driver
from schema.graph import graphql_schema, plans
from tests.compiled.world import NOW, boundary
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
    """One way of running operations: as compiled, where there is a driver, or by graphql-core alone."""

    def __init__(self, database: Database, driver: Driver | None = None, explain: bool = False) -> None:
        self.database = database
        self.driver = driver
        self.compiling: Compiling | None = None
        if driver:
            compiler = Compiler(plans, driver, database.public_url, kept=2_000)
            self.compiling = Compiling(compiler, explain=explain)
        make: Any = contexts_of(database).make
        purse: Any = Purse()
        self.pipeline = Pipeline(graphql_schema, make, purse, BOUNDS, self.compiling)

    @property
    def outcomes(self) -> Counter[str]:
        """How often operations ran as compiled, and why others did not."""
        return self.compiling.outcomes.operations if self.compiling else Counter()

    async def answer(self, asked: Asked) -> bytes:
        """The whole response."""
        call = CallRecord("req_1", viewer=asked.viewer)
        request = asked.request
        try:
            operation = self.pipeline.operation(request, call)
            return (await self.pipeline.execute(operation, request, Caller(call))).body
        except Refused as refused:
            return json.dumps(refusal(refused, call))

    async def close(self) -> None:
        """Close every connection."""
        if self.driver:
            await self.driver.close()
        await self.database.engines.dispose()


def compiled_side(url: str, explain: bool = False) -> Side:
    """The side of compiled operations, over a database boundary of its own."""
    database = boundary(url)
    pools = {"pool_size": 5, "pool_timeout": 10, "busy_timeout": 5}
    return Side(database, open_driver(database.engines, inline_milliseconds=3, kept=2_000, **pools), explain)
