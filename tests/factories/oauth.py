"""OAuth clients for tests, and what their requests look like."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from domain.credentials import CredentialKind
from domain.permissions import Role
from domain.viewer import Dialect
from gateway.database import Database
from tests.factories.credentials import make_client, make_credential
from tests.factories.organizations import make_organization, make_user

ISSUER = "https://graph.example.com"
CALLBACK = "https://app.example.com/callback"
VERIFIER = "a-verifier-of-the-least-length-that-is-allowed-by-rfc-7636"


@dataclass(frozen=True)
class App:
    """An OAuth client with its secret, and a member of staff who may authorize it."""

    organization_id: str
    user_id: str
    client_id: str
    secret: str

    @property
    def basic(self) -> tuple[str, str]:
        """Its name and secret."""
        return self.client_id, self.secret

    @property
    def posted(self) -> dict[str, str]:
        """Its name and secret as parameters."""
        return {"client_id": self.client_id} | ({"client_secret": self.secret} if self.secret else {})


async def make_app(database: Database, *, dialect: Dialect | None = None, role: Role = Role.ADMIN, **known: Any) -> App:
    """A new client in a new organization; a public one has no secret."""
    organization_id = known.pop("organization", None) or await make_organization(database)
    user_id = await make_user(database, organization_id, role=role)
    known.setdefault("redirect_uris", [CALLBACK])
    client_id = await make_client(database, organization_id, dialect=dialect, **known)
    secret = ""
    if not known.get("public"):
        secret = await make_credential(database, organization_id, client_id, CredentialKind.SECRET, dialect=dialect)
    return App(organization_id, user_id, client_id, secret)


def challenge_of(verifier: str = VERIFIER) -> str:
    """The S256 challenge of a verifier (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def asking(app: App, **changed: str | None) -> list[tuple[str, str]]:
    """The parameters of an authorization request; None leaves one out."""
    usual: dict[str, str | None] = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": CALLBACK,
        "state": "xyz",
        "code_challenge": challenge_of(),
        "code_challenge_method": "S256",
    }
    return [(name, value) for name, value in (usual | changed).items() if value is not None]


def sent_back(url: str) -> dict[str, str]:
    """The parameters a browser is sent back with, each once."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert len(pairs) == len(dict(pairs)), url
    return dict(pairs)
