"""Reads of end users, and what is known of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, or_, select

from domain.feedback import EndUser, Feedback
from domain.intelligence.churn_weights import UserFacts
from domain.intelligence.feedback_findings import Sentiment
from domain.levels import RiskLevel
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import contacts, leads
from resolvers.end_user_links import LEADS_USERS, newest_lead
from resolvers.leads import Direction
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visibility, visible_to
from resolvers.sql import days_between, now

RECENT = timedelta(days=90)
"""How far back sentiment is recent."""
_BOUNDS = {
    RiskLevel.LOW: (0.0, 0.25),
    RiskLevel.MEDIUM: (0.25, 0.5),
    RiskLevel.HIGH: (0.5, 0.9),
    RiskLevel.CRITICAL: (0.9, 2.0),
}
"""Probabilities by level (CB-24)."""


class EndUserSortField(StrEnum):
    """By what end users can be sorted; by churn, users without a prediction come as the least likely."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    CHURN = "CHURN"


_SORT_COLUMNS = {
    EndUserSortField.CREATED_AT: EndUser.created_at,
    EndUserSortField.UPDATED_AT: EndUser.updated_at,
    EndUserSortField.CHURN: EndUser.churn_order,
}


@dataclass(frozen=True, slots=True)
class EndUserSort:
    """The order of end users."""

    field: EndUserSortField = EndUserSortField.CREATED_AT
    direction: Direction = Direction.DESC


@dataclass(frozen=True, slots=True)
class EndUserFilter:
    """Which end users are wanted; every given condition has to hold, bounds are inclusive."""

    external_id: str | None = None
    risk_level: RiskLevel | None = None
    min_churn: float | None = None
    churned: bool | None = None
    linked: bool | None = None
    last_login_from: Moment | None = None
    last_login_to: Moment | None = None
    search: str | None = None


@reads(EndUser, Permission.READ_FEEDBACK)
def visible(viewer: Viewer) -> Statement:
    """End users of the organization."""
    return visible_to(viewer, EndUser)


@reads(EndUser, Permission.READ_FEEDBACK)
def search(viewer: Viewer, where: EndUserFilter | None = None, sort: EndUserSort | None = None) -> Listing:
    """End users that match, newest first unless sorted otherwise."""
    sort = sort or EndUserSort()
    statement = visible_to(viewer, EndUser)
    if where:
        statement = statement.where(*_conditions(where))
    return Listing(statement, Order(_SORT_COLUMNS[sort.field], sort.direction is Direction.DESC))


def _conditions(where: EndUserFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.external_id is not None:
        conditions.append(EndUser.external_id == where.external_id)
    if where.risk_level is not None:
        low, high = _BOUNDS[where.risk_level]
        conditions += [EndUser.churn_order >= low, EndUser.churn_order < high]
    if where.min_churn is not None:
        conditions.append(EndUser.churn_order >= where.min_churn)
    if where.churned is not None:
        conditions.append(EndUser.churned_at.is_not(None) if where.churned else EndUser.churned_at.is_(None))
    if where.linked is not None:
        linked = or_(EndUser.contact_id.is_not(None), EndUser.lead_id.is_not(None))
        conditions.append(linked if where.linked else ~linked)
    if where.last_login_from is not None:
        conditions.append(EndUser.last_login >= start_of(where.last_login_from).date())
    if where.last_login_to is not None:
        conditions.append(EndUser.last_login <= end_of(where.last_login_to).date())
    if where.search and where.search.strip():
        conditions.append(EndUser.external_id.icontains(where.search.strip(), autoescape=True))
    return conditions


def total_feedback(viewer: Viewer) -> ColumnElement[int]:
    """Pieces of feedback as the customer has said, else as counted."""
    return func.coalesce(EndUser.total_feedback, _counted(func.count()))


def positive_feedback(viewer: Viewer) -> ColumnElement[int]:
    """The same of positive feedback."""
    return func.coalesce(EndUser.positive_feedback, _counted(_of(Sentiment.POSITIVE)))


def negative_feedback(viewer: Viewer) -> ColumnElement[int]:
    """The same of negative feedback."""
    return func.coalesce(EndUser.negative_feedback, _counted(_of(Sentiment.NEGATIVE)))


def recent_sentiment(viewer: Viewer) -> ColumnElement[Any]:
    """Sentiment as the customer has said, else the mean of what was collected in the last 90 days."""
    recent = days_between(Feedback.created_at, now()) <= RECENT.days
    return func.coalesce(EndUser.recent_sentiment, _counted(func.avg(case((recent, Feedback.sentiment_score)))))


def history(user: EndUser, moment: datetime) -> Statement:
    """What was collected of a user: pieces, negative ones, and their mean sentiment in the 90 days before a moment."""
    theirs = (Feedback.end_user_id == user.id, Feedback.created_at <= moment)
    recent = func.avg(case((Feedback.created_at >= moment - RECENT, Feedback.sentiment_score)))
    return select(func.count(), _of(Sentiment.NEGATIVE), recent).select_from(Feedback).where(*theirs)


def facts_of(user: EndUser, counted: tuple[int, int, float | None]) -> UserFacts:
    """What is known of a user: said by the customer, else counted from what was collected (CB-23)."""
    total, negative, recent = counted
    some = total or None
    return UserFacts(
        signup_date=user.signup_date,
        last_login=user.last_login,
        core_features=user.core_features,
        advanced_features=user.advanced_features,
        support_usage=user.support_usage,
        total_feedback=some if user.total_feedback is None else user.total_feedback,
        negative_feedback=(negative if some else None) if user.negative_feedback is None else user.negative_feedback,
        recent_sentiment=recent if user.recent_sentiment is None else user.recent_sentiment,
    )


def _counted(what: Any) -> Any:
    theirs = select(what).select_from(Feedback).where(Feedback.end_user_id == EndUser.id)
    return theirs.correlate(EndUser).scalar_subquery()


def _of(sentiment: Sentiment) -> Any:
    return func.coalesce(func.sum(case((Feedback.sentiment == sentiment, 1), else_=0), type_=Integer), 0)


def known_as(viewer: Viewer, external_id: str) -> Statement:
    """The end user with an external id."""
    return select(EndUser).where(*visibility(viewer, EndUser), EndUser.external_id == external_id)


of_feedback = ToOne(visible, Feedback.end_user_id)
of_contact = ToMany(search, EndUser.contact_id)
of_lead = ToMany(search, LEADS_USERS.c.lead_id, through=(LEADS_USERS, LEADS_USERS.c.end_user_id == EndUser.id))
contact = ToOne(contacts.visible, EndUser.contact_id)
lead = ToOne(leads.visible, newest_lead())
