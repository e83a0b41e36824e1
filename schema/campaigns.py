"""What campaigns of every kind have in common."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import abm_campaigns, ad_campaigns
from schema.engine.forms import PAGE_ARGUMENTS, one, promised
from schema.enums import CampaignStatus
from schema.filters import LeadFilter, LeadSort
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.leads import Lead


@strawberry.interface(description="Something planned to win customers: advertising, or mail to one company.")
class Campaign(Node):
    """Something planned to win customers: advertising, or mail to one company."""

    name: str | None
    status: CampaignStatus
    created_at: datetime
    updated_at: datetime
    leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = promised(
        "Leads whose custom fields name it.", where=LeadFilter, sort=LeadSort, **PAGE_ARGUMENTS
    )


@strawberry.type
class CampaignQueries:
    """Reads of campaigns of every kind."""

    campaign: Campaign | None = one((ad_campaigns.visible, abm_campaigns.visible), "A campaign of whichever kind.")
