"""Spans of statements that SQLAlchemy does not run: those of programs, and those told to a connection directly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from gateway.compiled.opening import open_driver
from gateway.compiled.traced import TracedDriver
from gateway.database import Database
from gateway.settings_operations import TelemetrySettings
from gateway.spans import Span, SpanKind, Value, span, traced_by
from gateway.telemetry import Telemetry
from gateway.transactions import transactions
from resolvers.held import Held
from schema.compiled.steps import Asked, Begin, Steps

ONE, TWO = "SELECT 1", "SELECT 2"


@dataclass
class Told:
    """A statement as a tracer is told of it."""

    system: str
    sql: str
    seconds: float
    failure: str


class Listening:
    """A tracer that keeps what it is told of statements."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def statement(self, system: str, sql: str, began: int, ended: int, failure: str) -> None:
        self.told.append(Told(system, sql, (ended - began) / 1e9, failure))

    def span(self, name: str, kind: SpanKind, attributes: Mapping[str, Value | None]) -> AbstractContextManager[Span]:
        raise NotImplementedError

    def headers(self) -> Mapping[str, str]:
        return {}


@pytest.fixture
def tracer() -> Iterator[Listening]:
    tracer = Listening()
    with traced_by(tracer):
        yield tracer


@pytest.fixture(params=["at once", "in a thread"])
def driver(request: pytest.FixtureRequest, database: Database) -> TracedDriver:
    bound = 500 if request.param == "at once" else 0
    made = open_driver(
        database.engines, inline_milliseconds=bound, kept=10, pool_size=2, pool_timeout=5, busy_timeout=5
    )
    return TracedDriver(made)


def asking(*texts: str) -> Begin:
    def begin() -> Steps:
        found = []
        for sql in texts:
            rows = yield Asked(sql, ())
            found.append(rows[0][0])
        return found

    return begin


async def test_each_statement_of_a_program_is_told(driver: TracedDriver, tracer: Listening) -> None:
    assert await driver.run(asking(ONE, TWO)) == [1, 2]
    # What is one statement is asked outside of a transaction, and once more in one if there are others.
    assert [each.sql for each in tracer.told][-2:] == [ONE, TWO]
    assert {(each.system, each.failure) for each in tracer.told} == {(driver.dialect.name, "")}
    assert all(0 <= each.seconds < 5 for each in tracer.told)
    tracer.told.clear()
    assert await driver.run(asking(ONE, TWO)) == [1, 2]
    assert [each.sql for each in tracer.told] == [ONE, TWO]


async def test_a_statement_that_fails_is_told_by_its_kind(driver: TracedDriver, tracer: Listening) -> None:
    kind = "OperationalError" if driver.dialect.name == "sqlite" else "UndefinedTableError"
    with pytest.raises(Exception, match="nowhere"):
        await driver.run(asking(ONE, "SELECT * FROM nowhere"))
    assert [each.failure for each in tracer.told if each.sql == ONE] == [""] * (len(tracer.told) - 1)
    assert (tracer.told[-1].sql, tracer.told[-1].failure) == ("SELECT * FROM nowhere", kind)


async def test_a_program_that_fails_itself_is_no_failure_of_a_statement(
    driver: TracedDriver, tracer: Listening
) -> None:
    def begin() -> Steps:
        yield Asked(ONE, ())
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        await driver.run(begin)
    assert [(each.sql, each.failure) for each in tracer.told] == [(ONE, "")]


async def test_what_nobody_traces_is_run_as_it_is(driver: TracedDriver) -> None:
    begins = []

    def begin() -> Steps:
        begins.append(steps := asking(ONE)())
        return steps

    class Watched:
        dialect = driver.dialect
        at_once = None

        async def run(self, begin: Begin) -> Any:
            return begin()

        async def close(self) -> None:
            """Nothing is open."""

    assert await TracedDriver(Watched()).run(begin) is begins[0]


async def test_direct_writes_are_told(embedded: Database, tracer: Listening) -> None:
    async def work(held: Held) -> None:
        await held.direct.rows(ONE, ())
        await held.direct.write("DELETE FROM organization WHERE id = ?", [("org_1",), ("org_2",)])
        with pytest.raises(DBAPIError, match="nowhere"):
            await held.direct.rows("SELECT * FROM nowhere", ())

    await transactions(embedded.engines).run(work)
    assert [(each.system, each.sql.split()[0], each.failure) for each in tracer.told] == [
        ("sqlite", "SELECT", ""),
        ("sqlite", "DELETE", ""),
        ("sqlite", "SELECT", "OperationalError"),
    ]


async def test_statements_are_spans_below_what_asks_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    telemetry = Telemetry("http://127.0.0.1:1/v1/traces", TelemetrySettings())
    ended: list[Any] = []
    monkeypatch.setattr(telemetry._exporter, "export", ended.extend)
    with traced_by(telemetry):
        telemetry.statement("sqlite", ONE, 1, 2, "")
        with span("query"):
            telemetry.statement("sqlite", "BEGIN", 1, 2, "")
            telemetry.statement("sqlite", " (SELECT 1)", 1_000, 3_000, "OperationalError")
    await telemetry.stop()
    statement, query = ended
    assert (statement.name, statement.start_time, statement.end_time) == ("SELECT", 1_000, 3_000)
    assert statement.parent.span_id == query.context.span_id
    assert statement.status.description == "OperationalError"
    assert dict(statement.attributes) == {"db.system.name": "sqlite", "db.operation.name": "SELECT"}
