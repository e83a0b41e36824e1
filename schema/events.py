"""What happened, as a list and as it happens."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import cursors, events, leads
from schema.engine.forms import Optional, any_node, connection, derived, link, stream
from schema.engine.scalars import Cursor, JSONObject
from schema.enums import EventType
from schema.nodes import Connection, Node, Rows
from schema.users import User

if TYPE_CHECKING:
    from schema.leads import Lead


@strawberry.type(description="One thing that happened, told once and in order.")
class Event(Rows, read=events.search):
    """One thing that happened, told once and in order."""

    cursor: Cursor = derived(cursors.place, "sequence", description="Its place in the log; resume after it.")
    sequence: int = strawberry.field(description="Its number in the organization, without gaps.")
    type: EventType
    occurred_at: datetime
    data: JSONObject = strawberry.field(description="The facts as they were at that moment.")
    actor: User | None = link(events.actor, "Who did it.")
    lead: Annotated["Lead", strawberry.lazy("schema.leads")] | None = link(leads.of_event)
    subject: Node | None = any_node("subject_id", "What it is about, as it is now.")


@strawberry.type
class EventQueries:
    """The log."""

    events: Connection[Event] = connection(
        events.search, "What happened, oldest first.", types=list[EventType], lead_id=strawberry.ID
    )


@strawberry.type(description="What is told as it happens; every message carries the cursor to resume after.")
class Subscription:
    """What is told as it happens; every message carries the cursor to resume after."""

    events: Event = stream("Everything that happens.", types=Optional(list[EventType]))
    lead_events: Event = stream("What happens to one lead.", lead_id=strawberry.ID, types=Optional(list[EventType]))
