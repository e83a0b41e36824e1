"""Requests of the protocol: parameters, each once, and how the client says who it is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]

from gateway.oauth.errors import ClientRefused, ParameterMissing, ParameterRepeated, named

KNOWN = frozenset(
    {
        "client_id",
        "client_secret",
        "code",
        "code_challenge",
        "code_challenge_method",
        "code_verifier",
        "grant_type",
        "redirect_uri",
        "refresh_token",
        "response_type",
        "scope",
        "state",
        "token",
        "token_type_hint",
    }
)
"""Parameters that must not be repeated; of others the server knows nothing, and some of them may be (RFC 8707)."""

_ADDRESS = "https://authorization-server.invalid/"
"""Stands for our own address. Whether a request came by HTTPS is decided before (`HttpsOnly`); Authlib would judge by
an address that a proxy has changed."""

Pairs = Iterable[tuple[str, str]]


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]
    """A request as Authlib wants it."""

    def __init__(self, method: str, parameters: Mapping[str, str], authorization: str | None = None) -> None:
        super().__init__(method, _ADDRESS, headers={"Authorization": authorization} if authorization else {})
        self._parameters = dict(parameters)
        self.payload = _Payload(self._parameters)

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a POST."""
        return self._parameters

    @property
    def args(self) -> dict[str, str]:
        """The parameters of a GET."""
        return self._parameters


class _Payload(BasicOAuth2Payload):  # type: ignore[misc]
    """Parameters, of which Authlib repeats some in its errors."""

    @property
    def response_type(self) -> str | None:
        """What is asked for at the authorization endpoint."""
        return _told(super().response_type)

    @property
    def grant_type(self) -> str | None:
        """What is asked for at the token endpoint."""
        return _told(super().grant_type)


class Proof(NamedTuple):
    """How a client says who it is: one method of RFC 7591's names."""

    client_id: str
    method: str


def once(pairs: Pairs) -> dict[str, str]:
    """Parameters by name; empty ones count as absent.

    Raises:
        ParameterRepeated: one that the server knows is there more than once.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if value and name in found and name in KNOWN:
            raise ParameterRepeated(name)
        if value:
            found.setdefault(name, value)
    return found


def proof_of(parameters: Mapping[str, str], authorizations: Sequence[str]) -> Proof:
    """Who the client says it is, and how.

    Raises:
        InvalidRequestError: it says so in two ways, or two different things.
        ClientRefused: it does not say so.
    """
    headers = [each for each in authorizations if each.partition(" ")[0].lower() == "basic"]
    secret, client_id = "client_secret" in parameters, parameters.get("client_id")
    if len(headers) > 1 or (headers and secret):
        raise InvalidRequestError("The client must authenticate in one way only.")
    if headers:
        named_ = _basic_client(headers[0])
        if client_id not in (None, named_):
            raise InvalidRequestError("Authorization and 'client_id' name different clients.")
        return Proof(named_, "client_secret_basic")
    if client_id is None:
        raise ParameterMissing("client_id") if secret else ClientRefused("No client authentication included.")
    return Proof(client_id, "client_secret_post" if secret else "none")


def basic_header(authorizations: Sequence[str]) -> str | None:
    """The header that names a client; others, such as a token that has expired, prove nothing here."""
    return next((each for each in authorizations if each.partition(" ")[0].lower() == "basic"), None)


def _basic_client(header: str) -> str:
    """The client a Basic header names. Authlib reads it again, but does not survive every header."""
    try:
        text = base64.b64decode(header.partition(" ")[2].strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise ClientRefused("The Authorization header cannot be read.") from None
    client_id, colon, _ = text.partition(":")
    if not colon or not client_id:
        raise ClientRefused("The Authorization header cannot be read.")
    return unquote(client_id)


def _told(value: Any) -> str | None:
    return named(value) if isinstance(value, str) else None
