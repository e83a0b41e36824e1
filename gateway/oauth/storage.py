"""What the protocol stores and finds: authorizations, and the codes and tokens that hang on them.

Everything here is synchronous, as Authlib is: it runs inside `AsyncSession.run_sync`, in the transaction of one unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, TokenMixin  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.credentials import Credential, CredentialKind, hash_of
from domain.events import EventType
from domain.grants import Grant
from domain.permissions import Permission
from domain.users import User
from domain.visibility import holders_of
from gateway.oauth.clients import Client
from gateway.oauth.rules import OAuthRules
from resolvers.unit import Unit

TOKENS = (CredentialKind.ACCESS_TOKEN, CredentialKind.REFRESH_TOKEN)


@dataclass(frozen=True, slots=True)
class Presented(AuthorizationCodeMixin, TokenMixin):  # type: ignore[misc]
    """A code or token that a client presented and may use, with the authorization it hangs on."""

    value: str
    credential: Credential
    grant: Grant | None
    client: Client

    @property
    def code_challenge(self) -> str | None:
        """The S256 challenge of the authorization request."""
        return self.grant.code_challenge if self.grant else None

    @property
    def code_challenge_method(self) -> str:
        """The one transformation there is."""
        return "S256"

    def check_client(self, client: Client) -> bool:
        """Whether it was given to this client."""
        return self.credential.client_id == client.id

    def get_redirect_uri(self) -> str | None:
        """The address of the authorization request, if it named one."""
        return self.grant.redirect_uri if self.grant else None

    def get_scope(self) -> str:
        """What was granted, as far as the client still holds it."""
        return self.client.still(self.grant.scopes if self.grant else ())


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """What somebody allows a client; `redirect_uri` as far as the request named one."""

    user_id: str
    scopes: Sequence[str]
    redirect_uri: str | None
    code_challenge: str | None


class Storage:
    """The rows of one client in one transaction."""

    def __init__(self, unit: Unit, client: Client, rules: OAuthRules) -> None:
        self._unit = unit
        self._session: Session = unit.session.sync_session
        self._client = client
        self._rules = rules

    def allow(self, facts: GrantFacts, code: str) -> None:
        """Store an authorization and the code it is answered with, and tell of it."""
        grant = Grant(
            id=Grant.new_id(),
            organization_id=self._client.organization_id,
            client_id=self._client.id,
            user_id=facts.user_id,
            scopes=list(facts.scopes),
            redirect_uri=facts.redirect_uri,
            code_challenge=facts.code_challenge,
            created_at=self._unit.now,
        )
        self._session.add(grant)
        self._session.flush()
        self._put(code, CredentialKind.CODE, self._rules.code_seconds, grant.id, None)
        self._tell(EventType.ACCESS_GRANTED, grant)
        self._unit.audit("grantAccess", grant.id)

    def code(self, value: str) -> Presented | None:
        """A code that can be redeemed. One that was redeemed before ends its authorization: somebody copied it."""
        return self._presented(value, CredentialKind.CODE)

    def refresh_token(self, value: str) -> Presented | None:
        """A refresh token that can be used. One that was exchanged before ends its authorization in the same way."""
        return self._presented(value, CredentialKind.REFRESH_TOKEN)

    def user(self, presented: Presented) -> User | None:
        """Who allowed it, unless they are gone or disabled."""
        user_id = presented.grant.user_id if presented.grant else None
        user = self._session.get(User, user_id) if user_id else None
        return user if user and user.disabled_at is None else None

    def use(self, presented: Presented) -> None:
        """Remember that it was exchanged: it is good for once."""
        presented.credential.used_at = self._unit.now

    def keep(self, token: Mapping[str, str], scopes: Sequence[str], source: Presented | None) -> None:
        """Store what a token answer gives. Without a source the tokens are the client's own."""
        grant_id = source.grant.id if source and source.grant else None
        life = self._rules.access_life(self._client.dialect)
        self._put(token["access_token"], CredentialKind.ACCESS_TOKEN, life, grant_id, scopes)
        fresh = token.get("refresh_token")
        if fresh and not (source and source.value == fresh):
            self._put(fresh, CredentialKind.REFRESH_TOKEN, self._rules.refresh_seconds, grant_id, None)

    def own_token(self, value: str) -> Credential | None:
        """A token of this client, whatever its state."""
        found = self._session.scalar(select(Credential).where(Credential.hash == hash_of(value)))
        mine = found is not None and found.kind in TOKENS and found.client_id == self._client.id
        return found if mine else None

    def revoke(self, token: Credential) -> None:
        """End an access token; with a refresh token the whole authorization ends (RFC 7009, section 2.1)."""
        if token.kind is CredentialKind.REFRESH_TOKEN and token.grant_id:
            self._withdraw(token.grant_id, "revokeToken")
        elif token.revoked_at is None:
            token.revoked_at = self._unit.now
            self._unit.access_changed(token.id)
            self._unit.audit("revokeToken", token.id)

    def _presented(self, value: str, kind: CredentialKind) -> Presented | None:
        statement = select(Credential).where(Credential.hash == hash_of(value))
        # Of those who present the same value at once, one goes first; the others see that it was used. Every path
        # locks a credential before its authorization, so that none waits for the other in a circle.
        found = self._session.scalar(statement.with_for_update(key_share=True))
        if found is None or found.kind is not kind or found.client_id != self._client.id or found.grant_id is None:
            return None
        if found.used_at is not None:
            self._withdraw(found.grant_id, "stopReuse")
            return None
        grant = self._session.get(Grant, found.grant_id)
        if grant is None or grant.revoked_at is not None or not found.works(self._unit.now):
            return None
        presented = Presented(value, found, grant, self._client)
        # Without any scope left, Authlib would take the usual ones.
        return presented if presented.get_scope() else None

    def _withdraw(self, grant_id: str, operation: str) -> None:
        """End an authorization, and with it every token of its family, in every process at once."""
        grant = self._session.get(Grant, grant_id, with_for_update={"key_share": True}, populate_existing=True)
        if grant is None or grant.revoked_at is not None:
            return
        grant.revoked_at = self._unit.now
        self._unit.access_changed(grant.id)
        self._tell(EventType.ACCESS_WITHDRAWN, grant)
        self._unit.audit(operation, grant.id)

    def _tell(self, type: EventType, grant: Grant) -> None:
        self._unit.record(type, grant, grant.facts(), audience=holders_of(Permission.READ_CLIENTS))

    def _put(
        self, value: str, kind: CredentialKind, life: int, grant_id: str | None, scopes: Sequence[str] | None
    ) -> None:
        credential = Credential(
            id=Credential.new_id(),
            organization_id=self._client.organization_id,
            client_id=self._client.id,
            grant_id=grant_id,
            kind=kind,
            scopes=None if scopes is None else list(scopes),
            created_at=self._unit.now,
            expires_at=_after(self._unit.now, life),
        )
        credential.take(value)
        self._session.add(credential)


def _after(now: datetime, seconds: int) -> datetime:
    return now + timedelta(seconds=seconds)
