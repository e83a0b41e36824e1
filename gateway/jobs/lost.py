"""Imports whose process was killed: nobody else would ever end them."""

from __future__ import annotations

from functools import partial

from domain.errors import DomainError, Kind
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from resolvers import job_imports

log = logger(__name__)


async def end_lost_imports(database: Database) -> None:
    """End every import of which nothing was heard for too long; what it has stored stays."""
    for organization_id, job_id in await database.rows(job_imports.given_up(database.clock.now())):
        try:
            await database.transact(Viewer.nobody(organization_id), partial(job_imports.give_up, job_id=job_id))
        except DomainError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
        else:
            log.warning("an import was given up: its process is gone", batch=job_id)
