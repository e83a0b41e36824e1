"""Playbooks that researches draw on, and what organizations put in their place."""

from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import playbooks
from resolvers.reads import ToOne
from schema.engine.forms import Optional, answer, change, connection, derived, link, one
from schema.engine.inputs import mirrors
from schema.enums import Level, PlaybookKind
from schema.nodes import Connection, Node, Payload

_KEY = "An industry or technology by any name, or one of small, medium, large and enterprise."
_TIMING = "When such companies are usually reached."


@strawberry.type(description="What companies of a kind often struggle with.")
class PlaybookPainPoint:
    """What companies of a kind often struggle with."""

    category: str
    description: str
    urgency: Level
    impact: str
    solutions: list[str]


@strawberry.type(description="What companies of a kind can often be helped with.")
class PlaybookOpportunity:
    """What companies of a kind can often be helped with."""

    type: str
    description: str
    value: str
    timeline: str


@strawberry.type(description="A playbook of the organization's own.")
class Playbook(Node, read=playbooks.visible):
    """A playbook of the organization's own."""

    kind: PlaybookKind
    key: str
    pain_points: list[PlaybookPainPoint] = derived(playbooks.part("pain_points"), "body")
    opportunities: list[PlaybookOpportunity] = derived(playbooks.part("opportunities"), "body")
    approaches: list[str] = derived(playbooks.part("approaches"), "body")
    recommended_content: list[str] = derived(playbooks.part("recommended_content"), "body")
    timing: str | None = derived(playbooks.part("timing"), "body", description=_TIMING)
    created_at: datetime
    updated_at: datetime


@strawberry.type(description="A playbook that holds for the organization: its own, else one that is carried.")
class PlaybookInUse:
    """A playbook that holds for the organization: its own, else one that is carried."""

    kind: PlaybookKind
    key: str
    also_called: list[str] = strawberry.field(description="Further names of a technology.")
    own: bool = strawberry.field(description="Whether it is the organization's own.")
    playbook_id: strawberry.ID | None
    pain_points: list[PlaybookPainPoint]
    opportunities: list[PlaybookOpportunity]
    approaches: list[str]
    recommended_content: list[str]
    timing: str | None = strawberry.field(description=_TIMING)


@mirrors(playbooks.PlaybookFilter)
class PlaybookFilter:
    """Which playbooks are wanted."""

    kind: PlaybookKind | None = UNSET
    key: str | None = UNSET


@mirrors(playbooks.PainDraft)
class PlaybookPainPointInput:
    """What companies of a kind often struggle with."""

    category: str
    description: str
    impact: str
    urgency: Level = Level.MEDIUM
    solutions: list[str] = strawberry.field(default_factory=list)


@mirrors(playbooks.OpportunityDraft)
class PlaybookOpportunityInput:
    """What companies of a kind can often be helped with."""

    type: str
    description: str
    value: str
    timeline: str


@mirrors(playbooks.PlaybookDraft)
class SavePlaybookInput:
    """A playbook as it is to be: it stands in place of the one of this kind and key, whole."""

    kind: PlaybookKind
    key: str = strawberry.field(description=_KEY)
    pain_points: list[PlaybookPainPointInput] = strawberry.field(default_factory=list)
    opportunities: list[PlaybookOpportunityInput] = strawberry.field(default_factory=list)
    approaches: list[str] = strawberry.field(default_factory=list)
    recommended_content: list[str] = strawberry.field(default_factory=list)
    timing: str | None = strawberry.field(default=UNSET, description=_TIMING)


@strawberry.type
class SavePlaybookPayload(Payload):
    """The playbook as it is now."""

    playbook: Playbook | None = link(ToOne(playbooks.visible, "playbook"))


@strawberry.type
class DeletePlaybookPayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type
class PlaybookQueries:
    """Reads of playbooks."""

    playbook: Playbook | None = one(playbooks.visible, "A playbook of the organization's own.")
    own_playbooks: Connection[Playbook] = connection(
        playbooks.search, "Playbooks of the organization's own, newest first."
    )
    playbooks: list[PlaybookInUse] = answer(
        playbooks.PlaybooksQuestion,
        "Every playbook that holds for the organization, its own in place of those that are carried.",
        where=Optional(PlaybookFilter),
    )


@strawberry.type
class PlaybookMutations:
    """What can be done with playbooks."""

    save_playbook: SavePlaybookPayload = change(playbooks.save, input=SavePlaybookInput)
    delete_playbook: DeletePlaybookPayload = change(playbooks.delete, id=strawberry.ID)
