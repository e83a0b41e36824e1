"""The two databases every test of SQL runs on, migrated once for all processes of a run and given away clean."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def by_the_first(factory: pytest.TempPathFactory, what: str) -> Iterator[tuple[Path, bool]]:
    """A file that the first process of a run makes while the others wait, and whether this is the first."""
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / what
    with (shared / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield made, not made.exists()


def fresh_postgres(template: str = "template1") -> Iterator[str]:
    """A database of its own on the test server, dropped at the end; without a server, skip or fail."""
    name = f"trigraph_test_{os.getpid()}_{secrets.token_hex(4)}"
    try:
        # Nothing of a test has to outlive the server, so that nobody waits for disks.
        quick = f"ALTER DATABASE {name} SET synchronous_commit = off"
        asyncio.run(on_server(f"CREATE DATABASE {name} TEMPLATE {template}", quick))
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


def template_of(run: int) -> str:
    """The name of what PostgreSQL databases are copied from in a run of tests, which is known by its first process."""
    return f"trigraph_test_{run}_template"


async def drop_template(run: int) -> None:
    """Drop it at the end of the run, where there is one."""
    with suppress(OSError, DBAPIError):
        await on_server(f"DROP DATABASE IF EXISTS {template_of(run)}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that is copied and never opened again."""
    file = tmp_path_factory.mktemp("template") / "trigraph.db"
    with by_the_first(tmp_path_factory, "migrated.db") as (made, first):
        if first:
            asyncio.run(_migrated(sqlite_url(file)))
            shutil.copy(file, made)
        return Path(shutil.copy(made, file))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated PostgreSQL database that is copied and never opened again."""
    name = template_of(os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid())
    with by_the_first(tmp_path_factory, "migrated.postgresql") as (made, first):
        if first:
            for url in fresh_postgres():
                asyncio.run(_migrated(url))
                asyncio.run(on_server(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}"))
            made.touch()
    return name


@pytest.fixture(scope="session")
def postgres_url(postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test process; tests keep apart by organizations of their own."""
    yield from fresh_postgres(postgres_template)


@pytest.fixture
def own_postgres_url(postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of one test."""
    yield from fresh_postgres(postgres_template)


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database of one test."""
    yield from fresh_postgres()


@pytest.fixture
def sqlite_file(sqlite_template: Path) -> Path:
    """A migrated SQLite file of one test, in the place of the one before: what is kept by address stays known."""
    file = sqlite_template.with_name("test.db")
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()
    return Path(shutil.copy(sqlite_template, file))


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
