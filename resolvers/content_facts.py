"""What of the graph may be said in a text for somebody: a few statements, and each fact with the row it is from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, false, func, select

from domain.accounts import Account, name_key
from domain.compliance import RegulatoryUpdate
from domain.contacts import Contact
from domain.content import CopyTemplate
from domain.engagement import EngagementEvent, EngagementType
from domain.errors import not_found
from domain.industries import alike
from domain.intelligence.copy_facts import CopyFact, CopyFacts, CopyPersona, FactKind, fact, first_name
from domain.intelligence.copy_templates import Template, own_template
from domain.intelligence.feedback_findings import Sentiment
from domain.intelligence.research_news import IMPACTS
from domain.leads import Lead, LeadStatus
from domain.organizations import Organization
from domain.permissions import Permission
from domain.personas import Persona
from domain.research import Competitor, NewsItem, Opportunity, PainPoint
from domain.texts import storable
from domain.users import User
from domain.viewer import Viewer
from resolvers.copy_templates import TEMPLATES
from resolvers.reads import Statement, visibility
from resolvers.sql import has_any_item, small_letters

Rows = Callable[[Statement], Awaitable[Sequence[Any]]]

_FINDINGS = 5
"""Findings of each kind that are spoken about, the first ones."""
_TECHNOLOGIES = 3
_FEWEST_WON = 2
"""Fewest companies that are told of as customers: one could be recognised."""
_READ = 20
"""Findings of each kind that are looked at: more than a research tells."""
_ASSUMED = frozenset({"PLAYBOOK", "MODEL"})
_SAID = frozenset({"PLAYBOOK", "REQUEST"})
_THEIRS = (f"{Persona.prefix}_", f"{Account.prefix}_")
Group = tuple[CopyFact, ...]


async def facts_of(rows: Rows, viewer: Viewer, account_id: str, persona: CopyPersona) -> CopyFacts:
    """All that may be said to somebody of a company, and the organization's own templates.

    What the viewer may not read is not told.

    Raises:
        DomainError: NOT_FOUND naming `accountId`; FORBIDDEN for who may not read companies.
    """
    viewer.require(Permission.READ_ACCOUNTS)
    account = await _account(rows, viewer, account_id)
    known = await _persona(rows, viewer, account_id, persona.name)
    run_id, industry = account[5], account[2]
    pains = await _pains(rows, viewer, run_id)
    own = [_own_pain(each, known[0]) for each in known[2]] if known else []
    choices = (
        _told([*own, *pains]),
        _told([tuple(fact("technology", each, account[0], FactKind.TECHNOLOGY)) for each in account[4]]),
        *[await each(rows, viewer, run_id) for each in (_opportunities, _competitors, _news)],
        await _regulations(rows, viewer, industry),
    )
    always = [
        *_person(persona, known, account[0]),
        *_company(account),
        *await _won(rows, viewer, account_id, industry),
        *await _meeting(rows, viewer, known[4] if known else None),
        *await _sender(rows, viewer),
    ]
    return CopyFacts(
        always=tuple(always),
        choices=tuple(each for each in choices if each),
        templates=await _templates(rows, viewer),
        preferred_tone=known[3] if known else None,
        preferred_timing=known[5] if known else None,
        names=frozenset({*account[4], *account[1].split()}),
    )


def day(moment: date | datetime) -> str:
    """A day as it is written in a text: 15 January 2024."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


async def _account(rows: Rows, viewer: Viewer, account_id: str) -> Any:
    own = Account
    columns = (own.id, own.name, own.industry, own.location, own.technologies, own.research_run_id)
    wanted = select(*columns).where(*visibility(viewer, own), own.id == account_id)
    found = await rows(wanted) if storable(account_id) else ()
    if not found:
        raise not_found(Account.label, account_id, "accountId")
    return found[0]


async def _persona(rows: Rows, viewer: Viewer, account_id: str, name: str | None) -> Any:
    """Id, title, pain points, tone, contact and timing of the persona with this name, if it is known."""
    if not name or not storable(name):
        return None
    own = Persona
    columns = (own.id, own.title, own.pain_points, own.preferred_tone, own.contact_id, own.preferred_timing)
    wanted = select(*columns).where(*visibility(viewer, own), own.account_id == account_id)
    found = await rows(wanted.where(own.name_key == name_key(name)).limit(1))
    return found[0] if found else None


def _person(persona: CopyPersona, known: Any, account_id: str) -> list[CopyFact]:
    """Who reads it; of somebody new the source is the company that the request names them for."""
    source = known[0] if known else account_id
    name = persona.name or ""
    return [
        *fact("full_name", name, source, FactKind.PERSON),
        *fact("first_name", first_name(name), source, FactKind.PERSON),
        *fact("title", persona.title or (known[1] if known else None), source, FactKind.ROLE),
    ]


def _company(account: Any) -> list[CopyFact]:
    row_id, name, industry, location, technologies, _ = account
    used = technologies[:_TECHNOLOGIES]
    listed = " and ".join([", ".join(used[:-1]), used[-1]]) if len(used) > 1 else "".join(used)
    return [
        *fact("company", name, row_id, FactKind.COMPANY),
        *fact("industry", industry, row_id, FactKind.INDUSTRY),
        *fact("location", location, row_id, FactKind.COMPANY),
        *fact("technologies", listed, row_id, FactKind.TECHNOLOGY),
    ]


def _told(groups: Sequence[Group]) -> tuple[Group, ...]:
    return tuple(group for group in groups if group)[:_FINDINGS]


def _found(viewer: Viewer, entity: Any, run_id: str, *columns: Any) -> Statement:
    own = select(*columns, entity.evidence).where(*visibility(viewer, entity), entity.run_id == run_id)
    return own.order_by(entity.position, entity.id).limit(_READ)


def _for_readers(evidence: Sequence[Any]) -> bool:
    """Whether the company itself may be told of a finding: it is what a playbook, the request or its own people say.

    What is counted of leads, feedback and duties is there for whoever sells to it.
    """
    sources = [(str(each.get("kind", "")).upper(), str(each.get("source") or "")) for each in evidence]
    said = any(kind in _SAID or source.startswith(_THEIRS[0]) for kind, source in sources)
    return said and all(kind != "GRAPH" or source.startswith(_THEIRS) for kind, source in sources)


async def _pains(rows: Rows, viewer: Viewer, run_id: str | None) -> tuple[Group, ...]:
    if run_id is None:
        return ()
    own, groups = PainPoint, []
    for row_id, said, solutions, evidence in await rows(
        _found(viewer, own, run_id, own.id, own.description, own.solutions)
    ):
        if not _for_readers(evidence):
            continue
        assumed = {str(each.get("kind", "")).upper() for each in evidence} <= _ASSUMED
        pain = fact("pain_point", said, row_id, FactKind.PAIN_POINT, assumed)
        first, second = [*solutions, None, None][:2]
        helps = [
            *fact("solution", first, row_id, FactKind.SOLUTION, assumed),
            *fact("second_solution", second, row_id, FactKind.SOLUTION, assumed),
        ]
        known = () if assumed else fact("known_pain_point", said, row_id, FactKind.PAIN_POINT)
        groups.append((*pain, *known, *helps) if pain else ())
    return _told(groups)


def _own_pain(said: str, persona_id: str) -> Group:
    """What somebody has said to trouble the reader."""
    names = ("pain_point", "known_pain_point")
    return tuple(each for name in names for each in fact(name, said, persona_id, FactKind.PAIN_POINT))


async def _opportunities(rows: Rows, viewer: Viewer, run_id: str | None) -> tuple[Group, ...]:
    if run_id is None:
        return ()
    found = await rows(_found(viewer, Opportunity, run_id, Opportunity.id, Opportunity.description))
    told = [(row_id, said) for row_id, said, evidence in found if _for_readers(evidence)]
    return _told([tuple(fact("opportunity", said, row_id, FactKind.OPPORTUNITY)) for row_id, said in told])


async def _competitors(rows: Rows, viewer: Viewer, run_id: str | None) -> tuple[Group, ...]:
    """Those somebody has entered: who was read of in feedback or a note may be anybody, and the note is internal."""
    if run_id is None:
        return ()
    found = await rows(_found(viewer, Competitor, run_id, Competitor.id, Competitor.name))
    told = [(row_id, name) for row_id, name, evidence in found if any(each["kind"] == "REQUEST" for each in evidence)]
    return _told([tuple(fact("competitor", name, row_id, FactKind.COMPETITOR)) for row_id, name in told])


async def _news(rows: Rows, viewer: Viewer, run_id: str | None) -> tuple[Group, ...]:
    """What is good to hear, or neither: nobody is written to about a fine."""
    if run_id is None:
        return ()
    told = _found(viewer, NewsItem, run_id, NewsItem.id, NewsItem.title, NewsItem.date)
    found = await rows(told.where(NewsItem.impact != IMPACTS[Sentiment.NEGATIVE]))
    return _told([_dated("news", title, on, row_id, FactKind.NEWS) for row_id, title, on, _ in found])


async def _regulations(rows: Rows, viewer: Viewer, industry: str | None) -> tuple[Group, ...]:
    if not industry or Permission.READ_COMPLIANCE not in viewer.permissions:
        return ()
    own = RegulatoryUpdate
    touching = select(own.id, own.title, own.published_on).where(
        *visibility(viewer, own), has_any_item(own.affected_industries, alike(industry))
    )
    found = await rows(touching.order_by(own.published_on.desc(), own.id).limit(_FINDINGS))
    return _told([_dated("regulation", title, on, row_id, FactKind.REGULATION) for row_id, title, on in found])


def _dated(name: str, title: str, on: date, id: str, kind: FactKind) -> Group:
    titled = fact(f"{name}_title" if name == "news" else name, title, id, kind)
    return (*titled, *fact(f"{name}_date", day(on), id, kind)) if titled else ()


async def _won(rows: Rows, viewer: Viewer, account_id: str, industry: str | None) -> list[CopyFact]:
    """How many other companies of the industry were won; the source is the organization, whose leads they were."""
    if not industry or Permission.READ_LEADS not in viewer.permissions:
        return []
    counted = (
        select(func.count(Contact.account_id.distinct()))
        .select_from(Lead)
        .join(Contact, Contact.id == Lead.contact_id)
        .join(Account, Account.id == Contact.account_id)
        .where(*visibility(viewer, Lead), *visibility(viewer, Account))
        .where(Lead.status == LeadStatus.WON, Account.id != account_id)
        .where(small_letters(Account.industry).in_(alike(industry)))
    )
    count = int((await rows(counted))[0][0])
    if count < _FEWEST_WON:
        return []
    return fact("won_companies", f"{count} companies", viewer.organization_id, FactKind.SOCIAL_PROOF)


async def _meeting(rows: Rows, viewer: Viewer, contact_id: str | None) -> list[CopyFact]:
    if contact_id is None:
        return []
    own = EngagementEvent
    held = select(own.id, own.occurred_at).where(*visibility(viewer, own), own.contact_id == contact_id)
    last = held.where(own.type == EngagementType.MEETING_COMPLETED).order_by(own.occurred_at.desc(), own.id).limit(1)
    return [each for row_id, at in await rows(last) for each in fact("meeting_date", day(at), row_id, FactKind.HISTORY)]


async def _sender(rows: Rows, viewer: Viewer) -> list[CopyFact]:
    """The organization that writes, and its member where one is signed in."""
    mine = and_(User.organization_id == Organization.id, User.id == viewer.user_id) if viewer.user_id else false()
    wanted = select(Organization.id, Organization.name, User.id, User.name).outerjoin(User, mine)
    found = await rows(wanted.where(*visibility(viewer, Organization)))
    return [
        each
        for organization_id, organization, user_id, user in found
        for each in (
            *fact("sender_company", organization, organization_id, FactKind.SENDER),
            *fact("sender_name", user, user_id or "", FactKind.SENDER),
        )
    ]


async def _templates(rows: Rows, viewer: Viewer) -> tuple[Template, ...]:
    own = CopyTemplate
    columns = (own.id, own.channel, own.objective, own.content_type, own.name, own.body)
    wanted = select(*columns).where(*visibility(viewer, own)).order_by(own.created_at, own.id)
    return tuple(own_template(*row) for row in await rows(wanted.limit(TEMPLATES)))
