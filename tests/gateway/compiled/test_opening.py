"""The driver of a process: it fits the database and is closed with the engines."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from domain.organizations import Organization
from gateway.compiled.opening import ClosableDriver, open_driver
from gateway.database import Database
from schema.compiled.steps import Asked, Steps


def opened(database: Database) -> ClosableDriver:
    return open_driver(database.engines, inline_milliseconds=500, kept=10, pool_size=2, pool_timeout=5, busy_timeout=5)


async def names(driver: ClosableDriver, organization: str) -> list[Any]:
    """What a statement that was compiled for the driver's dialect finds, with a value in its place."""
    compiled = select(Organization.id).where(Organization.id == organization).compile(dialect=driver.dialect)

    def begin() -> Steps:
        rows = yield Asked(str(compiled), (organization,))
        return [tuple(row) for row in rows]

    found: list[Any] = await driver.run(begin)
    return found


async def test_it_runs_what_was_compiled_for_its_dialect(database: Database, organization: str) -> None:
    driver = opened(database)
    assert await names(driver, organization) == [(organization,)]
    assert await names(driver, "org_nobody") == []


async def test_it_is_closed_with_the_engines_and_opens_again(database: Database, organization: str) -> None:
    driver = opened(database)
    for _ in range(2):
        assert await names(driver, organization) == [(organization,)]
        await database.engines.dispose()


async def test_it_serves_one_event_loop_after_another(database: Database, organization: str) -> None:
    driver = opened(database)

    async def there() -> None:
        assert await names(driver, organization) == [(organization,)]
        await driver.close()

    await asyncio.to_thread(asyncio.run, there())
    assert await names(driver, organization) == [(organization,)]
