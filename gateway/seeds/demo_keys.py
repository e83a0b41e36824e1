"""The demo's credentials: known ids, and values that stay the same as long as whoever keeps them shows them again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind, hash_of
from domain.users import User
from domain.viewer import Dialect
from gateway import passwords
from gateway.database import Database
from gateway.seeds.printed import ALEX, JANE, ORGANIZATION
from gateway.seeds.rows import seeder
from resolvers import client_writes, keys, user_writes
from resolvers.client_writes import ClientDraft
from resolvers.keys import KeyDraft, SecretRotation
from resolvers.unit import Keys, Unit

REDIRECT_URI = "http://127.0.0.1:8765/callback"
"""Where the demo's authorizations lead back to: a port of this machine that a script can listen on."""
_PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class DemoClient:
    """One client of the demo; `name` is what `demo.json` calls its key and its OAuth credentials."""

    name: str
    dialect: Dialect | None
    user_id: str | None = None
    scopes: tuple[str, ...] = ()
    tier: str | None = None
    key: bool = True
    oauth: bool = True
    sandbox: bool = False

    @property
    def id(self) -> str:
        """Its id, which is its OAuth client_id."""
        return f"client_demo_{self.name}"

    @property
    def kinds(self) -> tuple[CredentialKind, ...]:
        """What it has."""
        having = ((CredentialKind.KEY, self.key), (CredentialKind.SECRET, self.oauth))
        return tuple(kind for kind, has in having if has)

    def draft(self) -> ClientDraft:
        """The client as the use case takes it; CRM-Ultra's came over from there (CU-06)."""
        return ClientDraft(
            id=self.id,
            name=f"Demo {self.name}",
            dialect=self.dialect,
            user_id=self.user_id,
            tier=self.tier,
            scopes=list(self.scopes) or None,
            redirect_uris=[REDIRECT_URI] if self.oauth else None,
            legacy=self.legacy,
            sandbox=self.sandbox,
            with_key=False,
            with_secret=False,
        )

    @property
    def legacy(self) -> bool:
        """Whether it has the old habits."""
        return self.oauth and self.dialect is Dialect.CRM_ULTRA


CLIENTS = (
    # 1,000 requests a minute, which is the limit CRM-Ultra's document prints.
    DemoClient("crm_ultra", Dialect.CRM_ULTRA, JANE, tier="Professional"),
    DemoClient("clickup_brain", Dialect.CLICKUP_BRAIN, JANE),
    DemoClient("clickup_brain_sandbox", Dialect.CLICKUP_BRAIN, oauth=False, sandbox=True),
    DemoClient("copycar", Dialect.COPYCAR, JANE),
    DemoClient("graphql_admin", None, ALEX, ("read", "write", "admin"), "Enterprise", oauth=False),
    DemoClient("graphql", None, key=False),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier run wrote down: keys and secrets by the client's name, and the user's password."""

    keys: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    password: str | None = None

    def of(self, name: str, kind: CredentialKind) -> str | None:
        """The key or secret of a client."""
        return (self.keys if kind is CredentialKind.KEY else self.secrets).get(name)


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """Everything one gets in by, and what replaced something earlier."""

    keys: dict[str, str]
    secrets: dict[str, str]
    email: str
    password: str
    replaced: tuple[str, ...]

    @property
    def oauth(self) -> dict[str, dict[str, str]]:
        """What an OAuth library has to be told, by the client's name."""
        return {
            name: {"client_id": f"client_demo_{name}", "client_secret": secret, "redirect_uri": REDIRECT_URI}
            for name, secret in self.secrets.items()
        }

    def known(self) -> Known:
        """What a later run is shown."""
        return Known(self.keys, self.secrets, self.password)


async def ensure_access(database: Database, known: Known) -> DemoAccess:
    """Working credentials for every client of the demo and for its user: known ones while they work, else new ones."""
    email, password, password_hash, renewed = await _password(database, known.password)
    held: list[DemoAccess] = []

    async def work(unit: Unit) -> Keys:
        values: dict[CredentialKind, dict[str, str]] = {CredentialKind.KEY: {}, CredentialKind.SECRET: {}}
        replaced = ["the user's password"] if renewed else []
        for wanted in CLIENTS:
            client, fresh = await _client(unit, wanted)
            for kind in wanted.kinds:
                value = known.of(wanted.name, kind)
                if value is None or not await _works(unit, client, kind, value):
                    earlier = await _has(unit, client, kind)
                    value = await _issue(unit, client, kind)
                    if earlier and not fresh:
                        replaced.append(f"{wanted.name} ({kind.value.lower()})")
                values[kind][wanted.name] = value
        if password_hash:
            await user_writes.set_password(unit, JANE, password_hash)
        keys_, secrets_ = values[CredentialKind.KEY], values[CredentialKind.SECRET]
        held[:] = [DemoAccess(keys_, secrets_, email, password, tuple(replaced))]
        return {}

    await database.transact(seeder(ORGANIZATION), work)
    return held[0]


async def _password(database: Database, known: str | None) -> tuple[str, str, str | None, bool]:
    """The user's address and password, its hash when it has to be set, and whether it replaces another one."""
    columns = select(User.email, User.password_hash, User.disabled_at).where(User.id == JANE)
    email, stored, disabled_at = (await database.rows(columns))[0]
    if known and (disabled_at or await passwords.matches(stored, known)):
        return email, known, None, False
    fresh = secrets.token_urlsafe(_PASSWORD_BYTES)
    # Somebody who was shut out through a door stays out.
    return email, fresh, None if disabled_at else await passwords.hashed(fresh), stored is not None


async def _client(unit: Unit, wanted: DemoClient) -> tuple[ApiClient, bool]:
    """A client that works: as it is, brought back to life, or made; and whether it was made."""
    client = await unit.known(ApiClient, wanted.id, lock=True)
    if client is None:
        await client_writes.create(unit, wanted.draft())
        return await unit.load(ApiClient, wanted.id), True
    if client.revoked_at is not None:
        client.revoked_at = None
        unit.access_changed(client.id)
    if wanted.oauth and not client.redirect_uris:
        # Made before there was OAuth.
        client.redirect_uris, client.legacy = [REDIRECT_URI], wanted.legacy
    return client, False


def _own(client: ApiClient, kind: CredentialKind) -> tuple[Any, ...]:
    return (Credential.client_id == client.id, Credential.kind == kind)


async def _works(unit: Unit, client: ApiClient, kind: CredentialKind, value: str) -> bool:
    found = await unit.find(select(Credential).where(*_own(client, kind), Credential.hash == hash_of(value)))
    if found is None or not found.works(unit.now):
        return False
    # A secret sealed under another installation's key signs no JWTs here.
    return found.sealed is None or unit.vault.open(found.sealed) == value


async def _has(unit: Unit, client: ApiClient, kind: CredentialKind) -> bool:
    return await unit.find(select(Credential.id).where(*_own(client, kind))) is not None


async def _issue(unit: Unit, client: ApiClient, kind: CredentialKind) -> str:
    await unit.flush()
    if kind is CredentialKind.KEY:
        return str((await keys.create(unit, KeyDraft(client_id=client.id)))["api_key"])
    rotation = SecretRotation(client_id=client.id, overlap_seconds=0)
    return str((await keys.rotate_secret(unit, rotation))["client_secret"])
