"""CopyCar over the real graph: an organization, and a key of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.permissions import Role
from domain.viewer import Dialect
from gateway.database import Database
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.engine.app import DialectApp
from tests.factories.credentials import make_key
from tests.factories.organizations import make_user
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.copycar.printed import as_printed
from tests.rest_compat.doors import served

Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def app(database: Database) -> DialectApp:
    return served(COPYCAR, database)


@pytest.fixture
async def jane(database: Database, organization: str) -> str:
    return await make_user(database, organization, role=Role.SALES_MANAGER)


@pytest.fixture
async def key(database: Database, organization: str, jane: str) -> str:
    return await make_key(database, organization, user=jane, dialect=Dialect.COPYCAR)


@pytest.fixture
def ask(app: DialectApp, key: str) -> Ask:
    """Call a path below the base, with a body as JSON."""

    async def asked(path: str, body: object = None, method: str = "") -> Answer:
        headers = {"X-API-Key": key, "Content-Type": "application/json"}
        sent = b"" if body is None else json.dumps(body).encode()
        return await call(
            app, method or ("GET" if body is None else "POST"), f"/v2/ultimate{path}", body=sent, headers=headers
        )

    return asked


@pytest.fixture
def answered(ask: Ask) -> Callable[..., Awaitable[Any]]:
    """Call a path that answers as a route's example is printed; its body."""

    async def got(shape: str, path: str, body: object = None) -> Any:
        answer = await ask(path, body)
        assert answer.status == 200, answer.body
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        as_printed(shape, answer.json())
        return answer.json()

    return got
