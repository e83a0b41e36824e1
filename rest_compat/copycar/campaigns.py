"""Campaigns for one company (documentation, section Account Management API Ultimate, 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from domain.abm_plan import STEPS
from domain.errors import Kind
from rest_compat.copycar.answers import metered, selected, taken
from rest_compat.copycar.requests import NAME, account, line, persona, usual
from rest_compat.engine.answers import closed_object, follow, record, some, take
from rest_compat.engine.arguments import Given, body
from rest_compat.engine.input_types import Wrong
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Record
from rest_compat.engine.spelling import DAY, MOMENT, JsonSchema

GROUP = "Account Management"
_CAMPAIGN = "createAbmCampaign.campaign"
_WEEK = re.compile(r"week_([1-9][0-9]{0,3})", re.ASCII)
_FREQUENCIES = [*STEPS, None]
_TEXT: JsonSchema = {"type": "string"}


def week(value: object, _: Given) -> object:
    """The number in a key of the plan of weeks."""
    found = _WEEK.fullmatch(str(value))
    if found is None:
        raise Wrong("must be called week_ with the number of the week, such as week_1")
    return int(found[1])


class ContentSchedule:
    """The planned pieces week by week, all weeks (CC-20); a week begins seven days after the one before it."""

    where = f"{_CAMPAIGN}.schedule.nodes"
    fields = ("week", "id", "type", "subject", "message", "status", "send_time")

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        campaign, planned = follow(data, _CAMPAIGN), follow(data, self.where)
        first = date.fromisoformat(campaign["start_date"][:10])
        return [
            {
                "week": number,
                "date": str(first + timedelta(weeks=number - 1)),
                "content": [_piece(each) for each in planned if each["week"] == number],
            }
            for number in range(1, campaign["duration_weeks"] + 1)
        ]

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        known = selected(result, self.where, self.fields)
        piece = closed_object(
            {
                "id": _TEXT,
                "type": _TEXT,
                "subject": _TEXT,
                "message": _TEXT,
                "status": known["status"].schema,
                "send_time": MOMENT.written,
            }
        )
        content: JsonSchema = {"type": "array", "items": {**piece, "required": ["id", "type", "status", "send_time"]}}
        number: JsonSchema = {"type": "integer", "minimum": 1}
        return {
            "type": "array",
            "items": closed_object({"week": number, "date": DAY.written, "content": content}),
        }


def _piece(found: Mapping[str, Any]) -> Mapping[str, object]:
    """A planned piece: an e-mail has a subject, everything else a message."""
    said = "subject" if found["type"] == "email" or found["message"] is None else "message"
    words = {said: found[said] or ""}
    return {
        "id": found["id"],
        "type": found["type"],
        **words,
        "status": found["status"],
        "send_time": found["send_time"],
    }


ROUTES = (
    Route(
        "POST",
        "/campaigns/create",
        "CreateAbmCampaign",
        metered(
            "createAbmCampaign",
            "campaign.tokensUsed",
            **taken(_CAMPAIGN, "campaign_id", "campaign_name", "status"),
            timeline=record(taken(_CAMPAIGN, "start_date", "end_date", "duration_weeks")),
            content_schedule=ContentSchedule(),
            automation_rules=take(f"{_CAMPAIGN}.automation_rules.nodes"),
            tracking=record(
                {
                    "tracking_pixel": take(f"{_CAMPAIGN}.tracking_pixel"),
                    "webhook_url": some(f"{_CAMPAIGN}.webhook_url", None),
                    "analytics_dashboard": take(f"{_CAMPAIGN}.analytics_dashboard"),
                }
            ),
            created_at=take(f"{_CAMPAIGN}.created_at"),
            estimated_performance=record(
                taken(_CAMPAIGN, "expected_response_rate", "expected_meeting_conversion", "expected_roi")
            ),
        ),
        (
            body("campaign_name", "input.campaignName", bounds=NAME),
            account(),
            usual("campaign_type", "input.campaignType", "multi_channel_abm", examples=("multi_channel_abm",)),
            line("objective", "input.objective", examples=("schedule_demo",)),
            *persona("target_personas[]", "input.targetPersonas[]"),
            body("channels", "input.channels", bounds={"minItems": 1}),
            body("timeline.start_date", "input.timeline.startDate", note="Without it the campaign starts today, UTC."),
            body(
                "timeline.duration_weeks",
                "input.timeline.durationWeeks",
                bounds={"minimum": 1},
                note="How many there may be is a setting, 52 unless it says otherwise.",
            ),
            usual("timeline.frequency", "input.timeline.frequency", "weekly", bounds={"enum": _FREQUENCIES}),
            body(
                "content_strategy{}",
                "input.contentStrategy[].week",
                read=week,
                bounds={"pattern": f"^{_WEEK.pattern}$"},
            ),
            line("content_strategy{}.theme", "input.contentStrategy[].theme"),
            body(
                "content_strategy{}.channels",
                "input.contentStrategy[].channels",
                note="They need not be among those of the campaign (CC-17).",
            ),
            body(
                "content_strategy{}.content_types",
                "input.contentStrategy[].contentTypes",
                bounds={"maxItems": 20},
                examples=("insight_email", "connection_request", "case_study_email", "social_proof_post"),
            ),
            line("personalization.level", "input.personalization.level", examples=("ultimate",)),
            body("personalization.include_ai_insights", "input.personalization.includeAiInsights"),
            body("personalization.dynamic_content", "input.personalization.dynamicContent"),
            body("personalization.behavioral_triggers", "input.personalization.behavioralTriggers"),
            body("automation.enabled", "input.automation.enabled"),
            body("automation.triggers", "input.automation.triggers"),
            body("automation.optimization", "input.automation.optimization"),
            body("automation.a_b_testing", "input.automation.abTesting"),
        ),
        title="Create Campaign Ultimate",
        group=GROUP,
        example="campaigns_create",
        also=(Kind.NOT_FOUND,),
    ),
)
