"""The month's tokens: never more than the quota, and nothing for what was refused or rolled back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import Code, DomainError, invalid
from domain.limits import Allowance, LimitGroup, LimitWindow, Standing
from domain.quotas import TokenUsage
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from resolvers import quotas
from resolvers.unit import Unit
from tests.clocks import SetClock
from tests.conftest import opened
from tests.factories.credentials import make_client
from tests.factories.organizations import make_organization

FEBRUARY = datetime(2024, 2, 1, tzinfo=UTC)


@pytest.fixture
async def writer(database: Database, organization: str) -> Viewer:
    """A CopyCar client with 300 tokens a month."""
    client = await make_client(database, organization, dialect=Dialect.COPYCAR, monthly_tokens=300)
    return Viewer(organization, client, None, None, frozenset(), (), Dialect.COPYCAR, "Ultimate", "Test")


async def spend(database: Database, viewer: Viewer, tokens: int, then: Exception | None = None) -> Standing:
    found: list[Standing | None] = []

    async def work(unit: Unit) -> dict[str, Any]:
        found.append(await quotas.spend(unit, tokens, unit.viewer.client_id))
        if then:
            raise then
        return {}

    await database.transact(viewer, work)
    assert found[-1] is not None
    return found[-1]


async def used(database: Database, viewer: Viewer) -> list[tuple[str, int]]:
    statement = select(TokenUsage.month, TokenUsage.used).where(TokenUsage.client_id == viewer.client_id)
    return [tuple(row) for row in await database.rows(statement.order_by(TokenUsage.month))]


async def test_what_remains_is_told_after_each_call(database: Database, writer: Viewer) -> None:
    told = [await spend(database, writer, tokens) for tokens in (100, 0, 199)]

    assert [each.remaining for each in told] == [200, 200, 1]
    assert told[-1] == Standing(Allowance(LimitGroup.TOKENS, LimitWindow.MONTH, 300), 299, FEBRUARY)


async def test_more_than_is_left_is_refused_with_what_is_left_and_until_when(
    database: Database, writer: Viewer, clock: SetClock
) -> None:
    clock.at = datetime(2024, 1, 31, 23, 59, 50, tzinfo=UTC)
    await spend(database, writer, 290)

    with pytest.raises(DomainError) as refused:
        await spend(database, writer, 11)

    assert refused.value.code is Code.QUOTA_EXCEEDED
    told = {"limit": 300, "used": 290, "remaining": 10, "resets_at": FEBRUARY, "retry_after": 10}
    assert refused.value.data == told
    assert (await spend(database, writer, 10)).remaining == 0


async def test_the_quota_begins_anew_with_the_month(database: Database, writer: Viewer, clock: SetClock) -> None:
    clock.at = datetime(2024, 1, 31, 23, 59, 59, tzinfo=UTC)
    await spend(database, writer, 300)
    clock.advance(seconds=1)

    assert (await spend(database, writer, 1)).remaining == 299
    assert await used(database, writer) == [("2024-01", 300), ("2024-02", 1)]


async def test_what_is_rolled_back_is_not_used_up(database: Database, writer: Viewer) -> None:
    await spend(database, writer, 100)
    with pytest.raises(DomainError):
        await spend(database, writer, 50, then=invalid("topic", "no"))
    with pytest.raises(DomainError):
        await spend(database, writer, 201)

    assert await used(database, writer) == [("2024-01", 100)]


async def test_a_quota_that_was_lowered_holds_at_once(database: Database, organization: str) -> None:
    client = await make_client(database, organization, dialect=None, monthly_tokens=0)
    viewer = Viewer(organization, client, None, None, frozenset(), (), None, "Free", "Test")

    with pytest.raises(DomainError):
        await spend(database, viewer, 1)
    assert (await spend(database, viewer, 0)).remaining == 0


async def _race(databases: list[Database], viewer: Viewer) -> tuple[int, list[int]]:
    calls = (spend(databases[n % len(databases)], viewer, 30) for n in range(24))
    told = await asyncio.gather(*calls, return_exceptions=True)
    refused = [each for each in told if isinstance(each, DomainError) and each.code is Code.QUOTA_EXCEEDED]
    return len(refused), sorted(each.remaining for each in told if isinstance(each, Standing))


async def test_writers_at_the_same_time_never_exceed_the_quota(database: Database, writer: Viewer) -> None:
    assert await _race([database], writer) == (14, list(range(0, 300, 30)))
    assert await used(database, writer) == [("2024-01", 300)]


@pytest.mark.postgres
async def test_nor_do_the_writers_of_two_processes(
    server: Database, postgres_database_url: str, clock: SetClock
) -> None:
    organization = await make_organization(server)
    client = await make_client(server, organization, dialect=Dialect.COPYCAR, monthly_tokens=300)
    viewer = Viewer(organization, client, None, None, frozenset(), (), Dialect.COPYCAR, "Ultimate", "Test")
    async with opened(postgres_database_url, clock) as other:
        assert await _race([server, other], viewer) == (14, list(range(0, 300, 30)))
    assert await used(server, viewer) == [("2024-01", 300)]
