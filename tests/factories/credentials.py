"""API clients and their credentials for tests, and credentials as a door resolves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.clients import USUAL_SCOPES, USUAL_TIER, ApiClient
from domain.credentials import Credential, CredentialKind, new_key, new_value
from domain.viewer import Dialect, Viewer
from gateway.access import AccessWatch
from gateway.credential_rules import Door
from gateway.credentials import Credentials
from gateway.database import Database
from tests.factories.organizations import store


async def make_client(
    database: Database,
    organization_id: str,
    *,
    user: str | None = None,
    dialect: Dialect | None = Dialect.CRM_ULTRA,
    scopes: Sequence[str] | None = None,
    **known: Any,
) -> str:
    """A new API client; its id."""
    client = ApiClient(
        id=ApiClient.new_id(),
        organization_id=organization_id,
        user_id=user,
        name=known.pop("name", "Test"),
        dialect=dialect,
        tier=known.pop("tier", USUAL_TIER[dialect]),
        scopes=list(USUAL_SCOPES[dialect] if scopes is None else scopes),
        created_at=database.clock.now(),
        **known,
    )
    await store(database, client)
    return client.id


async def make_credential(
    database: Database,
    organization_id: str,
    client_id: str,
    kind: CredentialKind = CredentialKind.KEY,
    *,
    dialect: Dialect | None = Dialect.CRM_ULTRA,
    sealed: bool = False,
    **known: Any,
) -> str:
    """A new credential of a client; its value."""
    value = new_key(dialect) if kind is CredentialKind.KEY else new_value(kind)
    credential = Credential(
        id=Credential.new_id(),
        organization_id=organization_id,
        client_id=client_id,
        kind=kind,
        sealed=database.vault.seal(value) if sealed else None,
        created_at=database.clock.now(),
        **known,
    )
    credential.take(value)
    await store(database, credential)
    return value


async def make_key(
    database: Database, organization_id: str, *, dialect: Dialect | None = Dialect.CRM_ULTRA, **client: Any
) -> str:
    """A key of a new client; its value."""
    client_id = await make_client(database, organization_id, dialect=dialect, **client)
    return await make_credential(database, organization_id, client_id, dialect=dialect)


def credentials_of(database: Database, watch: AccessWatch | None = None) -> Credentials:
    """Credentials that believe only what they look up, unless a watch says that nothing has changed."""
    return Credentials(database, watch or AccessWatch(database, 0.05), 100)


async def resolve(database: Database, headers: Mapping[str, str], door: Door | None = None) -> Viewer | None:
    """Who a request's headers stand for, by GraphQL's door unless another is named."""
    return await credentials_of(database).viewer(headers, door or Door())
