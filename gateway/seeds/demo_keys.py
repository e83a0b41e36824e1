"""The demo's credentials: known ids, keys that stay the same as long as whoever keeps them shows them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import AccessChange
from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind, hash_of, new_key
from domain.viewer import Dialect
from gateway.database import Database
from gateway.seeds.printed import ALEX, JANE, ORGANIZATION


@dataclass(frozen=True, slots=True)
class DemoClient:
    """One credential of the demo; `name` is its key in `demo.json`."""

    name: str
    dialect: Dialect | None
    user_id: str
    scopes: tuple[str, ...]


CLIENTS = (
    DemoClient("crm_ultra", Dialect.CRM_ULTRA, JANE, ("read", "write")),
    DemoClient("clickup_brain", Dialect.CLICKUP_BRAIN, JANE, ("read", "write")),
    DemoClient("copycar", Dialect.COPYCAR, JANE, ("read", "write")),
    DemoClient("graphql_admin", None, ALEX, ("read", "write", "admin")),
)

_TIERS = {"clickup_brain": "Standard", "copycar": "Ultimate", "graphql_admin": "Enterprise"}
# 1,000 requests a minute, which is the limit the documents print.
_TIER = "Professional"


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """The keys by name, and which of them replaced an earlier one."""

    keys: dict[str, str]
    replaced: tuple[str, ...]


async def ensure_keys(database: Database, known: Mapping[str, str]) -> DemoKeys:
    """Working keys for every client of the demo: the known ones where they still work, new ones elsewhere."""

    async def work(session: AsyncSession) -> DemoKeys:
        keys, replaced = {}, []
        for wanted in CLIENTS:
            client = await session.get(ApiClient, f"client_demo_{wanted.name}")
            key = known.get(wanted.name)
            if client and key and await _works(session, client, key):
                keys[wanted.name] = key
                continue
            if client:
                replaced.append(wanted.name)
            keys[wanted.name] = await _renew(session, client, wanted, database)
        return DemoKeys(keys, tuple(replaced))

    return await database.store(work)


async def _works(session: AsyncSession, client: ApiClient, key: str) -> bool:
    own = (Credential.client_id == client.id, Credential.hash == hash_of(key), Credential.revoked_at.is_(None))
    return client.revoked_at is None and await session.scalar(select(Credential.id).where(*own)) is not None


async def _renew(session: AsyncSession, client: ApiClient | None, wanted: DemoClient, database: Database) -> str:
    """Give a client a fresh key, making it or bringing it back to life where needed."""
    key, now = new_key(wanted.dialect), database.clock.now()
    if client is None:
        client = ApiClient(
            id=f"client_demo_{wanted.name}",
            organization_id=ORGANIZATION,
            created_at=now,
            user_id=wanted.user_id,
            name=f"Demo {wanted.name}",
            dialect=wanted.dialect,
            tier=_TIERS.get(wanted.name, _TIER),
            scopes=list(wanted.scopes),
        )
        session.add(client)
    else:
        client.revoked_at = None
        session.add(AccessChange(id=AccessChange.new_id(), subject_id=client.id, changed_at=now))
    await session.flush()
    credential = Credential(
        id=Credential.new_id(),
        organization_id=ORGANIZATION,
        client_id=client.id,
        kind=CredentialKind.KEY,
        created_at=now,
    )
    credential.take(key)
    session.add(credential)
    return key
