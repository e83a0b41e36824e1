from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.app import create_app
from gateway.database import Database
from gateway.settings import load
from tests.gateway.streams.serving import House, insiders, serving

Serve = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def serve(sqlite_database_url: str, embedded: Database, tmp_path: Path) -> Serve:
    """`async with serve(streams={...}) as house:` serves with these settings."""

    @asynccontextmanager
    async def opened(**given: Any) -> AsyncIterator[House]:
        app = create_app(load(env_file=None, database_url=sqlite_database_url, data_dir=tmp_path, **given))
        async with serving(app, *await insiders(embedded)) as house:
            yield house

    return opened


@pytest.fixture
async def house(serve: Serve) -> AsyncIterator[House]:
    async with serve() as house:
        yield house
