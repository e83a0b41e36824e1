"""What CopyCar's documentation prints of TechCorp, under its printed ids (X-30): people, a research, a text.

The findings are the printed ones, and their evidence says so: nobody has looked into a real company.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.accounts import Account, AccountPlace, name_key
from domain.channels import Channel
from domain.content import Content, ContentVariant
from domain.entity import Entity
from domain.jurisdictions import law_at
from domain.levels import Basis, Level
from domain.personas import Persona
from domain.research import Competitor, NewsItem, Opportunity, PainPoint, ResearchRun, ResearchStatus
from gateway.seeds.printed import ORGANIZATION

ACCOUNT, RESEARCH, CONTENT = "acc_123456789", "res_987654321", "cnt_456789123"
SARAH, MICHAEL = "persona_demo_sarah", "persona_demo_michael"
SARAH_AS_CONTACT = "ctc_demo_sarah"
RESEARCHED = datetime(2024, 1, 20, 10, 30, tzinfo=UTC)
_WRITTEN = datetime(2024, 1, 20, 10, 35, tzinfo=UTC)
_PRINTED = [{"kind": "REQUEST", "source": "documentation", "text": "As printed."}]
_TIMING = "Tuesday-Thursday, 10-11 AM PST"
_TONE = "Technical, consultative"


def owned(entity: type[Any], id: str, at: datetime, **values: Any) -> Any:
    """A row of the demo organization."""
    return entity(id=id, organization_id=ORGANIZATION, created_at=at, **values)


def places(account: Account) -> list[Entity]:
    """Whose law holds where a company is."""
    laws = law_at(account.location or "")
    return [
        owned(AccountPlace, f"aplace_{account.id}_{law}", account.created_at, account_id=account.id, jurisdiction=law)
        for law in laws
    ]


def known_of_techcorp() -> list[Entity]:
    """The two printed people, the printed research with its findings, and the printed text."""
    return [*_people(), _run(), *_findings(), *_content()]


def _people() -> list[Entity]:
    sarah = owned(
        Persona,
        SARAH,
        RESEARCHED,
        account_id=ACCOUNT,
        contact_id=SARAH_AS_CONTACT,
        name="Sarah Johnson",
        name_key=name_key("Sarah Johnson"),
        title="CTO",
        role="decision_maker",
        influence=0.95,
        pain_points=["Infrastructure scaling", "Cost optimization"],
        preferred_channels=[Channel.EMAIL.value, Channel.LINKEDIN.value],
        preferred_timing=_TIMING,
        preferred_tone=_TONE,
        updated_at=RESEARCHED,
    )
    michael = owned(
        Persona,
        MICHAEL,
        RESEARCHED,
        account_id=ACCOUNT,
        name="Michael Chen",
        name_key=name_key("Michael Chen"),
        title="VP Engineering",
        influence=0.85,
        pain_points=[],
        preferred_channels=[],
        updated_at=RESEARCHED,
    )
    return [sarah, michael]


def _run() -> ResearchRun:
    switches = ("competitors", "news", "social", "financials", "ai_insights", "predictions", "recommendations")
    run: ResearchRun = owned(
        ResearchRun,
        RESEARCH,
        RESEARCHED,
        account_id=ACCOUNT,
        status=ResearchStatus.COMPLETED,
        depth="comprehensive",
        personalization_level="ultimate",
        **{f"include_{each}": True for each in switches},
        request={"name": "TechCorp Solutions", "domain": "techcorp.com", "size": "200-500 employees"},
        generated_at=RESEARCHED,
        processing_seconds=2.3,
        confidence=0.94,
        insights_generated=5,
        decision_makers_found=1,
        pain_points_identified=1,
        opportunities_discovered=1,
        engagement_score=0.87,
        conversion_probability=0.73,
        conversion_low=0.55,
        conversion_high=0.87,
        conversion_basis=Basis.PRIOR,
        optimal_approach="Technical consultation",
        recommended_content=["Case studies", "Technical whitepapers"],
        timing_insights="Best engagement Tuesday-Thursday 10-11 AM",
        next_actions=[],
        decision_makers=[_decision_maker()],
        sources=[],
        tokens_used=2500,
    )
    return run


def _decision_maker() -> dict[str, Any]:
    return {
        "name": "Sarah Johnson",
        "title": "CTO",
        "email": "sarah.johnson@techcorp.com",
        "linkedin": "https://linkedin.com/in/sarahjohnson",
        "influence_score": 0.95,
        "pain_points": ["Infrastructure scaling", "Cost optimization"],
        "preferred_channels": [Channel.EMAIL.value, Channel.LINKEDIN.value],
        "preferred_timing": _TIMING,
        "preferred_tone": _TONE,
        "contact_id": SARAH_AS_CONTACT,
        "persona_id": SARAH,
    }


def _findings() -> list[Entity]:
    found = {"account_id": ACCOUNT, "run_id": RESEARCH, "position": 0, "confidence": 0.94, "evidence": _PRINTED}
    return [
        owned(
            PainPoint,
            "pain_demo_techcorp",
            RESEARCHED,
            **found,
            category="Infrastructure",
            description="AWS costs growing 300% with rapid scaling",
            urgency=Level.HIGH,
            impact="financial",
            solutions=["Auto-scaling optimization", "Cost monitoring"],
        ),
        owned(
            Opportunity,
            "opp_demo_techcorp",
            RESEARCHED,
            **found,
            type="Cost Reduction",
            description="Potential 40% reduction in AWS costs",
            value="$150,000 annually",
            timeline="3-6 months",
            probability=0.85,
            low=0.7,
            high=0.94,
            cases=0,
            basis=Basis.PRIOR,
        ),
        owned(
            Competitor,
            "rival_demo_techcorp",
            RESEARCHED,
            **found,
            name="CloudScale Inc",
            relationship="Current vendor",
            strengths=["Pricing", "Support"],
            weaknesses=["Scalability", "Features"],
        ),
        owned(
            NewsItem,
            "newsitem_demo_techcorp",
            RESEARCHED,
            **found,
            title="TechCorp raises $50M Series B",
            date=date(2024, 1, 15),
            relevance=Level.HIGH,
            impact="positive",
            summary="Funding round indicates growth phase and infrastructure needs",
        ),
    ]


def _content() -> list[Entity]:
    content = owned(
        Content,
        CONTENT,
        _WRITTEN,
        account_id=ACCOUNT,
        persona_id=SARAH,
        content_type="email_outreach",
        channels=[Channel.EMAIL.value, Channel.LINKEDIN.value],
        objective="schedule_demo",
        urgency=Level.MEDIUM,
        tone="consultative",
        length="medium",
        personalization_level="ultimate",
        best_variant_id="var_1",
        optimal_timing="Tuesday 10:30 AM PST",
        follow_up_strategy="Send LinkedIn connection request 2 days after email",
        content_optimizations=["Add specific AWS cost reduction numbers", "Include case study from similar company"],
        facts=[],
        generated_by="documentation",
        generated_at=_WRITTEN,
        processing_seconds=1.8,
        confidence=0.92,
        tokens_used=3200,
    )
    return [content, *_variants()]


def _variants() -> list[Entity]:
    text = "Hi Sarah,\n\nI noticed TechCorp's impressive 200% growth..."
    return [
        _variant(
            1,
            Channel.EMAIL,
            0.96,
            0.28,
            subject="AWS costs growing 300%? Here's how TechCorp can scale smarter",
            html=f"<html>{text}</html>".replace("\n", " "),
            text=text,
            preview="I noticed TechCorp's impressive 200% growth over the past 2 years...",
            strengths=["Personal reference", "Specific pain point", "Clear value prop"],
            optimizations=["Add more social proof", "Include specific numbers"],
            recommended_timing="Tuesday 10:30 AM PST",
        ),
        _variant(
            2,
            Channel.LINKEDIN,
            0.94,
            0.24,
            connection_request="Hi Sarah, I'd love to connect and share some insights about AWS cost optimization.",
            follow_up_message="Thanks for connecting! I noticed TechCorp's impressive growth trajectory.",
            post_content="What's your biggest infrastructure challenge right now?",
            strengths=[],
            optimizations=[],
        ),
    ]


def _variant(number: int, channel: Channel, personalization: float, prediction: float, **parts: Any) -> ContentVariant:
    texts = [value for value in parts.values() if isinstance(value, str)]
    variant: ContentVariant = owned(
        ContentVariant,
        f"cvar_demo_techcorp_{number}",
        _WRITTEN,
        content_id=CONTENT,
        position=number,
        variant_id=f"var_{number}",
        channel=channel,
        personalization=personalization,
        conversion_prediction=prediction,
        conversion_low=prediction / 2,
        conversion_high=min(1.0, prediction * 1.5),
        conversion_basis=Basis.PRIOR,
        words=sum(len(each.split()) for each in texts),
        spam_words=[],
        **parts,
    )
    return variant
