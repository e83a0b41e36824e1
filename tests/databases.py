"""The two databases every test of SQL runs on, migrated once per process and given away clean."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.engines import open_engines
from gateway.migrations.runner import migrate

_SERVER = os.environ.get("TRIGRAPH_TEST_POSTGRES_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres")


def sqlite_url(file: Path) -> str:
    """The database URL of a file."""
    return f"sqlite+aiosqlite:///{file}"


async def _migrated(url: str) -> None:
    engines = open_engines(url, pool_size=1, pool_timeout=5, busy_timeout=5)
    try:
        await migrate(engines.writing)
    finally:
        await engines.dispose()


async def on_server(*statements: str) -> None:
    """Run statements that need no transaction, such as CREATE DATABASE, on the test server."""
    url = make_url(_SERVER).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


def fresh_postgres() -> Iterator[str]:
    """An empty database of its own on the test server, dropped at the end; without a server, skip or fail."""
    name = f"trigraph_test_{os.getpid()}_{secrets.token_hex(4)}"
    try:
        asyncio.run(on_server(f"CREATE DATABASE {name}"))
    except (OSError, DBAPIError) as error:
        why = f"no PostgreSQL for tests at {make_url(_SERVER).render_as_string()} (TRIGRAPH_TEST_POSTGRES_URL): {error}"
        if os.environ.get("TRIGRAPH_TEST_REQUIRE_SERVICES") == "1":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
    url: URL = make_url(_SERVER).set(drivername="postgresql+asyncpg", database=name)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        asyncio.run(on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that is copied and never opened again."""
    file = tmp_path_factory.mktemp("template") / "trigraph.db"
    asyncio.run(_migrated(sqlite_url(file)))
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL database of this test process; tests keep apart by organizations of their own."""
    for url in fresh_postgres():
        asyncio.run(_migrated(url))
        yield url


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database of one test."""
    yield from fresh_postgres()


@pytest.fixture
def sqlite_file(sqlite_template: Path, tmp_path: Path) -> Path:
    """A migrated SQLite file of one test."""
    return Path(shutil.copy(sqlite_template, tmp_path / "trigraph.db"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database: the test runs once on each of the two."""
    if request.param == "sqlite":
        return sqlite_url(request.getfixturevalue("sqlite_file"))
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite_database_url(sqlite_file: Path) -> str:
    """A migrated SQLite database, for what only the embedded default has."""
    return sqlite_url(sqlite_file)


@pytest.fixture
def postgres_database_url(postgres_url: str) -> str:
    """A migrated PostgreSQL database, for what only a server has; mark the test `postgres`."""
    return postgres_url
