"""Campaigns and personas of the companies of a load, for what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.abm import AbmCampaign
from domain.accounts import Account, name_key
from domain.channels import Channel
from domain.entity import Entity
from domain.marketing import CampaignStatus
from domain.personas import Persona
from gateway.database import Database
from gateway.seeds import words
from gateway.seeds.rows import put

CAMPAIGNS, PERSONAS = 3, 4
"""Of each company."""
_AT_ONCE = 4_000
_ROLES = ("decision_maker", "influencer", "champion", "user")
_TITLES = ("Head of Operations", "Chief Financial Officer", "Fleet Manager", "Office Manager")
Values = dict[str, Any]


async def fill(database: Database, organization: str) -> int:
    """Give every company its campaigns and personas; how many rows that were."""
    found = select(Account.id, Account.created_at).where(Account.organization_id == organization).order_by(Account.id)
    known = [(row[0], row[1]) for row in await database.rows(found)]
    campaigns = (_campaign(organization, id_, at, place) for id_, at in known for place in range(CAMPAIGNS))
    personas = (_persona(organization, id_, at, place) for id_, at in known for place in range(PERSONAS))
    count = await _put(database, AbmCampaign, campaigns) + await _put(database, Persona, personas)
    # What the planner knows of these tables is from before.
    await database.store(_analyze)
    return count


async def _put(database: Database, entity: type[Entity], rows: Iterator[Values]) -> int:
    count = 0
    for chunk in _chunks(rows):
        await database.store(partial(put, table=entity.__table__, rows=chunk))
        count += len(chunk)
    return count


async def _analyze(session: AsyncSession) -> None:
    await session.execute(text("ANALYZE"))


def _chunks(rows: Iterator[Values]) -> Iterator[list[Values]]:
    while chunk := list(islice(rows, _AT_ONCE)):
        yield chunk


def _owned(organization: str, at: datetime, place: int) -> Values:
    moment = at + timedelta(hours=1 + place)
    return {"organization_id": organization, "created_at": moment, "updated_at": moment}


def _campaign(organization: str, account: str, at: datetime, place: int) -> Values:
    return {
        **_owned(organization, at, place),
        "id": AbmCampaign.new_id(),
        "account_id": account,
        "name": f"Campaign {place + 1}",
        "status": (CampaignStatus.ACTIVE, CampaignStatus.PAUSED, CampaignStatus.COMPLETED)[place % 3],
        "campaign_type": "multi_channel_abm",
        "channels": [Channel.EMAIL.value],
        "start_date": at,
        "end_date": at + timedelta(weeks=4),
        "duration_weeks": 4,
        "frequency": "weekly",
        "strategy": [],
        "automation_enabled": False,
        "automation_triggers": [],
        "automation_ab_testing": False,
        "expected_response_rate": 0.18,
        "expected_meeting_conversion": 0.12,
        "expected_roi": 3.5,
        "expected": {},
        "tokens_used": 0,
    }


def _persona(organization: str, account: str, at: datetime, place: int) -> Values:
    first, last = words.FIRST_NAMES[place], words.LAST_NAMES[place]
    return {
        **_owned(organization, at, place),
        "id": Persona.new_id(),
        "account_id": account,
        "name": f"{first} {last}",
        "name_key": name_key(f"{first} {last}"),
        "title": _TITLES[place % 4],
        "role": _ROLES[place % 4],
        "influence": (0.9, 0.65, 0.4, None)[place % 4],
        "pain_points": [],
        "preferred_channels": [Channel.EMAIL.value],
    }
