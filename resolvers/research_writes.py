"""Having a company researched: it is found or made, and the research begins with the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from domain.errors import invalid
from domain.events import EventType
from domain.permissions import Permission
from domain.research import ResearchRun, ResearchStage, ResearchStatus
from domain.texts import LINE, line, needed, text
from domain.values import ABSENT, Absent, present
from resolvers import account_writes, quotas
from resolvers.account_writes import AccountDraft
from resolvers.desk import Desk
from resolvers.drafts import taken
from resolvers.unit import Keys, Unit, requires

QUEUE = "research"
"""The queue of durable work that researches are in."""
FIRST = 1
"""The attempt that is made right after the commit."""
_COMPETITORS, _WORDS = 20, 20
_SAID = ("domain", "industry", "size", "revenue", "location", "founded", "website", "technologies")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidCompetitor:
    """Somebody who sells to the company, as the caller knows it."""

    name: str
    relationship: str | Absent | None = ABSENT
    strengths: list[str] | Absent | None = ABSENT
    weaknesses: list[str] | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidCompany(AccountDraft):
    """The company as the caller describes it; what was known of it before stays."""

    competitors: list[SaidCompetitor] | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ResearchConfig:
    """What is looked for."""

    depth: str | Absent | None = ABSENT
    include_competitors: bool | Absent | None = ABSENT
    include_news: bool | Absent | None = ABSENT
    include_social: bool | Absent | None = ABSENT
    include_financials: bool | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ResearchPersonalization:
    """How much is made of it."""

    level: str | Absent | None = ABSENT
    include_ai_insights: bool | Absent | None = ABSENT
    include_predictions: bool | Absent | None = ABSENT
    include_recommendations: bool | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ResearchWanted:
    """A company to be researched; `wait` for the end, or have the answer at once while it runs."""

    company: SaidCompany
    research_config: ResearchConfig | Absent | None = ABSENT
    personalization: ResearchPersonalization | Absent | None = ABSENT
    wait: bool = True


@dataclass(frozen=True, slots=True)
class ReadyResearch:
    """A request that was checked. `values` are the run's columns, `lease` is how long it may stay in one's hands."""

    company: SaidCompany
    values: dict[str, Any] = field(repr=False)
    lease: timedelta
    wait: bool


async def prepared(desk: Desk, wanted: ResearchWanted) -> ReadyResearch:
    """Check what was sent.

    Raises:
        DomainError: INVALID naming the field.
    """
    values = _values(wanted)
    lease = timedelta(seconds=desk.outside.research.lease_seconds)
    return ReadyResearch(wanted.company, values, lease, wanted.wait)


@requires(Permission.WRITE_ACCOUNTS)
async def research(unit: Unit, ready: ReadyResearch) -> Keys:
    """Research a company, which is made where it is not known yet; the answer waits for the end unless told not to.

    Raises:
        DomainError: QUOTA_EXCEEDED when the month has no tokens left.
    """
    if unit.viewer.client_id:
        left = await unit.session.execute(quotas.usage(unit.viewer, unit.now))
        quotas.require_left(left.all(), unit.now)
    account = await account_writes.find_or_make(unit, ready.company, "company.")
    # The facts are those its asker may see, whoever gathers them later.
    request = ready.values["request"] | {"permissions": sorted(each.value for each in unit.viewer.permissions)}
    run = ResearchRun(
        id=ResearchRun.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        account_id=account.id,
        status=ResearchStatus.RUNNING,
        stage=ResearchStage.FACTS,
        client_id=unit.viewer.client_id or None,
        created_by_id=unit.viewer.user_id,
        due_at=unit.now + ready.lease,
        taken=FIRST,
        recommended_content=[],
        next_actions=[],
        decision_makers=[],
        sources=[],
        **(ready.values | {"request": request}),
    )
    unit.add(run)
    unit.record(EventType.RESEARCH_STARTED, run, facts(run))
    unit.begin(QUEUE, run.id, FIRST, wait=ready.wait)
    return {"run": run.id, "account": account.id}


def facts(run: ResearchRun) -> dict[str, Any]:
    """The research as events tell it."""
    return {"accountId": run.account_id, "researchId": run.id, "status": run.status, "stage": run.stage}


def _values(wanted: ResearchWanted) -> dict[str, Any]:
    config = present(wanted.research_config, None) or ResearchConfig()
    manner = present(wanted.personalization, None) or ResearchPersonalization()
    values: dict[str, Any] = {
        "depth": _word("researchConfig.depth", config.depth, "comprehensive"),
        "include_competitors": _wanted(config.include_competitors),
        "include_news": _wanted(config.include_news),
        "include_social": _wanted(config.include_social),
        "include_financials": _wanted(config.include_financials),
        "personalization_level": _word("personalization.level", manner.level, "ultimate"),
        "include_ai_insights": _wanted(manner.include_ai_insights),
        "include_predictions": _wanted(manner.include_predictions),
        "include_recommendations": _wanted(manner.include_recommendations),
    }
    checked = account_writes.checked(wanted.company, prefix="company.")
    said = {name: checked[name] for name in _SAID if checked.get(name)}
    rivals = present(wanted.company.competitors, None) or []
    if len(rivals) > _COMPETITORS:
        raise invalid("company.competitors", f"company.competitors must be at most {_COMPETITORS}.")
    values["request"] = {"said": said, "competitors": [_rival(index, each) for index, each in enumerate(rivals)]}
    return values


def _rival(index: int, rival: SaidCompetitor) -> dict[str, Any]:
    path = f"company.competitors.{index}."
    checks: Mapping[str, Callable[[Any], Any]] = {
        "name": lambda value: needed(f"{path}name", value).strip(),
        "relationship": partial(line, f"{path}relationship"),
        "strengths": partial(_words, f"{path}strengths"),
        "weaknesses": partial(_words, f"{path}weaknesses"),
    }
    return {"relationship": None, "strengths": [], "weaknesses": []} | taken(rival, checks)


def _words(path: str, values: list[str] | None) -> list[str]:
    if len(values or []) > _WORDS:
        raise invalid(path, f"{path} must be at most {_WORDS} texts.")
    return [needed(path, each).strip() for each in values or []]


def _word(path: str, value: str | Absent | None, usual: str) -> str:
    said = present(value, None)
    return (text(path, said, LINE).strip() if said else "") or usual


def _wanted(value: bool | Absent | None) -> bool:
    """What is not said is wanted (CC-43)."""
    return value is not False
