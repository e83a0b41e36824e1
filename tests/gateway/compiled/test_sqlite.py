"""Programs on SQLite: at once or in a thread, always in one snapshot, and nothing stays behind."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import make_url

from domain.errors import Code, DomainError
from gateway.compiled.sqlite import SqliteDriver
from schema.compiled.steps import LATER, Asked, Begin, Steps
from tests.databases import sqlite_url

COUNT = "SELECT count(*) FROM word"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT max(i) FROM n"
ENDLESS = 10**12
SHORT = 60_000
"""Some milliseconds, more than the bound of these tests."""
PATIENCE = 10

Make = Callable[..., SqliteDriver]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "own words?.db"
    with closing(connected(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE word (text TEXT)")
        connection.execute("INSERT INTO word VALUES ('one')")
    return file


@pytest.fixture
async def make(file: Path) -> AsyncIterator[Make]:
    made: list[SqliteDriver] = []

    def driver(**wanted: Any) -> SqliteDriver:
        given: dict[str, Any] = {
            "inline_seconds": 0.5,
            "kept": 100,
            "pool_size": 2,
            "pool_timeout": PATIENCE,
            "busy_timeout": 0.1,
            "opens": int,
        }
        url = make_url(sqlite_url(file)).set(query={})
        url = url.set(database=str(file))
        made.append(SqliteDriver(SQLiteDialect_aiosqlite(), url, **{**given, **wanted}))
        return made[-1]

    yield driver
    for each in made:
        await each.close()


@pytest.fixture(params=["at once", "in a thread"])
def driver(request: pytest.FixtureRequest, make: Make) -> SqliteDriver:
    return make() if request.param == "at once" else make(inline_seconds=0)


@pytest.fixture
def to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor of one's own: whatever passes was worked, and no neighbour decides what counts as long."""
    monkeypatch.setattr("gateway.compiled.sqlite.thread_time", perf_counter)


def connected(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None)


def asking(*asked: Asked) -> Begin:
    """A program that tells the first value of each statement, and the thread it was told in."""

    def begin() -> Steps:
        found = []
        for each in asked:
            rows = yield each
            found.append(rows[0][0])
        return found, threading.current_thread()

    return begin


def counting(n: int) -> Begin:
    return asking(Asked(NUMBERS, (n,)))


async def found(driver: SqliteDriver, *asked: Asked) -> list[Any]:
    return list((await driver.run(asking(*asked)))[0])


def add(file: Path, text: str = "two") -> None:
    with closing(connected(file)) as connection:
        connection.execute("INSERT INTO word VALUES (?)", (text,))


def count(file: Path) -> int:
    with closing(connected(file)) as connection:
        return int(connection.execute(COUNT).fetchone()[0])


def away(file: Path) -> Path:
    return file.rename(file.with_name("away"))


def back(kept: Path, file: Path) -> None:
    kept.replace(file)


def spoil(file: Path) -> None:
    file.write_text("no database at all" * 100)


def beside(file: Path) -> list[str]:
    return sorted(each.name for each in file.parent.iterdir())


async def test_rows_are_those_of_the_driver(driver: SqliteDriver) -> None:
    def begin() -> Steps:
        rows = yield Asked("SELECT text, ?, NULL, small_letters('Ö') FROM word", (1.5,))
        return list(rows)

    assert await driver.run(begin) == [("one", 1.5, None, "ö")]


async def test_who_asks_nothing_needs_no_file(make: Make, file: Path) -> None:
    away(file)
    assert await found(make()) == []
    assert beside(file) == ["away"]


async def test_the_statements_of_a_program_see_one_snapshot_and_the_next_program_another(
    driver: SqliteDriver, file: Path
) -> None:
    def begin() -> Steps:
        before = yield Asked(COUNT, ())
        add(file)
        after = yield Asked(COUNT, ())
        return before[0][0], after[0][0]

    assert await driver.run(begin) == (1, 1)
    assert await found(driver, Asked(COUNT, ())) == [2]


async def test_a_program_that_fails_leaves_no_snapshot(driver: SqliteDriver, file: Path) -> None:
    def begin() -> Steps:
        yield Asked(COUNT, ())
        raise LookupError("nothing of that kind")

    with pytest.raises(LookupError, match="of that kind"):
        await driver.run(begin)
    add(file)
    assert await found(driver, Asked(COUNT, ())) == [2]
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        await found(driver, Asked(COUNT, ()), Asked("SELECT meaning FROM word", ()))
    add(file)
    assert await found(driver, Asked(COUNT, ())) == [3]


async def test_nothing_can_be_written(driver: SqliteDriver) -> None:
    with pytest.raises(DomainError):
        await found(driver, Asked("DELETE FROM word RETURNING text", ()))
    assert await found(driver, Asked(COUNT, ())) == [1]


async def test_programs_of_one_statement_turn_to_one_snapshot_once_they_have_more(make: Make, file: Path) -> None:
    driver, ran, more = make(inline_seconds=0.5), [], False

    def begin() -> Steps:
        first = yield Asked(COUNT, ())
        if more:
            ran.append(first)
            add(file)
            second = yield Asked(COUNT, ())
            return first[0][0], second[0][0]
        return first[0][0]

    begins = followed(driver)
    assert [driver.at_once(begin) for _ in range(3)] == [1, 1, 1]
    assert begins == ["BEGIN", COUNT, "COMMIT", COUNT, COUNT]
    more = True
    # What it had asked before it was known to ask more, it has asked again.
    assert driver.at_once(begin) == (2, 2)
    assert len(ran) == 2
    assert driver.at_once(begin) == (3, 3)
    assert len(ran) == 3


def followed(driver: SqliteDriver) -> list[str]:
    """What the connection on the event loop is told, from now on."""
    told: list[str] = []
    driver.at_once(asking(Asked("SELECT 'opened', 1", ()), Asked("SELECT 2", ())))
    assert driver._connection
    driver._connection.set_trace_callback(told.append)
    return told


@pytest.mark.usefixtures("to_itself")
async def test_what_is_short_runs_at_once_and_what_is_long_in_a_thread(make: Make) -> None:
    driver, main = make(inline_seconds=0.002), threading.main_thread()
    assert await driver.run(counting(10)) == ([10], main)
    begun = []

    def begin() -> Steps:
        begun.append(threading.current_thread())
        first = yield Asked(COUNT, ())
        rows = yield Asked(NUMBERS, (SHORT,))
        return first[0][0], rows[0][0]

    for _ in range(3):
        begun.clear()
        assert await driver.run(begin) == (1, SHORT)
        assert begun[0] is main is not begun[1]
    # From now on whatever comes to that statement goes to a thread before it; what is asked before it is no hindrance.
    assert (await driver.run(counting(10)))[1] is not main
    _, thread = await driver.run(asking(Asked(COUNT, ())))
    assert thread is main


async def test_what_cannot_be_run_at_once_is_said_to_be_for_later(make: Make, file: Path) -> None:
    driver = make(inline_seconds=0.002)
    with closing(connected(file)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert driver.at_once(asking(Asked(COUNT, ()))) is LATER
    assert driver.at_once(counting(10)) == ([10], threading.main_thread())
    assert driver.at_once(counting(ENDLESS)) is LATER
    assert make(inline_seconds=0).at_once(counting(10)) is LATER
    assert driver.at_once(counting(10)) == ([10], threading.main_thread())


@pytest.mark.usefixtures("to_itself")
async def test_a_long_program_is_tried_at_once_again_after_a_while(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = make(inline_seconds=0.002)
    for _ in range(3):
        await driver.run(counting(SHORT))
    assert (await driver.run(counting(10)))[1] is not threading.main_thread()
    later = perf_counter() + 61
    monkeypatch.setattr("gateway.compiled.sqlite.perf_counter", lambda: later)
    assert (await driver.run(counting(10)))[1] is threading.main_thread()


@pytest.mark.usefixtures("to_itself")
async def test_what_took_long_once_is_tried_at_once_again(make: Make) -> None:
    """The first time its pages may have been on the disk."""
    driver, main = make(inline_seconds=0.002), threading.main_thread()
    for _ in range(4):
        for _ in range(2):
            assert (await driver.run(counting(SHORT)))[1] is not main
        assert (await driver.run(counting(10)))[1] is main


async def test_a_program_that_only_waited_for_the_processor_is_tried_at_once_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.compiled.sqlite.thread_time", lambda: 0.0)
    driver, main = make(inline_seconds=0.002), threading.main_thread()
    for _ in range(3):
        assert (await driver.run(counting(20 * SHORT)))[1] is not main
    assert (await driver.run(counting(10)))[1] is main
    # Not much longer than the bound: it is let through.
    assert (await make(inline_seconds=0.5).run(counting(20 * SHORT)))[1] is main


async def test_what_was_interrupted_between_two_rows_stays_prepared(make: Make) -> None:
    driver, said = make(inline_seconds=0.002), list[str]()
    numbers = NUMBERS.replace("max(i)", "i")

    def few(n: int) -> Begin:
        def begin() -> Steps:
            return len((yield Asked(numbers, (n,))))

        return begin

    assert driver.at_once(few(10)) == 10
    # By its type: there are objects about that do not let anybody ask for their class.
    opened = [each for each in gc.get_objects() if issubclass(type(each), sqlite3.Connection)]
    (connection,) = filter(_reads_only, opened)
    assert driver.at_once(few(10 * SHORT)) is LATER
    connection.set_trace_callback(said.append)
    assert [driver.at_once(few(10)) for _ in range(3)] == [10, 10, 10]
    told = {each for each in said if each.startswith("WITH")}
    # Another text than the one that Python takes for one in use, and the same each time.
    assert len(told) == 1
    assert told.pop().endswith("FROM n ")


def _reads_only(connection: sqlite3.Connection) -> bool:
    try:
        return bool(connection.execute("PRAGMA query_only").fetchone()[0])
    except sqlite3.ProgrammingError:
        return False


async def test_the_event_loop_is_not_kept_for_longer_than_the_bound(make: Make) -> None:
    driver, longest = make(inline_seconds=0.005), 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, perf_counter() - before)

    watching, running = asyncio.create_task(watch()), asyncio.create_task(driver.run(counting(ENDLESS)))
    await asyncio.sleep(0.3)
    assert not running.done()
    running.cancel()
    watching.cancel()
    await asyncio.gather(watching, running, return_exceptions=True)
    # The machine may be busy; the statement itself would never end.
    assert longest < 0.25


async def test_who_is_cancelled_interrupts_the_statement_and_the_thread_serves_the_next(make: Make, file: Path) -> None:
    driver = make(inline_seconds=0, pool_size=1)
    for pause in (0, 0, 0.001, 0.02, 0.1):
        running = asyncio.create_task(driver.run(counting(ENDLESS)))
        await asyncio.sleep(pause)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        add(file)
        async with asyncio.timeout(PATIENCE):
            assert await found(driver, Asked(COUNT, ())) == [count(file)]


async def test_who_waits_too_long_for_a_thread_is_told(make: Make) -> None:
    driver = make(inline_seconds=0, pool_size=1, pool_timeout=0.05)
    running = asyncio.create_task(driver.run(counting(ENDLESS)))
    await asyncio.sleep(0.02)
    with pytest.raises(DomainError) as refused:
        await driver.run(counting(1))
    assert refused.value.code == Code.UNAVAILABLE
    # Who has a thread has all the time in the world.
    assert not running.done()
    running.cancel()


async def test_fifty_at_once(make: Make) -> None:
    driver = make(inline_seconds=0.002)
    await driver.run(counting(SHORT))
    wanted = [10 if n % 2 else SHORT + n for n in range(50)]
    assert [rows for rows, _ in await asyncio.gather(*(driver.run(counting(n)) for n in wanted))] == [
        [n] for n in wanted
    ]


async def test_what_is_locked_is_waited_for_in_a_thread(make: Make, file: Path) -> None:
    driver = make(busy_timeout=PATIENCE)
    with closing(connected(file)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        running = asyncio.create_task(driver.run(asking(Asked(COUNT, ()))))
        await asyncio.sleep(0.05)
        assert not running.done()
    counted, thread = await running
    assert counted == [1]
    assert thread is not threading.main_thread()


async def test_what_stays_locked_is_told(driver: SqliteDriver, file: Path) -> None:
    with closing(connected(file)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DomainError, match="busy or out of reach") as refused:
            await driver.run(asking(Asked(COUNT, ())))
        assert refused.value.code == Code.UNAVAILABLE
    assert await found(driver, Asked(COUNT, ())) == [1]


async def test_a_missing_file_is_told_and_not_made(driver: SqliteDriver, file: Path) -> None:
    kept = away(file)
    for _ in range(2):
        with pytest.raises(DomainError, match="out of reach") as refused:
            await driver.run(asking(Asked(COUNT, ())))
        assert refused.value.code == Code.UNAVAILABLE
        assert beside(file) == ["away"]
    back(kept, file)
    assert await found(driver, Asked(COUNT, ())) == [1]


async def test_a_broken_file_is_opened_anew_once_another_is_in_its_place(driver: SqliteDriver, file: Path) -> None:
    kept = away(file)
    spoil(file)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        await driver.run(asking(Asked(COUNT, ())))
    back(kept, file)
    assert await found(driver, Asked(COUNT, ())) == [1]


async def test_a_closed_driver_leaves_no_connection_and_opens_again(driver: SqliteDriver, file: Path) -> None:
    assert await found(driver, Asked(COUNT, ())) == [1]
    await driver.close()
    # The last connection of all takes these with it.
    assert beside(file) == [file.name]
    away(file)
    with closing(connected(file)) as other:
        other.execute("CREATE TABLE word (text TEXT)")
    assert await found(driver, Asked(COUNT, ())) == [0]


async def test_closing_interrupts_and_tells(make: Make) -> None:
    driver = make(inline_seconds=0, pool_size=1)
    running = [asyncio.create_task(driver.run(counting(ENDLESS))) for _ in range(3)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(PATIENCE):
        await driver.close()
        told = await asyncio.gather(*running, return_exceptions=True)
    assert [error.code for error in told if isinstance(error, DomainError)] == [Code.UNAVAILABLE] * 3
