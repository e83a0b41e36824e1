"""What can be done with leads."""

from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import lead_fields, lead_import, lead_writes, leads
from resolvers.desk import Desk
from resolvers.reads import ToOne
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import JSONObject, Upload
from schema.enums import InsuranceType, LeadStatus
from schema.leads import Lead
from schema.nodes import Payload, UserError

_LEAD = ToOne(leads.visible, "lead")


@mirrors(lead_fields.LeadDraft)
class CreateLeadInput:
    """A lead to be made; an e-mail address or a telephone number is needed."""

    source: str = strawberry.field(description="One of the organization's approved sources.")
    email: str | None = UNSET
    phone: str | None = UNSET
    first_name: str | None = UNSET
    last_name: str | None = UNSET
    city: str | None = UNSET
    state: str | None = strawberry.field(default=UNSET, description="Two-letter code of a US state.")
    insurance_type: InsuranceType | None = UNSET
    tags: list[str] | None = UNSET
    custom_fields: JSONObject | None = UNSET
    status: LeadStatus | None = UNSET
    status_text: str | None = strawberry.field(default=UNSET, description="The status as a word, in any case.")
    priority: str | None = UNSET
    score: int | None = strawberry.field(default=UNSET, description="0 to 100; without it the points rule scores.")
    assigned_to: strawberry.ID | None = UNSET


@mirrors(lead_fields.LeadPatch)
class UpdateLeadInput:
    """Changes to a lead: what is left out stays, null clears."""

    id: strawberry.ID
    source: str | None = UNSET
    email: str | None = UNSET
    phone: str | None = UNSET
    first_name: str | None = UNSET
    last_name: str | None = UNSET
    city: str | None = UNSET
    state: str | None = UNSET
    insurance_type: InsuranceType | None = UNSET
    tags: list[str] | None = UNSET
    custom_fields: JSONObject | None = UNSET
    status: LeadStatus | None = UNSET
    status_text: str | None = UNSET
    priority: str | None = UNSET
    score: int | None = UNSET
    assigned_to: strawberry.ID | None = UNSET


@mirrors(lead_writes.LeadBatch)
class CreateLeadsInput:
    """Leads to be made together."""

    leads: list[CreateLeadInput]


@mirrors(lead_writes.Assignment)
class AssignLeadInput:
    """Who is to look after a lead; nobody when there is no user."""

    lead_id: strawberry.ID
    user_id: strawberry.ID | None = UNSET


@mirrors(lead_writes.StatusChange)
class ChangeLeadStatusInput:
    """Where a lead is to be moved: a known status, or a word."""

    lead_id: strawberry.ID
    status: LeadStatus | None = UNSET
    status_text: str | None = UNSET


@strawberry.type
class CreateLeadPayload(Payload):
    """The lead that was made."""

    lead: Lead | None = link(_LEAD)


@strawberry.type
class UpdateLeadPayload(Payload):
    """The lead as it is now."""

    lead: Lead | None = link(_LEAD)


@strawberry.type
class AssignLeadPayload(Payload):
    """The lead as it is now."""

    lead: Lead | None = link(_LEAD)


@strawberry.type
class ChangeLeadStatusPayload(Payload):
    """The lead as it is now."""

    lead: Lead | None = link(_LEAD)


@strawberry.type
class DeleteLeadPayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type(description="What became of one lead of a batch.")
class CreateLeadsResult:
    """What became of one lead of a batch."""

    index: int = strawberry.field(description="Its place in the batch, from 0.")
    lead: Lead | None = link(_LEAD)
    errors: list[UserError]


@strawberry.type
class CreateLeadsPayload(Payload):
    """What became of every lead of a batch."""

    blank: ClassVar[dict[str, Any]] = {"results": [], "created": 0, "failed": 0}

    results: list[CreateLeadsResult]
    created: int
    failed: int


async def read_csv(_: Desk, file: Any) -> lead_writes.LeadBatch:
    """The leads of an uploaded CSV file."""
    return lead_import.batch_of(await file.read())


@strawberry.type
class LeadMutations:
    """What can be done with leads."""

    create_lead: CreateLeadPayload = change(lead_writes.create, input=CreateLeadInput)
    update_lead: UpdateLeadPayload = change(lead_writes.change, input=UpdateLeadInput)
    delete_lead: DeleteLeadPayload = change(lead_writes.delete, id=strawberry.ID)
    create_leads: CreateLeadsPayload = change(lead_writes.create_many, input=CreateLeadsInput)
    import_leads: CreateLeadsPayload = change(
        lead_writes.create_many,
        read_csv,
        "Make the leads of a CSV file in UTF-8 whose first line names the columns.",
        file=Upload,
    )
    assign_lead: AssignLeadPayload = change(lead_writes.assign, input=AssignLeadInput)
    change_lead_status: ChangeLeadStatusPayload = change(lead_writes.change_status, input=ChangeLeadStatusInput)
