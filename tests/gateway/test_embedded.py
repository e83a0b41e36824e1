"""Transactions on SQLite that come at the same time: one commit for all of them, and each alone in what befalls it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from gateway import sqlite
from gateway.embedded import Embedded
from gateway.engines import Engines, open_engines
from gateway.failures import lost_race
from resolvers.held import Held
from tests.databases import sqlite_url

INSERT = "INSERT INTO word (text) VALUES (?)"
DANGLING = "INSERT INTO letter VALUES (99)"
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) FROM n, word"
Work = Callable[[Held], Awaitable[None]]


class Refused(Exception):
    """What a use case says."""


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Engines]:
    engines = open_engines(sqlite_url(tmp_path / "words.db"), pool_size=1, pool_timeout=10, busy_timeout=0.05)
    async with engines.writing.begin() as connection:
        await connection.execute(text("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE)"))
        await connection.execute(text("CREATE TABLE letter (word INT REFERENCES word DEFERRABLE INITIALLY DEFERRED)"))
    yield engines
    await engines.dispose()


@pytest.fixture
def writes(engines: Engines) -> Embedded:
    return Embedded(engines.writing)


@pytest.fixture
async def said(engines: Engines) -> list[str]:
    """What SQLite was told about transactions by the connection that writes."""
    heard: list[str] = []
    words = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")

    def hear(statement: str) -> None:
        if statement.startswith(words):
            heard.append(statement)

    async with engines.writing.connect() as connection:
        driver = cast(sqlite.Connection, (await connection.get_raw_connection()).driver_connection)
        await driver.set_trace_callback(hear)
    return heard


def inserting(word: str) -> Work:
    async def work(held: Held) -> None:
        await held.direct.write(INSERT, [(word,)])

    return work


def in_a_thread(word: str) -> Work:
    async def work(held: Held) -> None:
        await held.direct.write(INSERT, [(word,)])
        await held.session.execute(text(LONG))

    return work


def refusing(word: str) -> Work:
    async def work(held: Held) -> None:
        await held.direct.write(INSERT, [(word,)])
        raise Refused

    return work


async def words(engines: Engines) -> list[str]:
    async with engines.reading.connect() as connection:
        return list((await connection.execute(text("SELECT text FROM word ORDER BY id"))).scalars())


async def together(writes: Embedded, *works: Work) -> list[Any]:
    return await asyncio.gather(*(writes.run(each) for each in works), return_exceptions=True)


async def test_who_writes_at_the_same_time_shares_a_commit(engines: Engines, writes: Embedded, said: list[str]) -> None:
    assert await together(writes, inserting("a"), inserting("b"), inserting("c")) == [None] * 3
    assert said == ["BEGIN IMMEDIATE", "SAVEPOINT part", "RELEASE part", "SAVEPOINT part", "RELEASE part", "COMMIT"]
    assert await words(engines) == ["a", "b", "c"]


async def test_who_comes_later_has_a_commit_of_its_own(writes: Embedded, said: list[str]) -> None:
    await writes.run(inserting("a"))
    await writes.run(inserting("b"))
    assert said == ["BEGIN IMMEDIATE", "COMMIT"] * 2


async def test_who_waits_for_its_turn_is_a_part_too(engines: Engines, writes: Embedded, said: list[str]) -> None:
    assert await together(writes, inserting("a"), in_a_thread("b"), inserting("c"), in_a_thread("d")) == [None] * 4
    assert said.count("COMMIT") == 1
    assert await words(engines) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_who_is_refused_leaves_nothing_and_the_others_stay(
    engines: Engines, writes: Embedded, place: int
) -> None:
    works = [inserting("a"), inserting("b")]
    works.insert(place, refusing("c"))
    told = await together(writes, *works)
    assert isinstance(told.pop(place), Refused)
    assert told == [None, None]
    assert await words(engines) == ["a", "b"]


async def test_who_is_refused_for_what_another_has_written_is_told_when_that_is_stored(
    engines: Engines, writes: Embedded
) -> None:
    async def same() -> list[str]:
        with pytest.raises(IntegrityError, match="UNIQUE"):
            await writes.run(inserting("a"))
        return await words(engines)

    _, seen = await asyncio.gather(writes.run(inserting("a")), same())
    assert seen == ["a"]


async def test_where_one_takes_all_along_the_others_may_run_again(engines: Engines, writes: Embedded) -> None:
    async def failing(held: Held) -> None:
        await held.direct.write("INSERT OR ROLLBACK INTO word (text) VALUES (?)", [("a",)])

    first, second, third = await together(writes, inserting("a"), failing, inserting("b"))
    assert lost_race(first)
    assert isinstance(second, IntegrityError)
    assert third is None
    assert await words(engines) == ["b"]
    await writes.run(inserting("a"))
    assert await words(engines) == ["b", "a"]


async def test_a_statement_after_all_was_lost_is_none_of_a_new_transaction(engines: Engines, writes: Embedded) -> None:
    async def stubborn(held: Held) -> None:
        with pytest.raises(IntegrityError):
            await held.direct.write("INSERT OR ROLLBACK INTO word (text) VALUES (?)", [("a",)])
        await held.direct.write(INSERT, [("b",)])

    told = await together(writes, inserting("a"), stubborn)
    assert all(lost_race(each) for each in told)
    assert await words(engines) == []


async def test_what_cannot_be_committed_is_told_to_all_and_the_next_one_works(
    engines: Engines, writes: Embedded
) -> None:
    async def dangling(held: Held) -> None:
        await held.direct.rows(DANGLING, ())

    told = await together(writes, inserting("a"), dangling)
    assert all(isinstance(each, IntegrityError) for each in told)
    assert told[0] is not told[1]
    assert await words(engines) == []
    await writes.run(inserting("b"))
    assert await words(engines) == ["b"]


async def test_who_gives_up_waiting_for_the_commit_is_alone_in_that(engines: Engines, writes: Embedded) -> None:
    gone, stays = asyncio.create_task(writes.run(inserting("a"))), asyncio.create_task(writes.run(inserting("b")))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, stays, return_exceptions=True)
    assert gone.cancelled()
    assert stays.result() is None
    assert await words(engines) == ["a", "b"]


@pytest.mark.parametrize("pause", [0, 0.01])
async def test_who_is_cancelled_while_writing_leaves_nothing_and_the_others_stay(
    engines: Engines, writes: Embedded, pause: float
) -> None:
    async def long(held: Held) -> None:
        await held.direct.write(INSERT, [(f"b {each}",) for each in range(100)])
        await held.direct.rows(f"{LONG} WHERE text <> ?", ("-" * 100_000,))

    tasks = [asyncio.create_task(writes.run(each)) for each in (inserting("a"), long, inserting("c"))]
    await asyncio.sleep(pause)
    tasks[1].cancel()
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert tasks[1].cancelled()
    assert await words(engines) == ["a", "c"]


async def test_a_connection_that_is_given_up_takes_along_who_waits_for_its_commit(
    engines: Engines, writes: Embedded
) -> None:
    """SQLAlchemy gives up one whose statement is cancelled."""
    tasks = [asyncio.create_task(writes.run(each)) for each in (inserting("a"), in_a_thread("b"), inserting("c"))]
    await asyncio.sleep(0)
    tasks[1].cancel()
    first, _, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert lost_race(first)
    assert third is None
    assert await words(engines) == ["c"]


async def test_a_bug_on_the_way_to_the_commit_lets_nobody_wait(
    engines: Engines, writes: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: sqlite.Connection) -> None:
        raise ValueError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(sqlite.Connection, "finish", broken)
        told = await together(writes, inserting("a"), inserting("b"))
    assert all(isinstance(each, StatementError) for each in told)
    await writes.run(inserting("c"))
    assert await words(engines) == ["c"]
