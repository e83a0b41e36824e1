"""What is understood of a body once, and when that is forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from graphql import build_schema

from domain.documents import sha256_of
from gateway.graphql.document import Documents
from gateway.graphql.errors import Refused
from gateway.graphql.limits import DocumentTerms, GraphQLLimits
from gateway.graphql.persisted import Persisted
from gateway.graphql.repeated import Repeated, Understood
from gateway.graphql.request import from_body
from schema.compiled.operations import Compiler
from tests.gateway.graphql.world import SDL

LEADS = "query Some($first: Int) { leads(first: $first) { nodes { name } } }"


class Composing:
    """Stands for a compiler, of which only the variables are looked at here."""

    def operation(self, *_: object) -> Composing:
        return self

    def variables(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        return None if raw.get("first") == "many" else dict(raw)


@dataclass
class Memory:
    """What is repeated, over documents of which there is room for so many."""

    room: int = 10
    terms: DocumentTerms = field(default_factory=DocumentTerms)

    def __post_init__(self) -> None:
        limits = GraphQLLimits(cached_documents=self.room)
        self.documents = Documents(build_schema(SDL), limits, cast(Compiler, Composing()))
        self.repeated = Repeated(self.documents)
        self.persisted = Persisted(self._found, self.terms)

    async def _found(self, id: str) -> str | None:
        return None

    def ask(self, query: str = LEADS, *, known: bool = True, **more: Any) -> Understood | None:
        if known:
            self.documents.operation(query, more.get("operationName"))
        return self.repeated.understood(json.dumps({"query": query, **more}).encode(), self.persisted)


def test_the_same_bytes_are_understood_once() -> None:
    memory = Memory()
    first, again = (memory.ask(variables={"first": 3}) for _ in range(2))
    assert first is again
    assert first is not None
    assert (first.variables, first.operation.label) == ({"first": 3}, "query Some { leads }")
    assert first.cost is not None
    other = memory.ask(variables={"first": 4})
    assert other is not None
    assert other.operation is first.operation
    assert other.variables == {"first": 4}


def test_a_document_nobody_has_asked_for_is_not_understood() -> None:
    memory = Memory()
    assert memory.ask(known=False) is None
    assert memory.ask() is not None
    assert memory.ask(known=False) is not None


def test_what_there_is_no_room_for_as_a_document_is_forgotten_here_too() -> None:
    memory = Memory(room=1)
    first = memory.ask()
    assert memory.ask("{ hello }") is not None
    assert memory.ask(known=False) is None
    again = memory.ask()
    assert again is not None
    assert again is not first


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("mutation { touch }", {}),
        (LEADS, {"variables": {"first": 100_000}}),
        (LEADS, {"variables": {"first": "many"}}),
    ],
)
def test_what_cannot_be_run_as_compiled_is_not_kept(query: str, more: dict[str, Any]) -> None:
    memory = Memory()
    first, again = (memory.ask(query, **more) for _ in range(2))
    assert first is not None
    assert again is not first
    assert first.cost is None


def test_long_bodies_and_named_documents_are_not_kept() -> None:
    memory = Memory()
    long = {"variables": {"other": "x" * 5_000}}
    assert memory.ask(**long) is not memory.ask(**long)
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(LEADS)}}}
    # Whether the hash belongs to the text is looked at by who waits.
    assert memory.ask(**named) is None
    memory.persisted.keep(from_body(json.dumps({"query": LEADS, **named}).encode()), None)
    body = json.dumps(named).encode()
    first, again = (memory.repeated.understood(body, memory.persisted) for _ in range(2))
    assert first is not None
    assert first.request.query == LEADS
    assert again is not first


def test_where_only_trusted_documents_are_run_texts_are_not_understood() -> None:
    assert Memory(terms=DocumentTerms(trusted_only=True)).ask() is None


def test_what_is_wrong_is_said() -> None:
    memory = Memory()
    with pytest.raises(Refused):
        memory.repeated.understood(b"[", memory.persisted)


@pytest.mark.parametrize(("count", "size"), [(512, 0), (140, 3_800)])
def test_the_latest_are_kept(count: int, size: int) -> None:
    memory, more = Memory(), "x" * size
    first, *_, last = (memory.ask(variables={"first": 1, "other": number, "more": more}) for number in range(count + 1))
    assert memory.ask(variables={"first": 1, "other": count, "more": more}) is last
    assert memory.ask(variables={"first": 1, "other": 0, "more": more}) is not first
