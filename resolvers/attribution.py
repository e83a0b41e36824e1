"""Which campaign a won lead is owed to."""

from __future__ import annotations

from datetime import timedelta

from domain.abm import AbmCampaign
from domain.emails import Email
from domain.engagement import EngagementType
from domain.leads import Lead
from resolvers import engagements
from resolvers.reads import visible_to
from resolvers.unit import Unit


async def credit(unit: Unit, lead: Lead) -> None:
    """Note that a campaign has won a customer, once for a lead: the one that the lead names, else the last one whose
    mail has reached its contact lately.
    """
    campaign_id = await _named(unit, lead) or await _last(unit, lead)
    if campaign_id is None:
        return
    await engagements.note(
        unit,
        engagements.Seen(
            type=EngagementType.CONVERSION,
            source_key=f"won:{lead.id}",
            occurred_at=unit.now,
            contact_id=lead.contact_id,
            campaign_id=campaign_id,
        ),
    )


async def _named(unit: Unit, lead: Lead) -> str | None:
    """The campaign that a lead names; of other kinds of campaigns nothing is counted here."""
    named = lead.campaign_id
    if not named or not named.startswith(f"{AbmCampaign.prefix}_"):
        return None
    campaign = await unit.known(AbmCampaign, named)
    return campaign.id if campaign else None


async def _last(unit: Unit, lead: Lead) -> str | None:
    if lead.contact_id is None or not unit.attribution_days:
        return None
    since = unit.now - timedelta(days=unit.attribution_days)
    sent = visible_to(unit.viewer, Email).where(Email.contact_id == lead.contact_id, Email.campaign_id.is_not(None))
    reached = sent.where(Email.sent_at >= since, Email.bounced_at.is_(None))
    last: Email | None = await unit.find(reached.order_by(Email.sent_at.desc()))
    return last.campaign_id if last else None
