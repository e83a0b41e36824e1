"""How campaigns do (documentation, section Analytics & Reporting API Ultimate, 1)."""

from __future__ import annotations

from rest_compat.copycar.answers import success, taken
from rest_compat.engine.answers import record, sometimes, take
from rest_compat.engine.arguments import Given, path, query
from rest_compat.engine.input_types import Wrong
from rest_compat.engine.routes import Route

GROUP = "Analytics & Reporting"
_PERFORMANCE = "abmCampaign.performance"
_DAILY = "daily"


def granularity(value: object, _: Given) -> object:
    """Days are all that is printed (CC-33)."""
    if value != _DAILY:
        raise Wrong(f"must be {_DAILY}")
    return value


_PREDICTIONS = ("expected_final_response_rate", "expected_final_conversion_rate", "confidence_level")
ROUTES = (
    Route(
        "GET",
        "/campaigns/{campaign_id}/performance",
        "CampaignPerformance",
        success(
            campaign_id=take("abmCampaign.campaign_id"),
            period=record(taken(_PERFORMANCE, "start_date", "end_date", "granularity")),
            metrics=record(
                {
                    "overall": record(
                        taken(
                            _PERFORMANCE,
                            "emails_sent",
                            "emails_delivered",
                            "emails_opened",
                            "emails_clicked",
                            "emails_replied",
                            "meetings_scheduled",
                            "meetings_completed",
                            "conversions",
                        )
                    ),
                    "rates": record(
                        taken(
                            _PERFORMANCE,
                            "delivery_rate",
                            "open_rate",
                            "click_rate",
                            "reply_rate",
                            "meeting_rate",
                            "conversion_rate",
                        )
                    ),
                    "engagement": record(
                        taken(
                            _PERFORMANCE,
                            "average_engagement_score",
                            "high_engagement_accounts",
                            "medium_engagement_accounts",
                            "low_engagement_accounts",
                        )
                    ),
                }
            ),
            daily_breakdown=take(f"{_PERFORMANCE}.daily_breakdown"),
            ai_insights=record(
                {
                    **taken(_PERFORMANCE, "performance_analysis", "optimization_opportunities"),
                    "predictions": sometimes(
                        record(taken(_PERFORMANCE, *_PREDICTIONS)),
                        lambda _, given: bool(given["include_predictions"]),
                    ),
                }
            ),
            generated_at=take(f"{_PERFORMANCE}.generated_at"),
        ),
        (
            path("campaign_id", "id", "The campaign."),
            query("start_date", "startDate", note="The first day; without it that of the campaign."),
            query("end_date", "endDate", note="The last day, all of it; without it that of the campaign."),
            query("granularity", "", default=_DAILY, read=granularity, bounds={"enum": [_DAILY]}),
            query(
                "include_predictions",
                "includePredictions",
                default=True,
                note="False leaves the predictions out of the answer.",
            ),
        ),
        title="Get Campaign Performance Ultimate",
        group=GROUP,
        example="campaigns_performance",
        sample="/campaigns/cmp_789123456/performance"
        "?start_date=2024-01-01&end_date=2024-01-31&granularity=daily&include_predictions=true",
        missing="campaign",
    ),
)
