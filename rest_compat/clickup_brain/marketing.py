"""Marketing (documentation, section Marketing Optimization API)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.limits import LimitGroup
from domain.regions import codes
from rest_compat.engine.answers import closed_object, follow, keyed, record, shape_at, take
from rest_compat.engine.arguments import SAYING, Given, body
from rest_compat.engine.input_types import Wrong
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Many, Record
from rest_compat.engine.spelling import JsonSchema

GROUP = "Marketing Optimization API"
_PLAN = "optimizeBudget.plan"
_MONEY: JsonSchema = {"minimum": 0, "maximum": 1e12}
_MULTIPLE: JsonSchema = {"minimum": -1e6, "maximum": 1e6}
_ADAPTED = ("color_preferences", "seasonal_context", "payment_preferences")


def performance(value: object, _: Given) -> object:
    """Figures in any form: an object, a list of rows, or either as text (CB-28)."""
    if isinstance(value, list):
        return {"rows": value}
    if isinstance(value, str):
        return {"text": value}
    if value is None or isinstance(value, dict):
        return value
    raise Wrong("must be an object of figures, or a list of rows")


class Echo:
    """What was sent under a name, as text."""

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return given[self.name]

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        return {"type": "string"}


class LocalizedContent:
    """Localization Optimization prints a map by market, with the market's customs in an object of their own (CB-44)."""

    _where = "localizeContent.results"

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return {each["market"]: self._printed(each["localization"]) for each in follow(data, self._where)}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        results = shape_at(result, self._where)
        item = results.item if isinstance(results, Many) else None
        found = item.fields["localization"] if isinstance(item, Record) else None
        fields = {name: shape.schema for name, shape in found.fields.items()} if isinstance(found, Record) else {}
        printed = {
            "translation": fields["translation"],
            "cultural_adaptations": closed_object({name: fields[name] for name in _ADAPTED}),
            "performance_prediction": fields["performance_prediction"],
        }
        return {"type": "object", "additionalProperties": closed_object(printed)}

    def _printed(self, found: Mapping[str, Any]) -> object:
        return {
            "translation": found["translation"],
            "cultural_adaptations": {name: found[name] for name in _ADAPTED},
            "performance_prediction": found["performance_prediction"],
        }


ROUTES = (
    Route(
        "POST",
        "/marketing/campaigns/analyze",
        "AnalyzeAdCampaign",
        record(
            {
                "campaign_id": Echo("campaign_id"),
                "analysis": take("analyzeCampaign.analysis"),
                "regional_analysis": keyed("analyzeCampaign.by_region.regions", by="region"),
            }
        ),
        (
            body(
                "campaign_id",
                "input.campaignId",
                aliases=("campaignId",),
                numeric=True,
                bounds=SAYING,
                note="Your own id, text or a whole number; an unknown campaign is made.",
            ),
            body("platform", "input.platform", required=True, examples=("google_ads",)),
            body("date_range.start", "input.dateFrom", aliases=("dateRange.start",), note="The first day."),
            body("date_range.end", "input.dateTo", aliases=("dateRange.end",), note="The last day."),
            body(
                "metrics",
                "input.metrics",
                examples=("impressions", "clicks", "conversions", "cost"),
                note="Kept with the analysis; the answer has the same keys whatever they are (CB-52).",
            ),
            body(
                "performance_data",
                "input.performanceData",
                aliases=("performanceData",),
                read=performance,
                accepts={},
                note="Figures of the whole campaign, or rows as Google Ads exports them; they win over stored ones.",
            ),
        ),
        title="Campaign Analysis",
        group=GROUP,
        example="marketing_campaigns_analyze",
        limits=(LimitGroup.CAMPAIGN_ANALYSIS,),
    ),
    Route(
        "POST",
        "/marketing/localization/optimize",
        "OptimizeLocalization",
        record({"localized_content": LocalizedContent()}),
        (
            body("content", "content", bounds=SAYING),
            body(
                "target_markets",
                "markets",
                aliases=("targetMarkets",),
                bounds={"minItems": 1, "items": {"type": "string", "pattern": f"^({'|'.join(codes())})$"}},
                note="Countries by code, name or locale (fr-CH); those nobody can translate for are named in a 503.",
            ),
            body("campaign_type", "type", aliases=("campaignType",), examples=("ecommerce",)),
            body("brand_voice", "voice", aliases=("brandVoice",), examples=("friendly",)),
        ),
        title="Localization Optimization",
        group=GROUP,
        example="marketing_localization_optimize",
    ),
    Route(
        "POST",
        "/marketing/budget/optimize",
        "OptimizeMarketingBudget",
        record(
            {
                "optimized_allocation": keyed(f"{_PLAN}.allocations.nodes", by="id"),
                "expected_total_roi": take(f"{_PLAN}.expected_total_roi"),
                "roi_improvement": take(f"{_PLAN}.roi_improvement"),
            }
        ),
        (
            body("total_budget", "input.totalBudget", aliases=("totalBudget",), bounds=_MONEY),
            body(
                "campaigns[].id",
                "input.campaigns[].id",
                numeric=True,
                bounds=SAYING,
                note="Your own id; an unknown one is made.",
            ),
            body(
                "campaigns[].current_budget",
                "input.campaigns[].currentBudget",
                aliases=("campaigns[].currentBudget",),
                bounds=_MONEY,
            ),
            body(
                "campaigns[].performance",
                "input.campaigns[].performance",
                bounds={"minimum": 0, "maximum": 1},
                note="From 0 to 1.",
            ),
            body("campaigns[].roi", "input.campaigns[].roi", bounds=_MULTIPLE, note="A multiple: 2.8 is 2.8 times."),
        ),
        title="Budget Optimization",
        group=GROUP,
        example="marketing_budget_optimize",
    ),
)
