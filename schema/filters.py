"""What lists can be filtered and sorted by; bounds are inclusive, a date as an upper bound includes its whole day."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import abm_campaigns, accounts, activities, contacts, leads, notes, tasks
from schema.engine.inputs import mirrors
from schema.enums import (
    AbmCampaignSortField,
    ActivityType,
    CampaignStatus,
    Channel,
    Direction,
    InsuranceType,
    LeadSortField,
    LeadStatus,
    NoteVisibility,
    TaskStatus,
)


@mirrors(leads.LeadSort)
class LeadSort:
    """The order of leads."""

    field: LeadSortField = LeadSortField.CREATED_AT
    direction: Direction = Direction.DESC


@mirrors(leads.LeadFilter)
class LeadFilter:
    """Which leads are wanted."""

    status: LeadStatus | None = UNSET
    status_text: str | None = strawberry.field(default=UNSET, description="A status word, in any case.")
    source: str | None = UNSET
    assigned_to: strawberry.ID | None = UNSET
    unassigned: bool | None = UNSET
    insurance_type: InsuranceType | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET
    updated_from: datetime | None = UNSET
    updated_to: datetime | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of a name, an e-mail address or a number.")
    tags: list[str] | None = strawberry.field(default=UNSET, description="Tags a lead has all of.")
    min_score: int | None = UNSET
    max_score: int | None = UNSET
    account: strawberry.ID | None = UNSET
    contact: strawberry.ID | None = UNSET
    campaign_id: str | None = UNSET


@mirrors(accounts.AccountFilter)
class AccountFilter:
    """Which companies are wanted."""

    domain: str | None = UNSET
    industry: str | None = UNSET
    search: str | None = UNSET
    technology: str | None = strawberry.field(default=UNSET, description="One it uses, in any case.")
    jurisdiction: str | None = strawberry.field(
        default=UNSET, description="Whose law holds where it is: DE, EU, US-CA."
    )
    researched: bool | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@mirrors(contacts.ContactFilter)
class ContactFilter:
    """Which people are wanted."""

    account: strawberry.ID | None = UNSET
    email: str | None = UNSET
    search: str | None = UNSET


@mirrors(notes.NoteFilter)
class NoteFilter:
    """Which notes are wanted."""

    visibility: NoteVisibility | None = UNSET
    created_by: strawberry.ID | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@mirrors(tasks.TaskFilter)
class TaskFilter:
    """Which tasks are wanted."""

    status: TaskStatus | None = UNSET
    assignee: strawberry.ID | None = UNSET
    lead: strawberry.ID | None = UNSET
    due_from: datetime | None = UNSET
    due_to: datetime | None = UNSET


@mirrors(activities.ActivityFilter)
class ActivityFilter:
    """Which entries of timelines are wanted."""

    type: ActivityType | None = UNSET
    lead: strawberry.ID | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@mirrors(abm_campaigns.AbmCampaignSort)
class AbmCampaignSort:
    """The order of campaigns."""

    field: AbmCampaignSortField = AbmCampaignSortField.CREATED_AT
    direction: Direction = Direction.DESC


@mirrors(abm_campaigns.AbmCampaignFilter)
class AbmCampaignFilter:
    """Which campaigns are wanted."""

    account: strawberry.ID | None = UNSET
    status: CampaignStatus | None = UNSET
    channel: Channel | None = UNSET
    objective: str | None = UNSET
    persona: strawberry.ID | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of a name.")
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET
    start_from: datetime | None = UNSET
    start_to: datetime | None = UNSET
