"""What is told of an operation's statements: their text, rows and time, never their values."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import select

from domain.leads import Lead
from gateway.database import Database
from gateway.graphql.explained import ExplainedDriver, explaining, follow
from schema.compiled.steps import Asked, Begin, Steps
from tests.factories.leads import make_lead


class Rows:
    """A driver that answers every statement with as many rows as it has values, in a thread or not."""

    dialect: Any = None
    at_once = None

    def __init__(self, *, threaded: bool = False, again: int = 0) -> None:
        self.threaded = threaded
        self.again = again

    async def run(self, begin: Begin) -> Any:
        for _ in range(self.again):
            # As a driver does that gives up half-way, to begin anew elsewhere.
            steps = begin()
            next(steps)
            steps.close()
        if not self.threaded:
            return self._through(begin)
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(self._through(begin)))
        thread.start()
        await asyncio.to_thread(thread.join)
        return found[0]

    async def close(self) -> None:
        """There is nothing to close."""

    def _through(self, begin: Begin) -> Any:
        steps = begin()
        try:
            asked = next(steps)
            while True:
                asked = steps.send([(value,) for value in asked.values])
        except StopIteration as ended:
            return ended.value


def program() -> Steps:
    first = yield Asked("SELECT one", ("a secret",))
    second = yield Asked("SELECT two", (1, 2, 3))
    return len(first) + len(second)


@pytest.mark.parametrize("driver", [Rows(), Rows(threaded=True), Rows(again=2)])
async def test_statements_are_told_with_their_rows_and_time(driver: Rows) -> None:
    explained = ExplainedDriver(driver)
    with explaining() as plan:
        assert await explained.run(program) == 4
        assert await explained.run(program) == 4
    told = plan.told()
    assert [(each["sql"], each["rows"]) for each in told["statements"]] == [("SELECT one", 1), ("SELECT two", 3)] * 2
    assert all(each["milliseconds"] >= 0 for each in told["statements"])
    assert (told["compiled"], told["reason"]) == (True, None)
    assert "a secret" not in str(told)


async def test_what_broke_off_is_told_as_far_as_it_came() -> None:
    def broken() -> Steps:
        yield Asked("SELECT one", ())
        raise LookupError

    with explaining() as plan, pytest.raises(LookupError):
        await ExplainedDriver(Rows()).run(broken)
    plan.reason = "stored value"
    told = plan.told()
    assert [each["sql"] for each in told["statements"]] == ["SELECT one"]
    assert (told["compiled"], told["reason"]) == (False, "stored value")


async def test_operations_at_the_same_time_are_told_apart() -> None:
    driver = ExplainedDriver(Rows(threaded=True))

    async def one() -> int:
        with explaining() as plan:
            await driver.run(program)
        return len(plan.statements)

    assert [*await asyncio.gather(one(), one(), one())] == [2, 2, 2]
    assert await driver.run(program) == 4


async def test_statements_of_others_are_told_without_values(database: Database, organization: str) -> None:
    follow(database.engines.reading, database.engines.writing)
    await make_lead(database, organization)
    with explaining() as plan:
        await database.rows(select(Lead.id).where(Lead.organization_id == organization))
    await database.rows(select(Lead.id))
    (told,) = plan.statements
    assert told["sql"].startswith("SELECT lead.id")
    assert told["rows"] in (1, None)
    assert organization not in str(plan.told())
