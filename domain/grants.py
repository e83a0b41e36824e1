"""Authorizations: what a user has allowed a client; tokens hang on them as one family."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


class Grant(Owned, Entity):
    """One authorization: who allowed which client what. Revoking it ends every token of its family.

    `redirect_uri` and `code_challenge` are those of the authorization request; the code it was answered with can be
    redeemed only with them. Tokens of client credentials have no authorization: they are the client's own.
    """

    __tablename__ = "oauth_grant"
    __table_args__ = (
        Index("ix_oauth_grant_client", "client_id"),
        Index("ix_oauth_grant_user", "user_id"),
    )
    prefix, label = "grant", "Grant"

    client_id: Mapped[str] = mapped_column(ForeignKey("api_client.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]]
    redirect_uri: Mapped[str | None]
    code_challenge: Mapped[str | None]
    revoked_at: Mapped[datetime | None]

    def facts(self) -> dict[str, Any]:
        """What events tell of it."""
        return {"clientId": self.client_id, "userId": self.user_id, "scopes": self.scopes}
