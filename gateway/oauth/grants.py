"""The grants of RFC 6749 over our storage, and PKCE."""

from __future__ import annotations

import re
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import grants as rfc6749
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]

from domain.credentials import CredentialKind, new_value
from domain.users import User
from gateway.oauth.clients import Client
from gateway.oauth.errors import ParameterMissing
from gateway.oauth.requests import ProtocolRequest
from gateway.oauth.storage import GrantFacts, Presented

METHODS = ("client_secret_basic", "client_secret_post", "none")
"""How a client may say who it is, by the names of RFC 7591."""
_S256 = re.compile(r"[A-Za-z0-9_-]{43}")


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
