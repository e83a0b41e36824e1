"""CRM-Ultra over the real graph: an organization, Jane Smith, her key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from domain.permissions import Role
from domain.ports import OutgoingMail
from domain.viewer import Dialect
from gateway.database import Database
from gateway.mailroom import Mailroom
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from rest_compat.engine.app import DialectApp
from tests.factories.credentials import make_key
from tests.factories.organizations import make_user
from tests.rest_compat.asgi import call
from tests.rest_compat.crm_ultra.client import Client
from tests.rest_compat.doors import served

MakeKey = Callable[..., Awaitable[str]]


class Postbox:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []

    async def send(self, message: OutgoingMail) -> None:
        self.sent.append(message)


@pytest.fixture
def postbox(database: Database) -> Postbox:
    box = Postbox()
    room = Mailroom(database, box, "crm@example.com", attempts=3, retry_seconds=60, wait_seconds=5)
    database.deliver = room.deliver
    return box


@pytest.fixture
def app(database: Database, postbox: Postbox) -> DialectApp:
    return served(CRM_ULTRA, database)


@pytest.fixture
async def jane(database: Database, organization: str) -> str:
    return await make_user(database, organization, role=Role.SALES_MANAGER, name="Jane Smith", email="jane@company.com")


@pytest.fixture
def key_of(database: Database, organization: str) -> MakeKey:
    """Makes a key: `await key_of(user_id, scopes=("read",), dialect=...)`."""

    async def make(
        user: str | None, scopes: tuple[str, ...] = ("read", "write"), dialect: Dialect | None = Dialect.CRM_ULTRA
    ) -> str:
        return await make_key(database, organization, user=user, scopes=scopes, dialect=dialect)

    return make


_documents: list[dict[str, object]] = []


@pytest.fixture
async def document(app: DialectApp) -> dict[str, object]:
    """What the door says of itself, asked once: it is the same whatever is behind the door."""
    if not _documents:
        _documents.append((await call(app, "GET", "/openapi.json")).json())
    return _documents[0]


@pytest.fixture
async def crm(app: DialectApp, jane: str, key_of: MakeKey, document: dict[str, object]) -> Client:
    """CRM-Ultra as Jane Smith, a sales manager."""
    return Client(app, document, await key_of(jane))
