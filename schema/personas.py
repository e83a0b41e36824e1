"""The people of a company that campaigns are for."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import abm_campaigns, accounts, contacts, content, persona_writes, personas
from resolvers.reads import ToOne
from schema.content import ContentFilter
from schema.engine.forms import change, collection, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Channel
from schema.filters import AbmCampaignFilter, AbmCampaignSort
from schema.nodes import Connection, Node, Payload

if TYPE_CHECKING:
    from schema.abm_campaigns import AbmCampaign
    from schema.accounts import Account
    from schema.contacts import Contact
    from schema.content import Content

_PERSONA = ToOne(personas.visible, "persona")


@mirrors(personas.PersonaFilter)
class PersonaFilter:
    """Which personas are wanted."""

    account: strawberry.ID | None = UNSET
    contact: strawberry.ID | None = UNSET
    role: str | None = UNSET
    min_influence: Fraction | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of a name or a title.")


@strawberry.type(description="Somebody who decides or influences in a company; one per company and name.")
class Persona(Node, read=personas.visible):
    """Somebody who decides or influences in a company; one per company and name."""

    name: str
    title: str | None
    role: str | None = strawberry.field(description="What part the person has in deciding, such as decision_maker.")
    influence: Fraction | None
    pain_points: list[str]
    preferred_channels: list[Channel]
    preferred_timing: str | None
    preferred_tone: str | None
    created_at: datetime
    updated_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] = link(accounts.of_persona)
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        contacts.of_persona, "The same person, once an e-mail address is known."
    )
    campaigns: Connection[Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")]] = collection(
        abm_campaigns.of_persona, "Campaigns that are for the person.", where=AbmCampaignFilter, sort=AbmCampaignSort
    )
    contents: Connection[Annotated["Content", strawberry.lazy("schema.content")]] = collection(
        content.of_persona, "Texts that were generated for the person, newest first.", where=ContentFilter
    )


@mirrors(persona_writes.NewPersona)
class CreatePersonaInput:
    """A persona to be made in a company."""

    account_id: strawberry.ID
    name: str
    title: str | None = UNSET
    role: str | None = UNSET
    influence: Fraction | None = UNSET
    email: str | None = strawberry.field(default=UNSET, description="The contact with this address is the same person.")
    pain_points: list[str] | None = UNSET
    preferred_channels: list[Channel] | None = UNSET
    preferred_timing: str | None = UNSET
    preferred_tone: str | None = UNSET


@mirrors(persona_writes.PersonaPatch)
class UpdatePersonaInput:
    """Changes to a persona: what is left out stays, null clears."""

    id: strawberry.ID
    name: str | None = UNSET
    title: str | None = UNSET
    role: str | None = UNSET
    influence: Fraction | None = UNSET
    email: str | None = UNSET
    pain_points: list[str] | None = UNSET
    preferred_channels: list[Channel] | None = UNSET
    preferred_timing: str | None = UNSET
    preferred_tone: str | None = UNSET


@strawberry.type
class CreatePersonaPayload(Payload):
    """The persona that was made."""

    persona: Persona | None = link(_PERSONA)


@strawberry.type
class UpdatePersonaPayload(Payload):
    """The persona as it is now."""

    persona: Persona | None = link(_PERSONA)


@strawberry.type
class DeletePersonaPayload(Payload):
    """Which persona was deleted."""

    id: strawberry.ID | None


@strawberry.type
class PersonaQueries:
    """Reads of personas."""

    persona: Persona | None = one(personas.visible, "A persona.")
    personas: Connection[Persona] = connection(personas.search, "Personas, newest first.", where=PersonaFilter)


@strawberry.type
class PersonaMutations:
    """What can be done with personas."""

    create_persona: CreatePersonaPayload = change(persona_writes.create, input=CreatePersonaInput)
    update_persona: UpdatePersonaPayload = change(persona_writes.change, input=UpdatePersonaInput)
    delete_persona: DeletePersonaPayload = change(persona_writes.delete, id=strawberry.ID)
