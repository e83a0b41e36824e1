"""Signing in: sessions of people in a browser, and the invitations they set their first password with."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned

INVITATION_SECONDS = 7 * 24 * 3600
"""Life of an invitation."""
INVITATION_PATH = "/invitation"
"""The page an invitation leads to, under the server's public address."""

_MARK = "tgin"
_RANDOM_BYTES = 30


class BrowserSession(Owned, Entity):
    """Somebody signed in, in one browser; the cookie's value is kept by its hash. The API knows no sessions."""

    __tablename__ = "browser_session"
    __table_args__ = (
        Index("ux_browser_session_hash", "hash", unique=True),
        Index("ix_browser_session_user", "user_id"),
    )
    prefix, label = "session", "BrowserSession"

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    hash: Mapped[str]
    expires_at: Mapped[datetime]


class Invitation(Owned, Entity):
    """A link with which a member of staff sets a password, once."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ux_invitation_hash", "hash", unique=True), Index("ix_invitation_user", "user_id"))
    prefix, label = "invitation", "Invitation"

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    hash: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def new_invitation() -> str:
    """The secret part of a fresh invitation's link; only its hash is kept."""
    return f"{_MARK}_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def invitation_link(public_url: str, token: str) -> str:
    """The address with which an invitation is accepted."""
    return f"{public_url}{INVITATION_PATH}?token={token}"
