"""What insights into companies stand on, from a number of statements that does not grow with the companies.

What a viewer may not read is no part of it: leads, feedback and law count for those alone who may read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, true

from domain.abm import AbmCampaign, CampaignDay, ScheduledContent
from domain.accounts import Account, AccountPlace
from domain.compliance import ComplianceItem, ComplianceStatus
from domain.contacts import Contact
from domain.content import Content, ContentVariant
from domain.conversion import ConversionModel, ConversionSubject
from domain.engagement import EngagementEvent, EngagementType
from domain.estimates import Estimate
from domain.feedback import EndUser, Feedback
from domain.intelligence.account_engagement import WINDOW, Hour
from domain.intelligence.account_insights import Evidence, Person, Research, Tally
from domain.intelligence.account_preferences import Response, Sent
from domain.intelligence.campaign_performance import Counts, total
from domain.intelligence.variant_tests import Messages
from domain.jurisdictions import GLOBAL
from domain.leads import Lead, LeadStatus
from domain.levels import RiskLevel
from domain.marketing import CampaignStatus
from domain.permissions import Permission
from domain.personas import Persona
from domain.research import Competitor, Opportunity, PainPoint, ResearchRun
from domain.viewer import Viewer
from resolvers import campaign_numbers, conversions
from resolvers.reads import Run, Statement, visibility
from resolvers.sql import days_between, padded

_DECISIONS = 200
"""How many of the newest won leads tell how long decisions take."""
_LETTERS_A_WORD = 6
"""Letters of a word with the space behind it, by which the length of a text becomes a number of words."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who asks for which companies, and through what."""

    run: Run
    viewer: Viewer
    now: datetime
    ids: list[str]

    def may(self, permission: Permission) -> bool:
        return permission in self.viewer.permissions

    async def grouped(self, statement: Statement) -> dict[str, list[Any]]:
        """Rows by the company in their first column."""
        found: dict[str, list[Any]] = {}
        for id_, *values in await self.run(statement):
            found.setdefault(id_, []).append(values)
        return found


async def evidence(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Evidence]:
    """What is known of the companies with these ids."""
    asking = _Asking(run, viewer, now, padded(ids))
    accounts = dict(map(tuple, await run(_accounts(asking))))
    hours, responses = await asking.grouped(_hours(asking)), await asking.grouped(_responses(asking))
    sent, mail = await _sent(asking), await asking.grouped(_mail(asking))
    wholes = await campaign_numbers.wholes(run, viewer)
    leads, decided, days = await _leads(asking)
    feedback, law = await _feedback(asking), await _law(asking)
    research = await _research(asking, {run_id: id_ for id_, run_id in accounts.items() if run_id})
    people, contacts = await asking.grouped(_people(asking)), await asking.grouped(_contacts(asking))
    learnt = await _learnt(asking)
    return {
        id_: Evidence(
            hours=[Hour(*each) for each in hours.get(id_, [])],
            responses=[Response(*each[:-1]) for each in responses.get(id_, [])],
            last=_last(responses.get(id_, [])),
            sent=sent.get(id_, []),
            mail=Tally(*(max(0, int(each)) for each in mail[id_][0][:2])) if id_ in mail else Tally(),
            mail_of_others=_replies(each.counts for each in wholes if each.account_id != id_),
            leads=leads.get(id_, {}),
            decided_by_all=decided,
            decision_days=days,
            feedback=feedback.get(id_, {}),
            research=research.get(id_, Research()),
            people=[Person(*each) for each in people.get(id_, [])],
            contacts=contacts[id_][0][0] if id_ in contacts else 0,
            reachable=contacts[id_][0][1] if id_ in contacts else 0,
            law=law.get(id_, 0),
            campaigns=mail[id_][0][2] if id_ in mail else 0,
            running=mail[id_][0][3] if id_ in mail else 0,
            learnt=learnt.get(id_),
        )
        for id_ in accounts
    }


def _replies(counts: Iterable[Counts]) -> Tally:
    """Replies of delivered messages."""
    whole = total(counts)
    return Tally(whole.emails_replied, whole.emails_delivered)


def _accounts(asking: _Asking) -> Statement:
    known = select(Account.id, Account.research_run_id)
    return known.where(*visibility(asking.viewer, Account), Account.id.in_(asking.ids))


def _hours(asking: _Asking) -> Statement:
    own = EngagementEvent
    # Mail that only came back shows when it was sent, not when anybody read it.
    counted = select(own.account_id, own.hour, func.count(), func.sum(own.score))
    counted = counted.where(*visibility(asking.viewer, own), own.account_id.in_(asking.ids), own.score > 0)
    return counted.where(own.hour >= asking.now - WINDOW).group_by(own.account_id, own.hour)


def _responses(asking: _Asking) -> Statement:
    own = EngagementEvent
    columns = (own.account_id, own.item_id, own.channel, own.type)
    counted = select(*columns, func.count(), func.sum(own.score), func.max(own.occurred_at))
    counted = counted.where(*visibility(asking.viewer, own), own.account_id.in_(asking.ids), own.counted == true())
    return counted.where(own.occurred_at >= asking.now - WINDOW).group_by(*columns)


def _last(rows: Sequence[Any]) -> Mapping[EngagementType, datetime]:
    """When each kind of thing happened last."""
    found: dict[EngagementType, datetime] = {}
    for row in rows:
        kind, at = row[2], row[-1]
        found[kind] = max(at, found.get(kind, at))
    return found


async def _sent(asking: _Asking) -> dict[str, list[Sent]]:
    """The pieces of companies' campaigns, with what became of their messages."""
    campaigns = select(AbmCampaign.id).where(
        *visibility(asking.viewer, AbmCampaign), AbmCampaign.account_id.in_(asking.ids)
    )
    messages = await campaign_numbers.messages_by_piece(asking.run, asking.viewer, campaigns)
    own = ScheduledContent
    of_variant = select(func.avg(ContentVariant.words)).where(
        ContentVariant.content_id == own.content_id, ContentVariant.channel == own.channel
    )
    text = func.coalesce(own.message, own.variants[0]["text"].as_string())
    words = func.coalesce(of_variant.scalar_subquery(), func.length(text) / float(_LETTERS_A_WORD))
    kind = func.coalesce(own.content_type, own.type)
    statement = (
        select(AbmCampaign.account_id, own.id, own.channel, kind, own.status, words, Content.tone)
        .join(AbmCampaign, AbmCampaign.id == own.campaign_id)
        .outerjoin(Content, Content.id == own.content_id)
        .where(*visibility(asking.viewer, own), AbmCampaign.account_id.in_(asking.ids))
        .where(own.send_time >= asking.now - WINDOW)
    )
    found: dict[str, list[Sent]] = {}
    for account, id_, channel, content_type, status, length, tone in await asking.run(statement):
        many = float(length) if length is not None else None
        piece = Sent(id_, channel, content_type, status, many, tone, messages.get(id_, Messages()))
        found.setdefault(account, []).append(piece)
    return found


def _mail(asking: _Asking) -> Statement:
    """Replies and delivered messages of companies' campaigns, how many campaigns there are, and how many run."""
    day, own = CampaignDay, AbmCampaign
    sums = (func.coalesce(func.sum(column), 0) for column in (day.emails_replied, day.emails_delivered))
    running = func.count(func.distinct(case((own.status == CampaignStatus.ACTIVE, own.id))))
    counted = select(own.account_id, *sums, func.count(func.distinct(own.id)), running)
    counted = counted.outerjoin(day, day.campaign_id == own.id)
    return counted.where(*visibility(asking.viewer, own), own.account_id.in_(asking.ids)).group_by(own.account_id)


async def _leads(asking: _Asking) -> tuple[dict[str, dict[str, int]], Tally, list[float]]:
    """Leads of companies by status, decided ones of the organization, and the days won ones took."""
    if not asking.may(Permission.READ_LEADS):
        return {}, Tally(), []
    seen = visibility(asking.viewer, Lead)
    counted = select(Contact.account_id, Lead.status, func.count()).join(Contact, Contact.id == Lead.contact_id)
    counted = counted.where(*seen, Contact.account_id.in_(asking.ids)).group_by(Contact.account_id, Lead.status)
    found: dict[str, dict[str, int]] = {}
    for account, status, count in await asking.run(counted):
        found.setdefault(account, {})[status.value] = count
    keys = [LeadStatus.WON.value.lower(), LeadStatus.LOST.value.lower()]
    decided = select(Lead.status_key, func.count()).where(*seen, Lead.status_key.in_(keys)).group_by(Lead.status_key)
    by_key = dict(map(tuple, await asking.run(decided)))
    first = select(func.min(EngagementEvent.occurred_at)).where(EngagementEvent.contact_id == Lead.contact_id)
    # A lead is first seen when it is noted, or before by what its person did: winning it may be all that follows.
    begun = case((first.scalar_subquery() < Lead.created_at, first.scalar_subquery()), else_=Lead.created_at)
    won = select(days_between(begun, Lead.converted_at)).where(*seen, Lead.status_key == keys[0])
    newest = won.where(Lead.converted_at.is_not(None)).order_by(Lead.created_at.desc(), Lead.id.desc())
    days = [float(each) for (each,) in await asking.run(newest.limit(_DECISIONS))]
    return found, Tally(by_key.get(keys[0], 0), sum(by_key.values())), days


async def _feedback(asking: _Asking) -> dict[str, dict[tuple[str, str], int]]:
    if not asking.may(Permission.READ_FEEDBACK):
        return {}
    columns = (Contact.account_id, Feedback.category, Feedback.sentiment)
    counted = (
        select(*columns, func.count())
        .join(EndUser, EndUser.id == Feedback.end_user_id)
        .join(Contact, Contact.id == EndUser.contact_id)
        .where(*visibility(asking.viewer, Feedback), Contact.account_id.in_(asking.ids))
        .group_by(*columns)
    )
    found: dict[str, dict[tuple[str, str], int]] = {}
    for account, category, sentiment, count in await asking.run(counted):
        found.setdefault(account, {})[category.value, sentiment.value] = count
    return found


async def _law(asking: _Asking) -> dict[str, int]:
    """Open items of high risk where companies are, those that hold everywhere too."""
    if not asking.may(Permission.READ_COMPLIANCE):
        return {}
    item, place = ComplianceItem, AccountPlace
    counted = (
        select(place.account_id, func.count(func.distinct(item.id)))
        .join(item, or_(item.jurisdiction == place.jurisdiction, item.jurisdiction == GLOBAL))
        .where(*visibility(asking.viewer, item), *visibility(asking.viewer, place), place.account_id.in_(asking.ids))
        .where(item.status != ComplianceStatus.COMPLETED, item.risk_level.in_((RiskLevel.HIGH, RiskLevel.CRITICAL)))
        .group_by(place.account_id)
    )
    return dict(map(tuple, await asking.run(counted)))


async def _research(asking: _Asking, account_of: Mapping[str, str]) -> dict[str, Research]:
    """What the last research of companies found, by company."""
    runs = padded(sorted(account_of))
    found: dict[type[Any], dict[str, list[Any]]] = {}
    for entity, *columns in (
        (PainPoint, PainPoint.category, PainPoint.urgency),
        (Opportunity, Opportunity.type),
        (Competitor, Competitor.name, Competitor.relationship),
    ):
        own: Any = entity
        statement = select(own.run_id, *columns).where(*visibility(asking.viewer, own), own.run_id.in_(runs))
        found[own] = await asking.grouped(statement.order_by(own.confidence.desc(), own.position))
    content = select(ResearchRun.id, ResearchRun.recommended_content)
    named = content.where(*visibility(asking.viewer, ResearchRun), ResearchRun.id.in_(runs))
    recommended = dict(map(tuple, await asking.run(named)))
    return {
        account: Research(
            pain_points=[tuple(each) for each in found[PainPoint].get(run_id, [])],
            opportunities=[name for (name,) in found[Opportunity].get(run_id, [])],
            competitors=[tuple(each) for each in found[Competitor].get(run_id, [])],
            content=recommended.get(run_id) or [],
        )
        for run_id, account in account_of.items()
    }


def _people(asking: _Asking) -> Statement:
    own = Persona
    columns = (own.name, own.influence, own.pain_points, own.preferred_channels, own.preferred_timing)
    known = select(own.account_id, *columns, own.preferred_tone)
    return known.where(*visibility(asking.viewer, own), own.account_id.in_(asking.ids)).order_by(own.id)


def _contacts(asking: _Asking) -> Statement:
    own = Contact
    reachable = func.count(case((own.unsubscribed_at.is_(None), 1)))
    counted = select(own.account_id, func.count(), reachable).where(*visibility(asking.viewer, own))
    return counted.where(own.account_id.in_(asking.ids)).group_by(own.account_id)


async def _learnt(asking: _Asking) -> dict[str, Estimate]:
    """How likely companies are to be won by the organization's own model; nothing where there is none yet."""
    if not asking.may(Permission.READ_LEADS):
        return {}
    own = ConversionModel
    newest = select(own.labels).where(*visibility(asking.viewer, own), own.subject == ConversionSubject.ACCOUNT)
    model = await asking.run(newest.order_by(own.created_at.desc(), own.id.desc()).limit(1))
    if not model:
        return {}
    told = await conversions.of_accounts.of(asking.run, asking.viewer, asking.now, asking.ids)
    return {
        id_: Estimate(each.probability, each.low, each.high, each.basis, model[0][0])
        for id_, each in told.items()
        if each.probability is not None
    }
