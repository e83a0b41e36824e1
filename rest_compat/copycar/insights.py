"""What is known of companies (documentation, section Analytics & Reporting API Ultimate, 2)."""

from __future__ import annotations

from collections.abc import Mapping

from rest_compat.copycar.answers import mapped, success, taken
from rest_compat.engine.answers import record, take
from rest_compat.engine.arguments import path
from rest_compat.engine.routes import Route

GROUP = "Analytics & Reporting"
_INSIGHT = "account.insight"
CHANNELS: Mapping[str, str] = {
    "email": "Email",
    "linkedin": "LinkedIn",
    "website": "Website",
    "direct_mail": "Direct mail",
    "phone": "Phone",
    "other": "Other",
}
"""Channels as this section prints them (CC-31)."""


ROUTES = (
    Route(
        "GET",
        "/accounts/{account_id}/insights",
        "AccountInsights",
        success(
            account_id=take("account.account_id"),
            insights=record(
                {
                    "engagement_trends": record(
                        taken(
                            _INSIGHT,
                            "overall_score",
                            "trend",
                            "change_percentage",
                            "peak_engagement_days",
                            "peak_engagement_times",
                        )
                    ),
                    "content_preferences": record(
                        {
                            "preferred_content_types": take(f"{_INSIGHT}.preferred_content_types"),
                            "preferred_channels": mapped(f"{_INSIGHT}.preferred_channels", CHANNELS),
                            **taken(_INSIGHT, "optimal_content_length", "preferred_tone"),
                        }
                    ),
                    "behavioral_patterns": record(
                        taken(
                            _INSIGHT,
                            "response_likelihood",
                            "decision_timeline",
                            "influence_factors",
                            "objection_patterns",
                        )
                    ),
                    "ai_predictions": record(
                        taken(
                            _INSIGHT,
                            "conversion_probability",
                            "optimal_next_action",
                            "recommended_timing",
                            "risk_factors",
                            "success_factors",
                        )
                    ),
                }
            ),
            recommendations=take(f"{_INSIGHT}.recommendations"),
            generated_at=take(f"{_INSIGHT}.generated_at"),
        ),
        (path("account_id", "id", "The account."),),
        title="Get Account Insights Ultimate",
        group=GROUP,
        example="accounts_insights",
        sample="/accounts/acc_123456789/insights",
    ),
)
