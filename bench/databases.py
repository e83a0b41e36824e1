"""Databases to measure on: an organization with volume, and a key that opens it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bench import companies
from bench.mercurius import cache
from domain.leads import Lead
from domain.viewer import Dialect
from gateway import keys
from gateway.cli.storage import opened
from gateway.members import ensure_organization
from gateway.migrations.runner import newest
from gateway.seeds import words
from gateway.seeds.load import Loaded, Volume, load
from gateway.settings import load as load_settings

_LOCAL = "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
_PATIENCE_SECONDS = 5
_MAKERS = ("companies.py", "databases.py", "growing.py")
_SAMPLE = 500
"""Leads that are asked for by id, spread over the table."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A loaded database, its key, ids of some of its leads."""

    key: str
    leads: list[str]
    loaded: Loaded

    @property
    def opens(self) -> tuple[str, list[str]]:
        """What questions are made of."""
        return self.key, self.leads


def prepare(folder: Path, leads: int, url: str | None = None, *, nested: bool = False, alone: bool = False) -> Prepared:
    """Load a new database in a folder, or an empty one on a server.

    `nested`: with campaigns and personas of companies; `alone`: without notes, tasks and activities of leads.
    """
    work = 0 if alone else leads
    volume = Volume(leads, leads // 20, leads * 4 // 5, work, work, 2 * work)
    return asyncio.run(_prepare(folder, volume, url or f"sqlite:///{folder}/trigraph.db", nested))


def cached(kind: str, leads: int, make: Callable[[Path], Prepared]) -> tuple[Path, Prepared]:
    """The folder of an embedded database that takes long to make: one is made where none is known of this code."""
    made_by = hashlib.sha256(newest().encode())
    for source in sorted((*Path(__file__).parent.glob("*.py"), *Path(words.__file__).parent.glob("*.py"))):
        # Other parts of the bench make no rows.
        if source.name in _MAKERS or source.parent.name == "seeds":
            made_by.update(source.read_bytes())
    folder = cache() / f"{kind}-{leads}-{made_by.hexdigest()[:12]}"
    told = folder / "prepared.json"
    if told.exists():
        known = json.loads(told.read_text())
        return folder, Prepared(known["key"], known["leads"], Loaded(**known["loaded"]))
    for older in cache().glob(f"{kind}-{leads}-*"):
        shutil.rmtree(older)
    prepared = make(folder)
    told.write_text(json.dumps(asdict(prepared)))
    return folder, prepared


def postgres() -> str | None:
    """The URL of the PostgreSQL server to measure on: TRIGRAPH_TEST_POSTGRES_URL, or a local one that lets us in."""
    named = os.environ.get("TRIGRAPH_TEST_POSTGRES_URL")
    if named:
        return named
    try:
        asyncio.run(asyncio.wait_for(_administer(_LOCAL, "SELECT 1"), _PATIENCE_SECONDS))
    except (OSError, TimeoutError, SQLAlchemyError):
        return None
    return _LOCAL


@contextmanager
def on_server(server: str) -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server, dropped at the end."""
    name = f"trigraph_bench_{secrets.token_hex(4)}"
    asyncio.run(_administer(server, f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(_administer(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def _administer(server: str, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def _prepare(folder: Path, volume: Volume, url: str, nested: bool) -> Prepared:
    settings = load_settings(env_file=None, data_dir=folder, database_url=url)
    async with opened(settings, migrating=True) as database:
        organization = await ensure_organization(database, "Bench")
        loaded = await load(database, organization.id, volume, lambda kind, count: None)
        if nested:
            await companies.fill(database, organization.id)
        if not database.engines.embedded:
            # As autovacuum does it by itself after a while: plans and index-only scans depend on it.
            async with database.engines.writing.connect() as connection:
                bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await bare.execute(text("VACUUM ANALYZE"))
        issued = await keys.create(
            database,
            keys.Wanted("Bench", Dialect.CRM_ULTRA, organization.id, "jane.smith@staff.example", "Enterprise"),
        )
        ids = [row[0] for row in await database.rows(select(Lead.id).order_by(Lead.id))]
        return Prepared(issued.key, ids[:: max(1, len(ids) // _SAMPLE)], loaded)
