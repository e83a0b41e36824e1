"""Doing things for one lead through the graph, and asking what was told."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.database import Database
from tests.factories.leads import make_lead
from tests.graphs import Graph


class Desk:
    """Does things for one lead."""

    def __init__(self, graph: Graph, lead: str) -> None:
        self.graph = graph
        self.lead = lead

    async def do(self, mutation: str, answer: str, **fields: Any) -> Any:
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = f"mutation ($i: {kind}!) {{ {mutation}(input: $i) {{ {answer} errors {{ code field }} }} }}"
        return (await self.graph.data(query, i=fields))[mutation]

    async def told(self) -> list[tuple[str, Any]]:
        nodes = (await self.graph.data("{ events { nodes { type data } } }"))["events"]["nodes"]
        return [(node["type"], node["data"]) for node in nodes]

    async def types(self) -> list[str]:
        return [name for name, _ in await self.told()]

    async def timeline(self) -> list[tuple[str, str, Any]]:
        query = "query ($id: ID!) { lead(id: $id) { activities { nodes { type description metadata } } } }"
        nodes = (await self.graph.data(query, id=self.lead))["lead"]["activities"]["nodes"]
        return [(node["type"], node["description"], node["metadata"]) for node in reversed(nodes)]


@pytest.fixture
async def desk(graph: Graph, database: Database, organization: str) -> Desk:
    lead = await make_lead(
        database,
        organization,
        email="john@example.com",
        first_name="John",
        custom_fields={"quoteAmount": 120, "secret": ["x"]},
    )
    return Desk(graph, lead)
