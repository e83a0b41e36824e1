"""A research that is over, with one of everything it can find, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.accounts import Account
from domain.levels import Basis, Level
from domain.research import (
    Competitor,
    NewsItem,
    Opportunity,
    PainPoint,
    Playbook,
    PlaybookKind,
    ResearchRun,
    ResearchStatus,
)
from tests.factories.research import news_row

EVIDENCE = [{"kind": "REQUEST", "source": None, "text": "said"}]


def run_row(account: Account, at: datetime, **values: Any) -> ResearchRun:
    """A research that is completed, unless said otherwise."""
    given: dict[str, Any] = {
        "id": ResearchRun.new_id(),
        "organization_id": account.organization_id,
        "created_at": at,
        "account_id": account.id,
        "status": ResearchStatus.COMPLETED,
        "depth": "comprehensive",
        "include_competitors": True,
        "include_news": True,
        "include_social": True,
        "include_financials": True,
        "personalization_level": "ultimate",
        "include_ai_insights": True,
        "include_predictions": True,
        "include_recommendations": True,
        "request": {"said": {}, "competitors": [], "permissions": []},
        "generated_at": at,
        "recommended_content": [],
        "next_actions": [],
        "decision_makers": [],
        "sources": [],
    }
    return ResearchRun(**(given | values))


def research_rows(account: Account, at: datetime) -> list[Any]:
    """A research of a company with a finding of each kind, the news it read, and a playbook; the company shows it."""
    organization = account.organization_id
    run = run_row(account, at)
    account.research_run_id = run.id

    def finding(entity: Any, **values: Any) -> Any:
        head = {"organization_id": organization, "created_at": at, "account_id": account.id, "run_id": run.id}
        return entity(id=entity.new_id(), position=0, confidence=0.5, evidence=EVIDENCE, **head, **values)

    entry = news_row(organization, at, f"News of {run.id}", at.date())
    body: dict[str, Any] = {
        "pain_points": [],
        "opportunities": [],
        "approaches": [],
        "recommended_content": [],
        "timing": None,
    }
    playbook = Playbook(
        id=Playbook.new_id(),
        organization_id=organization,
        created_at=at,
        updated_at=at,
        kind=PlaybookKind.TECHNOLOGY,
        key=run.id,
        body=body,
    )
    return [
        run,
        finding(
            PainPoint, category="Cost", description="It costs.", urgency=Level.HIGH, impact="financial", solutions=[]
        ),
        finding(
            Opportunity,
            type="Saving",
            description="It can cost less.",
            value="Less cost",
            timeline="1 month",
            probability=0.15,
            low=0.05,
            high=0.25,
            basis=Basis.PRIOR,
            cases=0,
        ),
        finding(Competitor, name="Rival", relationship="Current vendor", strengths=[], weaknesses=[]),
        entry,
        finding(
            NewsItem,
            entry_id=entry.id,
            title=entry.title,
            date=entry.published,
            relevance=Level.LOW,
            impact="neutral",
            summary="",
        ),
        playbook,
    ]
