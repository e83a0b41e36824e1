"""People reachable by e-mail."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import accounts, churn, contacts, emails, end_users, engagements, feedback, leads, personas, tasks
from schema.engagements import EngagementFilter
from schema.engine.forms import collection, connection, link, one
from schema.filters import ContactFilter, LeadFilter, LeadSort, TaskFilter
from schema.nodes import Connection, Node
from schema.personas import PersonaFilter

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.churn import ChurnPrediction
    from schema.emails import Email
    from schema.end_users import EndUser
    from schema.engagements import EngagementEvent
    from schema.feedback import Feedback
    from schema.leads import Lead
    from schema.personas import Persona
    from schema.tasks import Task


@strawberry.type(description="A person; one per organization and e-mail address.")
class Contact(Node, read=contacts.visible):
    """A person; one per organization and e-mail address."""

    email: str
    name: str | None
    linkedin: str | None
    title: str | None
    unsubscribed_at: datetime | None = strawberry.field(description="Since when campaigns may not write to the person.")
    created_at: datetime
    personas: Connection[Annotated["Persona", strawberry.lazy("schema.personas")]] = collection(
        personas.of_contact, "What the person is in companies, as campaigns know it.", where=PersonaFilter
    )
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
    engagements: Connection[Annotated["EngagementEvent", strawberry.lazy("schema.engagements")]] = collection(
        engagements.of_contact, "What the person did with what campaigns sent, newest first.", where=EngagementFilter
    )
    emails: Connection[Annotated["Email", strawberry.lazy("schema.emails")]] = collection(
        emails.of_contact, "What campaigns wrote to the person, newest first."
    )
    tasks: Connection[Annotated["Task", strawberry.lazy("schema.tasks")]] = collection(
        tasks.of_contact, "What campaigns had somebody do for the person, newest first.", where=TaskFilter
    )


@strawberry.type
class ContactQueries:
    """Reads of people."""

    contact: Contact | None = one(contacts.visible, "A person.")
    contacts: Connection[Contact] = connection(contacts.search, "People, newest first.", where=ContactFilter)
