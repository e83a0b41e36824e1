"""Campaigns for one company, with the people they are for, what they send and how they react."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.abm import (
    AbmCampaign,
    AutomationRule,
    CampaignPersona,
    ItemStatus,
    OncePer,
    RuleAction,
    ScheduledContent,
)
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.marketing import CampaignStatus
from domain.personas import Persona
from gateway.database import Database
from tests.factories.leads import make_account, make_contact
from tests.factories.organizations import store


@dataclass(frozen=True)
class Reached:
    """A campaign and the people it is for."""

    campaign: str
    account: str
    contacts: list[str]


def campaign_row(organization_id: str, account_id: str, at: datetime, **values: Any) -> AbmCampaign:
    """A running campaign of four weeks that is not stored yet."""
    end = at + timedelta(weeks=4)
    given = {
        "name": "Q1 Outreach",
        "status": CampaignStatus.ACTIVE,
        "campaign_type": "multi_channel",
        "objective": "meeting_booking",
        "channels": ["EMAIL", "LINKEDIN"],
        "start_date": at,
        "end_date": end,
        "duration_weeks": 4,
        "frequency": "weekly",
        "strategy": [],
        "dynamic_content": False,
        "automation_enabled": True,
        "automation_triggers": ["EMAIL_OPEN", "LINK_CLICK"],
        "automation_ab_testing": True,
        "expected_response_rate": 0.28,
        "expected_meeting_conversion": 0.18,
        "expected_roi": 3.4,
        "expected": {},
        "due_at": end,
        "created_at": at,
        "updated_at": at,
    } | values
    return AbmCampaign(id=AbmCampaign.new_id(), organization_id=organization_id, account_id=account_id, **given)


def item_row(campaign: AbmCampaign, at: datetime, week: int = 1, **values: Any) -> ScheduledContent:
    """A planned e-mail that is not stored yet."""
    channel = values.get("channel", Channel.EMAIL)
    given = {
        "local_id": f"cnt_week{week}_{channel.lower()}",
        "week": week,
        "position": week,
        "date": at.date(),
        "type": "email",
        "channel": Channel.EMAIL,
        "subject": "About your quarter",
        "message": "Dear Ada,\n\nsee https://example.com/offer",
        "variants": [],
        "status": ItemStatus.SCHEDULED,
        "send_time": at,
        "due_at": at,
        "created_at": campaign.created_at,
    } | values
    return ScheduledContent(
        id=ScheduledContent.new_id(), organization_id=campaign.organization_id, campaign_id=campaign.id, **given
    )


def rule_row(campaign: AbmCampaign, trigger: EngagementType, action: RuleAction, **values: Any) -> AutomationRule:
    """A rule that fires an hour after what it waits for, once for a person."""
    given = {
        "position": 0,
        "delay_seconds": 3600,
        "enabled": True,
        "once_per": OncePer.CONTACT,
        "created_at": campaign.created_at,
    } | values
    return AutomationRule(
        id=AutomationRule.new_id(),
        organization_id=campaign.organization_id,
        campaign_id=campaign.id,
        trigger=trigger,
        action=action,
        **given,
    )


async def make_campaign(database: Database, organization_id: str, people: int = 1, **values: Any) -> Reached:
    """A stored campaign for so many people, each a persona with a contact."""
    now = database.clock.now()
    account = await make_account(database, organization_id, domain="northwind.example")
    campaign = campaign_row(organization_id, account, now, **values)
    await store(database, campaign)
    contacts = []
    for number in range(people):
        address = f"person{number}@northwind.example"
        contact = await make_contact(database, organization_id, address, name=f"Person {number}", account_id=account)
        persona = Persona(
            id=Persona.new_id(),
            organization_id=organization_id,
            account_id=account,
            contact_id=contact,
            name=f"Person {number}",
            name_key=f"person {number}",
            pain_points=[],
            preferred_channels=[],
            created_at=now,
            updated_at=now,
        )
        await store(database, persona)
        await store(
            database,
            CampaignPersona(
                id=CampaignPersona.new_id(),
                organization_id=organization_id,
                campaign_id=campaign.id,
                persona_id=persona.id,
                position=number,
                created_at=now,
            ),
        )
        contacts.append(contact)
    return Reached(campaign.id, account, contacts)


async def loaded(database: Database, reached: Reached) -> AbmCampaign:
    """The campaign as it is stored."""

    async def work(session: Any) -> AbmCampaign:
        found: AbmCampaign = await session.get(AbmCampaign, reached.campaign)
        return found

    return await database.store(work)
