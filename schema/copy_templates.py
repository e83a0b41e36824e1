"""Templates that texts are written from."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import copy_templates as templates
from resolvers.reads import ToOne
from schema.engine.forms import Optional, answer, change, connection, derived, link
from schema.engine.inputs import mirrors
from schema.enums import Channel
from schema.nodes import Connection, Node, Payload


def _part(name: str) -> Callable[[dict[str, str]], str | None]:
    return lambda body: body.get(name)


@mirrors(templates.CopyTemplateFilter)
class CopyTemplateFilter:
    """Which of the organization's templates are wanted."""

    channel: Channel | None = UNSET
    objective: str | None = UNSET
    content_type: str | None = UNSET


@strawberry.type(description="An organization's own template for one channel, objective and content type.")
class CopyTemplate(Node, read=templates.visible):
    """An organization's own template for one channel, objective and content type."""

    channel: Channel
    objective: str = strawberry.field(description="Empty for any.")
    content_type: str = strawberry.field(description="Empty for any.")
    name: str
    subject: str | None = derived(_part("subject"), "body")
    text: str | None = derived(_part("text"), "body")
    connection_request: str | None = derived(_part("connection_request"), "body")
    follow_up_message: str | None = derived(_part("follow_up_message"), "body")
    post_content: str | None = derived(_part("post_content"), "body")
    created_at: datetime
    updated_at: datetime


@strawberry.type(description="A template that comes with the product, shown by one way to say each of its sentences.")
class CarriedCopyTemplate:
    """A template that comes with the product, shown by one way to say each of its sentences."""

    name: str
    channel: Channel
    content_types: list[str] = strawberry.field(description="What it is made for, beside what is general.")
    needs: list[str] = strawberry.field(description="The variables without which it is not used.")
    versions: float = strawberry.field(description="In how many ways its sentences can be combined; whole.")
    subject: str | None
    text: str | None
    connection_request: str | None
    follow_up_message: str | None
    post_content: str | None
    replaced: bool = strawberry.field(description="Whether a template of the organization has its name and channel.")


@mirrors(templates.CopyTemplateDraft)
class SaveCopyTemplateInput:
    """A template in the organization's own words: all parts of its channel, with {{variable}} places."""

    channel: Channel
    name: str = strawberry.field(description="That of a carried template puts this one in its place.")
    objective: str | None = strawberry.field(default=UNSET, description="For any without it.")
    content_type: str | None = strawberry.field(default=UNSET, description="For any without it.")
    subject: str | None = strawberry.field(default=UNSET, description="Of e-mail.")
    text: str | None = strawberry.field(
        default=UNSET,
        description="Of all channels but LinkedIn. A sentence whose places cannot be filled is left out.",
    )
    connection_request: str | None = strawberry.field(default=UNSET, description="Of LinkedIn.")
    follow_up_message: str | None = strawberry.field(default=UNSET, description="Of LinkedIn.")
    post_content: str | None = strawberry.field(default=UNSET, description="Of LinkedIn.")


@strawberry.type
class SaveCopyTemplatePayload(Payload):
    """The template as it is now."""

    copy_template: CopyTemplate | None = link(ToOne(templates.visible, "copy_template"))


@strawberry.type
class DeleteCopyTemplatePayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type
class CopyTemplateQueries:
    """Reads of templates."""

    copy_templates: Connection[CopyTemplate] = connection(
        templates.search, "The organization's own templates, newest first.", where=CopyTemplateFilter
    )
    carried_copy_templates: list[CarriedCopyTemplate] = answer(
        templates.CarriedQuestion, "The templates that come with the product.", channel=Optional(Channel)
    )


@strawberry.type
class CopyTemplateMutations:
    """What can be done with templates."""

    save_copy_template: SaveCopyTemplatePayload = change(templates.save, input=SaveCopyTemplateInput)
    delete_copy_template: DeleteCopyTemplatePayload = change(templates.delete, id=strawberry.ID)
