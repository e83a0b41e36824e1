"""Plans of budgets: reading them, and dividing a budget among campaigns."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from domain.errors import DomainError, Problem, invalid, required
from domain.events import EventType
from domain.intelligence.budget import BudgetLine, BudgetRule, Division, divide
from domain.intelligence.responses import ResponseModel, room_of
from domain.marketing import AdCampaign, AdPerformance, BudgetAllocation, BudgetPlan
from domain.permissions import Permission
from domain.rounding import shown
from domain.texts import needed
from domain.viewer import Viewer
from resolvers.ad_campaign_writes import found_or_made
from resolvers.ad_campaigns import named
from resolvers.campaign_totals import sums
from resolvers.desk import Desk
from resolvers.reads import Listing, Order, Statement, ToMany, newest_first, reads, visibility, visible_to
from resolvers.unit import Keys, Unit, requires

_LARGEST = 1e12
_DAYS = 120
"""How many of its latest days a campaign's curve is fitted to."""


@reads(BudgetPlan, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Plans of the organization."""
    return visible_to(viewer, BudgetPlan)


@reads(BudgetPlan, Permission.READ_MARKETING)
def search(viewer: Viewer) -> Listing:
    """Plans, newest first."""
    return Listing(visible_to(viewer, BudgetPlan), newest_first(BudgetPlan))


@reads(BudgetAllocation, Permission.READ_MARKETING)
def visible_allocation(viewer: Viewer) -> Statement:
    """Parts of plans."""
    return visible_to(viewer, BudgetAllocation)


@reads(BudgetAllocation, Permission.READ_MARKETING)
def allocations(viewer: Viewer) -> Listing:
    """Parts of plans, in the order of the request."""
    return Listing(visible_to(viewer, BudgetAllocation), Order(BudgetAllocation.position, descending=False))


@reads(BudgetAllocation, Permission.READ_MARKETING)
def recent_allocations(viewer: Viewer) -> Listing:
    """Parts of plans, newest first."""
    return Listing(visible_to(viewer, BudgetAllocation), newest_first(BudgetAllocation))


of_plan = ToMany(allocations, BudgetAllocation.plan_id)
of_campaign = ToMany(recent_allocations, BudgetAllocation.campaign_id)


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """A campaign by its owner's id or ours, as it is, and bounds of its own."""

    id: str
    current_budget: float
    performance: float
    roi: float
    min_budget: float | None = None
    max_budget: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetDraft:
    """What is to be divided among whom. `max_change` is the most a budget moves, relative to its part of the total."""

    total_budget: float
    campaigns: list[PlannedCampaign]
    max_change: float | None = None
    min_share: float = 0.0
    model: ResponseModel = ResponseModel.LOG


@dataclass(frozen=True, slots=True)
class ReadyPlan:
    """A draft whose division is worked out."""

    draft: BudgetDraft
    division: Division
    names: list[str] = field(default_factory=list)


async def prepared(desk: Desk, draft: BudgetDraft) -> ReadyPlan:
    """Check what was sent, fit curves where there is history, and divide."""
    terms = desk.outside.marketing
    names = _checked(draft, terms.plan_campaigns)
    change = terms.most_change if draft.max_change is None else draft.max_change
    rule = BudgetRule(draft.model, change, draft.min_share)
    days = await _days(desk, names)

    def work() -> Division:
        lines = [
            BudgetLine(
                name,
                each.current_budget,
                each.performance,
                each.roi,
                each.min_budget,
                each.max_budget,
                room_of(days.get(name, [])),
            )
            for name, each in zip(names, draft.campaigns, strict=True)
        ]
        return divide(lines, draft.total_budget, rule)

    return ReadyPlan(draft, await asyncio.to_thread(work), names)


def _checked(draft: BudgetDraft, most: int) -> list[str]:
    """The names of the campaigns, all problems at once."""
    problems: list[Problem] = []
    if not draft.campaigns:
        raise required("campaigns", "campaigns must hold at least one campaign.")
    if len(draft.campaigns) > most:
        raise invalid("campaigns", f"campaigns must be at most {most}, not {len(draft.campaigns)}.")
    names: list[str] = []
    seen: dict[str, int] = {}
    checks: list[tuple[str, Any, float]] = [
        ("totalBudget", draft.total_budget, _LARGEST),
        ("minShare", draft.min_share, 1),
    ]
    if draft.max_change is not None:
        checks.append(("maxChange", draft.max_change, 100))
    for index, each in enumerate(draft.campaigns):
        at = f"campaigns.{index}"
        try:
            name = needed(f"{at}.id", each.id).strip()
        except DomainError as error:
            problems.extend(error.problems)
            name = ""
        names.append(name)
        if name and seen.setdefault(name, index) != index:
            problems.extend(invalid(f"{at}.id", f"{at}.id {name[:80]!r} is named twice.").problems)
        checks += [(f"{at}.currentBudget", each.current_budget, _LARGEST), (f"{at}.performance", each.performance, 1)]
        checks += [(f"{at}.minBudget", each.min_budget, _LARGEST), (f"{at}.maxBudget", each.max_budget, _LARGEST)]
        if not (math.isfinite(each.roi) and abs(each.roi) <= 1e6):
            problems.extend(invalid(f"{at}.roi", f"{at}.roi must be a number between -10^6 and 10^6.").problems)
    for name, value, largest in checks:
        if value is not None and not (math.isfinite(value) and 0 <= value <= largest):
            problems.extend(invalid(name, f"{name} must be a number from 0 to {largest:.0f}.").problems)
    if not problems and draft.min_share * len(names) > 1 + 1e-9:
        share = f"minShare must be at most {1 / len(names):.4g}: there are {len(names)} campaigns."
        problems.extend(invalid("minShare", share).problems)
    if problems:
        raise DomainError(problems)
    return names


async def _days(desk: Desk, names: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """Cost and revenue of the latest days of the campaigns, by the names they were asked by."""
    rows = await desk.rows(named(desk.viewer, list(names)).with_only_columns(AdCampaign.id, AdCampaign.external_id))
    asked = set(names)
    for id_, external_id in rows:
        if {id_, external_id} <= asked and id_ != external_id and not _is_another(id_, rows):
            at = f"campaigns.{names.index(id_)}.id"
            raise invalid(at, f"{at} {id_!r} is the campaign that is named {external_id[:80]!r} before or after it.")
    called = {id_: external_id if external_id in asked else id_ for id_, external_id in rows}
    if not called:
        return {}
    columns, own = sums(), AdPerformance
    place = func.row_number().over(partition_by=own.campaign_id, order_by=own.day.desc())
    daily = (
        select(own.campaign_id, columns[4].label("revenue"), columns[5].label("cost"), place.label("place"))
        .where(*visibility(desk.viewer, own), own.campaign_id.in_(sorted(called)), own.revenue.is_not(None))
        .group_by(own.campaign_id, own.day)
        .subquery()
    )
    found: dict[str, list[tuple[float, float]]] = {}
    latest = select(daily.c.campaign_id, daily.c.revenue, daily.c.cost).where(daily.c.place <= _DAYS)
    for id_, revenue, cost in await desk.rows(latest):
        found.setdefault(called[id_], []).append((float(cost or 0), float(revenue)))
    return found


def _is_another(name: str, rows: Sequence[Any]) -> bool:
    """Whether some campaign is called by its owner what another is called by us."""
    return any(external_id == name and id_ != name for id_, external_id in rows)


@requires(Permission.WRITE_MARKETING)
async def optimize(unit: Unit, ready: ReadyPlan) -> Keys:
    """Divide a budget among campaigns so that most comes back; what was said of them is kept, unknown ones are made."""
    draft, found = ready.draft, ready.division
    campaigns = await found_or_made(unit, ready.names)
    for name, each in zip(ready.names, draft.campaigns, strict=True):
        campaign = campaigns[name]
        campaign.budget_total = each.current_budget
        campaign.performance_score = each.performance
        campaign.roi = each.roi
        campaign.updated_at = unit.now
    plan = BudgetPlan(
        id=BudgetPlan.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        total_budget=draft.total_budget,
        current_total_roi=found.current_roi,
        expected_total_roi=found.expected_roi,
        roi_improvement=found.improvement,
        assumption=found.assumption,
    )
    unit.add(plan)
    await unit.flush()
    rows = [_part(unit, plan, position, campaigns[name], ready) for position, name in enumerate(ready.names)]
    await unit.session.execute(insert(BudgetAllocation), rows)
    unit.record(EventType.MARKETING_OPTIMIZED, plan, told(ready))
    return {"plan": plan.id}


def _part(unit: Unit, plan: BudgetPlan, position: int, campaign: AdCampaign, ready: ReadyPlan) -> dict[str, Any]:
    allotted = ready.division.allotments[position]
    return {
        "id": BudgetAllocation.new_id(),
        "organization_id": unit.viewer.organization_id,
        "created_at": unit.now,
        "plan_id": plan.id,
        "campaign_id": campaign.id,
        "position": position,
        "name": ready.names[position],
        "current_budget": ready.draft.campaigns[position].current_budget,
        "recommended_budget": allotted.budget,
        "change": allotted.change,
        "expected_roi": allotted.roi,
        "reasoning": allotted.reasoning,
    }


def change_text(change: float) -> str:
    """A change with its sign, without separators, decimals only if needed: +5000, -12.5, +0 (CB-26)."""
    number = shown(change, 2)
    return f"{number:+d}" if isinstance(number, int) else f"{number:+.2f}".rstrip("0")


def told(ready: ReadyPlan) -> dict[str, Any]:
    """The plan as ClickUp Brain answers it, and so tells it (CB-32)."""
    found = ready.division
    return {
        "optimized_allocation": {
            name: {
                "recommended_budget": shown(each.budget),
                "change": change_text(each.change),
                "expected_roi": shown(each.roi),
                "reasoning": each.reasoning,
            }
            for name, each in zip(ready.names, found.allotments, strict=True)
        },
        "expected_total_roi": shown(found.expected_roi),
        "roi_improvement": shown(found.improvement),
    }
