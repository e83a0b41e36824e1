"""Programs on PostgreSQL: one snapshot each, few journeys, and connections that may be lost."""

from __future__ import annotations

import asyncio
import gc
import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Container
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Date, Text, cast, literal, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeEngine

from domain.entity import Instant
from domain.errors import Code, DomainError
from gateway.compiled.lines import Line
from gateway.compiled.postgres import PostgresDriver
from schema.compiled.steps import Asked, Begin, Steps

pytestmark = pytest.mark.postgres
PATIENCE = 10
NAP = "SELECT pg_sleep($1::float)"
ONE = Asked("SELECT 1", ())

Make = Callable[..., PostgresDriver]


@pytest.fixture
async def engine(postgres_database_url: str) -> AsyncIterator[AsyncEngine]:
    """Another client of the same server."""
    engine = create_async_engine(postgres_database_url, isolation_level="AUTOCOMMIT")
    yield engine
    await engine.dispose()


@pytest.fixture
async def table(engine: AsyncEngine) -> AsyncIterator[str]:
    """The name of a table of one row, `one`."""
    name = f"word_{secrets.token_hex(4)}"
    await run(engine, f"CREATE TABLE {name} (text TEXT)", f"INSERT INTO {name} VALUES ('one')")
    yield name
    await run(engine, f"DROP TABLE IF EXISTS {name}")


@pytest.fixture
async def make(engine: AsyncEngine, postgres_database_url: str) -> AsyncIterator[Make]:
    made: list[PostgresDriver] = []

    def driver(**wanted: Any) -> PostgresDriver:
        url = make_url(postgres_database_url).update_query_dict({"prepared_statement_cache_size": "5"})
        given: dict[str, Any] = {"kept": 3, "pool_size": 2, "pool_timeout": PATIENCE, "opens": lambda: None}
        made.append(PostgresDriver(engine.dialect, url, **{**given, **wanted}))
        return made[-1]

    yield driver
    for each in made:
        await each.close()


@pytest.fixture
def driver(make: Make) -> PostgresDriver:
    return make()


@pytest.fixture
def journeys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What connections were asked for."""
    asked: list[str] = []
    for name in ("begin", "rollback", "rows"):
        monkeypatch.setattr(Line, name, _noted(getattr(Line, name), name, asked))
    return asked


def _noted(work: Callable[..., Any], name: str, asked: list[str]) -> Callable[..., Any]:
    def noted(*given: Any) -> Any:
        asked.append(name)
        return work(*given)

    return noted


async def run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def others(engine: AsyncEngine, what: str = "count(*)", **wanted: str) -> int:
    """Something of the connections to this database but one's own."""
    own = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    where = "".join(f" AND {name} = '{value}'" for name, value in wanted.items())
    async with engine.connect() as connection:
        return int((await connection.execute(text(f"SELECT {what} {own}{where}"))).scalar_one() or 0)


async def are(engine: AsyncEngine, numbers: Container[int], **wanted: str) -> None:
    """Wait until the number of other connections of a kind is one of these."""
    async with asyncio.timeout(PATIENCE):
        while await others(engine, **wanted) not in numbers:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


def asking(*asked: Asked) -> Begin:
    """A program that tells the first value of each statement."""

    def begin() -> Steps:
        found = []
        for each in asked:
            rows = yield each
            found.append(rows[0][0])
        return found

    return begin


def counting(table: str) -> Asked:
    return Asked(f"SELECT count(*) FROM {table}", ())


async def test_rows_are_those_that_sqlalchemy_reads(driver: PostgresDriver) -> None:
    def begin() -> Steps:
        rows = yield Asked("SELECT $1::int, $2::varchar, $3::jsonb, '[1]'::json, NULL", (7, "ö", '{"a": [1.5]}'))
        return [tuple(row) for row in rows]

    assert await driver.run(begin) == [(7, "ö", {"a": [1.5]}, [1], None)]


async def test_who_asks_nothing_needs_no_connection(driver: PostgresDriver, engine: AsyncEngine) -> None:
    before = await others(engine)
    assert await driver.run(asking()) == []
    assert await others(engine) <= before


async def test_the_statements_of_a_program_see_one_snapshot(
    driver: PostgresDriver, engine: AsyncEngine, table: str
) -> None:
    turn, added = asyncio.Event(), asyncio.Event()

    def begin() -> Steps:
        before = yield counting(table)
        turn.set()
        yield Asked(NAP, (0.2,))
        after = yield counting(table)
        return before[0][0], after[0][0], added.is_set()

    async def add() -> None:
        await turn.wait()
        await run(engine, f"INSERT INTO {table} VALUES ('two')")
        added.set()

    counted, _ = await asyncio.gather(driver.run(begin), add())
    assert counted == (1, 1, True)
    assert await driver.run(asking(counting(table))) == [2]


async def test_what_asks_once_needs_no_transaction_and_what_asks_more_has_one(
    driver: PostgresDriver, journeys: list[str]
) -> None:
    async def needed(*asked: Asked) -> list[str]:
        journeys.clear()
        await driver.run(asking(*asked))
        return [each for each in journeys if each != "rollback"]

    assert await needed(ONE) == ["begin", "rows"]
    assert await needed(ONE) == ["rows"]
    # What asks more than the last time is begun anew.
    assert await needed(ONE, ONE) == ["rows", "begin", "rows", "rows"]
    assert await needed(ONE) == ["begin", "rows"]
    assert await needed(ONE, ONE) == ["begin", "rows", "rows"]


async def test_a_transaction_that_is_over_ends_where_the_next_one_begins_and_shows_it_nothing(
    make: Make, engine: AsyncEngine, table: str, journeys: list[str]
) -> None:
    driver = make(pool_size=1)
    two = asking(counting(table), counting(table))
    assert await driver.run(asking(ONE)) == [1]
    journeys.clear()
    for expected in range(1, 20):
        assert await driver.run(two) == [expected, expected]
        # In the same transaction it would be counted as before.
        await run(engine, f"INSERT INTO {table} VALUES ('more')")
        assert await driver.run(asking(ONE)) == [1]
        await driver.run(two)
    assert journeys.count("rollback") < journeys.count("begin")


async def test_a_transaction_that_is_over_is_ended_soon(driver: PostgresDriver, engine: AsyncEngine) -> None:
    for _ in range(3):
        await asyncio.gather(*(driver.run(asking(ONE, ONE)) for _ in range(4)))
        await are(engine, {0}, state="idle in transaction")
    await driver.run(asking(ONE, ONE))
    # Whoever closes waits for it.
    await driver.close()
    assert await driver.run(asking(ONE)) == [1]


MOMENTS = (
    datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC),
    datetime(2024, 3, 31, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    None,
)
DAYS = (date(2024, 2, 29), date(1999, 12, 31), date(9999, 12, 31), date(1, 1, 1), date(1, 1, 2), None)


async def test_moments_and_days_are_what_sqlalchemy_reads(driver: PostgresDriver, engine: AsyncEngine) -> None:
    types = [Instant(), Date()]

    def begin(moment: datetime | None, day: date | None) -> Begin:
        def steps() -> Steps:
            rows = yield Asked("SELECT $1::timestamptz, $2::date, $1::timestamptz::text, $2::date::text", (moment, day))
            return tuple(rows[0])

        return steps

    for moment, day in itertools.zip_longest(MOMENTS, DAYS):
        found = await driver.run(begin(moment, day))
        raw = [_read(driver, type_, value) for type_, value in zip(types, found, strict=False)]
        assert raw == [moment, day]
        async with engine.connect() as connection:
            values = [literal(moment, Instant()), literal(day, Date())]
            usual = await connection.execute(select(*values, *(cast(value, Text) for value in values)))
            # What is sent is the same, to the last day, which to the server has no end.
            assert [*raw, *found[2:]] == list(usual.one())


def _read(driver: PostgresDriver, type_: TypeEngine[Any], value: Any) -> Any:
    process = driver.processor(type_)
    assert process is not None
    return process(value)


async def test_moments_that_python_has_no_value_for_are_refused(driver: PostgresDriver) -> None:
    (number,) = await driver.run(asking(Asked("SELECT '294276-01-01T00:00:00Z'::timestamptz", ())))
    with pytest.raises(OverflowError):
        _read(driver, Instant(), number)


async def test_a_program_that_fails_leaves_no_snapshot(make: Make, engine: AsyncEngine, table: str) -> None:
    driver = make(pool_size=1)

    def begin() -> Steps:
        yield counting(table)
        raise LookupError("nothing of that kind")

    for expected in (1, 2, 3):
        with pytest.raises(LookupError, match="of that kind"):
            await driver.run(begin)
        with pytest.raises(Exception, match=r'column "meaning" does not exist'):
            await driver.run(asking(counting(table), Asked(f"SELECT meaning FROM {table}", ())))
        assert await driver.run(asking(counting(table))) == [expected]
        await run(engine, f"INSERT INTO {table} VALUES ('more')")


async def test_nothing_can_be_written(driver: PostgresDriver, table: str) -> None:
    delete = Asked(f"DELETE FROM {table} RETURNING text", ())
    # In a transaction, and without one.
    await driver.run(asking(ONE))
    for program in (asking(delete), asking(ONE, delete)):
        with pytest.raises(Exception, match="read-only transaction"):
            await driver.run(program)
    assert await driver.run(asking(counting(table))) == [1]


async def test_a_lost_connection_costs_a_second_attempt(driver: PostgresDriver, engine: AsyncEngine) -> None:
    gone = "pg_terminate_backend(pid)"

    async def lost(program: Begin) -> Any:
        running = asyncio.create_task(driver.run(program))
        await are(engine, {1}, wait_event="PgSleep")
        await others(engine, f"count({gone})", wait_event="PgSleep")
        return await running

    assert await driver.run(asking(ONE)) == [1]
    # While it is idle, in the middle of a statement, and in a transaction.
    await others(engine, f"count({gone})", query="ROLLBACK")
    assert await driver.run(asking(ONE)) == [1]
    begun = 0

    def begin() -> Steps:
        nonlocal begun
        begun += 1
        yield Asked("SELECT 'first'", ())
        yield Asked(NAP, (30.0 if begun == 1 else 0.0,))
        return begun

    assert await lost(begin) == 2


async def test_who_loses_every_connection_is_told(driver: PostgresDriver) -> None:
    begun = []

    def begin() -> Steps:
        begun.append(1)
        yield Asked("SELECT pg_terminate_backend(pg_backend_pid())", ())

    with pytest.raises(DomainError, match="out of reach") as refused:
        await driver.run(begin)
    assert refused.value.code == Code.UNAVAILABLE
    assert len(begun) == 2
    assert await driver.run(asking(ONE)) == [1]


async def test_a_server_out_of_reach_is_told(engine: AsyncEngine, postgres_database_url: str) -> None:
    nowhere = make_url(postgres_database_url).set(port=1)
    driver = PostgresDriver(engine.dialect, nowhere, kept=1, pool_size=1, pool_timeout=1, opens=lambda: None)
    for _ in range(2):
        with pytest.raises(DomainError, match="out of reach") as refused:
            await driver.run(asking(ONE))
        assert refused.value.code == Code.UNAVAILABLE
    await driver.close()


async def test_a_changed_table_costs_a_second_attempt(make: Make, engine: AsyncEngine, table: str) -> None:
    driver = make(pool_size=1)
    every = Asked(f"SELECT * FROM {table}", ())

    def begin() -> Steps:
        rows = yield every
        return [tuple(row) for row in rows]

    for _ in range(2):
        assert await driver.run(begin) == [("one",)]
    await run(engine, f"ALTER TABLE {table} ADD COLUMN meaning INT DEFAULT 5")
    assert await driver.run(begin) == [("one", 5)]


async def test_what_the_server_has_forgotten_is_prepared_again(make: Make) -> None:
    driver, begun = make(pool_size=1), 0

    def begin() -> Steps:
        nonlocal begun
        begun += 1
        yield ONE
        if begun == 1:
            yield Asked("DEALLOCATE ALL", ())

    await driver.run(begin)
    assert await driver.run(asking(ONE)) == [1]
    await driver.run(begin)
    assert begun == 2


async def test_a_connection_keeps_so_many_statements_prepared(make: Make) -> None:
    driver = make(pool_size=1, kept=3)
    for n in range(10):
        assert await driver.run(asking(Asked(f"SELECT {n}", ()))) == [n]
    names = "SELECT count(*) FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared%'"
    (kept,) = await driver.run(asking(Asked(names, ())))
    assert kept <= 3


async def test_who_is_cancelled_gives_the_connection_back_and_ends_the_statement(
    make: Make, engine: AsyncEngine
) -> None:
    driver = make(pool_size=1)
    sleep = Asked(NAP, (60.0,))
    for program in (asking(sleep), asking(ONE, sleep)):
        for pause in (0, 0.001, 0.1):
            running = asyncio.create_task(driver.run(program))
            await asyncio.sleep(pause)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            async with asyncio.timeout(PATIENCE):
                assert await driver.run(asking(ONE)) == [1]
                await are(engine, {0}, wait_event="PgSleep")


async def test_who_waits_too_long_for_a_connection_is_told(make: Make) -> None:
    driver = make(pool_size=1, pool_timeout=0.05)
    running = asyncio.create_task(driver.run(asking(Asked(NAP, (0.5,)))))
    await asyncio.sleep(0.1)
    with pytest.raises(DomainError) as refused:
        await driver.run(asking(ONE))
    assert refused.value.code == Code.UNAVAILABLE
    await running
    assert await driver.run(asking(ONE)) == [1]


async def test_what_is_locked_is_waited_for(driver: PostgresDriver, engine: AsyncEngine, table: str) -> None:
    async with engine.execution_options(isolation_level="READ COMMITTED").begin() as holder:
        await holder.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        running = asyncio.create_task(driver.run(asking(counting(table))))
        await asyncio.sleep(0.1)
        assert not running.done()
    async with asyncio.timeout(PATIENCE):
        assert await running == [1]


async def test_fifty_at_once_share_the_connections(make: Make, engine: AsyncEngine) -> None:
    driver, before = make(pool_size=3), await others(engine)
    numbers = [Asked("SELECT $1::int", (n,)) for n in range(50)]
    programs = [asking(each) if n % 2 else asking(each, ONE) for n, each in enumerate(numbers)]
    found = await asyncio.gather(*map(driver.run, programs))
    assert found == [[n] if n % 2 else [n, 1] for n in range(50)]
    assert await others(engine) <= before + 3


async def test_closing_ends_what_runs_and_leaves_no_connection(make: Make, engine: AsyncEngine) -> None:
    before = await others(engine)
    driver = make(pool_size=1)
    running = [asyncio.create_task(driver.run(asking(Asked(NAP, (60.0,))))) for _ in range(3)]
    await asyncio.sleep(0.2)
    async with asyncio.timeout(PATIENCE):
        await driver.close()
        told = await asyncio.gather(*running, return_exceptions=True)
        assert [error.code for error in told if isinstance(error, DomainError)] == [Code.UNAVAILABLE] * 3
        await are(engine, range(before + 1))
    # It opens again for whoever asks.
    assert await driver.run(asking(ONE)) == [1]


async def test_closing_while_a_transaction_is_ended_is_no_mistake(
    make: Make, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, rollback = asyncio.Event(), Line.rollback

    def noted(line: Line) -> Any:
        ending.set()
        return rollback(line)

    monkeypatch.setattr(Line, "rollback", noted)
    mistakes: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mistakes.append(context["message"]))
    before, driver = await others(engine), make()
    async with asyncio.timeout(PATIENCE):
        for _ in range(5):
            await driver.run(asking(ONE, ONE))
            await ending.wait()
            await driver.close()
            ending.clear()
    gc.collect()
    assert "Task exception was never retrieved" not in mistakes
    await are(engine, range(before + 1))
