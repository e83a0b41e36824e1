"""What every test can ask for: a database, an organization, viewers, the graph, a clock."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AbstractContextManager, asynccontextmanager
from functools import lru_cache, partial

import pytest
import structlog
from hypothesis import HealthCheck, settings

from domain.permissions import Role
from domain.viewer import Viewer
from gateway.database import Database
from gateway.engines import open_engines
from gateway.loading import uncollected
from tests.clocks import PRINTED, SetClock
from tests.databases import (
    database_url,
    drop_template,
    empty_postgres_url,
    own_postgres_url,
    postgres_database_url,
    postgres_template,
    postgres_url,
    sqlite_database_url,
    sqlite_file,
    sqlite_template,
)
from tests.factories.organizations import make_organization, make_viewer
from tests.graphs import Graph, statements_of
from tests.loopback import stay_on_loopback
from tests.redises import own_redis, redis_cluster, redis_url
from tests.vaults import VAULT

__all__ = [
    "database_url",
    "empty_postgres_url",
    "own_postgres_url",
    "own_redis",
    "postgres_database_url",
    "postgres_template",
    "postgres_url",
    "redis_cluster",
    "redis_url",
    "sqlite_database_url",
    "sqlite_file",
    "sqlite_template",
]

stay_on_loopback()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of tests that need Redis, and have logs written plainly."""
    # In colours and with the values of variables, as it is by default, a traceback takes a second and a half to write.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, plain])
    config.addinivalue_line(
        "markers", "redis: needs a Redis server (TRIGRAPH_TEST_REDIS_URL); skipped where there is none"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Find the tests without looking for garbage among what stays until the end; it took half of the time."""
    with uncollected():
        return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave nothing on the test server: what the run's databases were copied from goes when the last process ends."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        asyncio.run(drop_template(os.getpid()))


# A slow machine is no failure, and an example costs transactions; the same examples are tried every time.
settings.register_profile(
    "trigraph",
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("trigraph")

MakeViewer = Callable[..., Awaitable[Viewer]]
CountStatements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def clock() -> SetClock:
    """A clock at the moment of the printed examples; move it by `advance(minutes=1)`."""
    return SetClock(PRINTED)


_kept_engines = lru_cache(maxsize=16)(open_engines)
"""Engines outlive the test, without connections: they remember statements, which take longer to compile than to run."""


@asynccontextmanager
async def opened(url: str, clock: SetClock, **wanted: float) -> AsyncIterator[Database]:
    """A database behind its boundary, and its connections closed at the end."""
    options: dict[str, float] = {"pool_size": 5, "pool_timeout": 10, "busy_timeout": 5, "poll_seconds": 0.05} | wanted
    poll_seconds = options.pop("poll_seconds")
    engines = _kept_engines(url, **options)
    try:
        yield Database(engines, clock, VAULT, bulk=500, poll_seconds=poll_seconds)
    finally:
        await engines.dispose()


@pytest.fixture
async def database(database_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """A migrated database behind its boundary; the test runs on SQLite and on PostgreSQL."""
    async with opened(database_url, clock) as database:
        yield database


@pytest.fixture
async def embedded(sqlite_database_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """A migrated SQLite database behind its boundary, for what only the embedded default has."""
    async with opened(sqlite_database_url, clock) as database:
        yield database


@pytest.fixture
async def server(postgres_database_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """A migrated PostgreSQL database behind its boundary; mark the test `postgres`."""
    async with opened(postgres_database_url, clock) as database:
        yield database


@pytest.fixture
async def organization(database: Database) -> str:
    """The id of a new organization, which keeps the test apart from every other."""
    return await make_organization(database)


@pytest.fixture
def viewer_of(database: Database, organization: str) -> MakeViewer:
    """Makes viewers: `await viewer_of(role=Role.ANALYST, team=..., scopes=("read",), organization=...)`."""

    async def viewer(organization_id: str | None = None, **wanted: object) -> Viewer:
        return await make_viewer(database, organization_id or organization, **wanted)  # type: ignore[arg-type]

    return viewer


@pytest.fixture
async def viewer(viewer_of: MakeViewer) -> Viewer:
    """An administrator of the organization."""
    return await viewer_of(role=Role.ADMIN)


@pytest.fixture
async def stranger(database: Database, viewer_of: MakeViewer) -> Viewer:
    """An administrator of another organization."""
    return await viewer_of(await make_organization(database, name="Elsewhere"), role=Role.ADMIN)


@pytest.fixture
def graph(database: Database, viewer: Viewer) -> Graph:
    """Asks the graph as the administrator, or as `viewer=`; answers data and refusals, raises bugs."""
    return Graph(database, viewer)


@pytest.fixture
def count_statements(database: Database) -> CountStatements:
    """`with count_statements() as ran:` collects the SQL statements of what happens inside."""
    return partial(statements_of, database)
