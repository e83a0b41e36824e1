"""Notes on leads."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import leads, notes
from resolvers.reads import ToOne
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.enums import NoteVisibility
from schema.nodes import Node, Payload
from schema.users import User

if TYPE_CHECKING:
    from schema.leads import Lead


@strawberry.type(description="What somebody wrote down about a lead.")
class Note(Node, read=notes.visible):
    """What somebody wrote down about a lead."""

    content: str
    visibility: NoteVisibility
    created_at: datetime
    created_by: User | None = link(notes.author)
    lead: Annotated["Lead", strawberry.lazy("schema.leads")] = link(leads.of_note)


@mirrors(notes.NoteDraft)
class CreateNoteInput:
    """A note to be added."""

    lead_id: strawberry.ID
    content: str
    visibility: NoteVisibility = NoteVisibility.TEAM


@strawberry.type
class CreateNotePayload(Payload):
    """The note that was added."""

    note: Note | None = link(ToOne(notes.visible, "note"))


@strawberry.type
class NoteMutations:
    """What can be done with notes."""

    create_note: CreateNotePayload = change(notes.create, input=CreateNoteInput)
