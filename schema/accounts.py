"""Companies."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import accounts, contacts, leads, regulatory_updates
from schema.compliance_filters import RegulatoryUpdateFilter
from schema.engine.forms import collection, connection, one
from schema.filters import AccountFilter, ContactFilter, LeadFilter, LeadSort
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.contacts import Contact
    from schema.leads import Lead
    from schema.regulatory_updates import RegulatoryUpdate


@strawberry.type(description="A company, found again by its domain.")
class Account(Node, read=accounts.visible):
    """A company, found again by its domain."""

    name: str
    domain: str | None
    industry: str | None
    size: str | None
    revenue: str | None
    location: str | None
    founded: str | None
    website: str | None
    created_at: datetime
    contacts: Connection[Annotated["Contact", strawberry.lazy("schema.contacts")]] = collection(
        contacts.of_account, "People with an e-mail address of this company.", where=ContactFilter
    )
    leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = collection(
        leads.of_account, "Leads of this company's people.", where=LeadFilter, sort=LeadSort
    )
    regulatory_updates: Connection[Annotated["RegulatoryUpdate", strawberry.lazy("schema.regulatory_updates")]] = (
        collection(
            regulatory_updates.of_account, "News about rules that affect its industry.", where=RegulatoryUpdateFilter
        )
    )


@strawberry.type
class AccountQueries:
    """Reads of companies."""

    account: Account | None = one(accounts.visible, "A company.")
    accounts: Connection[Account] = connection(accounts.search, "Companies, newest first.", where=AccountFilter)
