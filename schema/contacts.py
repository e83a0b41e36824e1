"""People reachable by e-mail."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import accounts, churn, contacts, end_users, feedback, leads
from schema.engine.forms import collection, connection, link, one
from schema.filters import ContactFilter, LeadFilter, LeadSort
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.churn import ChurnPrediction
    from schema.end_users import EndUser
    from schema.feedback import Feedback
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
    end_users: Connection[Annotated["EndUser", strawberry.lazy("schema.end_users")]] = collection(
        end_users.of_contact, "Under which names the person uses the customer's product."
    )
    feedback: Connection[Annotated["Feedback", strawberry.lazy("schema.feedback")]] = collection(
        feedback.of_contact, "What the person has said of the customer's product, newest first."
    )
    churn: Annotated["ChurnPrediction", strawberry.lazy("schema.churn")] | None = link(
        churn.newest_of_contact, "How likely the person is to leave, as last predicted."
    )


@strawberry.type
class ContactQueries:
    """Reads of people."""

    contact: Contact | None = one(contacts.visible, "A person.")
    contacts: Connection[Contact] = connection(contacts.search, "People, newest first.", where=ContactFilter)
