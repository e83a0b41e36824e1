"""How much of a SQLite file each connection keeps in memory, as the settings say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ports import SystemClock
from gateway.assembly import open_compiling, open_database
from gateway.database import Database
from gateway.settings import InvalidSettings, Settings, load
from gateway.sqlite import Memory
from schema.compiled.steps import Asked, Steps
from tests.databases import sqlite_url

CACHE, MAPPED = "PRAGMA cache_size", "PRAGMA mmap_size"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = {"sqlite_cache_mebibytes": 40, "sqlite_mmap_mebibytes": 3}
    return load(env_file=None, database_url=sqlite_url(tmp_path / "trigraph.db"), data_dir=tmp_path, **given)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings, SystemClock())
    # Whoever reads makes no file.
    async with database.engines.writing.begin() as connection:
        await connection.execute(text("CREATE TABLE word (text TEXT)"))
    yield database
    await database.engines.dispose()


async def told(engine: AsyncEngine) -> tuple[Any, ...]:
    """What a connection keeps: pages in KiB, as a negative number, and mapped bytes."""
    async with engine.connect() as connection:
        return tuple([(await connection.execute(text(each))).scalar_one() for each in (CACHE, MAPPED)])


async def test_connections_of_threads_keep_a_quarter_each(database: Database) -> None:
    engines = database.engines
    for each in (engines.reading, engines.writing, engines.aside):
        assert await told(each) == (-10 * 1024, 3 * 1024**2)


@pytest.mark.parametrize(("milliseconds", "kept"), [(1_000, 40), (0, 10)])
async def test_programs_on_the_event_loop_keep_all_of_it_and_threads_a_quarter(
    settings: Settings, database: Database, milliseconds: float, kept: int
) -> None:
    own = settings.compiled.model_copy(update={"inline_milliseconds": milliseconds})
    compiling = open_compiling(settings.model_copy(update={"compiled": own}), database)
    assert compiling

    def begin() -> Steps:
        cache = yield Asked(CACHE, ())
        mapped = yield Asked(MAPPED, ())
        return cache[0][0], mapped[0][0]

    assert await compiling.compiler.driver.run(begin) == (-kept * 1024, 3 * 1024**2)


def test_a_quarter_is_no_less_than_sqlite_keeps_by_itself() -> None:
    assert Memory(16).quarter() == Memory(4)
    assert Memory(4, 8).quarter() == Memory(2, 8)
    assert Memory(1).quarter() == Memory(1)


def test_by_default_nothing_is_mapped() -> None:
    settings = load(env_file=None)
    assert (settings.sqlite_cache_mebibytes, settings.sqlite_mmap_mebibytes) == (16, 0)


@pytest.mark.parametrize(("name", "value"), [("sqlite_cache_mebibytes", 0), ("sqlite_mmap_mebibytes", 4096)])
def test_what_sqlite_cannot_keep_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(InvalidSettings, match=f"TRIGRAPH_{name.upper()}"):
        load(env_file=None, **{name: value})
