"""E-mail to leads, and the templates it is written from."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import abm_campaigns, contacts, emails, engagements, leads, scheduled_content, templates, tracking
from resolvers.reads import ToOne
from schema.engine.forms import change, collection, connection, derived, link
from schema.engine.inputs import mirrors
from schema.enums import EmailStatus
from schema.nodes import Connection, Node, Payload
from schema.users import User

if TYPE_CHECKING:
    from schema.abm_campaigns import AbmCampaign
    from schema.contacts import Contact
    from schema.engagements import EngagementEvent
    from schema.leads import Lead
    from schema.scheduled_content import ScheduledContent


def _happened(at: datetime | None) -> bool:
    return at is not None


@strawberry.type(description="Subject and body with {{variable}} places; only listed variables are filled.")
class EmailTemplate(Node, read=templates.visible):
    """Subject and body with places to fill."""

    name: str
    subject: str
    body: str
    variables: list[str]
    created_at: datetime
    updated_at: datetime


@strawberry.type(description="A link of a message that was followed.")
class EmailClick(Node, read=tracking.visible):
    """A link of a message that was followed."""

    url: str
    times: int = strawberry.field(description="How often it was followed.")
    created_at: datetime = strawberry.field(description="When it was followed first.")
    last_at: datetime = strawberry.field(description="When it was followed last.")


@strawberry.type(description="A message to a lead, or to a contact by a campaign.")
class Email(Node, read=emails.visible):
    """A message to a lead, or to a contact by a campaign."""

    status: EmailStatus
    to: list[str]
    subject: str
    body: str
    scheduled_for: datetime | None
    sent_at: datetime | None
    opened: bool = derived(_happened, "opened_at")
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None
    bounced_at: datetime | None
    variant: str | None = strawberry.field(description="Which version of a planned piece it is.")
    failure: str | None = strawberry.field(description="Why the last attempt failed.")
    created_at: datetime
    template: EmailTemplate | None = link(emails.template)
    created_by: User | None = link(emails.author)
    clicks: Connection[EmailClick] = collection(tracking.of_email, "Links that were followed, the first one first.")
    lead: Annotated["Lead", strawberry.lazy("schema.leads")] | None = link(leads.of_email)
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        contacts.of_email, "Whom a campaign wrote to."
    )
    campaign: Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")] | None = link(abm_campaigns.of_email)
    content: Annotated["ScheduledContent", strawberry.lazy("schema.scheduled_content")] | None = link(
        scheduled_content.of_email, "The planned piece that it is."
    )
    engagements: Connection[Annotated["EngagementEvent", strawberry.lazy("schema.engagements")]] = collection(
        engagements.of_email, "What was done with it, the newest first."
    )


@mirrors(emails.EmailDraft)
class SendEmailInput:
    """A message to a lead: own subject and body win over a template's."""

    lead_id: strawberry.ID
    to: list[str] | None = strawberry.field(default=UNSET, description="Without it, the lead's own address.")
    subject: str | None = UNSET
    body: str | None = UNSET
    template_id: strawberry.ID | None = UNSET
    scheduled_for: datetime | None = strawberry.field(default=UNSET, description="When to send; at once if past.")


@mirrors(templates.TemplateDraft)
class CreateEmailTemplateInput:
    """A template to be made; without a list, the variables it uses are allowed."""

    name: str
    subject: str
    body: str
    variables: list[str] | None = UNSET


@mirrors(templates.TemplatePatch)
class UpdateEmailTemplateInput:
    """Changes to a template: what is left out stays."""

    id: strawberry.ID
    name: str | None = UNSET
    subject: str | None = UNSET
    body: str | None = UNSET
    variables: list[str] | None = UNSET


@strawberry.type
class SendEmailPayload(Payload):
    """The message; SENT when it was handed over, SCHEDULED while it waits."""

    email: Email | None = link(ToOne(emails.visible, "email"))


@strawberry.type
class MarkEmailOpenedPayload(Payload):
    """The message as it is now."""

    email: Email | None = link(ToOne(emails.visible, "email"))


@strawberry.type
class CreateEmailTemplatePayload(Payload):
    """The template that was made."""

    email_template: EmailTemplate | None = link(ToOne(templates.visible, "email_template"))


@strawberry.type
class UpdateEmailTemplatePayload(Payload):
    """The template as it is now."""

    email_template: EmailTemplate | None = link(ToOne(templates.visible, "email_template"))


@strawberry.type
class EmailQueries:
    """Reads of templates."""

    email_templates: Connection[EmailTemplate] = connection(templates.search, "Templates, newest first.")


@strawberry.type
class EmailMutations:
    """What can be done with e-mail."""

    send_email: SendEmailPayload = change(emails.send, input=SendEmailInput)
    mark_email_opened: MarkEmailOpenedPayload = change(emails.mark_opened, id=strawberry.ID)
    create_email_template: CreateEmailTemplatePayload = change(templates.create, input=CreateEmailTemplateInput)
    update_email_template: UpdateEmailTemplatePayload = change(templates.change, input=UpdateEmailTemplateInput)
