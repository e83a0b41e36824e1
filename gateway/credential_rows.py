"""Looking credentials up: one indexed statement, whatever a request presents."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from domain.clients import ApiClient, covers
from domain.credentials import Credential, CredentialKind, hash_of
from domain.grants import Grant
from domain.organizations import Organization
from domain.permissions import Role
from domain.users import User
from domain.viewer import Dialect
from gateway.database import Database
from resolvers.reads import Statement


@dataclass(frozen=True, slots=True)
class Found:
    """A credential with its client, and with the user it acts for."""

    id: str
    kind: CredentialKind
    hash: str
    sealed: str | None
    credential_expires_at: datetime | None
    credential_used_at: datetime | None
    credential_revoked_at: datetime | None
    grant_id: str | None
    credential_scopes: list[str] | None
    grant_scopes: list[str] | None
    grant_revoked_at: datetime | None
    client_id: str
    organization_id: str
    client_name: str
    dialect: Dialect | None
    tier: str
    client_scopes: list[str]
    allowed_ips: list[str]
    sandbox: bool
    demands_secret: bool
    client_expires_at: datetime | None
    client_revoked_at: datetime | None
    sandbox_id: str | None
    user_id: str | None
    team_id: str | None
    role: Role | None
    user_disabled_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether nothing it hangs on was revoked, used up or disabled, and all of it is in force."""
        ended = (
            self.credential_revoked_at,
            self.credential_used_at,
            self.grant_revoked_at,
            self.client_revoked_at,
            self.user_disabled_at,
        )
        return not any(ended) and (self.until is None or now < self.until)

    @property
    def scopes(self) -> list[str]:
        """What it may be used for: its own scopes or its authorization's, as far as the client still holds them."""
        given = self.grant_scopes if self.credential_scopes is None else self.credential_scopes
        return [each for each in given if covers(self.client_scopes, each)] if given is not None else self.client_scopes

    @property
    def until(self) -> datetime | None:
        """When it ends by itself."""
        ends = [each for each in (self.credential_expires_at, self.client_expires_at) if each]
        return min(ends, default=None)


def _columns() -> Select[*tuple[object, ...]]:
    sandbox = aliased(Organization)
    return (
        select(
            Credential.id,
            Credential.kind,
            Credential.hash,
            Credential.sealed,
            Credential.expires_at,
            Credential.used_at,
            Credential.revoked_at,
            Credential.grant_id,
            Credential.scopes,
            Grant.scopes,
            Grant.revoked_at,
            ApiClient.id,
            ApiClient.organization_id,
            ApiClient.name,
            ApiClient.dialect,
            ApiClient.tier,
            ApiClient.scopes,
            ApiClient.allowed_ips,
            ApiClient.sandbox,
            ApiClient.demands_secret,
            ApiClient.expires_at,
            ApiClient.revoked_at,
            sandbox.id,
            User.id,
            User.team_id,
            User.role,
            User.disabled_at,
        )
        .join(ApiClient, ApiClient.id == Credential.client_id)
        .outerjoin(Grant, Grant.id == Credential.grant_id)
        .outerjoin(User, User.id == func.coalesce(Grant.user_id, ApiClient.user_id))
        .outerjoin(sandbox, and_(ApiClient.sandbox, sandbox.sandbox_of_id == ApiClient.organization_id))
    )


# Built once: building them anew would cost as much as running them.
_BY_HASH: Statement = _columns().where(Credential.hash.in_([bindparam(f"hash_{n}") for n in range(3)]))
_SECRETS_OF: Statement = _columns().where(
    Credential.client_id == bindparam("client_id"), Credential.kind == CredentialKind.SECRET
)
_NOTHING = "-"


class CredentialRows:
    """Finds credentials in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_values(self, values: Sequence[str]) -> Mapping[str, Found]:
        """The credentials behind up to three values, those that exist."""
        hashes = {hash_of(value): value for value in values}
        wanted = [*hashes, _NOTHING, _NOTHING][:3]
        rows = await self._database.rows(_BY_HASH.params({f"hash_{n}": each for n, each in enumerate(wanted)}))
        found = [Found(*row) for row in rows]
        pairs = [(each, own, value) for each in found for own, value in hashes.items()]
        return {value: each for each, own, value in pairs if hmac.compare_digest(each.hash, own)}

    async def secrets_of(self, client_id: str) -> Sequence[Found]:
        """The secrets of a client, for JWTs that name it."""
        return [Found(*row) for row in await self._database.rows(_SECRETS_OF.params(client_id=client_id))]
