"""What a caller presents: keys, secrets, tokens and codes, each kept by its hash and shown once."""

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.viewer import Dialect

_RANDOM_BYTES = 30
"""240 random bits; 160 is the least that is asked for."""
_HINT = 9
"""Characters of a value that lists may show."""

KEY_MARKS = {
    Dialect.COPYCAR: "tgcc",
    Dialect.CLICKUP_BRAIN: "tgcb",
    Dialect.CRM_ULTRA: "tgcu",
    None: "tgql",
}
"""How a key of each dialect begins, so that a leaked one can be recognised; GraphQL's own has none."""


class CredentialKind(StrEnum):
    """What a credential opens: keys and access tokens the API, the others only the token endpoint."""

    KEY = "KEY"
    SECRET = "SECRET"  # noqa: S105 - a kind
    ACCESS_TOKEN = "ACCESS_TOKEN"  # noqa: S105
    REFRESH_TOKEN = "REFRESH_TOKEN"  # noqa: S105
    CODE = "CODE"


_MARKS = {
    CredentialKind.SECRET: "tgs",
    CredentialKind.ACCESS_TOKEN: "tgat",
    CredentialKind.REFRESH_TOKEN: "tgrt",
    CredentialKind.CODE: "tgac",
}


class Credential(Owned, Entity):
    """Something a caller can present. Only its hash is kept, except for secrets that sign JWTs: those are `sealed`.

    Rotation puts a new one beside an old one and gives the old one an `expires_at` (the overlap). A refresh token that
    was exchanged for another, and a code that was redeemed, have a `used_at`; presenting them again is theft.
    `scopes` are those of one access token; what has none has those of its authorization or client.
    """

    __tablename__ = "credential"
    __table_args__ = (
        Index("ux_credential_hash", "hash", unique=True),
        Index("ix_credential_client", "client_id", "kind"),
        Index("ix_credential_grant", "grant_id"),
        Index("ix_credential_expiry", "expires_at"),
    )
    prefix, label = "key", "ApiKey"

    client_id: Mapped[str] = mapped_column(ForeignKey("api_client.id", ondelete="CASCADE"))
    grant_id: Mapped[str | None] = mapped_column(ForeignKey("oauth_grant.id", ondelete="CASCADE"))
    kind: Mapped[CredentialKind]
    hash: Mapped[str]
    hint: Mapped[str]
    sealed: Mapped[str | None]
    scopes: Mapped[list[str] | None]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    def take(self, value: str) -> None:
        """Remember a value by its hash and the part that may be shown."""
        self.hash = hash_of(value)
        self.hint = value[:_HINT]

    def works(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def new_key(dialect: Dialect | None) -> str:
    """A fresh API key."""
    return f"{KEY_MARKS[dialect]}_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def new_value(kind: CredentialKind) -> str:
    """A fresh secret, token or code, recognisable by how it begins."""
    return f"{_MARKS[kind]}_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def hash_of(value: str) -> str:
    """SHA-256 in hex: a value is random enough that a slow hash would only slow every request."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
