"""A stand-in for the gateway: enough of the graph, over the same two transports, for every default tab to run."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, GraphQLResolveInfo, build_schema, graphql, parse, subscribe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.graphiql import GraphiQLConfig, graphiql_page, graphiql_routes

SCHEMA = build_schema("""
    type Query {
      "Leads of the organization, newest first."
      leads(first: Int): Leads!
      accounts(first: Int): Accounts!
    }
    type Mutation { createLead(input: CreateLeadInput!): CreateLeadPayload! }
    type Subscription { events(after: String): Event! }
    input CreateLeadInput {
      source: String! email: String phone: String firstName: String lastName: String city: String state: String
      insuranceType: InsuranceType tags: [String!]
    }
    input LeadSort { field: LeadSortField! = CREATED_AT direction: Direction! = DESC }
    enum LeadSortField { CREATED_AT SCORE }
    enum Direction { ASC DESC }
    enum InsuranceType { AUTO HOME COMMERCIAL }
    scalar JSON
    type CreateLeadPayload { lead: Lead errors: [UserError!]! }
    type UserError { code: String! field: String message: String! }
    type Leads { nodes: [Lead!]! pageInfo: PageInfo! }
    type Accounts { nodes: [Account!]! }
    type Contacts { nodes: [Contact!]! }
    type Notes { nodes: [Note!]! }
    type Tasks { nodes: [Task!]! }
    type PageInfo { hasNextPage: Boolean! endCursor: String }
    type ScoreReason { points: Int! reason: String! }
    type Note { content: String! createdAt: String! }
    type Task { title: String! status: String! dueDate: String }
    type User { name: String! email: String! }
    type Account {
      id: ID! name: String! domain: String industry: String
      contacts(first: Int): Contacts! leads(first: Int, sort: LeadSort): Leads!
    }
    type Contact { id: ID! name: String email: String account: Account }
    type Event { cursor: String! type: String! occurredAt: String! actor: User lead: Lead data: JSON! }
    type Lead {
      id: ID! firstName: String lastName: String statusText: String! score: Int! scoreReasons: [ScoreReason!]!
      contact: Contact account: Account assignedTo: User notes(first: Int): Notes! tasks(first: Int): Tasks!
    }
""")


@dataclass
class SmallGraph:
    """The graph's data, and what reached it: headers of HTTP requests, payloads of connection_init."""

    http_headers: list[dict[str, str]] = field(default_factory=list)
    socket_payloads: list[object] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    listeners: set[asyncio.Queue[dict[str, Any]]] = field(default_factory=set)
    someone_listens: threading.Event = field(default_factory=threading.Event)
    someone_left: threading.Event = field(default_factory=threading.Event)
    lead_rows: list[dict[str, Any]] = field(default_factory=lambda: [lead("John", "Doe")])

    def forget(self) -> None:
        """Be as new."""
        self.__dict__.update(SmallGraph().__dict__)

    def leads(self, info: GraphQLResolveInfo, first: int = 10) -> dict[str, Any]:
        return page(*self.lead_rows[:first])

    def accounts(self, info: GraphQLResolveInfo, first: int = 10) -> dict[str, Any]:
        person = {"name": "Sarah Johnson", "email": "sarah.johnson@techcorp.com"}
        return page(ACCOUNT | {"contacts": page(person), "leads": page(*self.lead_rows)})

    def createLead(self, info: GraphQLResolveInfo, input: dict[str, Any]) -> dict[str, Any]:
        row = lead(input["firstName"], input["lastName"])
        self.lead_rows.insert(0, row)
        for listener in self.listeners:
            listener.put_nowait(row)
        return {"lead": row, "errors": []}

    async def events(self, info: GraphQLResolveInfo, after: str | None = None) -> AsyncIterator[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.listeners.add(queue)
        self.someone_listens.set()
        try:
            while True:
                row = await queue.get()
                happened = {"cursor": "c1", "type": "LEAD_CREATED", "occurredAt": CREATED_AT, "lead": row, "data": {}}
                yield {"events": happened}
        finally:
            self.listeners.discard(queue)
            self.someone_left.set()


CREATED_AT = "2024-01-15T14:30:00Z"
ACCOUNT = {"id": "acc_123456789", "name": "TechCorp", "domain": "techcorp.com", "industry": "Software"}


def page(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": False, "endCursor": "c1"}}


def lead(first_name: str, last_name: str) -> dict[str, Any]:
    return {
        "id": f"lead_{first_name.lower()}",
        "firstName": first_name,
        "lastName": last_name,
        "statusText": "new",
        "score": 65,
        "scoreReasons": [{"points": 20, "reason": "has an e-mail"}],
        "contact": {"id": "ctc_1", "email": f"{first_name.lower()}@techcorp.com", "account": ACCOUNT},
        "account": ACCOUNT,
        "assignedTo": {"name": "Jane Smith", "email": "jane@company.com"},
        "notes": page({"content": "Called back", "createdAt": CREATED_AT}),
        "tasks": page({"title": "Send quote", "status": "OPEN", "dueDate": CREATED_AT}),
    }


def application(graph: SmallGraph, config: GraphiQLConfig, prefix: str) -> Starlette:
    """The page and the graph at the root, and the same once more below a prefix."""

    async def answer(request: Request) -> Response:
        if request.method == "GET":
            return graphiql_page(config)
        body = await request.json()
        graph.http_headers.append(dict(request.headers))
        graph.operations.append(body.get("operationName") or body["query"])
        return JSONResponse(as_json(await graphql(SCHEMA, body["query"], graph, variable_values=body.get("variables"))))

    async def listen(socket: WebSocket) -> None:
        await Connection(socket, graph).run()

    routes: list[BaseRoute] = [
        *graphiql_routes(config),
        Route("/graphql", answer, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", listen),
    ]
    return Starlette(routes=[*routes, Mount(prefix, routes=routes)])


def as_json(result: ExecutionResult) -> dict[str, Any]:
    return json.loads(json.dumps(result.formatted))


class Connection:
    """One websocket of graphql-transport-ws, as far as a client that behaves needs it."""

    def __init__(self, socket: WebSocket, graph: SmallGraph) -> None:
        self.socket = socket
        self.graph = graph
        self.running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        await self.socket.accept("graphql-transport-ws")
        try:
            while True:
                await self.handle(await self.socket.receive_json())
        except WebSocketDisconnect:
            pass
        finally:
            for task in self.running.values():
                task.cancel()
            await asyncio.gather(*self.running.values(), return_exceptions=True)

    async def handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                self.graph.socket_payloads.append(message.get("payload"))
                await self.socket.send_json({"type": "connection_ack"})
            case "subscribe":
                deliver = self.deliver(message["id"], message["payload"])
                self.running[message["id"]] = asyncio.create_task(deliver)
            case "complete":
                self.running[message["id"]].cancel()

    async def deliver(self, number: str, operation: dict[str, Any]) -> None:
        source = subscribe(SCHEMA, parse(operation["query"]), self.graph)
        results = source if hasattr(source, "__aiter__") else await source
        assert not isinstance(results, ExecutionResult), results
        async for result in results:
            await self.socket.send_json({"id": number, "type": "next", "payload": as_json(result)})
