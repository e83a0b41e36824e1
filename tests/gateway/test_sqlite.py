"""Statements of SQLite in one turn of the thread: how many turns, and that transactions stay what they are."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from gateway.engines import Engines, open_engines
from gateway.sqlite import Connection, connect
from gateway.transactions import transactions
from tests.databases import sqlite_url

LONG = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) FROM n")
COUNT = text("SELECT count(*) FROM word")
INSERT = text("INSERT INTO word (text) VALUES (:text)")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "words.db"


@pytest.fixture
async def engines(file: Path) -> AsyncIterator[Engines]:
    engines = open_engines(sqlite_url(file), pool_size=1, pool_timeout=10, busy_timeout=0.05)
    async with engines.writing.begin() as connection:
        await connection.execute(text("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE, above INT)"))
        await connection.execute(text("CREATE TABLE letter (word INT REFERENCES word DEFERRABLE INITIALLY DEFERRED)"))
    yield engines
    await engines.dispose()


@pytest.fixture
def turns(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was waited for."""
    waited: list[str] = []
    execute = Connection._execute

    async def noted(self: Connection, work: Any, *rest: Any, **more: Any) -> Any:
        waited.append(work.__name__.strip("_"))
        return await execute(self, work, *rest, **more)

    monkeypatch.setattr(Connection, "_execute", noted)
    return waited


async def stored(engines: Engines) -> int:
    async with engines.reading.connect() as connection:
        return int((await connection.execute(COUNT)).scalar_one())


async def test_a_read_waits_once_for_each_statement(engines: Engines, turns: list[str]) -> None:
    await stored(engines)
    turns.clear()
    async with engines.reading.connect() as connection:
        await connection.execute(COUNT)
        await connection.execute(COUNT)
    assert turns == ["ran", "ran"]
    turns.clear()
    async with engines.writing.begin() as connection:
        await connection.execute(INSERT, {"text": "one"})
    assert turns == ["ran", "committed"]


async def test_a_transaction_without_a_statement_waits_for_nothing(engines: Engines, turns: list[str]) -> None:
    turns.clear()
    async with engines.writing.begin() as connection:
        await connection.get_raw_connection()
    async with engines.writing.connect() as connection, connection.begin() as begun:
        await begun.rollback()
    assert turns == []


async def test_the_statements_of_a_read_see_one_snapshot_and_the_next_read_another(engines: Engines) -> None:
    async with engines.reading.connect() as connection:
        before = (await connection.execute(COUNT)).scalar_one()
        async with engines.writing.begin() as other:
            await other.execute(INSERT, {"text": "one"})
        assert (await connection.execute(COUNT)).scalar_one() == before == 0
    # Nobody waited for the end of that one, and there is one connection to read by.
    assert await stored(engines) == 1


async def test_what_statements_tell(engines: Engines) -> None:
    async with engines.writing.begin() as connection:
        made = await connection.execute(INSERT, {"text": "one"})
        assert (made.lastrowid, made.rowcount) == (1, 1)
        many = await connection.execute(INSERT, [{"text": "two"}, {"text": "three"}])
        assert many.rowcount == 2
        shouted = text("UPDATE word SET text = upper(text) WHERE id < 3 RETURNING id, text AS shouted")
        found = await connection.execute(shouted)
        assert list(found.keys()) == ["id", "shouted"]
        assert found.all() == [(1, "ONE"), (2, "TWO")]
        streamed = await connection.stream(text("SELECT id FROM word ORDER BY id"))
        assert [row.id async for row in streamed] == [1, 2, 3]
        with pytest.raises(IntegrityError, match="UNIQUE") as refused:
            await connection.execute(INSERT, {"text": "three"})
    assert isinstance(refused.value.orig, sqlite3.IntegrityError)
    assert refused.value.orig.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE"
    assert await stored(engines) == 3


async def test_no_statement_runs_outside_of_the_transaction_that_could_not_begin(engines: Engines, file: Path) -> None:
    holder = sqlite3.connect(file, isolation_level=None)
    try:
        async with engines.writing.connect() as connection:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError, match="locked"):
                await connection.execute(INSERT, {"text": "one"})
            holder.execute("ROLLBACK")
            await connection.execute(INSERT, {"text": "two"})
            await connection.rollback()
    finally:
        holder.close()
    assert await stored(engines) == 0


async def test_what_cannot_be_committed_is_rolled_back(engines: Engines) -> None:
    async def dangling() -> None:
        async with engines.writing.begin() as connection:
            await connection.execute(INSERT, {"text": "one"})
            await connection.execute(text("INSERT INTO letter VALUES (99)"))

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        await dangling()
    async with engines.writing.begin() as connection:
        await connection.execute(INSERT, {"text": "two"})
    assert await stored(engines) == 1


@pytest.mark.parametrize("turn", [0, 0.01])
async def test_who_is_cancelled_leaves_no_lock_and_no_rows_to_the_next(engines: Engines, turn: float) -> None:
    async def write() -> None:
        async with engines.writing.begin() as connection:
            await connection.execute(INSERT, {"text": "one"})
            await connection.execute(LONG)

    for _ in range(3):
        writing = asyncio.create_task(write())
        # Before the thread has run anything, and while it is in the long one.
        await asyncio.sleep(turn)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        assert writing.cancelled()
        async with engines.writing.begin() as connection:
            assert (await connection.execute(COUNT)).scalar_one() == 0
        assert await stored(engines) == 0


async def test_a_file_that_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "text.db"
    file.write_text("no database at all" * 100)
    engines = open_engines(sqlite_url(file), pool_size=1, pool_timeout=1, busy_timeout=1)
    try:
        with pytest.raises(DBAPIError, match="not a database"):
            await stored(engines)
    finally:
        await engines.dispose()


def test_a_thread_whose_loop_was_closed_meanwhile_ends_as_any_other(file: Path) -> None:
    held = Event()

    async def left() -> Thread:
        connection = await connect(str(file))
        waiting = asyncio.ensure_future(connection._execute(held.wait))  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)
        assert not waiting.done()
        connection.stop()
        return connection._thread

    thread = asyncio.run(left())
    held.set()
    thread.join(10)
    assert not thread.is_alive()


async def test_small_statements_to_write_wait_for_no_thread_until_many_rows_have_changed(
    engines: Engines, turns: list[str]
) -> None:
    writing = transactions(engines)

    async def write(words: range) -> None:
        rows = [(f"word {each}",) for each in words]
        await writing.run(lambda held: held.direct.write("INSERT INTO word (text) VALUES (?)", rows))

    await write(range(1))
    turns.clear()
    await write(range(1, 10))
    assert turns == []
    await write(range(10, 600))
    assert turns == ["ran", "committed"]
    # The log was emptied into the database: this one begins it anew.
    await write(range(600, 601))
    await write(range(601, 602))
    assert turns == ["ran", "committed", "committed"]
    assert await stored(engines) == 602


async def test_the_event_loop_goes_on_while_another_process_writes(file: Path) -> None:
    engines = open_engines(sqlite_url(file), pool_size=1, pool_timeout=10, busy_timeout=10)
    async with engines.writing.begin() as connection:
        await connection.execute(text("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT)"))
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    one = "INSERT INTO word (text) VALUES (?)", [("one",)]
    writes = transactions(engines)
    try:
        writing = asyncio.create_task(writes.run(lambda held: held.direct.write(*one)))
        # Were it waiting here, nothing would end the other's transaction.
        await asyncio.sleep(0.05)
        assert not writing.done()
        holder.execute("COMMIT")
        await writing
        assert await stored(engines) == 1
    finally:
        holder.close()
        await engines.dispose()
