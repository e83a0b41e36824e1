"""From what a request presents to the viewer behind it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from importlib import import_module

from domain.clients import covers
from domain.credentials import CredentialKind, hash_of
from domain.errors import Code, DomainError, unauthenticated
from domain.permissions import acting
from domain.texts import storable
from domain.viewer import Viewer
from gateway.access import AccessWatch
from gateway.calls import Holder, recognised
from gateway.credential_rows import CredentialRows, Found
from gateway.credential_rules import Door, Resolved, check_door, check_style, wrong
from gateway.database import Database
from gateway.presented import WRONG_KEY, WRONG_TOKEN, Presented, is_jwt, presented

_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, as late as a moment can be."""


class Credentials:
    """Resolves credentials; what was resolved is remembered until something about it changes (decision 0012)."""

    def __init__(self, database: Database, watch: AccessWatch, remembered: int) -> None:
        """Credentials of a database; of the last `remembered` ones a request needs no statement."""
        self._database = database
        self._rows = CredentialRows(database)
        self._watch = watch
        self._remembered = remembered
        self._known: OrderedDict[tuple[str, ...], Resolved] = OrderedDict()
        self._changes = 0
        self._used: dict[str, datetime] = {}
        self.looked_up = 0
        """How often the memory did not do."""
        watch.on_change(self._forget)

    @property
    def remembered(self) -> int:
        """How many resolved credentials are in memory."""
        return len(self._known)

    async def viewer(self, headers: Mapping[str, str], door: Door) -> Viewer | None:
        """The viewer of a request; None when it presents nothing. Header names are in lower case.

        Raises:
            DomainError: UNAUTHENTICATED for whatever is not in force here; FORBIDDEN for an address that is not
                allowed.
        """
        given = presented(headers)
        if not given:
            return None
        check_style(given, door.dialect)
        resolved = await self._resolved(given)
        now = self._database.clock.now()
        try:
            check_door(resolved, given, door, now)
        except DomainError:
            recognised(Holder.of(resolved.viewer))
            raise
        if resolved.viewer.credential_id:
            self._used[resolved.viewer.credential_id] = now
        return resolved.viewer

    def remembered_viewer(self, headers: Mapping[str, str], door: Door) -> Viewer | None:
        """The same without waiting; None for everything that `viewer` would look up or refuse, or find nothing in."""
        now = self._database.clock.now()
        try:
            given = presented(headers)
            check_style(given, door.dialect)
            known = self._in_memory(_key_of(given), now)
            if known is None:
                return None
            check_door(known, given, door, now)
        except DomainError:
            return None
        if known.viewer.credential_id:
            self._used[known.viewer.credential_id] = now
        return known.viewer

    def recognised(self, headers: Mapping[str, str], door: Door) -> Recognised | None:
        """What these headers present, kept by its digests, for requests that present the same again; None for nothing.

        Raises:
            DomainError: UNAUTHENTICATED for what cannot be a credential, or not at this door.
        """
        given = presented(headers)
        if not given:
            return None
        check_style(given, door.dialect)
        return Recognised(self, _key_of(given), door)

    def known_at(self, door: Door, key: tuple[str, ...], checked: Resolved | None) -> Resolved | None:
        """What is remembered under a digest, if it is in force and opens a door; `checked` is known to open it."""
        now = self._database.clock.now()
        known = self._in_memory(key, now)
        if known is None:
            return None
        if known is not checked:
            try:
                # What would be said of a refusal is left to who says it.
                check_door(known, _NOTHING, door, now)
            except DomainError:
                return None
        if known.viewer.credential_id:
            self._used[known.viewer.credential_id] = now
        return known

    def take_used(self) -> Mapping[str, datetime]:
        """Which credentials were used since this was last asked, and when last."""
        used, self._used = self._used, {}
        return used

    def _forget(self, subjects: Set[str] | None) -> None:
        self._changes += 1
        if subjects is None:
            self._known.clear()
            return
        for key in [key for key, known in self._known.items() if known.concerned(subjects)]:
            del self._known[key]

    async def _resolved(self, given: Presented) -> Resolved:
        key = _key_of(given)
        known = self._in_memory(key, self._database.clock.now())
        if known is not None:
            return known
        changes = self._changes
        self.looked_up += 1
        resolved = await self._look_up(given)
        # What was read before a change was heard of may be older than the change.
        if changes == self._changes:
            self._known[key] = resolved
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
        return resolved

    def _in_memory(self, key: tuple[str, ...], now: datetime) -> Resolved | None:
        known = self._known.get(key) if self._watch.up_to_date else None
        # One that has ended is looked up again, which tells what of it has.
        if known is None or not known.in_force(now):
            return None
        self._known.move_to_end(key)
        return known

    async def _look_up(self, given: Presented) -> Resolved:
        now = self._database.clock.now()
        signed = given.bearer is not None and is_jwt(given.bearer)
        plain = [value for value in (None if signed else given.bearer, given.key, given.secret) if value is not None]
        found = await self._rows.by_values(plain) if plain else {}
        for value in reversed([value for value in plain if value in found]):
            recognised(_holder(found[value]))
        jwt_ = await self._from_jwt(given.bearer or "", now) if signed else None
        bearer = jwt_.found if jwt_ else _live(found, given.bearer, _BEARERS, now)
        key = _live(found, given.key, {CredentialKind.KEY}, now)
        secret = _live(found, given.secret, {CredentialKind.SECRET}, now)
        main = bearer or key
        if main is None or (main.sandbox and main.sandbox_id is None):
            raise wrong(given)
        several = [each for each in (bearer, key, secret) if each]
        # What was proven with several ends when the first of them does.
        ends = [jwt_.until if jwt_ else None, *(each.until for each in several)]
        until = min((each for each in ends if each), default=None)
        return Resolved(
            viewer=_viewer(main, jwt_.scopes if jwt_ else main.scopes, until),
            agreed=len({each.client_id for each in several}) == 1,
            credential_ids=frozenset(each.id for each in several),
            allowed_ips=tuple(main.allowed_ips),
            sandbox=main.sandbox,
            demands_secret=main.demands_secret,
            bearer_key=bearer is not None and bearer.kind is CredentialKind.KEY,
            lone_key=main.kind is CredentialKind.KEY and secret is None,
        )

    async def _from_jwt(self, value: str, now: datetime) -> _Signed:
        # What reads JWTs takes 9 MiB and a tenth of a second to load, which only those pay who present one.
        jwt = import_module("gateway.jwt")
        try:
            client_id = jwt.claimed_client(value)
            rows = await self._rows.secrets_of(client_id) if storable(client_id) else ()
            opened = [(each, self._database.vault.open(each.sealed)) for each in rows if each.sealed]
            # Those that work last: of equal secrets, one that works counts.
            held = sorted(opened, key=lambda pair: pair[0].works(now))
            secrets = {secret: each for each, secret in held if secret}
            client = secrets[jwt.signer(value, secrets)]
            recognised(_holder(client))
            claims = jwt.in_force(value, client_id, now)
        except jwt.UnusableJwt:
            raise unauthenticated(WRONG_TOKEN, Code.INVALID_TOKEN) from None
        if not client.works(now):
            raise unauthenticated(WRONG_TOKEN, Code.INVALID_TOKEN)
        asked = str(claims.get("scope", "")).split() or client.client_scopes
        scopes = [scope for scope in asked if covers(client.client_scopes, scope)]
        return _Signed(client, scopes, datetime.fromtimestamp(min(claims["exp"], _LAST_SECOND), UTC))


class Recognised:
    """A credential at a door, presented again and again: it is looked up each time, and checked once."""

    __slots__ = ("_checked", "_credentials", "_door", "_key")

    def __init__(self, credentials: Credentials, key: tuple[str, ...], door: Door) -> None:
        self._credentials = credentials
        self._key = key
        self._door = door
        self._checked: Resolved | None = None

    def viewer(self) -> Viewer | None:
        """As `Credentials.remembered_viewer`."""
        self._checked = known = self._credentials.known_at(self._door, self._key, self._checked)
        return known.viewer if known else None


class _Signed:
    """The secret a JWT was signed with, the scopes it asks for, and when it ends."""

    def __init__(self, found: Found, scopes: Sequence[str], until: datetime) -> None:
        self.found = found
        self.scopes = scopes
        self.until = until


def _key_of(given: Presented) -> tuple[str, ...]:
    # Hashes, so that the memory holds no credential.
    bearer, key, secret = given.bearer, given.key, given.secret
    return (hash_of(bearer) if bearer else "", hash_of(key) if key else "", hash_of(secret) if secret else "")


_NOTHING = Presented()
_BEARERS = {CredentialKind.ACCESS_TOKEN, CredentialKind.KEY}


def _live(found: Mapping[str, Found], value: str | None, kinds: Set[CredentialKind], now: datetime) -> Found | None:
    if value is None:
        return None
    credential = found.get(value)
    if credential is None or credential.kind not in kinds or not credential.works(now):
        if kinds is _BEARERS:
            raise unauthenticated(WRONG_TOKEN, Code.INVALID_TOKEN)
        raise unauthenticated(WRONG_KEY)
    return credential


def _holder(found: Found) -> Holder:
    """Whose credential it is, whether or not it works."""
    return Holder(found.organization_id, found.client_id, found.id, found.user_id)


def _viewer(found: Found, scopes: Sequence[str], until: datetime | None) -> Viewer:
    """Who calls: the user the credential acts for, or the client itself."""
    user_id, team_id, permissions = acting(found.user_id, found.team_id, found.role, scopes, found.sandbox)
    return Viewer(
        organization_id=(found.sandbox_id or "") if found.sandbox else found.organization_id,
        client_id=found.client_id,
        user_id=user_id,
        team_id=team_id,
        permissions=permissions,
        scopes=tuple(scopes),
        dialect=found.dialect,
        tier=found.tier,
        name=found.client_name,
        credential_id=found.id,
        grant_id=found.grant_id,
        home_organization_id=found.organization_id,
        expires_at=until,
    )
