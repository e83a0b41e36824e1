"""The timeline of leads."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from domain.activities import Activity as Entry
from resolvers import activities, leads, users
from resolvers.reads import ToOne
from schema.engine.forms import attribute, change, connection, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import JSONObject
from schema.enums import ActivityType
from schema.filters import ActivityFilter
from schema.nodes import Connection, Node, Payload
from schema.users import User

if TYPE_CHECKING:
    from schema.leads import Lead


@strawberry.type(description="One entry of a lead's timeline.")
class Activity(Node, read=activities.visible):
    """One entry of a lead's timeline."""

    type: ActivityType
    description: str
    created_at: datetime
    metadata: JSONObject = attribute("details", "What the entry is about, such as the id of the e-mail.")
    created_by: User | None = link(ToOne(users.visible, Entry.created_by_id))
    lead: Annotated["Lead", strawberry.lazy("schema.leads")] = link(leads.of_activity)


@mirrors(activities.ActivityDraft)
class RecordActivityInput:
    """A call, a meeting or a quote that has no other source than somebody saying so."""

    lead_id: strawberry.ID
    type: ActivityType
    description: str
    metadata: JSONObject | None = UNSET


@strawberry.type
class RecordActivityPayload(Payload):
    """The entry that was put on the timeline."""

    activity: Activity | None = link(ToOne(activities.visible, "activity"))


@strawberry.type
class ActivityQueries:
    """Reads of timelines."""

    activities: Connection[Activity] = connection(
        activities.search, "Entries of all timelines, newest first.", where=ActivityFilter
    )


@strawberry.type
class ActivityMutations:
    """What can be put on a timeline."""

    record_activity: RecordActivityPayload = change(activities.record, input=RecordActivityInput)
