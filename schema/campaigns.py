"""What campaigns of every kind have in common."""

from datetime import datetime

import strawberry

from schema.enums import CampaignStatus
from schema.nodes import Node


@strawberry.interface(description="Something planned to win customers: advertising, or mail to one company.")
class Campaign(Node):
    """Something planned to win customers: advertising, or mail to one company."""

    name: str | None
    status: CampaignStatus
    created_at: datetime
    updated_at: datetime
