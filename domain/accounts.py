"""Companies, and where they are."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.errors import invalid
from domain.texts import text

_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
LONGEST_URL = 2_048
"""Most characters of a website's address."""


class Account(Owned, Entity):
    """A company, found again by its domain, else by its name. Numbers are text, as they are known: "$25M" (CC-30).

    `name_key` is the name as it is compared. `research_run_id` is the research whose findings are shown: the last one
    that was completed.
    """

    __tablename__ = "account"
    __table_args__ = (
        Index("ux_account_domain", "organization_id", "domain", unique=True),
        Index(
            "ux_account_name",
            "organization_id",
            "name_key",
            unique=True,
            sqlite_where=sql("domain IS NULL"),
            postgresql_where=sql("domain IS NULL"),
        ),
        Index("ix_account_name", "organization_id", "name_key", "created_at"),
        Index("ix_account_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "acc", "Account"

    name: Mapped[str]
    name_key: Mapped[str]
    domain: Mapped[str | None]
    industry: Mapped[str | None]
    size: Mapped[str | None]
    revenue: Mapped[str | None]
    location: Mapped[str | None]
    founded: Mapped[str | None]
    website: Mapped[str | None]
    description: Mapped[str | None]
    technologies: Mapped[list[str]]
    research_run_id: Mapped[str | None]
    updated_at: Mapped[datetime]


class AccountPlace(Owned, Entity):
    """A jurisdiction whose law holds for a company, because of where it is: US and US-CA for San Francisco, CA."""

    __tablename__ = "account_place"
    __table_args__ = (
        Index("ux_account_place", "account_id", "jurisdiction", unique=True),
        Index("ix_account_place_jurisdiction", "organization_id", "jurisdiction"),
    )
    prefix, label = "aplace", "AccountPlace"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    jurisdiction: Mapped[str]


def name_key(name: str) -> str:
    """A company's or a person's name as it is compared: without case and spare white space (CC-25, CC-47)."""
    return " ".join(name.split()).casefold()


def domain_name(field: str, given: str) -> str:
    """A company's domain such as `techcorp.com`, also when the address of its website was given.

    Raises:
        DomainError: INVALID when it cannot be one.
    """
    plain = text(field, given, LONGEST_URL).strip().lower()
    host = (_host(plain if "//" in plain else f"//{plain}") or "").removeprefix("www.").rstrip(".")
    try:
        known = host.encode("idna").decode() if host else ""
    except UnicodeError:
        known = ""
    if not _HOST.fullmatch(known):
        raise invalid(field, f"{field} must be a domain such as example.com.")
    return known


def website_address(field: str, given: str) -> str:
    """The address of a website, with https:// where no scheme was given.

    Raises:
        DomainError: INVALID when it cannot be one.
    """
    plain = text(field, given, LONGEST_URL).strip()
    whole = plain if "://" in plain else f"https://{plain}"
    host = _host(whole) or ""
    known = urlsplit(whole).scheme.lower() in ("http", "https") if host else False
    if not known or not _REACHED.fullmatch(host) or not _WRITTEN.fullmatch(whole):
        raise invalid(field, f"{field} must be the address of a website such as https://example.com.")
    return whole


_WRITTEN = re.compile(r"[!-~]+")
_REACHED = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
"""Names of hosts, also those of a network of one's own, and addresses of IPv6."""


def _host(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        # A port that is none is refused as well.
        return parts.hostname if parts.port is None or parts.port else None
    except ValueError:
        return None
