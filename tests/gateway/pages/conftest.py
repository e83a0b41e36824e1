"""The whole application with people who can sign in, and clients that send them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.applications import Starlette

from domain.event_log import Event
from domain.permissions import Role
from domain.users import User
from gateway import passwords
from gateway.app import create_app
from gateway.database import Database
from gateway.settings import load
from tests.clocks import SetClock
from tests.factories.credentials import make_client
from tests.factories.organizations import make_organization, make_user, store
from tests.gateway.pages.browsing import Browser

PASSWORD = "tangerine walnut bicycle"
CALLBACK = "https://client.example.com/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Office:
    """An application on a database, with one organization and a member of its staff."""

    app: Starlette
    clock: SetClock
    organization: str
    user: str
    email: str

    @property
    def database(self) -> Database:
        found: Database = self.app.state.parts.database
        return found

    def browser(self, **options: Any) -> Browser:
        return Browser(self.app, **options)

    async def client(self, *, redirect_uris: list[str] | None = None, **known: Any) -> str:
        """A client that may send people to sign in."""
        known = {"dialect": None, "scopes": ("read", "write"), "name": "Reports", **known}
        return await make_client(
            self.database,
            known.pop("organization", self.organization),
            redirect_uris=redirect_uris or [CALLBACK],
            **known,
        )

    async def person(self, organization: str, email: str, password: str | None = PASSWORD, **known: Any) -> str:
        """A member of staff with a password."""
        made = await make_user(self.database, organization, email=email, **known)
        await self.give(made, password_hash=await passwords.hashed(password) if password else None)
        return made

    async def give(self, user_id: str, **columns: Any) -> None:
        """Write columns of a user as they are."""

        async def work(session: Any) -> None:
            user = await session.get(User, user_id)
            for name, value in columns.items():
                setattr(user, name, value)

        await self.database.store(work)

    async def rows(self, entity: Any, *conditions: Any) -> list[Any]:
        """Entities as they are stored."""

        async def work(session: Any) -> list[Any]:
            return list(await session.scalars(select(entity).where(*conditions).order_by(entity.id)))

        return await self.database.store(work)

    async def rows_of_events(self) -> list[Event]:
        """What the organization's log tells, in its order."""

        async def work(session: Any) -> list[Event]:
            own = select(Event).where(Event.organization_id == self.organization)
            return list(await session.scalars(own.order_by(Event.sequence)))

        return await self.database.store(work)

    async def put(self, *rows: Any) -> None:
        await store(self.database, *rows)


def authorize(client_id: str, path: str = "/oauth/authorize", **given: str | None) -> str:
    """The address a client sends people to."""
    usual = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": "read",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"{path}?{urlencode({name: value for name, value in {**usual, **given}.items() if value is not None})}"


@asynccontextmanager
async def opened(url: str, folder: Path, clock: SetClock, **settings: Any) -> AsyncIterator[Office]:
    known = {"secret_keys": "s" * 40, "data_dir": folder, "public_url": "http://127.0.0.1:8000", **settings}
    app = create_app(load(env_file=None, database_url=url, **known), clock=clock)
    database: Database = app.state.parts.database
    try:
        organization = await make_organization(database, name="Acme Insurance")
        # PostgreSQL's tables are shared by the tests of a process, and addresses are looked up in all organizations.
        email = f"{organization}@agency.example.com"
        user = await make_user(database, organization, email=email, name="Jane Agent", role=Role.SALES_REP)
        office = Office(app, clock, organization, user, email)
        await office.give(user, password_hash=await passwords.hashed(PASSWORD))
        yield office
    finally:
        await database.engines.dispose()


DEAR = passwords._hasher


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time; what they are like otherwise is tested where it matters."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()


@pytest.fixture
async def office(database_url: str, tmp_path: Path, clock: SetClock) -> AsyncIterator[Office]:
    """An application on each of the two databases."""
    async with opened(database_url, tmp_path, clock) as office:
        yield office


@pytest.fixture
async def embedded_office(sqlite_database_url: str, tmp_path: Path, clock: SetClock) -> AsyncIterator[Office]:
    """An application on SQLite, for what has nothing to do with storage."""
    async with opened(sqlite_database_url, tmp_path, clock) as office:
        yield office
