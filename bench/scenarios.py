"""What is asked of the server."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LEAD = "id firstName lastName email phone statusText score source createdAt updatedAt assignedTo { name }"
_BY_ID = f"query Lead($id: ID!) {{ lead(id: $id) {{ {_LEAD} }} }}"
_FILTERED = (
    'query Leads { leads(first: 50, where: {status: QUALIFIED, source: "website"}, sort: {field: SCORE}) '
    f"{{ nodes {{ {_LEAD} }} pageInfo {{ hasNextPage endCursor }} }} }}"
)
_NESTED = (
    "query Accounts { accounts(first: 20) { nodes { id name domain industry "
    "leads(first: 5) { nodes { id firstName lastName statusText score } } "
    "contacts(first: 3) { nodes { id name email } } } } }"
)
_CREATE = (
    "mutation Create($input: CreateLeadInput!) "
    "{ createLead(input: $input) { lead { id statusText score contact { id } } errors { code field message } } }"
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name and an endless supply of requests."""

    name: str
    requests: Iterator[bytes]


def floor() -> Scenario:
    """The least any request costs on this server: parsed, answered, nothing in between."""
    return Scenario("hello world (floor)", itertools.repeat(_get("/", "")))


def scenarios(key: str, leads: Sequence[str]) -> list[Scenario]:
    """Reads first: the write changes what they would read."""
    return [
        Scenario("lead by id", (_graphql(key, _BY_ID, {"id": lead}) for lead in itertools.cycle(leads))),
        Scenario("50 leads, filtered and sorted", itertools.repeat(_graphql(key, _FILTERED))),
        Scenario("20 accounts, 5 leads, 3 contacts", itertools.repeat(_graphql(key, _NESTED))),
        Scenario("GET /v1/leads?status=new&limit=50", itertools.repeat(_get("/v1/leads?status=new&limit=50", key))),
        Scenario("create lead", (_graphql(key, _CREATE, {"input": _draft(n)}) for n in itertools.count())),
    ]


def _draft(number: int) -> dict[str, object]:
    return {
        "source": "website",
        "email": f"bench.{number}@mail.example",
        "phone": f"+1555{number % 10_000_000:07}",
        "firstName": "Bench",
        "lastName": f"Number {number}",
        "city": "New York",
        "state": "NY",
        "insuranceType": "AUTO",
        "tags": ["high-value"],
    }


def _graphql(key: str, query: str, variables: dict[str, object] | None = None) -> bytes:
    body = json.dumps({"query": query, "variables": variables or {}}, separators=(",", ":")).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nX-API-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _get(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\nX-API-Key: {key}\r\n\r\n".encode()
