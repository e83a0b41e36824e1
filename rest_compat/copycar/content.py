"""Writing to a person (documentation, section Account Management API Ultimate, 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import Kind
from rest_compat.copycar.answers import metered, taken
from rest_compat.copycar.requests import NAME, account, line, persona, switches
from rest_compat.engine.answers import closed_object, each, record, shape_at, some, sometimes, take
from rest_compat.engine.arguments import Given, body
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Record
from rest_compat.engine.spelling import JsonSchema

GROUP = "Account Management"
_CONTENT = "generateContent.content"
_PARTS: Mapping[str, tuple[str, ...]] = {
    "email": ("html", "text", "preview"),
    "linkedin": ("connection_request", "follow_up_message", "post_content"),
}
_OTHER_PARTS = ("text",)
"""Channels that are not printed have one text."""
_MODEL = "Which language model writes is the installation's choice; none does when both are false (CC-29)."
_TEXT: JsonSchema = {"type": "string"}


class Parts:
    """The texts of a variant: each channel has its own."""

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return {name: data[name] or "" for name in _PARTS.get(data["channel"], _OTHER_PARTS)}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        for name in dict.fromkeys(name for names in (*_PARTS.values(), _OTHER_PARTS) for name in names):
            shape_at(result, name)
        return {"anyOf": [closed_object(dict.fromkeys(names, _TEXT)) for names in (*_PARTS.values(), _OTHER_PARTS)]}


_VARIANT = record(
    {
        **{name: take(name) for name in ("variant_id", "channel")},
        "subject": sometimes(some("subject", ""), lambda variant, _: variant["channel"] == "email"),
        "content": Parts(),
        **{name: take(name) for name in ("personalization_score", "conversion_prediction")},
        "ai_insights": sometimes(
            record(
                {
                    "strengths": take("strengths"),
                    "optimizations": take("optimizations"),
                    "recommended_timing": some("recommended_timing", ""),
                }
            ),
            lambda variant, _: bool(variant["strengths"] or variant["optimizations"] or variant["recommended_timing"]),
        ),
    }
)
ROUTES = (
    Route(
        "POST",
        "/content/generate",
        "GenerateContent",
        metered(
            "generateContent",
            "content.tokensUsed",
            content_id=take(f"{_CONTENT}.content_id"),
            variants=each(f"{_CONTENT}.variants.nodes", _VARIANT),
            recommendations=record(
                taken(_CONTENT, "best_variant", "optimal_timing", "follow_up_strategy", "content_optimizations")
            ),
            **taken(_CONTENT, "generated_at", "processing_time", "confidence_score"),
        ),
        (
            account(),
            body("content_type", "input.contentType", examples=("email_outreach",), bounds=NAME),
            *persona("target_persona", "input.targetPersona"),
            line("target_persona.role", "input.targetPersona.role", examples=("decision_maker",)),
            line("campaign_config.objective", "input.campaignConfig.objective", examples=("schedule_demo",)),
            body("campaign_config.urgency", "input.campaignConfig.urgency"),
            line("campaign_config.tone", "input.campaignConfig.tone", examples=("consultative",)),
            line("campaign_config.length", "input.campaignConfig.length", examples=("medium",)),
            line("personalization.level", "input.personalization.level", examples=("ultimate",)),
            *switches(
                "personalization",
                "input.personalization",
                "What the texts may draw on.",
                "include_company_insights",
                "include_industry_context",
                "include_competitor_mentions",
                "include_social_proof",
            ),
            body("channels", "input.channels", default=["email"], bounds={"minItems": 1}),
            body("ai_enhancement.use_gpt4", "input.aiEnhancement.useGpt4", note=_MODEL),
            body("ai_enhancement.use_claude", "input.aiEnhancement.useClaude", note=_MODEL),
            body("ai_enhancement.optimize_for_conversion", "input.aiEnhancement.optimizeForConversion"),
            body(
                "ai_enhancement.a_b_test_variants",
                "input.aiEnhancement.abTestVariants",
                bounds={"minimum": 1},
                note="There is at least one variant for every channel (CC-10). How many there may be is a setting, "
                "10 unless it says otherwise.",
            ),
        ),
        title="Generate Personalized Content Ultimate",
        group=GROUP,
        example="content_generate",
        also=(Kind.NOT_FOUND,),
    ),
)
