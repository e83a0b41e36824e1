"""People who are signed in, each in one browser: begun by a login, ended by time, by signing out, or from afar."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Delete, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.credentials import hash_of
from domain.organizations import Organization
from domain.permissions import Role, granted
from domain.sessions import BrowserSession
from domain.users import User
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.reads import Statement

_RANDOM_BYTES = 32
_LONGEST = 100
"""Characters of a cookie worth looking up; ours have 43."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose page it is."""

    user_id: str
    organization_id: str
    organization: str
    name: str
    email: str

    def viewer(self, client_id: str = "") -> Viewer:
        """On whose behalf a page acts: the person's, with no permission but over what is theirs."""
        return Viewer(
            organization_id=self.organization_id,
            client_id=client_id,
            user_id=self.user_id,
            team_id=None,
            permissions=frozenset(),
            scopes=(),
            dialect=None,
            tier="",
            name=self.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Person):
    """Somebody with a session that is in force; `value` is what the browser's cookie holds."""

    team_id: str | None
    role: Role
    expires_at: datetime
    value: str

    def reader(self) -> Viewer:
        """On whose behalf a page reads what is the organization's: the person's, as far as their role may see."""
        return replace(self.viewer(), team_id=self.team_id, permissions=granted(self.role, ("read",)))


_BY_HASH: Statement = (
    select(
        User.id.label("user_id"),
        User.organization_id,
        Organization.name.label("organization"),
        User.name,
        User.email,
        User.team_id,
        User.role,
        BrowserSession.expires_at,
    )
    .join(User, User.id == BrowserSession.user_id)
    .join(Organization, Organization.id == User.organization_id)
    .where(
        BrowserSession.hash == bindparam("hash"),
        BrowserSession.expires_at > bindparam("now"),
        User.disabled_at.is_(None),
    )
)


class Sessions:
    """Begins, finds and ends sessions. They live for a set time from the login, however much they are used."""

    def __init__(self, database: Database, lifetime: timedelta) -> None:
        self._database = database
        self.lifetime = lifetime

    async def find(self, value: str | None) -> SignedIn | None:
        """Who is signed in by a cookie's value; None when nobody is, any more or at all."""
        if not value or len(value) > _LONGEST:
            return None
        wanted = {"hash": hash_of(value), "now": self._database.clock.now()}
        rows = await self._database.rows(_BY_HASH.params(wanted))
        return SignedIn(**rows[0]._mapping, value=value) if rows else None

    async def begin(self, user_id: str, organization_id: str, replaced: str | None) -> str:
        """Sign a user in: the new cookie's value. The session this browser had ends, whoever's it was."""
        value, now = secrets.token_urlsafe(_RANDOM_BYTES), self._database.clock.now()

        async def work(store: AsyncSession) -> None:
            if replaced:
                await store.execute(_ended(replaced))
            session = BrowserSession(
                id=BrowserSession.new_id(),
                organization_id=organization_id,
                user_id=user_id,
                hash=hash_of(value),
                expires_at=now + self.lifetime,
                created_at=now,
            )
            store.add(session)

        await self._database.store(work)
        return value

    async def end(self, value: str) -> None:
        """Sign out."""

        async def work(store: AsyncSession) -> None:
            await store.execute(_ended(value))

        await self._database.store(work)

    async def forget(self) -> None:
        """Drop the sessions that are over."""
        before = self._database.clock.now()

        async def work(store: AsyncSession) -> None:
            await store.execute(delete(BrowserSession).where(BrowserSession.expires_at <= before))

        await self._database.store(work)


def _ended(value: str) -> Delete:
    return delete(BrowserSession).where(BrowserSession.hash == hash_of(value))
