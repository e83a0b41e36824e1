"""Plans of budgets."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import ad_campaigns, budget_plans
from resolvers.reads import ToOne
from schema.ad_campaigns import AdCampaign
from schema.engine.forms import change, collection, connection, derived, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import ResponseModel
from schema.nodes import Connection, Node, Payload


@strawberry.type(description="One campaign's part of a plan.")
class BudgetAllocation(Node, read=budget_plans.visible_allocation):
    """One campaign's part of a plan."""

    name: str = strawberry.field(description="The id the campaign was named by.")
    position: int = strawberry.field(description="Its place in the request, from 0.")
    current_budget: float
    recommended_budget: float
    change: float
    change_text: str = derived(budget_plans.change_text, "change", description="With its sign: +5000, -12.5, +0.")
    expected_roi: float = strawberry.field(description="Revenue as a multiple of the recommended budget.")
    reasoning: str
    created_at: datetime
    campaign: AdCampaign = link(ad_campaigns.of_allocation)


@strawberry.type(description="How a budget is best divided among campaigns, under which assumption.")
class BudgetPlan(Node, read=budget_plans.visible):
    """How a budget is best divided among campaigns, under which assumption."""

    total_budget: float
    current_total_roi: float = strawberry.field(description="The mean of today, weighted by budget.")
    expected_total_roi: float
    roi_improvement: float = strawberry.field(description="Expected minus current.")
    assumption: str
    created_at: datetime
    allocations: Connection[BudgetAllocation] = collection(budget_plans.of_plan, "In the order of the request.")


@mirrors(budget_plans.PlannedCampaign)
class PlannedCampaignInput:
    """A campaign as it is, and bounds of its own."""

    id: strawberry.ID = strawberry.field(description="Its owner's id or ours; an unknown one is made.")
    current_budget: float
    performance: Fraction = strawberry.field(description="How well it does: from 0 to 1.")
    roi: float = strawberry.field(description="Revenue as a multiple of its current budget.")
    min_budget: float | None = UNSET
    max_budget: float | None = UNSET


@mirrors(budget_plans.BudgetDraft)
class OptimizeBudgetInput:
    """What is to be divided among whom."""

    total_budget: float
    campaigns: list[PlannedCampaignInput]
    max_change: float | None = strawberry.field(
        default=UNSET, description="The most a budget moves, relative to its part of the total: 0.5 is by half."
    )
    min_share: float = strawberry.field(default=0.0, description="The least part of the total for every campaign.")
    model: ResponseModel = strawberry.field(default=ResponseModel.LOG, description="How returns diminish.")


@strawberry.type
class OptimizeBudgetPayload(Payload):
    """The plan."""

    plan: BudgetPlan | None = link(ToOne(budget_plans.visible, "plan"))


@strawberry.type
class BudgetPlanQueries:
    """Reads of plans."""

    budget_plan: BudgetPlan | None = one(budget_plans.visible, "A plan of budgets.")
    budget_plans: Connection[BudgetPlan] = connection(budget_plans.search, "Plans of budgets, newest first.")


@strawberry.type
class BudgetPlanMutations:
    """What can be done about budgets."""

    optimize_budget: OptimizeBudgetPayload = change(
        budget_plans.optimize, budget_plans.prepared, input=OptimizeBudgetInput
    )
