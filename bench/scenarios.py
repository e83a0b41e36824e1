"""What is asked of every door."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LEAD = "id firstName lastName email phone statusText score source createdAt updatedAt assignedTo { name }"
_PAGE = f"{{ nodes {{ {_LEAD} }} pageInfo {{ hasNextPage endCursor }} }}"
BY_ID = f"query Lead($id: ID!) {{ lead(id: $id) {{ {_LEAD} }} }}"
FILTERED = (
    'query Leads { leads(first: 50, where: {status: QUALIFIED, source: "website"}, sort: {field: SCORE}) '
    + _PAGE
    + " }"
)
VARYING = (
    "query Leads($status: LeadStatus, $source: String, $first: Int!) "
    "{ leads(first: $first, where: {status: $status, source: $source}, sort: {field: SCORE}) " + _PAGE + " }"
)
NESTED = (
    "query Accounts { accounts(first: 20) { nodes { id name domain industry "
    "campaigns(first: 5) { nodes { id name status startDate endDate } } "
    "personas(first: 5) { nodes { id name title role influence } } } } }"
)
CREATE = (
    "mutation Create($input: CreateLeadInput!) "
    "{ createLead(input: $input) { lead { id statusText score contact { id } } errors { code field message } } }"
)
LIST_PATH = "/v1/leads"
LISTED = f"{LIST_PATH}?status=new&limit=50"
_STATUSES = ("QUALIFIED", "NEW", "WON", "LOST")
_SOURCES = ("website", "facebook_ads")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name, an endless supply of requests, and whether they write."""

    key: str
    name: str
    requests: Iterator[bytes]
    writes: bool = False


def floor() -> Scenario:
    """The least any request costs on this server: parsed, answered, nothing in between."""
    return Scenario("hello", "hello world", itertools.repeat(_get("/", "")))


def scenarios(key: str, leads: Sequence[str]) -> list[Scenario]:
    """Reads first: the write changes what they would read. Requests are made beforehand as far as they are finite."""
    by_id = [_graphql(key, BY_ID, {"id": lead}) for lead in leads]
    chosen = itertools.product(_STATUSES, _SOURCES, (50,))
    varying = [_graphql(key, VARYING, dict(zip(("status", "source", "first"), each, strict=True))) for each in chosen]
    return [
        Scenario("Q1", "lead by id", itertools.cycle(by_id)),
        Scenario("Q2", "50 leads, filtered and sorted", itertools.repeat(_graphql(key, FILTERED))),
        Scenario("Q2v", "the same by variables", itertools.cycle(varying)),
        Scenario("Q3", "20 accounts, campaigns, personas", itertools.repeat(_graphql(key, NESTED))),
        Scenario("REST", f"GET {LISTED}", itertools.repeat(_get(LISTED, key))),
        create(key),
    ]


def aliased(key: str, lead: str, number: int) -> bytes:
    """A lead by its id, in a document that no other number has."""
    return _graphql(key, BY_ID.replace("lead(", f"lead{number}: lead("), {"id": lead})


def create(key: str, first: int = 0) -> Scenario:
    """Leads of new people, numbered from the first on."""
    made = (_graphql(key, CREATE, {"input": _draft(n)}) for n in itertools.count(first))
    return Scenario("Q4", "create lead", made, writes=True)


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
