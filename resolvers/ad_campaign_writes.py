"""What can be done with advertising campaigns: make and change them, and find or make those that callers name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.errors import conflict, invalid
from domain.events import EventType
from domain.figures import Figures, given_figures
from domain.marketing import AdCampaign, CampaignStatus
from domain.performance_rows import PerformanceRow, Unreadable, performance_of
from domain.permissions import Permission
from domain.texts import json_object, line, needed, text
from domain.values import ABSENT, Absent
from resolvers.ad_campaigns import named
from resolvers.campaign_totals import add_up, figures_of_whole
from resolvers.drafts import taken
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit, requires

_TARGETS = 200
"""Most audiences or locations of a campaign."""
_LARGEST = 1e15


@dataclass(frozen=True, slots=True, kw_only=True)
class AdCampaignDraft:
    """A campaign to be made; without an external id it is called by ours."""

    external_id: str | Absent | None = ABSENT
    name: str | Absent | None = ABSENT
    platform: str | Absent | None = ABSENT
    status: CampaignStatus | Absent | None = ABSENT
    currency: str | Absent | None = ABSENT
    budget_total: float | Absent | None = ABSENT
    budget_spent: float | Absent | None = ABSENT
    audiences: list[str] | Absent | None = ABSENT
    locations: list[str] | Absent | None = ABSENT
    demographics: dict[str, Any] | Absent | None = ABSENT
    performance_data: dict[str, Any] | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class AdCampaignPatch(AdCampaignDraft):
    """Changes to a campaign: what is absent stays, null clears."""

    id: str


@requires(Permission.WRITE_MARKETING)
async def create(unit: Unit, draft: AdCampaignDraft) -> Keys:
    """Make an advertising campaign."""
    values = _checked(draft)
    external_id = values.pop("external_id", None)
    if external_id:
        await _free(unit, external_id, None)
    campaign = made(unit, external_id, **values)
    unit.record(EventType.CAMPAIGN_CREATED, campaign, facts(campaign))
    return {"ad_campaign": campaign.id}


@requires(Permission.WRITE_MARKETING)
async def change(unit: Unit, patch: AdCampaignPatch) -> Keys:
    """Merge changes into a campaign; figures given for the whole of it replace those given before."""
    campaign = await unit.load(AdCampaign, patch.id)
    values = _checked(patch)
    external_id = values.pop("external_id", campaign.external_id) or campaign.id
    if external_id != campaign.external_id:
        await _free(unit, external_id, campaign.id)
        values["external_id"] = external_id
    changed = {name for name, value in values.items() if getattr(campaign, name) != value}
    for name in changed:
        setattr(campaign, name, values[name])
    if "performance_data" in values and campaign.performance_data is None:
        # Without figures of the whole its days say again how it did.
        await unit.flush()
        await add_up(unit, {campaign.id: campaign})
    if changed:
        campaign.updated_at = unit.now
        unit.record(EventType.CAMPAIGN_UPDATED, campaign, facts(campaign))
    return {"ad_campaign": campaign.id}


async def found_or_made(unit: Unit, names: Sequence[str]) -> dict[str, AdCampaign]:
    """The campaigns that callers know by these names, each their own or ours; unknown ones are made (CB-27)."""
    wanted = list(dict.fromkeys(names))
    known: dict[str, AdCampaign] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        for campaign in await unit.session.scalars(_to_change(named(unit.viewer, part))):
            known.setdefault(campaign.id, campaign)
            # Who named it by the caller's id meant that one, though another has it as ours.
            known[campaign.external_id] = campaign
    for name in wanted:
        if name not in known:
            campaign = made(unit, name)
            unit.record(EventType.CAMPAIGN_CREATED, campaign, facts(campaign))
            known[name] = campaign
    return known


_AT_ONCE = 400


def _to_change(statement: Statement) -> Statement:
    # In one order, or two imports of the same campaigns would wait for each other.
    return statement.order_by(AdCampaign.id).with_for_update()


def made(unit: Unit, external_id: str | None, **values: Any) -> AdCampaign:
    """A new campaign, put into the session."""
    own_id = AdCampaign.new_id()
    known: dict[str, Any] = {"status": CampaignStatus.ACTIVE, "audiences": [], "locations": [], "updated_at": unit.now}
    known |= {name: value for name, value in values.items() if value is not None}
    campaign = AdCampaign(
        id=own_id,
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        external_id=external_id or own_id,
        **known,
    )
    unit.add(campaign)
    return campaign


def facts(campaign: AdCampaign) -> dict[str, Any]:
    """The campaign as events tell it."""
    return {
        "id": campaign.id,
        "externalId": campaign.external_id,
        "name": campaign.name,
        "platform": campaign.platform,
        "status": campaign.status.value,
    }


def _checked(draft: AdCampaignDraft) -> dict[str, Any]:
    checks: Mapping[str, Callable[[Any], Any]] = {
        "external_id": partial(line, "externalId"),
        "name": partial(line, "name"),
        "platform": partial(line, "platform"),
        "status": lambda status: status or CampaignStatus.ACTIVE,
        "currency": currency,
        "budget_total": partial(money, "budgetTotal"),
        "budget_spent": partial(money, "budgetSpent"),
        "audiences": partial(_targets, "audiences"),
        "locations": partial(_targets, "locations"),
        "demographics": lambda value: None if value is None else json_object("demographics", value),
        "performance_data": _performance,
    }
    values = taken(draft, checks)
    if "performance_data" in values:
        row: PerformanceRow | None = values.pop("performance_data")
        figures = row.fact.figures if row else Figures()
        roi = row.roi if row else None
        values |= figures_of_whole(figures, roi) if row else dict.fromkeys(figures_of_whole(figures))
        values["performance_data"] = given_figures(figures, roi) if row else None
    return values


def currency(code: str | None) -> str | None:
    """An ISO 4217 code, in capitals."""
    known = line("currency", code, 3)
    if known is not None and not (len(known) == 3 and known.isascii() and known.isalpha()):
        raise invalid("currency", "currency must be an ISO 4217 code such as EUR.")
    return known.upper() if known else None


def money(field: str, value: float | None) -> float | None:
    """An amount that is not negative."""
    if value is not None and not (math.isfinite(value) and 0 <= value < _LARGEST):
        raise invalid(field, f"{field} must be a number from 0 to below 10^15.")
    return value


def _targets(field: str, value: list[str] | None) -> list[str]:
    wanted = value or []
    if len(wanted) > _TARGETS:
        raise invalid(field, f"{field} must be at most {_TARGETS} texts.")
    return list(dict.fromkeys(text(field, needed(field, each)).strip() for each in wanted))


def _performance(value: dict[str, Any] | None) -> PerformanceRow | None:
    if value is None:
        return None
    try:
        return performance_of(json_object("performanceData", value), campaign_id="-")
    except Unreadable as error:
        raise invalid("performanceData", f"performanceData.{error}.") from None


async def _free(unit: Unit, external_id: str, own: str | None) -> None:
    statement = named(unit.viewer, [external_id]).where(AdCampaign.external_id == external_id)
    other = await unit.find(statement)
    if other is not None and other.id != own:
        raise conflict(f"externalId {external_id!r} is that of another campaign, {other.id}.", "externalId")
