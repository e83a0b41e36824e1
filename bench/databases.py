"""Databases to measure on: an organization with volume, and a key that opens it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from domain.leads import Lead
from domain.viewer import Dialect
from gateway import keys
from gateway.cli.storage import opened
from gateway.members import ensure_organization
from gateway.seeds.load import Loaded, Volume, load
from gateway.settings import load as load_settings

_SAMPLE = 500
"""Leads that are asked for by id, spread over the table."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A loaded database, its key, ids of some of its leads."""

    key: str
    leads: list[str]
    loaded: Loaded


def prepare(folder: Path, leads: int) -> Prepared:
    """Load a new database in a folder."""
    return asyncio.run(_prepare(folder, leads))


async def _prepare(folder: Path, leads: int) -> Prepared:
    settings = load_settings(env_file=None, data_dir=folder, database_url=f"sqlite:///{folder}/trigraph.db")
    async with opened(settings) as database:
        organization = await ensure_organization(database, "Bench")
        volume = Volume(leads, leads // 20, leads * 4 // 5, leads, leads, 2 * leads)
        loaded = await load(database, organization.id, volume, lambda kind, count: None)
        issued = await keys.create(
            database,
            keys.Wanted("Bench", Dialect.CRM_ULTRA, organization.id, "jane.smith@staff.example", "Enterprise"),
        )
        ids = [row[0] for row in await database.rows(select(Lead.id).order_by(Lead.id))]
        return Prepared(issued.key, ids[:: max(1, len(ids) // _SAMPLE)], loaded)
