"""Researching a company (documentation, section Account Management API Ultimate, 1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from domain.errors import Code, Kind
from rest_compat.copycar.answers import metered, selected, taken
from rest_compat.copycar.requests import NAME, line, switches, usual
from rest_compat.engine.answers import Answer, closed_object, follow, record, shape_at, some, sometimes, take
from rest_compat.engine.arguments import Given, body
from rest_compat.engine.faults import Fault, Reason, Refusal
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Record
from rest_compat.engine.spelling import JsonSchema

GROUP = "Account Management"
_PAYLOAD = "researchAccount"
_RUN = f"{_PAYLOAD}.run"
_PEOPLE_SEARCH = "https://www.linkedin.com/search/results/people/"
_TEXT: JsonSchema = {"type": "string"}
_TEXTS: JsonSchema = {"type": "array", "items": _TEXT}


class finished:  # noqa: N801 - reads as an adjective of the answer
    """An answer of a research that has come to its end; of others the reason is told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body.

        Raises:
            Fault: TIMEOUT while it is under way; it goes on, and GraphQL knows it by the id in the details.
        """
        run = follow(data, _RUN)
        if run["status"] == "running":
            raise Fault(Kind.TIMEOUT, fields={"research_id": run["research_id"]})
        if run["status"] == "failed":
            raise _failure(run, follow(data, _PAYLOAD)["quota"])
        return self.answer.write(data, given)

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        for name in ("status", "research_id", "failureCode", "failure"):
            shape_at(result, f"{_RUN}.{name}")
        return self.answer.schema(result)


def _failure(run: Mapping[str, Any], quota: Mapping[str, Any] | None) -> Fault:
    code = run["failureCode"]
    known = Code(code) if code in Code.__members__ else None
    reason: Reason = known.kind if known else Refusal.INTERNAL
    facts = {**quota, "resets_at": datetime.fromisoformat(quota["resets_at"])} if quota else {}
    return Fault(reason, run["failure"] or "", fields={"research_id": run["research_id"]}, data=facts)


class DecisionMakers:
    """Whoever decides; the graph knows nobody without an e-mail address, which the printed form demands.

    It demands a LinkedIn address too. Where none is known, it is that of a search for the person at the company: it
    claims nothing about who they are there.
    """

    where = f"{_RUN}.decisionMakers"
    fields = ("name", "title", "email", "linkedin", "influence_score", "pain_points", "channels", "timing", "tone")

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        company = follow(data, f"{_PAYLOAD}.basic_info.name")
        return [_decider(found, company) for found in follow(data, self.where)]

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        selected(result, self.where, self.fields)
        percent: JsonSchema = {"type": "number", "minimum": 0, "maximum": 100}
        preferences = closed_object({"channels": _TEXTS, "timing": _TEXT, "tone": _TEXT})
        person = closed_object(
            {
                "name": _TEXT,
                "title": _TEXT,
                "email": {"type": "string", "format": "email"},
                "linkedin": {"type": "string", "format": "uri"},
                "influence_score": percent,
                "pain_points": _TEXTS,
                "communication_preferences": preferences,
            }
        )
        return {"type": "array", "items": person}


def _decider(found: Mapping[str, Any], company: str) -> Mapping[str, object]:
    search = urlencode({"keywords": f"{found['name']} {company}"})
    return {
        "name": found["name"],
        "title": found["title"] or "",
        "email": found["email"],
        "linkedin": found["linkedin"] or f"{_PEOPLE_SEARCH}?{search}",
        "influence_score": found["influence_score"],
        "pain_points": found["pain_points"],
        "communication_preferences": {
            "channels": found["channels"],
            "timing": found["timing"] or "",
            "tone": found["tone"] or "",
        },
    }


def _section(switch: str, answer: Answer) -> sometimes:
    """A section that the request can leave out (CC-43)."""
    return sometimes(answer, lambda data, _: bool(follow(data, _RUN)[switch]))


_PROFILE = record(
    {
        "basic_info": take(f"{_PAYLOAD}.basic_info"),
        "decision_makers": DecisionMakers(),
        "pain_points": take(f"{_RUN}.pain_points.nodes"),
        "opportunities": take(f"{_RUN}.opportunities.nodes"),
        "ai_insights": _section(
            "includeAiInsights",
            record(
                {
                    "engagement_score": some(f"{_RUN}.engagement_score", 0),
                    "conversion_probability": some(f"{_RUN}.conversion_probability", 0),
                    "optimal_approach": some(f"{_RUN}.optimal_approach", ""),
                    "recommended_content": take(f"{_RUN}.recommended_content"),
                    "timing_insights": some(f"{_RUN}.timing_insights", ""),
                }
            ),
        ),
        "competitors": _section("includeCompetitors", take(f"{_RUN}.competitors.nodes")),
        "news_insights": _section("includeNews", take(f"{_RUN}.news.nodes")),
    }
)
ROUTES = (
    Route(
        "POST",
        "/accounts/research",
        "ResearchAccount",
        finished(
            metered(
                _PAYLOAD,
                "run.tokensUsed",
                account_id=take(f"{_PAYLOAD}.account.account_id"),
                research_id=take(f"{_RUN}.research_id"),
                profile=_PROFILE,
                **taken(_RUN, "generated_at", "processing_time", "confidence_score"),
            )
        ),
        (
            body("company.name", "input.company.name", bounds=NAME),
            body(
                "company.domain",
                "input.company.domain",
                note="By it a company is found again, else by its name (CC-47).",
            ),
            line("company.industry", "input.company.industry"),
            line("company.size", "input.company.size", note="Text, such as 200-500 employees."),
            line("company.revenue", "input.company.revenue", note="Text, such as $10M-$50M."),
            line("company.location", "input.company.location"),
            body("company.technologies", "input.company.technologies", bounds={"maxItems": 100}),
            usual("research_config.depth", "input.researchConfig.depth", "comprehensive", examples=("comprehensive",)),
            *switches(
                "research_config",
                "input.researchConfig",
                "False leaves the section out of the answer.",
                "include_competitors",
                "include_news",
            ),
            *switches(
                "research_config",
                "input.researchConfig",
                "Kept with the research; no section of the answer is about it.",
                "include_social",
                "include_financials",
            ),
            usual("personalization.level", "input.personalization.level", "ultimate", examples=("ultimate",)),
            *switches(
                "personalization",
                "input.personalization",
                "False leaves the section out of the answer.",
                "include_ai_insights",
            ),
            *switches(
                "personalization",
                "input.personalization",
                "Kept with the research; no section of the answer is about it.",
                "include_predictions",
                "include_recommendations",
            ),
        ),
        title="Research Account Ultimate",
        group=GROUP,
        example="accounts_research",
    ),
)
