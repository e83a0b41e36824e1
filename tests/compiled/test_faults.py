"""Stored values that should not be there: compiled operations answer of them, too, what graphql-core answers."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from schema.engine.totals import Totals
from tests.compiled.comparing import World
from tests.compiled.damage import SqliteDamage, cells
from tests.compiled.server_damage import ROUNDS, ServerDamage
from tests.compiled.sides import Asked
from tests.compiled.singles import singles
from tests.databases import fresh_postgres, sqlite_url

_SHARE = float(os.environ.get("TRIGRAPH_TEST_COMPILED_FAULTS", "0.01"))
"""Which share of all fields is asked for with each damaging value."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Every fault is logged, with where it came from, which takes longer than all else."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def damaged(furnished_file: Path) -> Iterator[tuple[World, SqliteDamage]]:
    """A world of its own, and what does damage to it."""
    with closing(World(sqlite_url(furnished_file))) as world, closing(SqliteDamage(furnished_file)) as damage:
        yield world, damage


@pytest.fixture(scope="module")
def damaged_server(postgres_template: str) -> Iterator[tuple[World, ServerDamage]]:
    """A world of its own on a server, and what does damage to it."""
    for url in fresh_postgres(postgres_template):
        with closing(World(url)) as world, closing(ServerDamage(url)) as damage:
            yield world, damage


def test_damage_is_met_by_what_is_asked(damaged: tuple[World, SqliteDamage]) -> None:
    world, damage = damaged
    with damage.done(list(cells(Random(1), damage.sizes)), b"\xff") as taken:
        assert len(taken) > 500
        failed = 0
        for text in (text for listing in singles().values() for text in listing[:4]):
            answer = world.run(world.plain.answer(Asked(text, viewer=world.known.viewers["reader"])))
            failed += b"errors" in answer
    assert failed > 40


@pytest.mark.parametrize("value", SqliteDamage.values, ids=repr)
def test_damaged_values_are_answered_the_same(damaged: tuple[World, SqliteDamage], value: Any) -> None:
    world, damage = damaged
    random = Random(repr(value))
    with damage.done(list(cells(random, damage.sizes)), value):
        _compare_some(world, random)


@pytest.mark.postgres
def test_damage_to_a_server_is_met_by_what_is_asked(damaged_server: tuple[World, ServerDamage]) -> None:
    world, damage = damaged_server
    with damage.done(0, Random(1)) as taken:
        assert len(taken) > 300
        failed = 0
        for text in (text for listing in singles().values() for text in listing[:4]):
            answer = world.run(world.plain.answer(Asked(text, viewer=world.known.viewers["reader"])))
            failed += b"errors" in answer
    assert failed > 20


@pytest.mark.postgres
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_damaged_values_on_a_server_are_answered_the_same(
    damaged_server: tuple[World, ServerDamage], turn: int
) -> None:
    world, damage = damaged_server
    random = Random(turn)
    with damage.done(turn, random):
        _compare_some(world, random)


def _compare_some(world: World, random: Random) -> None:
    # Totals hold until an event, and no event told of the damage.
    for side in (world.plain, world.compiled):
        side.database.totals = Totals()
    texts = [text for listing in singles().values() for text in listing]
    for text in random.sample(texts, int(len(texts) * _SHARE)):
        world.run(world.compare(Asked(text, viewer=world.known.viewers["reader"]), random))
    for _ in range(int(200 * _SHARE)):
        drawn = world.operations.drawn(random)
        asked = Asked(drawn.text, drawn.values(random, world.values), world.viewer(random))
        world.run(world.compare(asked, random))
