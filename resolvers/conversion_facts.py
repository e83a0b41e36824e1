"""What was known of leads and companies, each at its own moment: when it was won or lost, or now where it is open.

What is told by a moment (activities, engagement, people, researches) is counted up to then; what a row merely says of
itself is as it says now (docs/models/conversion.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, or_, select, true, type_coerce

from domain.accounts import Account
from domain.activities import Activity, ActivityType
from domain.contacts import Contact
from domain.engagement import EngagementEvent, EngagementType
from domain.entity import Instant
from domain.intelligence.conversion import AccountFacts, LeadFacts
from domain.leads import Lead, LeadStatus
from domain.personas import Persona
from domain.research import ResearchRun, ResearchStatus
from resolvers.reads import Statement

_DONE: Mapping[str, tuple[ActivityType, ...]] = MappingProxyType(
    {
        "notes": (ActivityType.NOTE_ADDED,),
        "tasks": (ActivityType.TASK_CREATED,),
        "emails": (ActivityType.EMAIL_SENT,),
        "calls": (ActivityType.CALL_MADE,),
        "opens": (ActivityType.EMAIL_OPENED,),
        "met": (ActivityType.MEETING_SCHEDULED,),
    }
)
_TOUCHES = (
    ActivityType.NOTE_ADDED,
    ActivityType.TASK_CREATED,
    ActivityType.EMAIL_SENT,
    ActivityType.CALL_MADE,
    ActivityType.MEETING_SCHEDULED,
    ActivityType.QUOTE_GENERATED,
)
"""What somebody of the organization does for a lead."""
_SEEN: Mapping[str, tuple[EngagementType, ...]] = MappingProxyType(
    {
        "opens": (EngagementType.EMAIL_OPEN,),
        "clicks": (EngagementType.LINK_CLICK,),
        "replies": (EngagementType.RESPONSE_RECEIVED,),
        "meetings": (EngagementType.MEETING_SCHEDULED, EngagementType.MEETING_COMPLETED),
    }
)
_LEAD = {
    "points": Lead.score,
    "source": Lead.source,
    "email": Lead.email,
    "phone": Lead.phone,
    "first_name": Lead.first_name,
    "last_name": Lead.last_name,
    "city": Lead.city,
    "state": Lead.state,
    "insurance_type": Lead.insurance_type,
    "tags": Lead.tags,
}
_DECIDED = (LeadStatus.WON, LeadStatus.LOST)


def lead_decided_at() -> ColumnElement[Any]:
    """When a lead was won or lost; null while it is open."""
    told = select(func.max(Activity.created_at)).where(Activity.lead_id == Lead.id, Activity.type == ActivityType.LOST)
    lost_at = func.coalesce(told.correlate(Lead).scalar_subquery(), Lead.updated_at)
    won_at = func.coalesce(Lead.converted_at, Lead.updated_at)
    decided: ColumnElement[Any] = case(
        (Lead.status == LeadStatus.WON, won_at), (Lead.status == LeadStatus.LOST, lost_at)
    )
    return type_coerce(decided, Instant())


def of_leads(conditions: Iterable[ColumnElement[bool]], now: datetime, newest: int | None = None) -> Statement:
    """Rows for `lead_facts`: of some leads as of now, or of the newest so many whose outcome is known."""
    decided = lead_decided_at()
    chosen = select(Lead.id.label("id"), _or_now(decided, now).label("at")).where(*conditions)
    if newest is not None:
        chosen = chosen.where(Lead.status.in_(_DECIDED)).order_by(decided.desc(), Lead.id).limit(newest)
    at = chosen.cte("chosen")
    before = and_(Activity.lead_id == at.c.id, Activity.created_at <= at.c.at, Activity.deleted_at.is_(None))
    touched = func.min(case((Activity.type.in_(_TOUCHES), Activity.created_at)), type_=Instant()).label("touched")
    sums = [_times(Activity.type, types).label(name) for name, types in _DONE.items()]
    done = select(at.c.id, touched, *sums).join(Activity, before).group_by(at.c.id).cte("done")
    person = and_(EngagementEvent.contact_id == Lead.contact_id, EngagementEvent.occurred_at <= at.c.at)
    joined = select(at.c.id, *_seen()).join(Lead, Lead.id == at.c.id).join(EngagementEvent, person)
    seen = joined.where(EngagementEvent.counted).group_by(at.c.id).cte("seen")
    rest = (Lead.created_at, Lead.campaign_id, Lead.assigned_to_id, Lead.status, Lead.score_reasons)
    columns = [column.label(name) for name, column in _LEAD.items()]
    columns += [done.c[name] for name in ("touched", *_DONE)] + [seen.c[name].label(f"seen_{name}") for name in _SEEN]
    statement: Statement = select(Lead.id, *columns, *rest).join(at, at.c.id == Lead.id)
    return statement.outerjoin(done, done.c.id == Lead.id).outerjoin(seen, seen.c.id == Lead.id)


def lead_facts(row: Any) -> LeadFacts:
    """What a row of `of_leads` says."""
    waited = (row.touched - row.created_at).total_seconds() / 60 if row.touched else None
    known: dict[str, Any] = {name: getattr(row, name) for name in _LEAD}
    known |= {name: getattr(row, name) or 0 for name in ("notes", "tasks", "emails", "calls", "opens")}
    return LeadFacts(
        **known,
        campaign=row.campaign_id is not None,
        assigned=row.assigned_to_id is not None,
        first_touch_minutes=waited,
        meetings=(row.met or 0) + (row.seen_meetings or 0),
        clicks=row.seen_clicks or 0,
        replies=row.seen_replies or 0,
    )


def of_accounts(conditions: Iterable[ColumnElement[bool]], now: datetime, newest: int | None = None) -> Statement:
    """Rows for `account_facts`: of some companies as of now, or of the newest so many whose outcome is known."""
    won_at, lost_at, leads = outcomes_of_accounts(*conditions)
    decided = func.coalesce(won_at, lost_at)
    moments = (_or_now(decided, now).label("at"), won_at.label("won_at"))
    chosen = select(Account.id.label("id"), Account.organization_id.label("organization_id"), *moments)
    chosen = chosen.outerjoin(leads, leads.c.account_id == Account.id).where(*conditions)
    if newest is not None:
        chosen = chosen.where(decided.is_not(None)).order_by(decided.desc(), Account.id).limit(newest)
    at = chosen.cte("chosen")
    event = EngagementEvent
    # By the columns of `ix_engagement_pieces`, in which all that is counted stands; as a condition of the rows the
    # moment would have databases go by it instead, through all that the organization has seen.
    own = and_(event.organization_id == at.c.organization_id, event.account_id == at.c.id, event.counted == true())
    seen = select(at.c.id, *_seen(event.occurred_at <= at.c.at)).join(event, own).group_by(at.c.id).cte("seen")
    said = (Account.domain, Account.industry, Account.size, Account.location, Account.technologies)
    columns = [_counted(entity, at, *where).label(name) for name, (entity, *where) in _AROUND.items()]
    columns += [seen.c[name] for name in _SEEN]
    statement: Statement = select(Account.id, *said, *columns, at.c.won_at).join(at, at.c.id == Account.id)
    return statement.outerjoin(seen, seen.c.id == Account.id)


def account_facts(row: Any) -> AccountFacts:
    """What a row of `of_accounts` says."""
    known: dict[str, Any] = {name: getattr(row, name) for name in ("domain", "industry", "size", "location")}
    known |= {name: getattr(row, name) or 0 for name in (*_AROUND, *_SEEN)}
    return AccountFacts(**known, technologies=len(row.technologies or ()))


def outcomes_of_accounts(*conditions: ColumnElement[bool]) -> tuple[Any, Any, Any]:
    """When companies were won, or lost: by their first lead that is won, or else when none was left that is open.

    The moments are columns of the table that comes last, which has a row for every company with leads.
    """
    own = select(Contact.account_id.label("account_id"), Lead.status.label("status"), lead_decided_at().label("at"))
    live = own.join(Contact, Contact.id == Lead.contact_id).where(Lead.deleted_at.is_(None))
    if conditions:
        live = live.where(Contact.account_id.in_(select(Account.id).where(*conditions)))
    each = live.cte("decided")
    open_ones = func.sum(case((each.c.status.in_(_DECIDED), 0), else_=1))
    leads = (
        select(
            each.c.account_id,
            func.min(case((each.c.status == LeadStatus.WON, each.c.at)), type_=Instant()).label("won_at"),
            case((open_ones == 0, func.max(each.c.at))).label("lost_at"),
        )
        .where(each.c.account_id.is_not(None))
        .group_by(each.c.account_id)
        .cte("outcomes")
    )
    return _moment(leads.c.won_at), _moment(leads.c.lost_at), leads


_AROUND: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "contacts": (Contact, Contact.account_id == Account.id),
        "personas": (Persona, Persona.account_id == Account.id),
        "leads": (Lead, Lead.contact_id == Contact.id, Contact.account_id == Account.id, Lead.deleted_at.is_(None)),
        "researches": (
            ResearchRun,
            ResearchRun.account_id == Account.id,
            ResearchRun.status == ResearchStatus.COMPLETED,
        ),
    }
)
"""What there is around a company, by the moment it was made."""


def _counted(entity: Any, at: Any, *where: ColumnElement[bool]) -> Any:
    found = select(func.count(entity.id)).where(*where, entity.created_at <= at.c.at)
    return found.correlate(Account, at).scalar_subquery()


def _seen(*conditions: ColumnElement[bool]) -> list[Any]:
    return [_times(EngagementEvent.type, types, *conditions).label(name) for name, types in _SEEN.items()]


def _times(column: Any, values: Iterable[Any], *conditions: ColumnElement[bool]) -> Any:
    """How often a column is one of the values while the conditions hold."""
    named = or_(*(column == value for value in values))
    return func.sum(case((and_(named, *conditions), 1), else_=0), type_=Integer)


def _moment(value: Any) -> Any:
    return type_coerce(value, Instant())


def _or_now(decided: Any, now: datetime) -> Any:
    return _moment(func.coalesce(decided, literal(now, Instant())))
