"""Making and changing leads through the graph, and asking what was told."""

from __future__ import annotations

from typing import Any

from tests.graphs import Graph

FIELDS = """id status statusText score scoreReasons { points reason } priority source email phone firstName lastName
  city state insuranceType tags customFields campaignId createdAt updatedAt convertedAt
  assignedTo { id } contact { id email name } account { id }"""
DONE = f"{{ lead {{ {FIELDS} }} errors {{ code message field }} }}"
CREATE = f"mutation ($i: CreateLeadInput!) {{ done: createLead(input: $i) {DONE} }}"
UPDATE = f"mutation ($i: UpdateLeadInput!) {{ done: updateLead(input: $i) {DONE} }}"


class Leads:
    """Makes and changes leads, and says what was told."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    async def create(self, **fields: Any) -> dict[str, Any]:
        done = (await self.graph.data(CREATE, i={"source": "website", "email": "ann@example.com"} | fields))["done"]
        assert done["errors"] == [], done
        lead: dict[str, Any] = done["lead"]
        return lead

    async def update(self, id: str, **fields: Any) -> dict[str, Any]:
        done = (await self.graph.data(UPDATE, i={"id": id} | fields))["done"]
        assert done["errors"] == [], done
        lead: dict[str, Any] = done["lead"]
        return lead

    async def refused(self, query: str, fields: dict[str, Any]) -> list[tuple[str, str]]:
        done = (await self.graph.data(query, i=fields))["done"]
        assert done["lead"] is None
        return [(error["code"], error["field"]) for error in done["errors"]]

    async def told(self) -> list[str]:
        nodes = (await self.graph.data("{ events { nodes { type } } }"))["events"]["nodes"]
        return [node["type"] for node in nodes]

    async def timeline(self, id: str) -> list[str]:
        query = "query ($id: ID!) { lead(id: $id) { activities { nodes { type } } } }"
        nodes = (await self.graph.data(query, id=id))["lead"]["activities"]["nodes"]
        return [node["type"] for node in reversed(nodes)]
