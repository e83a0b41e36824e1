"""Credentials: who calls, for whom, and how a key is kept."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.viewer import Dialect

_SECRET_BYTES = 30
"""240 random bits; 160 is the least that is asked for."""

KEY_MARKS = {
    Dialect.COPYCAR: "tgcc",
    Dialect.CLICKUP_BRAIN: "tgcb",
    Dialect.CRM_ULTRA: "tgcu",
    None: "tgql",
}
"""How a key of each dialect begins, so that a leaked one can be recognised; GraphQL's own has none."""

TIERS = ("Free", "Basic", "Professional", "Enterprise")
"""The rate tiers CRM-Ultra documents."""


class ApiClient(Owned, Entity):
    """A credential holder: one organization, at most one dialect, usually one user."""

    __tablename__ = "api_client"
    __table_args__ = (Index("ux_api_client_key", "key_hash", unique=True),)
    prefix, label = "client", "ApiClient"

    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str]
    dialect: Mapped[Dialect | None]
    tier: Mapped[str]
    scopes: Mapped[list[str]]
    key_hash: Mapped[str]
    key_hint: Mapped[str]
    legacy: Mapped[bool] = mapped_column(default=False)
    rotated_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    def take_key(self, key: str) -> None:
        """Remember a key by its hash and the part that may be shown."""
        self.key_hash = hash_key(key)
        self.key_hint = key[:9]


def new_key(dialect: Dialect | None) -> str:
    """A fresh API key; it is shown once and only its hash is kept."""
    return f"{KEY_MARKS[dialect]}_{secrets.token_urlsafe(_SECRET_BYTES)}"


def hash_key(key: str) -> str:
    """SHA-256 in hex: a key is random enough that a slow hash would only slow every request."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
