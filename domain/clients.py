"""API clients: the programs that call, for whom, and within which bounds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.permissions import ADMINISTRATIVE, Permission
from domain.viewer import Dialect

TIERS: dict[Dialect | None, tuple[str, ...]] = {
    Dialect.COPYCAR: ("Ultimate",),
    Dialect.CLICKUP_BRAIN: ("Standard",),
    Dialect.CRM_ULTRA: ("Free", "Basic", "Professional", "Enterprise"),
    None: ("Free", "Basic", "Professional", "Enterprise"),
}
"""The rate tiers each product documents (CC-16, CB-09, CU-55); GraphQL's own clients have CRM-Ultra's names."""

USUAL_TIER: dict[Dialect | None, str] = {
    Dialect.COPYCAR: "Ultimate",
    Dialect.CLICKUP_BRAIN: "Standard",
    Dialect.CRM_ULTRA: "Professional",
    None: "Professional",
}
"""The tier of a client nobody gave one; Professional's is the limit CRM-Ultra's sample headers print."""


class GrantType(StrEnum):
    """The ways to a token (RFC 6749)."""

    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant


GRANT_TYPES: dict[Dialect | None, frozenset[GrantType]] = {
    Dialect.COPYCAR: frozenset({GrantType.CLIENT_CREDENTIALS}),
    Dialect.CLICKUP_BRAIN: frozenset({GrantType.CLIENT_CREDENTIALS}),
    Dialect.CRM_ULTRA: frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN}),
    None: frozenset(GrantType),
}
"""The grants each product prints; others are refused to its clients (X-02)."""

_PLAIN = ("read", "write")
SCOPES: dict[Dialect | None, tuple[str, ...]] = {
    Dialect.COPYCAR: ("ultimate:read", "ultimate:write"),
    Dialect.CLICKUP_BRAIN: _PLAIN,
    Dialect.CRM_ULTRA: (*_PLAIN, Permission.READ_LEADS, Permission.WRITE_LEADS, Permission.READ_REPORTS),
    None: (*_PLAIN, *dict.fromkeys(permission.value for permission in Permission)),
}
"""What a scope of each dialect can be; `ultimate:*` is how CopyCar writes `read` and `write` (X-14)."""

USUAL_SCOPES: dict[Dialect | None, tuple[str, ...]] = {dialect: SCOPES[dialect][:2] for dialect in (*Dialect, None)}
"""The scopes of a client or token nobody gave any: reading and writing."""

_SHORT = {"ultimate:read": "read", "ultimate:write": "write"}
MONTHLY_TOKENS = 100_000
"""CopyCar's monthly quota of generated tokens (CC-15)."""


class ApiClient(Owned, Entity):
    """A program that may call: one organization, at most one dialect, perhaps one user it acts for.

    Its id is its OAuth `client_id` too. `organization_id` is who answers for it; a sandbox client sees that
    organization's sandbox instead (CB-45). `legacy` are the habits of clients that came over from an older product:
    no PKCE, refresh tokens that stay the same (CU-06). `demands_secret` refuses the key alone (CC-01).
    `public` clients keep no secret. An empty `allowed_ips` lets every address in (CB-48).
    """

    __tablename__ = "api_client"
    __table_args__ = (Index("ix_api_client_recent", "organization_id", "created_at", "id"),)
    prefix, label = "client", "ApiClient"

    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str]
    dialect: Mapped[Dialect | None]
    tier: Mapped[str]
    scopes: Mapped[list[str]]
    redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    allowed_ips: Mapped[list[str]] = mapped_column(default=list)
    sandbox: Mapped[bool] = mapped_column(default=False)
    public: Mapped[bool] = mapped_column(default=False)
    legacy: Mapped[bool] = mapped_column(default=False)
    demands_secret: Mapped[bool] = mapped_column(default=False)
    monthly_tokens: Mapped[int] = mapped_column(BigInteger, default=MONTHLY_TOKENS)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    def works(self, now: datetime) -> bool:
        """Whether it may call at all."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def covers(held: Iterable[str], wanted: str) -> bool:
    """Whether scopes that are held include a wanted one: by its name, or, when it is a permission, by its verb.

    `write` does not include the administrative permissions (see `domain.permissions.granted`): `admin` does.
    """
    short = {_SHORT.get(each, each) for each in held}
    name = _SHORT.get(wanted, wanted)
    wide = "admin" if name in ADMINISTRATIVE else name.partition(":")[0]
    return name in short or wide in short
