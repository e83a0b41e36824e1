"""Timelines of companies."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import timeline
from schema.engine.forms import any_node, derived
from schema.engine.inputs import mirrors
from schema.enums import TimelineKind
from schema.nodes import Node, Rows


@mirrors(timeline.TimelineFilter)
class TimelineFilter:
    """Which entries are wanted."""

    kinds: list[TimelineKind] | None = UNSET
    occurred_from: datetime | None = UNSET
    occurred_to: datetime | None = UNSET


@strawberry.type(description="Something that has happened around a company, in whichever product.")
class TimelineEntry(Rows, read=timeline.search):
    """Something that has happened around a company, in whichever product."""

    id: strawberry.ID = strawberry.field(description="That of what the entry is about.")
    kind: TimelineKind
    occurred_at: datetime
    title: str = derived(timeline.title, "kind", "words", "detail", description="One line of what it is about.")
    subject: Node | None = any_node("id", "What the entry is about.")
