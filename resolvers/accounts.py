"""Reads of companies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from domain.accounts import Account
from domain.contacts import Contact
from domain.leads import Lead
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers.reads import Listing, Statement, ToOne, newest_first, reads, visible_to


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which companies are wanted."""

    domain: str | None = None
    industry: str | None = None
    search: str | None = None


@reads(Account, Permission.READ_ACCOUNTS)
def visible(viewer: Viewer) -> Statement:
    """Companies of the organization."""
    return visible_to(viewer, Account)


@reads(Account, Permission.READ_ACCOUNTS)
def search(viewer: Viewer, where: AccountFilter | None = None) -> Listing:
    """Companies, newest first."""
    statement = visible_to(viewer, Account)
    where = where or AccountFilter()
    if where.domain:
        statement = statement.where(Account.domain == where.domain.lower())
    if where.industry:
        statement = statement.where(func.lower(Account.industry) == where.industry.lower())
    if where.search:
        words = func.lower(Account.name + " " + func.coalesce(Account.domain, ""))
        statement = statement.where(words.contains(where.search.lower(), autoescape=True))
    return Listing(statement, newest_first(Account))


of_contact = ToOne(visible, Contact.account_id)
of_lead = ToOne(
    visible, select(Contact.account_id).where(Contact.id == Lead.contact_id).correlate(Lead).scalar_subquery()
)
