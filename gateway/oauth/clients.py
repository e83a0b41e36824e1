"""API clients as the protocol sees them."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from authlib.oauth2.rfc6749 import ClientMixin  # type: ignore[import-untyped]
from sqlalchemy import and_, bindparam, or_, select

from domain.clients import GRANT_TYPES, SCOPES, USUAL_SCOPES, ApiClient, GrantType, covers
from domain.credentials import Credential, CredentialKind, hash_of
from domain.texts import storable
from domain.users import User
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from gateway.oauth.places import Place
from resolvers.reads import Statement

_ON_A_PORT = re.compile(r"(?P<host>http://(?:127\.0\.0\.1|\[::1\])):(?P<port>[1-9][0-9]{0,4})(?P<rest>/[!-~]*)")
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):  # type: ignore[misc]
    """A client that is in force, with the hashes of the secrets it may prove itself by."""

    id: str
    organization_id: str
    user_id: str | None
    name: str
    dialect: Dialect | None
    tier: str
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    sandbox: bool
    public: bool
    legacy: bool
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def needs_proof_key(self) -> bool:
        """Whether its authorization requests need PKCE: only clients with a secret may have the older habit."""
        return self.public or not self.legacy

    @property
    def rotates(self) -> bool:
        """Whether its refresh tokens are exchanged at each use; a stolen one of a public client must not last."""
        return self.public or not self.legacy

    @property
    def viewer(self) -> Viewer:
        """The client itself as the one who calls: what the audit log knows of a token request."""
        return Viewer(
            organization_id=self.organization_id,
            client_id=self.id,
            user_id=None,
            team_id=None,
            permissions=frozenset(),
            scopes=(),
            dialect=self.dialect,
            tier=self.tier,
            name=self.name,
        )

    def get_client_id(self) -> str:
        """Its `client_id`."""
        return self.id

    def get_default_redirect_uri(self) -> str | None:
        """Where to answer a request without `redirect_uri`: only an older client may leave its only one out."""
        return self.redirect_uris[0] if self.legacy and len(self.redirect_uris) == 1 else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether an address is registered, character by character.

        A native app listens on whichever port it gets: for a public client an address on the loopback interface that
        is registered without a port stands for every port (RFC 8252, section 7.3).
        """
        return redirect_uri in self.redirect_uris or (self.public and _without_port(redirect_uri) in self.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether a secret is one of its own; all of them are compared, in constant time."""
        given = hash_of(client_secret)
        equal = [hmac.compare_digest(given, each) for each in self.secrets]
        return any(equal)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it may prove itself this way; without a proof nobody learns about tokens (RFC 7662, section 2.1)."""
        if self.public:
            return method == "none" and endpoint != "introspection"
        return method != "none"

    def check_response_type(self, response_type: str) -> bool:
        """Whether it may ask for this at the authorization endpoint."""
        return response_type == "code" and self.check_grant_type(GrantType.AUTHORIZATION_CODE)

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether its product prints this grant (X-02)."""
        return grant_type in GRANT_TYPES[self.dialect]

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes that were asked for, the usual ones when none were; None when it does not hold them all."""
        asked = tuple(dict.fromkeys((scope or "").split()))
        if not asked:
            usual = [each for each in USUAL_SCOPES[self.dialect] if self.holds(each)]
            return " ".join(usual or self.scopes) or None
        return " ".join(asked) if all(self.holds(each) for each in asked) else None

    def holds(self, scope: str) -> bool:
        """Whether a scope is one of its product and within its own."""
        return scope in SCOPES[self.dialect] and covers(self.scopes, scope)

    def still(self, scopes: Sequence[str]) -> str:
        """What is left of scopes that were granted before it was narrowed."""
        return " ".join(each for each in scopes if self.holds(each))


def _without_port(uri: str) -> str | None:
    """An address on the loopback interface without its port; None for every other one.

    It is no parser's business: those repair addresses, and what was repaired was not registered.
    """
    found = _ON_A_PORT.fullmatch(uri)
    return found["host"] + found["rest"] if found and int(found["port"]) <= _LAST_PORT else None


_BY_ID: Statement = (
    select(
        ApiClient.id,
        ApiClient.organization_id,
        ApiClient.user_id,
        ApiClient.name,
        ApiClient.dialect,
        ApiClient.tier,
        ApiClient.scopes,
        ApiClient.redirect_uris,
        ApiClient.allowed_ips,
        ApiClient.sandbox,
        ApiClient.public,
        ApiClient.legacy,
        Credential.hash,
    )
    .outerjoin(User, User.id == ApiClient.user_id)
    .outerjoin(
        Credential,
        and_(
            Credential.client_id == ApiClient.id,
            Credential.kind == CredentialKind.SECRET,
            Credential.revoked_at.is_(None),
            or_(Credential.expires_at.is_(None), Credential.expires_at > bindparam("now")),
        ),
    )
    .where(
        ApiClient.id == bindparam("id"),
        ApiClient.revoked_at.is_(None),
        or_(ApiClient.expires_at.is_(None), ApiClient.expires_at > bindparam("now")),
        User.disabled_at.is_(None),
    )
)


class Clients:
    """Finds clients by their `client_id`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, client_id: str, place: Place) -> Client | None:
        """The client, if it is in force and this is a place for it; why it is not is nobody's business."""
        if not storable(client_id):
            return None
        now: datetime = self._database.clock.now()
        rows = await self._database.rows(_BY_ID.params(id=client_id, now=now))
        if not rows:
            return None
        *known, _ = rows[0]
        id_, organization_id, user_id, name, dialect, tier, scopes, uris, ips, sandbox, public, legacy = known
        if place.dialect not in (None, dialect) or place.sandbox not in (None, sandbox):
            return None
        return Client(
            id=id_,
            organization_id=organization_id,
            user_id=user_id,
            name=name,
            dialect=dialect,
            tier=tier,
            scopes=tuple(scopes),
            redirect_uris=tuple(uris),
            allowed_ips=tuple(ips),
            sandbox=sandbox,
            public=public,
            legacy=legacy,
            secrets=tuple(row[-1] for row in rows if row[-1] is not None),
        )
