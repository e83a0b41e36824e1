"""What can be told of a token (RFC 7662)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin  # type: ignore[import-untyped]
from sqlalchemy import bindparam, select

from domain.credentials import Credential, CredentialKind
from domain.users import User
from gateway.credential_rows import CredentialRows, Found
from gateway.database import Database
from gateway.oauth.clients import Client
from gateway.oauth.places import Place
from gateway.oauth.storage import TOKENS
from resolvers.reads import Statement

_MORE: Statement = (
    select(Credential.created_at, User.email)
    .select_from(Credential)
    .outerjoin(User, User.id == bindparam("user_id"))
    .where(Credential.id == bindparam("id"))
)


@dataclass(frozen=True, slots=True)
class Inspected(TokenMixin):  # type: ignore[misc]
    """A token that is asked about, as it would be received at one place and moment."""

    found: Found
    issued_at: datetime
    username: str | None
    issuer: str
    works: bool

    def known_to(self, client: Client) -> bool:
        """Whether a client may learn of it: its own tokens, and access tokens of its organization's clients. That is
        what a service needs that the organization's clients call.
        """
        own = self.found.client_id == client.id
        return own or (
            self.found.kind is CredentialKind.ACCESS_TOKEN and self.found.organization_id == client.organization_id
        )

    def is_expired(self) -> bool:
        """Whether it opens nothing any more, for whatever reason."""
        return not self.works

    def is_revoked(self) -> bool:
        """The same: to the one who asks it is no difference."""
        return not self.works

    def told(self) -> Mapping[str, Any]:
        """What is told of it while it works."""
        found, access = self.found, self.found.kind is CredentialKind.ACCESS_TOKEN
        return {
            "active": True,
            "scope": " ".join(found.scopes),
            "client_id": found.client_id,
            **({"username": self.username} if self.username else {}),
            **({"token_type": "Bearer"} if access else {}),
            **({"exp": int(found.until.timestamp())} if found.until else {}),
            "iat": int(self.issued_at.timestamp()),
            "sub": found.user_id or found.client_id,
            "iss": self.issuer,
        }


class Inspections:
    """Finds the tokens that are asked about."""

    def __init__(self, database: Database, issuer: str) -> None:
        self._database = database
        self._rows = CredentialRows(database)
        self._issuer = issuer

    async def find(self, value: str, place: Place) -> Inspected | None:
        """The token, whatever its state; None for what is no token of this place."""
        found = (await self._rows.by_values([value])).get(value)
        if found is None or found.kind not in TOKENS:
            return None
        if place.dialect not in (None, found.dialect) or place.sandbox not in (None, found.sandbox):
            return None
        rows = await self._database.rows(_MORE.params(id=found.id, user_id=found.user_id))
        if not rows:
            return None
        issued_at, email = rows[0]
        return Inspected(found, issued_at, email, self._issuer, found.works(self._database.clock.now()))
