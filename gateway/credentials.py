"""From a request's headers to the viewer behind them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, select

from domain.clients import ApiClient, hash_key
from domain.errors import unauthenticated
from domain.permissions import Role, granted
from domain.users import User
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from resolvers.reads import Statement

_LONGEST_KEY = 512


# Built once: building it anew would cost as much as running it.
_BY_KEY: Statement = (
    select(
        ApiClient.id,
        ApiClient.organization_id,
        ApiClient.user_id,
        User.team_id,
        User.role,
        ApiClient.scopes,
        ApiClient.dialect,
        ApiClient.tier,
        ApiClient.name,
    )
    .outerjoin(User, User.id == ApiClient.user_id)
    .where(ApiClient.key_hash == bindparam("key_hash"), ApiClient.revoked_at.is_(None))
)


class Credentials:
    """Looks API keys up: one indexed statement per request, by the key's hash."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def for_graphql(self, headers: Mapping[str, str]) -> Viewer | None:
        """The viewer of a GraphQL request, by a credential of any dialect; None when there is none.

        Raises:
            DomainError: UNAUTHENTICATED for a credential that is wrong.
        """
        key = presented(headers)
        return await self._viewer(key) if key is not None else None

    async def for_dialect(self, name: str, headers: Mapping[str, str]) -> Viewer:
        """The viewer of a request to a REST dialect; a credential of another dialect does not open it (X-25).

        Raises:
            DomainError: UNAUTHENTICATED.
        """
        key = presented(headers)
        if key is None:
            raise unauthenticated("An API key is required.")
        viewer = await self._viewer(key)
        if viewer.dialect is not Dialect(name.upper()):
            raise unauthenticated("API key is invalid or expired.")
        return viewer

    async def _viewer(self, key: str) -> Viewer:
        if not 0 < len(key) <= _LONGEST_KEY:
            raise unauthenticated("API key is invalid or expired.")
        rows = await self._database.rows(_BY_KEY.params(key_hash=hash_key(key)))
        if not rows:
            raise unauthenticated("API key is invalid or expired.")
        client, organization, user, team, role, scopes, dialect, tier, name = rows[0]
        permissions = granted(role or Role.INTEGRATION, scopes)
        return Viewer(organization, client, user, team, permissions, tuple(scopes), dialect, tier, name)


def presented(headers: Mapping[str, str]) -> str | None:
    """The key a request carries: in `X-API-Key`, or as a bearer; header names are in lower case."""
    key = headers.get("x-api-key")
    if key is not None:
        return key.strip()
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer":
        raise unauthenticated("Authorization must be `Bearer` with a key.")
    return value.strip()
