"""What mutations answer: the same change of the same data, its payload read in both ways."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from domain.permissions import Permission
from schema.graph import graphql_schema
from tests.compiled.comparing import World
from tests.compiled.sides import Asked, Side, compiled_side
from tests.compiled.world import boundary
from tests.databases import fresh_postgres, sqlite_url

_MADE = re.compile(r"\b([a-z]+)_[0-9a-hjkmnp-tv-z]{26}\b")
_SECRET = re.compile(r"\b(tg[a-z]{1,2}|whsec)_[A-Za-z0-9_+/=-]+")
_TURNS = 3
_READING = {each for each in Permission if each.name.startswith("READ_")}


Twins = tuple[World, Side, Side]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def twins(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """Two copies of a world's data, each asked in one way."""
    if request.param == "sqlite":
        yield from _of_files(request.getfixturevalue("furnished_file"), tmp_path_factory.mktemp("twins"))
        return
    for url in fresh_postgres(request.getfixturevalue("postgres_template")):
        yield from _on_server(url)


def _of_files(furnished: Path, folder: Path) -> Iterator[Twins]:
    with closing(World(sqlite_url(furnished))) as world:
        urls = []
        for name in ("plain.db", "compiled.db"):
            with closing(sqlite3.connect(furnished)) as source, closing(sqlite3.connect(folder / name)) as copy:
                source.backup(copy)
            urls.append(sqlite_url(folder / name))
        yield from _sides(world, *urls)


def _on_server(url: str) -> Iterator[Twins]:
    with closing(World(url)) as world:
        # Nobody may be connected to what is copied.
        for side in (world.plain, world.compiled):
            world.run(side.close())
        furnished = str(make_url(url).database)
        for plain, compiled in zip(fresh_postgres(furnished), fresh_postgres(furnished), strict=True):
            yield from _sides(world, plain, compiled)


def _sides(world: World, plain_url: str, compiled_url: str) -> Iterator[Twins]:
    plain, compiled = Side(boundary(plain_url)), compiled_side(compiled_url)
    yield world, plain, compiled
    world.run(plain.close())
    world.run(compiled.close())


def _alike(answer: bytes, known: set[str]) -> str:
    """An answer with the ids that were made for it named by their order, and without secrets; `known` ids stay."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        id_ = found.group()
        return id_ if id_ in known else names.setdefault(id_, f"{found.group(1)}_new_{len(names)}")

    return _SECRET.sub(r"\1_secret", _MADE.sub(named, answer.decode()))


def _mutations() -> list[str]:
    type_: Any = graphql_schema.mutation_type
    return sorted(type_.fields)


@pytest.mark.parametrize("mutation", _mutations())
def test_payloads_are_answered_the_same(twins: Twins, mutation: str) -> None:
    world, plain, compiled = twins
    type_: Any = graphql_schema.mutation_type
    arguments = type_.fields[mutation].args
    if "Upload" in str([each.type for each in arguments.values()]):
        pytest.skip("takes a file")
    known = {each for found in world.known.ids.values() for each in found}
    random, reader = Random(mutation), world.known.viewers["reader"]
    assert reader is not None
    for turn in range(_TURNS):
        drawn = world.operations.payload(random, mutation, arguments)
        # The last one may do it, and see nothing of what came of it.
        viewer = replace(reader, permissions=reader.permissions - _READING) if turn == _TURNS - 1 else reader
        asked = Asked(drawn.text, drawn.values(random, world.values), viewer)
        answers = [_alike(world.run(side.answer(asked)), known) for side in (plain, compiled)]
        assert answers[0] == answers[1], (asked.text, asked.variables)


def test_some_payloads_ran_as_compiled(twins: Twins) -> None:
    """Otherwise the tests before have compared graphql-core with itself."""
    outcomes = twins[2].outcomes
    assert outcomes["compiled"] > 0.3 * sum(outcomes.values()), outcomes
    assert "anomaly" not in outcomes, outcomes
