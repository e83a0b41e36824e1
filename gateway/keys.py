"""Making, listing, rotating and revoking clients and keys, for whoever runs this server: the graph's own use cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind
from domain.errors import invalid, not_found
from domain.organizations import Organization
from domain.users import User
from domain.viewer import Dialect
from gateway.database import Database
from gateway.operators import find_organization, find_user, run
from resolvers import client_writes
from resolvers import keys as key_writes
from resolvers.client_fields import Kind, check_kind, checked
from resolvers.client_writes import ClientDraft
from resolvers.keys import Brought, KeyDraft, Rotation, SecretRotation
from resolvers.unit import Keys, Unit


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new client is to be; without scopes it may read and write."""

    name: str
    dialect: Dialect | None = None
    organization: str | None = None
    user: str | None = None
    tier: str | None = None
    scopes: tuple[str, ...] = ()
    legacy: bool = False
    key: bool = True
    secret: bool = False
    redirect_uris: tuple[str, ...] = ()
    allowed_ips: tuple[str, ...] = ()
    sandbox: bool = False
    public: bool = False
    demands_secret: bool = False
    monthly_tokens: int | None = None
    expires_at: datetime | None = None
    id: str | None = None

    def draft(self, user_id: str | None = None) -> ClientDraft:
        """The client as the use case takes it."""
        return ClientDraft(
            name=self.name,
            dialect=self.dialect,
            user_id=user_id,
            tier=self.tier,
            scopes=list(self.scopes) or None,
            legacy=self.legacy,
            with_key=self.key,
            with_secret=self.secret,
            redirect_uris=list(self.redirect_uris),
            allowed_ips=list(self.allowed_ips),
            sandbox=self.sandbox,
            public=self.public,
            demands_secret=self.demands_secret,
            monthly_tokens=self.monthly_tokens,
            expires_at=self.expires_at,
            id=self.id,
        )


@dataclass(frozen=True, slots=True)
class Issued:
    """A client with what it was given, which can be shown this once."""

    client: ApiClient
    key: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as lists show it, with its client."""

    client: ApiClient
    key: Credential
    organization: str
    user: str | None


@dataclass(frozen=True, slots=True)
class ListedClient:
    """A client as lists show it."""

    client: ApiClient
    organization: str
    user: str | None


def check(database: Database, wanted: Wanted) -> None:
    """See that a client could be made, before anything is made for it.

    Raises:
        DomainError: INVALID naming what cannot be used.
    """
    kind = Kind(wanted.dialect, wanted.public, wanted.sandbox)
    check_kind(kind)
    checked(wanted.draft(), kind, database.clock.now())


async def create(database: Database, wanted: Wanted) -> Issued:
    """Make a client with what it is to be given.

    Raises:
        DomainError: INVALID or NOT_FOUND naming what cannot be used.
    """
    check(database, wanted)
    home = await find_organization(database, wanted.organization)
    user = await find_user(database, wanted.user, home) if wanted.user else None
    return await _issued(database, home.id, client_writes.create, wanted.draft(user.id if user else None))


async def another(database: Database, client_id: str, expires_at: datetime | None) -> Issued:
    """Make another key for a client.

    Raises:
        DomainError: NOT_FOUND, CONFLICT for a revoked client, INVALID for one that keeps no keys.
    """
    client = await _client(database, client_id)
    draft = KeyDraft(client_id=client.id, expires_at=expires_at)
    return await _issued(database, client.organization_id, key_writes.create, draft)


async def take_over(database: Database, client_id: str, kind: CredentialKind, value: str) -> Issued:
    """Let a client go on with a key or secret it has from an older product.

    Raises:
        DomainError: NOT_FOUND, INVALID for what could be guessed, CONFLICT for what is in use.
    """
    client = await _client(database, client_id)
    brought = Brought(client_id=client.id, value=value, kind=kind)
    return await _issued(database, client.organization_id, key_writes.take_over, brought)


async def create_with(database: Database, wanted: Wanted, value: str) -> Issued:
    """Make a client that goes on with the key it has from an older product.

    Raises:
        DomainError: what `create` and `take_over` refuse; then nothing is made.
    """
    check(database, wanted)
    home = await find_organization(database, wanted.organization)
    user = await find_user(database, wanted.user, home) if wanted.user else None

    async def use_case(unit: Unit, draft: ClientDraft) -> Keys:
        made = await client_writes.create(unit, draft)
        await key_writes.take_over(unit, Brought(client_id=made["client"], value=value))
        return made

    return await _issued(database, home.id, use_case, wanted.draft(user.id if user else None))


async def rotate(database: Database, id: str, overlap_seconds: int = 0) -> Issued:
    """Replace a key, named by its own id or by that of a client that has no other; without an overlap it ends at once.

    Raises:
        DomainError: NOT_FOUND, INVALID when the client has several keys, CONFLICT for what is revoked.
    """
    key = await _key(database, id)
    rotation = Rotation(key_id=key.id, overlap_seconds=overlap_seconds)
    return await _issued(database, key.organization_id, key_writes.rotate, rotation)


async def rotate_secret(database: Database, client_id: str, overlap_seconds: int = 0) -> Issued:
    """Give a client a secret; without an overlap its earlier ones end at once.

    Raises:
        DomainError: NOT_FOUND, CONFLICT for a revoked client, INVALID for one that keeps no secret.
    """
    client = await _client(database, client_id)
    rotation = SecretRotation(client_id=client.id, overlap_seconds=overlap_seconds)
    return await _issued(database, client.organization_id, key_writes.rotate_secret, rotation)


async def revoke(database: Database, id: str) -> ApiClient:
    """Make a client worthless with all it has, or one key of it; revoking again changes nothing.

    Raises:
        DomainError: NOT_FOUND.
    """
    key = await _one(database, select(Credential).where(Credential.id == id))
    if key is not None:
        await run(database, key.organization_id, key_writes.revoke, key.id)
        return await _client(database, key.client_id)
    client = await _client(database, id)
    await run(database, client.organization_id, client_writes.revoke, client.id)
    return client


async def listed(database: Database, organization: str | None = None) -> Sequence[Listed]:
    """Keys of one organization, or of all, oldest first."""
    wanted = await find_organization(database, organization) if organization else None

    async def work(session: AsyncSession) -> Sequence[Listed]:
        statement = (
            select(ApiClient, Credential, Organization.name, User.email)
            .join(Credential, (Credential.client_id == ApiClient.id) & (Credential.kind == CredentialKind.KEY))
            .join(Organization, Organization.id == ApiClient.organization_id)
            .outerjoin(User, User.id == ApiClient.user_id)
            .order_by(ApiClient.created_at, ApiClient.id, Credential.created_at, Credential.id)
        )
        own = statement.where(ApiClient.organization_id == wanted.id) if wanted else statement
        return [Listed(*row) for row in await session.execute(own)]

    return await database.store(work)


async def clients(database: Database, organization: str | None = None) -> Sequence[ListedClient]:
    """Clients of one organization, or of all, oldest first."""
    wanted = await find_organization(database, organization) if organization else None

    async def work(session: AsyncSession) -> Sequence[ListedClient]:
        statement = (
            select(ApiClient, Organization.name, User.email)
            .join(Organization, Organization.id == ApiClient.organization_id)
            .outerjoin(User, User.id == ApiClient.user_id)
            .order_by(ApiClient.created_at, ApiClient.id)
        )
        own = statement.where(ApiClient.organization_id == wanted.id) if wanted else statement
        return [ListedClient(*row) for row in await session.execute(own)]

    return await database.store(work)


async def _issued(database: Database, organization_id: str, use_case: Any, draft: Any) -> Issued:
    keys = await run(database, organization_id, use_case, draft)
    client = await _client(database, keys["client"])
    return Issued(client, keys.get("api_key", ""), keys.get("client_secret", ""))


async def _client(database: Database, id: str) -> ApiClient:
    client = await _one(database, select(ApiClient).where(ApiClient.id == id))
    if client is None:
        raise not_found("The client", id)
    found: ApiClient = client
    return found


async def _key(database: Database, id: str) -> Credential:
    """The key with this id, or the only one that a client with this id has in force."""
    key = await _one(database, select(Credential).where(Credential.id == id))
    if key is not None:
        known: Credential = key
        return known
    client = await _client(database, id)
    own = (Credential.client_id == client.id, Credential.kind == CredentialKind.KEY)

    async def work(session: AsyncSession) -> list[Credential]:
        found = await session.scalars(select(Credential).where(*own).order_by(Credential.created_at, Credential.id))
        return [each for each in found if each.works(database.clock.now())]

    keys = await database.store(work)
    if len(keys) == 1:
        return keys[0]
    if not keys:
        raise invalid("id", f"{client.id} has no key in force; `trigraph keys create --client {client.id}` makes one.")
    raise invalid("id", f"{client.id} has several keys; name one of {', '.join(each.id for each in keys)}.")


async def _one(database: Database, statement: Any) -> Any:
    async def work(session: AsyncSession) -> Any:
        return await session.scalar(statement)

    return await database.store(work)
