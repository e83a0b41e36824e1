"""Leads."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import (
    abm_campaigns,
    accounts,
    activities,
    ad_campaigns,
    churn,
    compliance_places,
    contacts,
    conversions,
    emails,
    end_users,
    feedback,
    leads,
    notes,
    tasks,
)
from schema.compliance_filters import ComplianceItemFilter, ComplianceItemSort
from schema.conversions import Conversion
from schema.engine.forms import collection, column, connection, link, one, reckoned
from schema.engine.scalars import JSONObject
from schema.enums import InsuranceType, LeadStatus
from schema.filters import ActivityFilter, LeadFilter, LeadSort, NoteFilter, TaskFilter
from schema.nodes import Connection, Node
from schema.scores import ScoreReason
from schema.users import User

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.activities import Activity
    from schema.campaigns import Campaign
    from schema.churn import ChurnPrediction
    from schema.compliance import ComplianceItem
    from schema.contacts import Contact
    from schema.emails import Email
    from schema.end_users import EndUser
    from schema.feedback import Feedback
    from schema.notes import Note
    from schema.tasks import Task


@strawberry.type(description="Somebody who may buy.")
class Lead(Node, read=leads.visible):
    """Somebody who may buy."""

    status: LeadStatus
    status_text: str = strawberry.field(description="As a word: new, qualified, WON, LOST, or the client's own.")
    score: int = strawberry.field(description="Points from 0 to 100.")
    score_reasons: list[ScoreReason] = strawberry.field(description="What the points were given for.")
    priority: str | None
    source: str
    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    city: str | None
    state: str | None
    insurance_type: InsuranceType | None
    tags: list[str]
    custom_fields: JSONObject
    campaign_id: str | None = strawberry.field(description="The campaign the custom fields name.")
    campaign: Annotated["Campaign", strawberry.lazy("schema.campaigns")] | None = link(
        (ad_campaigns.of_lead, abm_campaigns.of_lead), "The campaign behind that name, of whichever kind (X-13)."
    )
    created_at: datetime
    updated_at: datetime
    converted_at: datetime | None = strawberry.field(description="Since when the lead is won.")
    notes_count: int = column(leads.notes_count, "How many notes the viewer may see.")
    tasks_count: int = column(leads.tasks_count)
    emails_count: int = column(leads.emails_count)
    last_activity_at: datetime | None = column(leads.last_activity_at, "When the timeline last grew.")
    assigned_to: User | None = link(leads.assignee, "Who looks after the lead.")
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        contacts.of_lead, "The person with the lead's e-mail address."
    )
    account: Annotated["Account", strawberry.lazy("schema.accounts")] | None = link(
        accounts.of_lead, "The company whose domain the address has."
    )
    notes: Connection[Annotated["Note", strawberry.lazy("schema.notes")]] = collection(notes.of_lead, where=NoteFilter)
    tasks: Connection[Annotated["Task", strawberry.lazy("schema.tasks")]] = collection(tasks.of_lead, where=TaskFilter)
    emails: Connection[Annotated["Email", strawberry.lazy("schema.emails")]] = collection(emails.of_lead)
    activities: Connection[Annotated["Activity", strawberry.lazy("schema.activities")]] = collection(
        activities.of_lead, "The timeline, newest first.", where=ActivityFilter
    )
    compliance_items: Connection[Annotated["ComplianceItem", strawberry.lazy("schema.compliance")]] = collection(
        compliance_places.of_lead,
        "What has to be done by the law of the lead's state.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )
    end_users: Connection[Annotated["EndUser", strawberry.lazy("schema.end_users")]] = collection(
        end_users.of_lead, "Under which names the lead uses the customer's product."
    )
    feedback: Connection[Annotated["Feedback", strawberry.lazy("schema.feedback")]] = collection(
        feedback.of_lead, "What the lead has said of the customer's product, newest first."
    )
    churn: Annotated["ChurnPrediction", strawberry.lazy("schema.churn")] | None = link(
        churn.newest_of_lead, "How likely the lead is to leave, as last predicted."
    )
    conversion: Conversion | None = reckoned(conversions.of_leads, "How likely the lead is to be won.")


@strawberry.type
class LeadQueries:
    """Reads of leads."""

    lead: Lead | None = one(leads.visible, "A lead.")
    leads: Connection[Lead] = connection(
        leads.search, "Leads, newest first unless sorted otherwise.", where=LeadFilter, sort=LeadSort
    )
