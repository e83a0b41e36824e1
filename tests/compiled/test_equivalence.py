"""Whatever is asked, in whatever form and by whom: compiled operations answer byte for byte as graphql-core does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.permissions import Permission
from gateway import json
from schema.graph import graphql_schema
from tests.compiled.drawing import Operations
from tests.compiled.shrinking import smallest
from tests.compiled.sides import Asked, Side, compiled_side
from tests.compiled.values import Values
from tests.compiled.world import Known, boundary, empty_tables, furnish, lacking
from tests.databases import fresh_postgres, sqlite_url

T = TypeVar("T")
_EXAMPLES = int(os.environ.get("TRIGRAPH_TEST_COMPILED_EXAMPLES", "150"))
"""How many operations are drawn; each is run a few times, with other values and by other viewers."""
_RUNS = 3
_VIEWERS = {"reader": 60, "jane": 8, "sam": 6, "other": 5, "representative": 4, "machine": 4, "sandbox": 4} | {
    "copycar": 3,
    "nobody": 2,
    "nothing": 2,
    "anonymous": 2,
}
"""How often each asks."""
_FOR_NOBODY = {"access_change", "browser_session", "idempotency_answer", "idempotency_claim", "invitation"} | {
    "periodic_task",
    "token_usage",
    "trusted_document",
    "writer_month",
}
"""Tables that no field of the graph reads."""


class World:
    """A furnished database in a loop of its own, and both sides over it."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        database = boundary(url)
        self.known: Known = self.run(furnish(database))
        self.plain, self.compiled = Side(database), compiled_side(url)
        self.values = Values(self.known, self.run(self._cursors()))
        self.operations = Operations(graphql_schema, self.values, _weights())

    def run(self, work: Awaitable[T]) -> T:
        """Do something in the world's loop."""

        async def done() -> T:
            return await work

        return self.runner.run(done())

    def close(self) -> None:
        """Close every connection."""
        for side in (self.plain, self.compiled):
            self.run(side.close())
        self.runner.close()

    async def differs(self, asked: Asked) -> bool:
        """Whether the sides answer differently."""
        return await self.plain.answer(asked) != await self.compiled.answer(asked)

    async def compare(self, asked: Asked, random: Random) -> None:
        """See that both sides answer the same, whichever is asked first."""
        first, second = (self.plain, self.compiled) if random.random() < 0.5 else (self.compiled, self.plain)
        answers = [await first.answer(asked), await second.answer(asked)]
        if answers[0] != answers[1]:
            asked = await smallest(asked, self.differs, graphql_schema)
            raise AssertionError(await self.told(asked))

    async def told(self, asked: Asked) -> str:
        """An operation, and what both sides say to it."""
        who = next((name for name, each in self.known.viewers.items() if each == asked.viewer), repr(asked.viewer))
        lines = [asked.text, f"variables: {dict(asked.variables)}", f"viewer: {who}"]
        for name, side in (("graphql-core", self.plain), ("compiled", self.compiled)):
            lines.append(f"{name}: {(await side.answer(asked)).decode()[:3000]}")
        return "\n".join(lines)

    def viewer(self, random: Random) -> Any:
        """Somebody: mostly one who may see much, sometimes without this or that permission."""
        name = random.choices(list(_VIEWERS), weights=list(_VIEWERS.values()))[0]
        viewer = self.known.viewers[name]
        if random.random() < 0.15:
            return lacking(viewer, random.sample(list(Permission), random.randint(1, 3)))
        return viewer

    async def _cursors(self) -> dict[str, list[str]]:
        """Cursors of every listing, by the type of its connection, in every order it has."""
        found: dict[str, list[str]] = {}
        query: Any = graphql_schema.query_type
        for name, field in query.fields.items():
            if "after" not in field.args:
                continue
            orders = ["(first: 20)"]
            if "sort" in field.args:
                words = field.args["sort"].type.fields["field"].type
                orders += [f"(first: 5, sort: {{field: {word}}})" for word in getattr(words, "of_type", words).values]
            for order in orders:
                asked = Asked(f"{{ {name}{order} {{ edges {{ cursor }} }} }}", viewer=self.known.viewers["reader"])
                answer = json.loads(await self.plain.answer(asked))
                assert "errors" not in answer, answer
                edges = answer["data"][name]["edges"]
                found.setdefault(str(field.type).rstrip("!"), []).extend(each["cursor"] for each in edges)
        return found


def _weights() -> dict[str, int]:
    """What is read by declared reads is asked for more often than what is reckoned."""
    query: Any = graphql_schema.query_type
    return {name: 4 for name, field in query.fields.items() if "first" in field.args or "id" in field.args}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world on each database; furnished once."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        file = tmp_path_factory.mktemp("equivalence") / "trigraph.db"
        file.write_bytes(template.read_bytes())
        with closing(World(sqlite_url(file))) as made:
            yield made
        return
    for url in fresh_postgres(request.getfixturevalue("postgres_template")):
        with closing(World(url)) as made:
            yield made


def test_there_is_something_in_every_table(world: World) -> None:
    assert set(world.run(empty_tables(world.plain.database))) <= _FOR_NOBODY


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    derandomize="TRIGRAPH_TEST_COMPILED_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    # What differs is made small by a way of its own, which knows operations.
    phases=[Phase.generate],
)
@given(random=st.randoms(use_true_random=True))
def test_any_query_is_answered_the_same(world: World, random: Random) -> None:
    drawn = world.operations.drawn(random)
    for _ in range(_RUNS):
        asked = Asked(drawn.text, drawn.values(random, world.values), world.viewer(random))
        world.run(world.compare(asked, random))


def test_most_of_what_was_asked_ran_as_compiled(world: World) -> None:
    """Otherwise the test before has compared graphql-core with itself."""
    outcomes = world.compiled.outcomes
    known = {"compiled", "unsupported", "variables", "permission", "refused", "unusual"}
    assert outcomes["compiled"] > 0.4 * sum(outcomes.values()), outcomes
    assert not set(outcomes) - known, outcomes


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    changed = change(value)
    if isinstance(changed, dict):
        return {key: _each(each, change) for key, each in changed.items()}
    return [_each(each, change) for each in changed] if isinstance(changed, list) else changed


def _rewritten(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps(_each(json.loads(body), change))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda body: body.replace(b'Z"', b'+00:00"'), id="how moments are written"),
        pytest.param(lambda body: body.replace(b"null", b"0"), id="nulls"),
        pytest.param(
            _rewritten(lambda it: {**it, "errors": []} if isinstance(it, dict) and "data" in it else it), id="errors"
        ),
        pytest.param(_rewritten(lambda it: it[:-1] if isinstance(it, list) else it), id="rows left out"),
        pytest.param(_rewritten(lambda it: dict(reversed(it.items())) if isinstance(it, dict) else it), id="order"),
    ],
)
def test_differences_are_found_and_made_small(
    world: World, wrong: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = world.compiled.answer

    async def changed(asked: Asked) -> bytes:
        return wrong(await answer(asked))

    monkeypatch.setattr(world.compiled, "answer", changed)
    random, found = Random(7), ""
    while not found:
        drawn = world.operations.drawn(random)
        asked = Asked(drawn.text, drawn.values(random, world.values), world.known.viewers["reader"])
        try:
            world.run(world.compare(asked, random))
        except AssertionError as difference:
            found = str(difference)
    assert len(found.partition("variables:")[0].split()) <= 20
