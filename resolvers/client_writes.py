"""What can be done with API clients: make, change, revoke, and withdraw what people have allowed them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from domain.clients import USUAL_SCOPES, USUAL_TIER, ApiClient
from domain.credentials import CredentialKind
from domain.errors import conflict, invalid
from domain.events import EventType
from domain.grants import Grant
from domain.permissions import Permission
from domain.values import ABSENT, Absent, iso, present
from domain.viewer import Dialect
from domain.visibility import holders_of
from resolvers import keys, sandbox, users
from resolvers.client_fields import ClientFields, Flag, Kind, check_authority, check_kind, checked
from resolvers.unit import Keys, Unit, requires

_OWN_ID = re.compile(r"[A-Za-z0-9._~-]{4,100}")
"""What a client_id that is brought along may be: what RFC 3986 lets stand in an address as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDraft(ClientFields):
    """A client to be made; `id` is the client_id it has from an older product."""

    name: str
    dialect: Dialect | Absent | None = ABSENT
    user_id: str | Absent | None = ABSENT
    sandbox: Flag = ABSENT
    public: Flag = ABSENT
    with_key: Flag = ABSENT
    with_secret: Flag = ABSENT
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPatch(ClientFields):
    """Changes to a client: absent stays, null is the usual; without a user it acts for itself."""

    id: str
    user_id: str | Absent | None = ABSENT


@requires(Permission.WRITE_CLIENTS)
async def create(unit: Unit, draft: ClientDraft) -> Keys:
    """Make a client with a key and a secret, which are shown this once; a public client has neither."""
    kind = Kind(present(draft.dialect, None), bool(present(draft.public, None)), bool(present(draft.sandbox, None)))
    check_kind(kind)
    taken = checked(draft, kind, unit.now)
    shown = _shown(draft, kind)
    user_id = await _user(unit, present(draft.user_id, None), kind.sandbox)
    client = ApiClient(
        id=await _id(unit, draft.id),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        user_id=user_id,
        dialect=kind.dialect,
        sandbox=kind.sandbox,
        public=kind.public,
        **{"tier": USUAL_TIER[kind.dialect], "scopes": list(USUAL_SCOPES[kind.dialect])} | taken,
    )
    check_authority(unit.viewer, client)
    if kind.sandbox:
        await sandbox.ensure(unit)
    unit.add(client)
    await unit.flush()
    unit.record(EventType.CLIENT_CREATED, client, _facts(client), audience=_AUDIENCE)
    unit.audit("createClient", client.id)
    return {"client": client.id} | {name: keys.issue(unit, client, each, None)[1] for name, each in shown.items()}


@requires(Permission.WRITE_CLIENTS)
async def change(unit: Unit, patch: ClientPatch) -> Keys:
    """Change what a client may do; its tokens and authorizations are worth no more than that from now on."""
    client = await keys.working_client(unit, patch.id, "id")
    check_authority(unit.viewer, client)
    taken = checked(patch, Kind(client.dialect, client.public, client.sandbox), unit.now)
    if not isinstance(patch.user_id, Absent):
        taken["user_id"] = await _user(unit, patch.user_id, client.sandbox)
    changed = {name for name, value in taken.items() if getattr(client, name) != value}
    for name in changed:
        setattr(client, name, taken[name])
    check_authority(unit.viewer, client)
    if changed:
        unit.record(EventType.CLIENT_UPDATED, client, _facts(client), audience=_AUDIENCE)
        unit.audit("updateClient", client.id)
        unit.access_changed(client.id)
    return {"client": client.id}


@requires(Permission.WRITE_CLIENTS)
async def revoke(unit: Unit, id: str) -> Keys:
    """Revoke a client for good, with all its keys, secrets and tokens; revoking again changes nothing."""
    client = await unit.load(ApiClient, id)
    if client.revoked_at is None:
        client.revoked_at = unit.now
        unit.record(EventType.CLIENT_REVOKED, client, _facts(client), audience=_AUDIENCE)
        unit.audit("revokeClient", client.id)
        unit.access_changed(client.id)
    return {"client": client.id}


@requires(Permission.WRITE_CLIENTS)
async def withdraw(unit: Unit, id: str) -> Keys:
    """Withdraw what somebody has allowed a client; the tokens that came of it end at once."""
    grant = await unit.load(Grant, id, "grantId")
    if grant.revoked_at is None:
        grant.revoked_at = unit.now
        unit.record(EventType.ACCESS_WITHDRAWN, grant, grant.facts(), audience=_AUDIENCE)
        unit.audit("revokeAccess", grant.id)
        unit.access_changed(grant.id)
    return {"grant": grant.id}


_AUDIENCE = holders_of(Permission.READ_CLIENTS)
_SHOWN = {"api_key": CredentialKind.KEY, "client_secret": CredentialKind.SECRET}


def _shown(draft: ClientDraft, kind: Kind) -> dict[str, CredentialKind]:
    """What a new client is given: key and secret unless it is said otherwise, nothing where it cannot keep them."""
    wanted = {"api_key": present(draft.with_key, None), "client_secret": present(draft.with_secret, None)}
    for name, field in (("api_key", "withKey"), ("client_secret", "withSecret")):
        if wanted[name] and kind.public:
            raise invalid(field, "A public client can keep neither a key nor a secret.")
    return {name: _SHOWN[name] for name, said in wanted.items() if (not kind.public if said is None else said)}


async def _user(unit: Unit, id: str | None, sandbox: bool) -> str | None:
    if id is None:
        return None
    user = await users.existing(unit, id, "userId")
    if sandbox:
        raise invalid("userId", "A sandbox has no users for a client to act for.")
    if user.disabled_at is not None:
        raise invalid("userId", "userId must not be a user who is disabled.")
    return user.id


async def _id(unit: Unit, brought: str | None) -> str:
    if brought is None:
        return ApiClient.new_id()
    if not _OWN_ID.fullmatch(brought):
        raise invalid("id", "id must be 4 to 100 letters, digits or the signs ._~-")
    # In whichever organization: a client_id is known without one.
    if await unit.session.scalar(select(ApiClient.id).where(ApiClient.id == brought)):
        raise conflict("This id is in use already.", "id")
    return brought


def _facts(client: ApiClient) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "dialect": client.dialect,
        "tier": client.tier,
        "scopes": client.scopes,
        "userId": client.user_id,
        "redirectUris": client.redirect_uris,
        "allowedIps": client.allowed_ips,
        "sandbox": client.sandbox,
        "public": client.public,
        "legacy": client.legacy,
        "demandsSecret": client.demands_secret,
        "monthlyTokens": client.monthly_tokens,
        "expiresAt": iso(client.expires_at) if client.expires_at else None,
        "revokedAt": iso(client.revoked_at) if client.revoked_at else None,
    }
