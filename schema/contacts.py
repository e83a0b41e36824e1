"""People reachable by e-mail."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import accounts, contacts, leads
from schema.engine.forms import collection, connection, link, one
from schema.filters import ContactFilter, LeadFilter, LeadSort
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.leads import Lead


@strawberry.type(description="A person; one per organization and e-mail address.")
class Contact(Node, read=contacts.visible):
    """A person; one per organization and e-mail address."""

    email: str
    name: str | None
    linkedin: str | None
    created_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] | None = link(
        accounts.of_contact, "The company whose domain the address has."
    )
    leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = collection(
        leads.of_contact, "Leads with this address.", where=LeadFilter, sort=LeadSort
    )


@strawberry.type
class ContactQueries:
    """Reads of people."""

    contact: Contact | None = one(contacts.visible, "A person.")
    contacts: Connection[Contact] = connection(contacts.search, "People, newest first.", where=ContactFilter)
