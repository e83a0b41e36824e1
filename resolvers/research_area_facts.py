"""What the graph itself knows of a company: its people, leads, engagement, feedback, campaigns and law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, literal, select

from domain.abm import AbmCampaign
from domain.accounts import Account, AccountPlace
from domain.compliance import ComplianceItem, RegulatoryUpdate
from domain.contacts import Contact
from domain.engagement import EngagementEvent
from domain.feedback import EndUser, Feedback
from domain.industries import alike
from domain.intelligence.research_facts import (
    Company,
    Engagement,
    Facts,
    KnownCampaign,
    KnownDuty,
    KnownFeedback,
    KnownNote,
    KnownPerson,
    KnownUpdate,
    LeadGroup,
    Outcomes,
)
from domain.intelligence.research_news import names_of
from domain.leads import STATUS_WORDS, Lead, LeadStatus
from domain.marketing import AdCampaign, CampaignStatus
from domain.notes import Note
from domain.permissions import Permission
from domain.personas import Persona
from domain.viewer import Viewer
from resolvers.reads import Run, visibility
from resolvers.sql import contains, has_any_item, padded, small_letters

_PEOPLE, _GROUPS, _EVENTS, _FEEDBACK, _NOTES, _CAMPAIGNS, _DUTIES, _UPDATES = 100, 200, 500, 100, 50, 20, 20, 5
_READ = 2_000
"""Characters of a text that are looked at."""
_RULES_COUNT = timedelta(days=180)
_DECIDED = [STATUS_WORDS[LeadStatus.WON].lower(), STATUS_WORDS[LeadStatus.LOST].lower()]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the graph, who may read it, and how much of it is about a company."""

    name: str
    permission: Permission
    count: Callable[[Facts], int]


AREAS = (
    Area("people", Permission.READ_ACCOUNTS, lambda facts: len(facts.people)),
    Area("leads", Permission.READ_LEADS, lambda facts: sum(each.count for each in facts.leads)),
    Area("feedback", Permission.READ_FEEDBACK, lambda facts: len(facts.feedback)),
    Area("engagement and campaigns", Permission.READ_MARKETING, lambda facts: len(facts.engagements + facts.campaigns)),
    Area("compliance", Permission.READ_COMPLIANCE, lambda facts: len(facts.duties + facts.updates)),
)


def present(viewer: Viewer, company: Company, now: datetime) -> dict[str, ColumnElement[Any]]:
    """Of which areas there is anything, as columns of one row: most companies are known in few, and each costs time."""
    some: dict[str, Sequence[ColumnElement[bool]]] = {
        "personas": (*visibility(viewer, Persona), Persona.account_id == company.id),
        "contacts": (*visibility(viewer, Contact), Contact.account_id == company.id),
        "engagements": (*visibility(viewer, EngagementEvent), EngagementEvent.account_id == company.id),
        "abm": (*visibility(viewer, AbmCampaign), AbmCampaign.account_id == company.id),
        "ads": _naming(viewer, company),
        "duties": _open_duties(viewer, company),
        "updates": _affecting(viewer, company, now),
    }
    decided = (*visibility(viewer, Lead), Lead.status_key.in_(_DECIDED))
    counted = select(func.count()).select_from(Lead).where(*decided)
    return {
        **{name: select(literal(1)).where(*conditions).exists() for name, conditions in some.items()},
        "decided": counted.scalar_subquery(),
        "won": counted.where(Lead.status_key == _DECIDED[0]).scalar_subquery(),
    }


async def gather(
    run: Run, viewer: Viewer, company: Company, permissions: frozenset[Permission], now: datetime, some: Any
) -> Facts:
    """The areas that may be read, of which there is anything; `some` is what `present` found."""
    people = await _people(run, viewer, company) if some.personas or some.contacts else ()
    facts = Facts(company, now, people=tuple(people))
    if Permission.READ_LEADS in permissions:
        facts = replace(facts, outcomes=await _outcomes(run, viewer, company, some))
        if some.contacts:
            facts = replace(facts, leads=await _leads(run, viewer, company), notes=await _notes(run, viewer, company))
    if Permission.READ_FEEDBACK in permissions and some.contacts:
        users, left = await _users(run, viewer, company)
        feedback = await _feedback(run, viewer, company) if users else ()
        facts = replace(facts, feedback=feedback, users=users, users_left=left)
    if Permission.READ_MARKETING in permissions:
        engagements = await _engagements(run, viewer, company) if some.engagements else ()
        campaigns = await _campaigns(run, viewer, company) if some.abm or some.ads else ()
        facts = replace(facts, engagements=engagements, campaigns=campaigns)
    if Permission.READ_COMPLIANCE in permissions:
        updates = await _updates(run, viewer, company, now) if some.updates else ()
        duties = await _duties(run, viewer, company, now) if some.duties else ()
        facts = replace(facts, duties=duties, updates=updates)
    return facts


async def _people(run: Run, viewer: Viewer, company: Company) -> list[KnownPerson]:
    """The personas with their contacts, then contacts with a name who are no persona."""
    own = (*visibility(viewer, Persona), Persona.account_id == company.id)
    joined = select(Persona, Contact.email, Contact.linkedin, Contact.title.label("contact_title"))
    columns = joined.add_columns(Contact.unsubscribed_at).outerjoin(Contact, Contact.id == Persona.contact_id)
    personas = await run(columns.where(*own).order_by(Persona.created_at, Persona.id).limit(_PEOPLE))
    found = [_persona(row) for row in personas]
    known = {each.contact_id for each in found}
    theirs = (*visibility(viewer, Contact), Contact.account_id == company.id, Contact.name.is_not(None))
    plain = select(
        Contact.id, Contact.name, Contact.title, Contact.email, Contact.linkedin, Contact.unsubscribed_at
    ).where(*theirs)
    for row in await run(plain.order_by(Contact.created_at, Contact.id).limit(_PEOPLE)):
        if row.id not in known:
            gone = row.unsubscribed_at is not None
            found.append(KnownPerson(row.name, row.title, row.email, row.linkedin, row.id, unsubscribed=gone))
    return found


def _persona(row: Any) -> KnownPerson:
    return KnownPerson(
        row.name,
        row.title or row.contact_title,
        row.email,
        row.linkedin,
        row.contact_id,
        row.id,
        row.influence,
        tuple(row.pain_points),
        tuple(row.preferred_channels),
        row.preferred_timing,
        row.preferred_tone,
        row.unsubscribed_at is not None,
    )


async def _leads(run: Run, viewer: Viewer, company: Company) -> tuple[LeadGroup, ...]:
    alike_ = (Lead.status, Lead.source, Lead.insurance_type)
    own = (*visibility(viewer, Lead), Contact.account_id == company.id)
    statement = select(*alike_, func.count()).join(Contact, Contact.id == Lead.contact_id).where(*own)
    return tuple(LeadGroup(*row) for row in await run(statement.group_by(*alike_).limit(_GROUPS)))


async def _outcomes(run: Run, viewer: Viewer, company: Company, some: Any) -> Outcomes:
    """How many leads were decided and won: of the organization, and of companies of the industry."""
    if not some.decided or not company.industry:
        return Outcomes(some.won, some.decided)
    counts = (func.count().filter(Lead.status_key == _DECIDED[0]), func.count())
    decided = select(*counts).where(*visibility(viewer, Lead), Lead.status_key.in_(_DECIDED))
    joined = decided.join(Contact, Contact.id == Lead.contact_id).join(Account, Account.id == Contact.account_id)
    same = small_letters(Account.industry).in_(padded(alike(company.industry)))
    ((industry_won, industry_decided),) = await run(joined.where(same))
    return Outcomes(some.won, some.decided, industry_won, industry_decided)


async def _notes(run: Run, viewer: Viewer, company: Company) -> tuple[KnownNote, ...]:
    """Notes that everybody of the organization may read: a research is read by everybody."""
    own = (*visibility(viewer, Note), *visibility(viewer, Lead), Contact.account_id == company.id)
    joined = select(Note.id, func.substr(Note.content, 1, _READ)).join(Lead, Lead.id == Note.lead_id)
    statement = joined.join(Contact, Contact.id == Lead.contact_id).where(*own)
    newest = statement.order_by(Note.created_at.desc(), Note.id.desc()).limit(_NOTES)
    return tuple(KnownNote(*row) for row in await run(newest))


async def _users(run: Run, viewer: Viewer, company: Company) -> tuple[int, int]:
    own = (*visibility(viewer, EndUser), Contact.account_id == company.id)
    counts = select(func.count(), func.count(EndUser.churned_at))
    ((users, left),) = await run(counts.join(Contact, Contact.id == EndUser.contact_id).where(*own))
    return users, left


async def _feedback(run: Run, viewer: Viewer, company: Company) -> tuple[KnownFeedback, ...]:
    own = (*visibility(viewer, Feedback), Contact.account_id == company.id)
    columns = (Feedback.id, Feedback.sentiment, Feedback.themes, func.substr(Feedback.content, 1, _READ))
    joined = select(*columns).join(EndUser, EndUser.id == Feedback.end_user_id)
    statement = joined.join(Contact, Contact.id == EndUser.contact_id).where(*own)
    newest = statement.order_by(Feedback.created_at.desc(), Feedback.id.desc()).limit(_FEEDBACK)
    return tuple(KnownFeedback(row[0], row[1], tuple(row[2]), row[3]) for row in await run(newest))


async def _engagements(run: Run, viewer: Viewer, company: Company) -> tuple[Engagement, ...]:
    own = EngagementEvent
    columns = (own.type, own.channel, own.occurred_at, own.score, own.contact_id)
    statement = select(*columns).where(*visibility(viewer, own), own.account_id == company.id)
    newest = statement.order_by(own.occurred_at.desc(), own.id.desc()).limit(_EVENTS)
    return tuple(Engagement(*row) for row in await run(newest))


async def _campaigns(run: Run, viewer: Viewer, company: Company) -> tuple[KnownCampaign, ...]:
    """Campaigns for the company, and advertising that names it."""
    abm, ads = AbmCampaign, AdCampaign
    own = select(abm.id, abm.name, abm.status).where(*visibility(viewer, abm), abm.account_id == company.id)
    rows: list[Any] = list(await run(own.order_by(abm.created_at.desc()).limit(_CAMPAIGNS)))
    naming = select(ads.id, ads.name, ads.status).where(*_naming(viewer, company))
    rows += await run(naming.order_by(ads.created_at.desc()).limit(_CAMPAIGNS))
    return tuple(KnownCampaign(row_id, name, status is CampaignStatus.ACTIVE) for row_id, name, status in rows)


async def _duties(run: Run, viewer: Viewer, company: Company, now: datetime) -> tuple[KnownDuty, ...]:
    """What is still to be done where the company is: what comes next first, and what is long overdue last."""
    own = ComplianceItem
    columns = (own.id, own.title, own.deadline, own.risk_level)
    overdue = own.due < now.date()
    late = case((overdue, own.due))
    statement = select(*columns).where(*_open_duties(viewer, company))
    ordered = statement.order_by(overdue, late.desc(), own.due, own.id).limit(_DUTIES)
    return tuple(KnownDuty(*row) for row in await run(ordered))


async def _updates(run: Run, viewer: Viewer, company: Company, now: datetime) -> tuple[KnownUpdate, ...]:
    own = RegulatoryUpdate
    columns = (own.id, own.title, own.published_on, own.impact_level)
    newest = select(*columns).where(*_affecting(viewer, company, now)).order_by(own.published_on.desc(), own.id.desc())
    return tuple(KnownUpdate(*row) for row in await run(newest.limit(_UPDATES)))


def _naming(viewer: Viewer, company: Company) -> list[ColumnElement[bool]]:
    """That advertising names the company."""
    names = names_of(company)
    named = contains(names[0], AdCampaign.name) if names else false()
    return [*visibility(viewer, AdCampaign), named]


def _open_duties(viewer: Viewer, company: Company) -> list[ColumnElement[bool]]:
    own = ComplianceItem
    places = select(AccountPlace.jurisdiction).where(AccountPlace.account_id == company.id)
    open_ = (own.completed_at.is_(None), own.dropped_at.is_(None), own.jurisdiction.in_(places))
    return [*visibility(viewer, own), *open_]


def _affecting(viewer: Viewer, company: Company, now: datetime) -> list[ColumnElement[bool]]:
    """That news about a rule affects the company's industry, and is not old."""
    own = RegulatoryUpdate
    if not company.industry:
        return [*visibility(viewer, own), false()]
    affected = has_any_item(own.affected_industries, padded(alike(company.industry)))
    return [*visibility(viewer, own), own.published_on >= (now - _RULES_COUNT).date(), affected]
