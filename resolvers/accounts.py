"""Reads of companies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from domain.accounts import Account, AccountPlace, name_key
from domain.contacts import Contact
from domain.jurisdictions import canonical
from domain.leads import Lead
from domain.permissions import Permission
from domain.personas import Persona
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers.reads import Listing, Statement, ToOne, newest_first, reads, visible_to
from resolvers.sql import contains, equals, has_any_item


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which companies are wanted."""

    domain: str | None = None
    industry: str | None = None
    search: str | None = None
    technology: str | None = None
    jurisdiction: str | None = None
    researched: bool | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


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
        statement = statement.where(equals(where.industry, Account.industry))
    if where.search:
        named = contains(name_key(where.search), Account.name_key)
        statement = statement.where(or_(named, contains(where.search, Account.domain)))
    if where.technology:
        statement = statement.where(has_any_item(Account.technologies, [where.technology.lower()]))
    if where.jurisdiction:
        place = canonical(where.jurisdiction)
        held = select(AccountPlace.id).where(AccountPlace.account_id == Account.id, AccountPlace.jurisdiction == place)
        statement = statement.where(held.exists())
    if where.researched is not None:
        known = Account.research_run_id.is_not(None)
        statement = statement.where(known if where.researched else ~known)
    if where.created_from:
        statement = statement.where(Account.created_at >= start_of(where.created_from))
    if where.created_to:
        statement = statement.where(Account.created_at <= end_of(where.created_to))
    return Listing(statement, newest_first(Account))


of_contact = ToOne(visible, Contact.account_id)
of_persona = ToOne(visible, Persona.account_id)
of_lead = ToOne(
    visible, select(Contact.account_id).where(Contact.id == Lead.contact_id).correlate(Lead).scalar_subquery()
)
