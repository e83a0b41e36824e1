"""Gathering what an organization knows of a company, in one snapshot; each area only if whoever asked may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, literal, or_, select

from domain.accounts import Account
from domain.intelligence.playbooks import KnownPlaybook, PlaybookBody, applicable, body_of
from domain.intelligence.research_facts import (
    Company,
    Evidence,
    EvidenceKind,
    Facts,
    KnownNews,
    KnownRival,
    Source,
)
from domain.intelligence.research_news import is_about, names_of
from domain.permissions import Permission
from domain.research import Competitor, NewsEntry, Playbook, ResearchRun, ResearchStatus
from domain.viewer import Viewer
from resolvers import research_area_facts
from resolvers.reads import Run, Statement, visibility, visible_to
from resolvers.sql import contains, padded

_RIVALS, _NEWS = 20, 50
_RIVALS_RELATIONSHIP = "Named in the request"
_NO_SOURCE = {
    "SOCIAL": "No source of social media is connected.",
    "FINANCIALS": "No source of financial data is connected; what the request says of revenue is kept.",
}
_NOT_READ = "Whoever asked may not read this."


_Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Subject:
    """A research that was taken up, and the company as it is known."""

    run: Any
    company: Company
    shown_run_id: str | None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What whoever asked may do."""
        return frozenset(map(Permission, self.run.request["permissions"]))


_RUN_COLUMNS = (
    ResearchRun.organization_id,
    ResearchRun.depth,
    ResearchRun.include_competitors,
    ResearchRun.include_news,
    ResearchRun.include_social,
    ResearchRun.include_financials,
    ResearchRun.include_ai_insights,
    ResearchRun.request,
    ResearchRun.attempts,
    ResearchRun.taken,
)
_ACCOUNT_COLUMNS = (
    Account.id.label("account"),
    Account.name,
    Account.domain,
    Account.industry,
    Account.size,
    Account.revenue,
    Account.location,
    Account.website,
    Account.technologies,
    Account.description,
    Account.research_run_id,
)


def subject(run_id: str, attempt: int) -> Statement:
    """A research that runs and is in its attempt's hands, with its company; no row once it has moved on."""
    held = (ResearchRun.id == run_id, ResearchRun.taken == attempt, ResearchRun.status == ResearchStatus.RUNNING)
    columns = (*_RUN_COLUMNS, *_ACCOUNT_COLUMNS)
    return select(*columns).join(Account, Account.id == ResearchRun.account_id).where(*held)


def subject_of(row: Any) -> Subject:
    """The research behind its row."""
    company = Company(
        row.account,
        row.name,
        row.domain,
        row.industry,
        row.size,
        row.revenue,
        row.location,
        row.website or (f"https://{row.domain}" if row.domain else None),
        tuple(row.technologies),
        row.description,
    )
    return Subject(row, company, row.research_run_id)


async def gather(run: Run, asked: Subject, now: datetime, news_days: int) -> Facts:
    """Everything that is known of the company, from a number of statements that does not grow."""
    viewer, company, wanted = Viewer.nobody(asked.run.organization_id), asked.company, asked.run
    # News of tomorrow is from where it is tomorrow already; what is dated later would stay the newest for years.
    days = (now.date() - timedelta(days=news_days), now.date() + timedelta(days=1))
    some = await _present(run, viewer, company, now, days)
    facts = await research_area_facts.gather(run, viewer, company, asked.permissions, now, some)
    facts = replace(
        facts,
        said=tuple(wanted.request["said"]),
        rivals=await _rivals(run, viewer, asked) if wanted.include_competitors else (),
        news=await _news(run, viewer, company, days) if wanted.include_news and some.news else (),
        playbooks=tuple(await playbooks_for(run, viewer, company, own=some.playbooks)),
    )
    return replace(facts, sources=tuple(_sources(facts, asked)))


async def _present(run: Run, viewer: Viewer, company: Company, now: datetime, days: _Days) -> Any:
    """Of what there is anything, in one row."""
    own = select(literal(1)).where(*visibility(viewer, Playbook)).exists()
    news = select(literal(1)).where(*_about(viewer, company, days)).exists()
    columns = {**research_area_facts.present(viewer, company, now), "playbooks": own, "news": news}
    (row,) = await run(select(*(column.label(name) for name, column in columns.items())))
    return row


async def playbooks_for(
    run: Run, viewer: Viewer, company: Company, more: Sequence[str] = (), own: bool = True
) -> list[KnownPlaybook]:
    """The playbooks for a company, an organization's own, if it has any, before those that are carried.

    `more` are technologies besides those that are known.
    """
    known = await _own_playbooks(run, viewer) if own else []
    found = applicable(company.industry, (*company.technologies, *more), company.size, known)
    ids = [each.id for each in found if each.id]
    if not ids:
        return found
    rows = await run(select(Playbook.id, Playbook.body).where(Playbook.id.in_(padded(ids))))
    bodies = {row.id: body_of(row.body) for row in rows}
    return [replace(each, body=bodies[each.id]) if each.id in bodies else each for each in found]


async def _own_playbooks(run: Run, viewer: Viewer) -> list[KnownPlaybook]:
    """The keys alone: bodies are large, and most playbooks are for other companies."""
    own, empty = Playbook, PlaybookBody([], [], [], [], None)
    keys = select(own.kind, own.key, own.id).where(*visibility(viewer, own)).order_by(own.kind, own.key)
    return [KnownPlaybook(row.kind, row.key, empty, id=row.id) for row in await run(keys)]


async def _rivals(run: Run, viewer: Viewer, asked: Subject) -> tuple[KnownRival, ...]:
    """Those the request names, then those that an earlier one has named, as the company was last shown with them."""
    found = [
        KnownRival(
            said["name"],
            said["relationship"] or _RIVALS_RELATIONSHIP,
            tuple(said["strengths"]),
            tuple(said["weaknesses"]),
            (Evidence(EvidenceKind.REQUEST, None, said["name"]),),
        )
        for said in asked.run.request["competitors"]
    ]
    if asked.shown_run_id:
        statement = visible_to(viewer, Competitor).where(Competitor.run_id == asked.shown_run_id)
        own = (
            Competitor.name,
            Competitor.relationship,
            Competitor.strengths,
            Competitor.weaknesses,
            Competitor.evidence,
        )
        for row in await run(statement.with_only_columns(*own).order_by(Competitor.position).limit(_RIVALS)):
            # Who was only read of is read of again, if that is still there and the asker may read it.
            said = [each for each in row.evidence if each["kind"] == EvidenceKind.REQUEST]
            evidence = tuple(Evidence(EvidenceKind.REQUEST, each["source"], each["text"]) for each in said)
            if evidence:
                sides = (tuple(row.strengths), tuple(row.weaknesses))
                found.append(KnownRival(row.name, row.relationship, *sides, evidence))
    return tuple(found)


async def _news(run: Run, viewer: Viewer, company: Company, days: _Days) -> tuple[KnownNews, ...]:
    own, names = NewsEntry, names_of(company)
    columns = (own.id, own.title, own.summary, own.url, own.published)
    statement = select(*columns).where(*_about(viewer, company, days))
    found = []
    for row in await run(statement.order_by(own.published.desc(), own.id.desc()).limit(_NEWS)):
        in_title = is_about(names, row.title)
        # The database looks for letters, wherever they stand; what is meant are words.
        if in_title or is_about(names, row.summary):
            found.append(KnownNews(row.id, row.title, row.summary, row.url, row.published, in_title))
    return tuple(found)


def _about(viewer: Viewer, company: Company, days: _Days) -> list[ColumnElement[bool]]:
    """That title or summary of news of these days hold one of the company's names."""
    names = names_of(company)
    held = (contains(name, NewsEntry.title, NewsEntry.summary) for name in padded(names))
    return [*visibility(viewer, NewsEntry), NewsEntry.published.between(*days), or_(false(), *held)]


def _sources(facts: Facts, asked: Subject) -> list[Source]:
    """Where was looked, and what it gave."""
    may, wanted = asked.permissions, asked.run
    found = [Source("REQUEST", None, True, len(facts.said))]
    for area in research_area_facts.AREAS:
        allowed = area.permission in may
        found.append(
            Source("GRAPH", area.name, allowed, area.count(facts) if allowed else 0, None if allowed else _NOT_READ)
        )
    found.extend(Source("PLAYBOOK", each.source, True, len(each.body.pain_points)) for each in facts.playbooks)
    if wanted.include_news:
        found.append(Source("NEWS", None, True, len(facts.news)))
    switches = {"SOCIAL": wanted.include_social, "FINANCIALS": wanted.include_financials}
    found.extend(Source(kind, None, False, 0, _NO_SOURCE[kind]) for kind, on in switches.items() if on)
    return found
