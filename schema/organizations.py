"""What an administrator can change about the organization."""

import strawberry
from strawberry import UNSET

from resolvers import organizations
from resolvers.reads import ToOne
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.nodes import Payload
from schema.users import Organization


@mirrors(organizations.OrganizationPatch)
class UpdateOrganizationInput:
    """Changes to the viewer's organization: what is left out stays."""

    name: str | None = UNSET
    approved_lead_sources: list[str] | None = strawberry.field(
        default=UNSET, description="Where leads may come from; an empty list approves every source."
    )


@strawberry.type
class UpdateOrganizationPayload(Payload):
    """The organization as it is now."""

    organization: Organization | None = link(ToOne(organizations.visible, "organization"))


@strawberry.type
class OrganizationMutations:
    """What an administrator can change about the organization."""

    update_organization: UpdateOrganizationPayload = change(organizations.change, input=UpdateOrganizationInput)
