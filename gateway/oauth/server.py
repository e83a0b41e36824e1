"""Authlib's authorization server over our storage: one for each request, knowing its client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AuthorizationServer,
    InvalidClientError,
    OAuth2Error,
)
from authlib.oauth2.rfc6750 import BearerTokenGenerator  # type: ignore[import-untyped]
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc7662 import IntrospectionEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc9207 import IssuerParameter  # type: ignore[import-untyped]

from domain.credentials import Credential, CredentialKind, new_value
from gateway.oauth.clients import Client
from gateway.oauth.errors import ClientRefused, ParameterMissing
from gateway.oauth.grants import METHODS, ClientGrant, CodeGrant, ProofKey, RefreshGrant
from gateway.oauth.introspection import Inspected
from gateway.oauth.requests import ProtocolRequest
from gateway.oauth.rules import OAuthRules
from gateway.oauth.storage import Storage


@dataclass
class Answer:
    """An answer of the protocol, not yet one of HTTP; `error` is what it refuses with."""

    status: int
    body: Mapping[str, Any] | str
    headers: Sequence[tuple[str, str]]
    error: OAuth2Error | None = None

    @classmethod
    def refusing(cls, error: OAuth2Error) -> Answer:
        """The answer that tells an error."""
        status, body, headers = error()
        return cls(status, body, headers, error)

    @property
    def location(self) -> str | None:
        """Where it redirects to."""
        return next((value for name, value in self.headers if name == "Location"), None)

    @location.setter
    def location(self, uri: str) -> None:
        self.headers = [(name, uri if name == "Location" else value) for name, value in self.headers]


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


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """Introspection (RFC 7662), for clients that can prove who they are."""

    CLIENT_AUTH_METHODS = METHODS[:2]

    def check_params(self, request: ProtocolRequest, client: Client) -> None:
        """Refuse a request without a token; the hint is not needed."""
        if "token" not in request.form:
            raise ParameterMissing("token")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Inspected | None:
        """The token, as it was found before."""
        found: Inspected | None = self.server.inspected
        return found

    def check_permission(self, token: Inspected, client: Client, request: ProtocolRequest) -> bool:
        """Whether the client may know of it."""
        return token.known_to(client)

    def introspect_token(self, token: Inspected) -> Mapping[str, Any]:
        """What is told of it."""
        return token.told()


class _Issuer(IssuerParameter):  # type: ignore[misc]
    """`iss` in every answer of the authorization endpoint (RFC 9207)."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        """Who we are."""
        return self._issuer


class Server(AuthorizationServer):  # type: ignore[misc]
    """The protocol for one client; `storage` is there when something is to be stored, `inspected` is a token that is
    asked about.
    """

    def __init__(
        self,
        client: Client,
        rules: OAuthRules,
        storage: Storage | None = None,
        inspected: Inspected | None = None,
    ) -> None:
        super().__init__()
        self._client = client
        self._storage = storage
        self.inspected = inspected
        self.issuer = _Issuer(rules.issuer)
        self.register_grant(CodeGrant, [ProofKey()])
        self.register_grant(ClientGrant)
        self.register_grant(RefreshGrant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)
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

    def handle_error_response(self, request: ProtocolRequest, error: OAuth2Error) -> Answer:
        """The answer to a request that is refused. It is no exception: what the refusal stored stays stored."""
        return Answer.refusing(error)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what happened is in the unit."""
