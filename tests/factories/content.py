"""Researched companies, and what was written for their people, as rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from domain.accounts import Account
from domain.channels import Channel
from domain.content import Content, ContentVariant, CopyTemplate
from domain.levels import Basis, Level
from domain.research import Competitor, NewsItem, Opportunity, PainPoint, ResearchRun, ResearchStatus
from gateway.database import Database
from tests.factories.marketing import owned
from tests.factories.organizations import store


def content_rows(organization: str, at: datetime, account: str, persona: str) -> list[Any]:
    """A text with a variant, and a template."""
    content = owned(
        Content,
        organization,
        at,
        account_id=account,
        persona_id=persona,
        content_type="email_outreach",
        channels=["EMAIL"],
        best_variant_id="var_1",
        optimal_timing="Tuesday 10:30 AM UTC",
        follow_up_strategy="Wait",
        content_optimizations=[],
        facts=[],
        generated_by="templates",
        generated_at=at,
        processing_seconds=0.1,
        confidence=0.5,
        tokens_used=10,
    )
    variant = owned(
        ContentVariant,
        organization,
        at,
        content_id=content.id,
        position=0,
        variant_id="var_1",
        channel=Channel.EMAIL,
        subject="Hello",
        html="<p>Buy now</p>",
        text="Buy now",
        preview="Buy now",
        personalization=0.5,
        conversion_prediction=0.1,
        conversion_low=0.0,
        conversion_high=0.3,
        conversion_basis=Basis.PRIOR,
        strengths=[],
        optimizations=[],
        words=2,
        spam_words=[],
    )
    template = owned(
        CopyTemplate,
        organization,
        at,
        channel=Channel.EMAIL,
        objective="",
        content_type="",
        name=f"own {content.id}",
        body={"subject": "Hello", "text": "Hello {{first_name}}."},
        updated_at=at,
    )
    return [content, variant, template]


async def make_researched(database: Database, organization: str, **values: Any) -> str:
    """A company of which a research has found something; its id."""
    at = database.clock.now()
    run_id = ResearchRun.new_id()
    known: dict[str, Any] = {
        "name": "TechCorp Solutions",
        "name_key": "techcorp solutions",
        "domain": "techcorp.example.com",
        "industry": "Software Development",
        "technologies": ["AWS", "React"],
        "research_run_id": run_id,
        "updated_at": at,
    }
    account = owned(Account, organization, at, **(known | values))
    found = {"account_id": account.id, "run_id": run_id, "position": 0, "confidence": 0.9}
    said, assumed = [{"kind": "REQUEST", "source": "request"}], [{"kind": "PLAYBOOK", "source": "industry:software"}]
    rows = [
        _pain(organization, at, "AWS costs growing 300%", ["Auto-scaling", "Cost monitoring"], said, **found),
        _pain(organization, at, "Manual releases.", ["Automated releases"], assumed, **(found | {"position": 1})),
        owned(
            Opportunity,
            organization,
            at,
            type="Cost Reduction",
            description="Potential 40% reduction in AWS costs",
            value="$150,000 annually",
            timeline="3-6 months",
            probability=0.5,
            low=0.2,
            high=0.8,
            cases=0,
            basis=Basis.PRIOR,
            evidence=said,
            **found,
        ),
        owned(
            Competitor,
            organization,
            at,
            name="CloudScale Inc",
            relationship="Current vendor",
            strengths=[],
            weaknesses=[],
            evidence=said,
            **found,
        ),
        owned(
            NewsItem,
            organization,
            at,
            title="TechCorp raises $50M <Series B>",
            date=date(2024, 1, 15),
            relevance=Level.HIGH,
            impact="positive",
            summary="Growth",
            evidence=said,
            **found,
        ),
    ]
    for wave in ([account], [_run(organization, at, run_id, account.id)], rows):
        await store(database, *wave)
    return str(account.id)


def _run(organization: str, at: datetime, run_id: str, account: str) -> ResearchRun:
    return ResearchRun(
        id=run_id,
        organization_id=organization,
        created_at=at,
        account_id=account,
        status=ResearchStatus.COMPLETED,
        depth="comprehensive",
        include_competitors=True,
        include_news=True,
        include_social=True,
        include_financials=True,
        personalization_level="ultimate",
        include_ai_insights=True,
        include_predictions=True,
        include_recommendations=True,
        request={},
        recommended_content=[],
        next_actions=[],
        decision_makers=[],
        sources=[],
    )


def _pain(
    organization: str, at: datetime, said: str, solutions: list[str], evidence: list[dict[str, Any]], **found: Any
) -> PainPoint:
    pain: PainPoint = owned(
        PainPoint,
        organization,
        at,
        category="Infrastructure",
        description=said,
        urgency=Level.HIGH,
        impact="financial",
        solutions=solutions,
        evidence=evidence,
        **found,
    )
    return pain
