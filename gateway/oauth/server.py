"""Authlib's authorization server over our storage: one for each request, knowing its client."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AuthorizationServer,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
)
from authlib.oauth2.rfc6749 import grants as rfc6749
from authlib.oauth2.rfc6750 import BearerTokenGenerator  # type: ignore[import-untyped]
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]
from authlib.oauth2.rfc9207 import IssuerParameter  # type: ignore[import-untyped]

from domain.credentials import Credential, CredentialKind, new_value
from domain.users import User
from gateway.oauth.clients import Client
from gateway.oauth.errors import ClientRefused, ParameterMissing
from gateway.oauth.requests import ProtocolRequest
from gateway.oauth.rules import OAuthRules
from gateway.oauth.storage import GrantFacts, Presented, Storage

METHODS = ("client_secret_basic", "client_secret_post", "none")
_S256 = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass
class Answer:
    """An answer of the protocol, not yet one of HTTP."""

    status: int
    body: Mapping[str, Any] | str
    headers: Sequence[tuple[str, str]]

    @property
    def location(self) -> str | None:
        """Where it redirects to."""
        return next((value for name, value in self.headers if name == "Location"), None)

    @location.setter
    def location(self, uri: str) -> None:
        self.headers = [(name, uri if name == "Location" else value) for name, value in self.headers]


class CodeGrant(rfc6749.AuthorizationCodeGrant):  # type: ignore[misc]
    """Authorization code (RFC 6749, section 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    @staticmethod
    def validate_authorization_redirect_uri(request: ProtocolRequest, client: Client) -> str:
        """The address to answer at.

        Raises:
            InvalidRequestError: it is not registered; the answer must not go there.
        """
        wanted = request.payload.redirect_uri or client.get_default_redirect_uri()
        if not wanted:
            raise ParameterMissing("redirect_uri")
        if not client.check_redirect_uri(wanted):
            raise InvalidRequestError("This 'redirect_uri' is not registered for the client.")
        return str(wanted)

    def generate_authorization_code(self) -> str:
        """A fresh code."""
        return new_value(CredentialKind.CODE)

    def save_authorization_code(self, code: str, request: ProtocolRequest) -> None:
        """Store what the user allows."""
        payload = request.payload
        facts = GrantFacts(
            request.user.id, request.scope.split(), payload.redirect_uri, payload.data.get("code_challenge")
        )
        self.server.storage.allow(facts, code)

    def query_authorization_code(self, code: str, client: Client) -> Presented | None:
        """The code, if it can be redeemed."""
        found: Presented | None = self.server.storage.code(code)
        return found

    def authenticate_user(self, authorization_code: Presented) -> User | None:
        """Who allowed it."""
        user: User | None = self.server.storage.user(authorization_code)
        return user

    def delete_authorization_code(self, authorization_code: Presented) -> None:
        """Remember that it was redeemed, to recognise it when it comes again."""
        self.server.storage.use(authorization_code)


class ClientGrant(rfc6749.ClientCredentialsGrant):  # type: ignore[misc]
    """Client credentials (RFC 6749, section 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS[:2]


class RefreshGrant(rfc6749.RefreshTokenGrant):  # type: ignore[misc]
    """Refresh tokens (RFC 6749, section 6)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # noqa: N802 - Authlib's name
        """Whether the old one is exchanged for a new one."""
        return bool(self.client.rotates)

    def authenticate_refresh_token(self, refresh_token: str) -> Presented | None:
        """The token, if it can be used."""
        found: Presented | None = self.server.storage.refresh_token(refresh_token)
        return found

    def authenticate_user(self, refresh_token: Presented) -> User:
        """Who allowed it.

        Raises:
            InvalidGrantError: they may no longer; Authlib would call the request invalid.
        """
        user: User | None = self.server.storage.user(refresh_token)
        if user is None:
            raise InvalidGrantError("What was granted is no longer in force.")
        return user

    def issue_token(self, user: User, refresh_token: Presented) -> dict[str, Any]:
        """The answer; a client of the older kind is told the refresh token that it keeps (CU-05, CU-06)."""
        token: dict[str, Any] = super().issue_token(user, refresh_token)
        return {"refresh_token": refresh_token.value, **token}

    def revoke_old_credential(self, refresh_token: Presented) -> None:
        """Remember that it was exchanged."""
        if self.client.rotates:
            self.server.storage.use(refresh_token)


class ProofKey(CodeChallenge):  # type: ignore[misc]
    """PKCE (RFC 7636) with S256 alone; only older clients with a secret may do without."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse an authorization request without the proof its client needs.

        Raises:
            InvalidRequestError: there is none, or another than S256. A method left out means `plain` (section 4.3).
        """
        super().validate_code_challenge(grant, redirect_uri)
        sent = grant.request.payload.data
        challenge = sent.get("code_challenge")
        if challenge is None:
            if grant.client.needs_proof_key:
                raise InvalidRequestError("Missing 'code_challenge': this client has to use PKCE with S256.")
        elif "code_challenge_method" not in sent:
            raise InvalidRequestError("Missing 'code_challenge_method': only S256 is supported.")
        elif not _S256.fullmatch(challenge):
            raise InvalidRequestError("Invalid 'code_challenge'")


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Revocation (RFC 7009). An unknown token and one of another client are the same: there is nothing to do."""

    CLIENT_AUTH_METHODS = METHODS

    def check_params(self, request: ProtocolRequest, client: Client) -> None:
        """Refuse a request without a token; the hint is not needed, one index knows all kinds."""
        if "token" not in request.form:
            raise ParameterMissing("token")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Revocable | None:
        """The token, if it is the client's."""
        found: Credential | None = self.server.storage.own_token(token_string)
        return Revocable(found) if found else None

    def revoke_token(self, token: Revocable, request: ProtocolRequest) -> None:
        """End it."""
        self.server.storage.revoke(token.credential)


@dataclass(frozen=True, slots=True)
class Revocable:
    """A token of the client that asks to end it."""

    credential: Credential

    def check_client(self, client: Client) -> bool:
        """Whether it is the client's: others were not found at all."""
        return self.credential.client_id == client.id


class _Issuer(IssuerParameter):  # type: ignore[misc]
    """`iss` in every answer of the authorization endpoint (RFC 9207)."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        """Who we are."""
        return self._issuer


class Server(AuthorizationServer):  # type: ignore[misc]
    """The protocol for one client; `storage` is there when something is to be stored."""

    def __init__(self, client: Client, rules: OAuthRules, storage: Storage | None = None) -> None:
        super().__init__()
        self._client = client
        self._storage = storage
        self.issuer = _Issuer(rules.issuer)
        self.register_grant(CodeGrant, [ProofKey()])
        self.register_grant(ClientGrant)
        self.register_grant(RefreshGrant)
        self.register_endpoint(Revocation)
        self.register_extension(self.issuer)
        generator = BearerTokenGenerator(
            lambda **_: new_value(CredentialKind.ACCESS_TOKEN),
            lambda **_: new_value(CredentialKind.REFRESH_TOKEN),
            lambda client, _: rules.access_life(client.dialect),
        )
        self.register_token_generator("default", generator)

    @property
    def storage(self) -> Storage:
        """Where grants and endpoints store."""
        assert self._storage is not None  # noqa: S101 - a caller that grants brings one
        return self._storage

    def query_client(self, client_id: str) -> Client | None:
        """The client of this request."""
        return self._client if client_id == self._client.id else None

    def authenticate_client(self, request: ProtocolRequest, methods: Sequence[str], endpoint: str = "token") -> Client:
        """The client, in the one way it chose.

        Raises:
            ClientRefused: it has not proved who it is.
        """
        method = request.auth_method
        if method not in methods:
            raise ClientRefused()
        try:
            client: Client = super().authenticate_client(request, [method], endpoint)
        except InvalidClientError:
            raise ClientRefused() from None
        return client

    def get_token_grant(self, request: ProtocolRequest) -> Any:
        """The grant that is asked for."""
        if request.payload.grant_type is None:
            raise ParameterMissing("grant_type")
        return super().get_token_grant(request)

    def save_token(self, token: Mapping[str, str], request: ProtocolRequest) -> None:
        """Store what is given."""
        self.storage.keep(token, token["scope"].split(), request.authorization_code or request.refresh_token)

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """The request: it is one already."""
        return request

    def handle_response(self, status: int, body: Mapping[str, Any] | str, headers: Sequence[tuple[str, str]]) -> Answer:
        """The answer."""
        return Answer(status, body, headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what happened is in the unit."""
