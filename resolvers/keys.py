"""What can be done with keys and secrets: make, take over, rotate, revoke. Each is shown once and kept as a hash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind, hash_of, new_key, new_value
from domain.errors import conflict, invalid, not_found
from domain.events import EventType
from domain.permissions import Permission
from domain.values import ABSENT, Absent, Moment, ShownOnce, iso, present
from domain.viewer import Dialect
from domain.visibility import holders_of
from resolvers.client_fields import check_authority, check_end
from resolvers.reads import visible_to
from resolvers.unit import Keys, Unit, requires

OVERLAP_SECONDS = 24 * 3600
"""How long an old key goes on working beside its successor when nothing else is said."""
LONGEST_OVERLAP_SECONDS = 30 * 24 * 3600
SHORTEST = 20
"""Characters of a key that is brought along; ours have 45. Shorter ones could be found by trying."""
LONGEST = 512
"""Characters of a key the doors look at."""
_WRITTEN = re.compile(r"[!-~]+")
_BROUGHT_HINT = 4
"""Characters of a brought key that lists may show: it may be half as long as ours."""
_SIGNERS = (Dialect.CLICKUP_BRAIN, None)
"""Whose clients may sign JWTs with their secret, which therefore has to be readable again (CB-06)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDraft:
    """A key to be made for a client."""

    client_id: str
    expires_at: Moment | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A key or secret of an older product that its client is to keep using."""

    client_id: str
    value: str
    kind: CredentialKind = CredentialKind.KEY
    expires_at: Moment | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A key to be replaced; the old one goes on working for the overlap. `expires_at` is when its successor ends."""

    key_id: str
    overlap_seconds: int | Absent | None = ABSENT
    expires_at: Moment | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRotation:
    """A client whose secret is to be replaced; the old one goes on working for the overlap."""

    client_id: str
    overlap_seconds: int | Absent | None = ABSENT


@requires(Permission.WRITE_CLIENTS)
async def create(unit: Unit, draft: KeyDraft) -> Keys:
    """Make another key for a client; it is shown this once."""
    client = await working_client(unit, draft.client_id)
    key, value = issue(unit, client, CredentialKind.KEY, check_end(present(draft.expires_at, None), unit.now))
    _tell(unit, EventType.KEY_CREATED, key)
    unit.audit("createKey", key.id)
    return {"key": key.id, "client": client.id, "api_key": value}


@requires(Permission.WRITE_CLIENTS)
async def take_over(unit: Unit, brought: Brought) -> Keys:
    """Let a client go on with the key or secret it has from an older product."""
    client = await working_client(unit, brought.client_id)
    value = brought.value.strip()
    if not SHORTEST <= len(value) <= LONGEST or not _WRITTEN.fullmatch(value):
        raise invalid(
            "value",
            f"A key to go on with must have {SHORTEST} to {LONGEST} visible ASCII characters and no blanks; a shorter "
            "one could be guessed, so give its client a new one.",
        )
    if await unit.session.scalar(select(Credential.id).where(Credential.hash == hash_of(value))):
        raise conflict("This key is in use already.", "value")
    end = check_end(present(brought.expires_at, None), unit.now)
    key = keep(unit, client, brought.kind, value, end)
    key.hint = value[:_BROUGHT_HINT]
    _tell(unit, EventType.KEY_CREATED, key)
    unit.audit("importKey", key.id)
    return {"key": key.id, "client": client.id}


@requires(Permission.WRITE_CLIENTS)
async def rotate(unit: Unit, rotation: Rotation) -> Keys:
    """Make the successor of a key; the old one ends after the overlap, or at once without one."""
    overlap = overlap_of(rotation.overlap_seconds)
    old = await _key(unit, rotation.key_id, "keyId")
    if old.kind is not CredentialKind.KEY:
        raise invalid("keyId", "This is a secret; rotateSecret replaces it.")
    client = await working_client(unit, old.client_id, "keyId")
    if not old.works(unit.now):
        raise conflict("The key has ended; make a new one for its client instead.", "keyId")
    new, value = issue(unit, client, CredentialKind.KEY, check_end(present(rotation.expires_at, None), unit.now))
    _end(unit, old, overlap)
    _tell(unit, EventType.KEY_ROTATED, new, replaces=[old.id])
    unit.audit("rotateKey", old.id)
    return {"key": new.id, "client": client.id, "api_key": value}


@requires(Permission.WRITE_CLIENTS)
async def rotate_secret(unit: Unit, rotation: SecretRotation) -> Keys:
    """Give a client a new secret; the old ones end after the overlap, or at once without one."""
    overlap = overlap_of(rotation.overlap_seconds)
    client = await working_client(unit, rotation.client_id)
    own = (Credential.client_id == client.id, Credential.kind == CredentialKind.SECRET)
    secrets = await unit.session.scalars(visible_to(unit.viewer, Credential).where(*own).with_for_update())
    old = [each for each in secrets if each.works(unit.now)]
    new, value = issue(unit, client, CredentialKind.SECRET, None)
    for each in old:
        _end(unit, each, overlap)
    _tell(unit, EventType.KEY_ROTATED, new, replaces=[each.id for each in old])
    unit.audit("rotateSecret", client.id)
    # Key and secret together are remembered under the key: the secret's own id would not reach them.
    unit.access_changed(client.id)
    return {"key": new.id, "client": client.id, "client_secret": value}


@requires(Permission.WRITE_CLIENTS)
async def revoke(unit: Unit, id: str) -> Keys:
    """Make a key or secret worthless at once; revoking again changes nothing."""
    key = await _key(unit, id, "id")
    if key.revoked_at is None:
        key.revoked_at = unit.now
        _tell(unit, EventType.KEY_REVOKED, key)
        unit.audit("revokeKey", key.id)
        unit.access_changed(key.id, key.client_id)
    return {"key": key.id, "client": key.client_id}


async def working_client(unit: Unit, id: str, field: str = "clientId") -> ApiClient:
    """A client that has not been revoked, locked.

    Raises:
        DomainError: NOT_FOUND or CONFLICT naming the field.
    """
    client = await unit.load(ApiClient, id, field)
    if client.revoked_at is not None:
        raise conflict("The client is revoked; make a new one.", field)
    return client


def issue(
    unit: Unit, client: ApiClient, kind: CredentialKind, expires_at: datetime | None
) -> tuple[Credential, ShownOnce]:
    """A fresh key or secret of a client, and its value.

    Raises:
        DomainError: INVALID for a public client.
    """
    if client.public:
        raise invalid("clientId", "A public client can keep neither a key nor a secret.")
    value = new_key(client.dialect) if kind is CredentialKind.KEY else new_value(kind)
    return keep(unit, client, kind, value, expires_at), ShownOnce(value)


def keep(
    unit: Unit, client: ApiClient, kind: CredentialKind, value: str, expires_at: datetime | None = None
) -> Credential:
    """The row of a key or secret: its hash, and sealed what may sign JWTs.

    Raises:
        DomainError: FORBIDDEN for a client that may do more than the viewer, or that acts for somebody else.
    """
    check_authority(unit.viewer, client)
    signs = kind is CredentialKind.SECRET and client.dialect in _SIGNERS
    credential = Credential(
        id=Credential.new_id(),
        organization_id=client.organization_id,
        created_at=unit.now,
        client_id=client.id,
        kind=kind,
        sealed=unit.vault.seal(value) if signs else None,
        expires_at=expires_at,
    )
    credential.take(value)
    unit.add(credential)
    return credential


async def _key(unit: Unit, id: str, field: str) -> Credential:
    key = await unit.load(Credential, id, field)
    if key.kind not in (CredentialKind.KEY, CredentialKind.SECRET):
        raise not_found(Credential.label, id, field)
    return key


def _end(unit: Unit, key: Credential, overlap: timedelta) -> None:
    """End a key after an overlap, unless it ends before that by itself."""
    if overlap:
        end = unit.now + overlap
        key.expires_at = min(key.expires_at or end, end)
    else:
        key.revoked_at = unit.now
    unit.access_changed(key.id)


def overlap_of(seconds: int | Absent | None) -> timedelta:
    """How long an old secret goes on beside its successor; a day when nothing is said.

    Raises:
        DomainError: INVALID naming `overlapSeconds`.
    """
    wanted = present(seconds, None)
    wanted = OVERLAP_SECONDS if wanted is None else wanted
    if not 0 <= wanted <= LONGEST_OVERLAP_SECONDS:
        raise invalid("overlapSeconds", f"overlapSeconds must be from 0 to {LONGEST_OVERLAP_SECONDS} (30 days).")
    return timedelta(seconds=wanted)


def _tell(unit: Unit, type: EventType, key: Credential, **more: Any) -> None:
    facts = {
        "id": key.id,
        "clientId": key.client_id,
        "kind": key.kind,
        "hint": key.hint,
        "expiresAt": iso(key.expires_at) if key.expires_at else None,
    }
    unit.record(type, key, facts | more, audience=holders_of(Permission.READ_CLIENTS))
