"""Making, listing, rotating and revoking credentials, for whoever runs this server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import AccessChange
from domain.clients import TIERS, USUAL_TIER, ApiClient
from domain.credentials import Credential, CredentialKind, new_key
from domain.errors import invalid, not_found
from domain.organizations import Organization
from domain.permissions import Permission
from domain.users import User
from domain.viewer import Dialect
from gateway.database import Database

_VERBS = tuple(dict.fromkeys(permission.value.partition(":")[0] for permission in Permission))
SCOPES = tuple(dict.fromkeys((*_VERBS, *(permission.value for permission in Permission))))
"""What a scope can be: a verb, which covers all permissions of that verb, or one permission."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new credential is to be."""

    name: str
    dialect: Dialect | None = None
    organization: str | None = None
    user: str | None = None
    tier: str | None = None
    scopes: tuple[str, ...] = ("read", "write")
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential with its key, which can be shown this once."""

    client: ApiClient
    key: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A credential as lists show it."""

    client: ApiClient
    key: Credential
    organization: str
    user: str | None


async def create(database: Database, wanted: Wanted) -> Issued:
    """Make a credential.

    Raises:
        DomainError: INVALID or NOT_FOUND naming what cannot be used.
    """
    tier = checked_tier(wanted)

    async def work(session: AsyncSession) -> Issued:
        organization = await find_organization(session, wanted.organization)
        user = await _user(session, organization, wanted.user) if wanted.user else None
        key = new_key(wanted.dialect)
        client = ApiClient(
            id=ApiClient.new_id(),
            organization_id=organization.id,
            created_at=database.clock.now(),
            user_id=user.id if user else None,
            name=wanted.name,
            dialect=wanted.dialect,
            tier=tier,
            scopes=list(wanted.scopes),
            legacy=wanted.legacy,
        )
        session.add(client)
        await session.flush()
        session.add(_credential(client, key, database))
        return Issued(client, key)

    return await database.store(work)


def _credential(client: ApiClient, key: str, database: Database) -> Credential:
    credential = Credential(
        id=Credential.new_id(),
        organization_id=client.organization_id,
        client_id=client.id,
        kind=CredentialKind.KEY,
        created_at=database.clock.now(),
    )
    credential.take(key)
    return credential


def _changed(session: AsyncSession, client: ApiClient, database: Database) -> None:
    session.add(AccessChange(id=AccessChange.new_id(), subject_id=client.id, changed_at=database.clock.now()))


def checked_tier(wanted: Wanted) -> str:
    """The tier as it is written, when tier and scopes can be used.

    Raises:
        DomainError: INVALID naming the one that cannot.
    """
    tiers = TIERS[wanted.dialect]
    tier = {known.lower(): known for known in tiers}.get((wanted.tier or USUAL_TIER[wanted.dialect]).lower())
    if tier is None:
        raise invalid("tier", f"tier must be one of {', '.join(tiers)}.")
    if not wanted.scopes or not set(wanted.scopes) <= set(SCOPES):
        raise invalid("scope", f"scope must be one or more of {', '.join(SCOPES)}.")
    return tier


async def listed(database: Database, organization: str | None = None) -> Sequence[Listed]:
    """Credentials of one organization, or of all, oldest first."""

    async def work(session: AsyncSession) -> Sequence[Listed]:
        statement = (
            select(ApiClient, Credential, Organization.name, User.email)
            .join(Credential, (Credential.client_id == ApiClient.id) & (Credential.kind == CredentialKind.KEY))
            .join(Organization, Organization.id == ApiClient.organization_id)
            .outerjoin(User, User.id == ApiClient.user_id)
            .order_by(ApiClient.created_at, ApiClient.id)
        )
        if organization:
            found = await find_organization(session, organization)
            statement = statement.where(ApiClient.organization_id == found.id)
        return [Listed(*row) for row in await session.execute(statement)]

    return await database.store(work)


async def rotate(database: Database, id: str) -> Issued:
    """Give a credential a new key; the old one stops working at once.

    Raises:
        DomainError: NOT_FOUND, or INVALID for a revoked credential.
    """

    async def work(session: AsyncSession) -> Issued:
        client = await _client(session, id)
        if client.revoked_at:
            raise invalid("id", f"{client.id} was revoked; make a new key instead.")
        key = new_key(client.dialect)
        now = database.clock.now()
        own = (Credential.client_id == id, Credential.kind == CredentialKind.KEY, Credential.revoked_at.is_(None))
        for old in await session.scalars(select(Credential).where(*own)):
            old.revoked_at = now
        session.add(_credential(client, key, database))
        _changed(session, client, database)
        client.legacy = False
        return Issued(client, key)

    return await database.store(work)


async def revoke(database: Database, id: str) -> ApiClient:
    """Make a credential's key worthless; revoking again changes nothing.

    Raises:
        DomainError: NOT_FOUND.
    """

    async def work(session: AsyncSession) -> ApiClient:
        client = await _client(session, id)
        client.revoked_at = client.revoked_at or database.clock.now()
        _changed(session, client, database)
        return client

    return await database.store(work)


async def find_organization(session: AsyncSession, wanted: str | None) -> Organization:
    """The organization with this id or name; without either, the only one there is.

    Raises:
        DomainError: NOT_FOUND, or INVALID when it is not clear which is meant.
    """
    statement = select(Organization).order_by(Organization.created_at, Organization.id).limit(2)
    if wanted:
        statement = statement.where(or_(Organization.id == wanted, Organization.name == wanted))
    found: Sequence[Any] = (await session.scalars(statement)).all()
    if len(found) == 1:
        organization: Organization = found[0]
        return organization
    if wanted and not found:
        raise not_found(Organization.label, wanted, "organization")
    if not found:
        raise invalid("organization", "There is no organization yet; --create with --organization NAME makes one.")
    raise invalid("organization", "There are several organizations like that; name one by its id.")


async def _user(session: AsyncSession, organization: Organization, email: str) -> User:
    statement = select(User).where(User.organization_id == organization.id, User.email == email.strip().lower())
    user = await session.scalar(statement)
    if user is None:
        raise not_found(f"In {organization.name}, the user", email, "user")
    return user


async def _client(session: AsyncSession, id: str) -> ApiClient:
    client = await session.get(ApiClient, id)
    if client is None:
        raise not_found("The key", id)
    return client
