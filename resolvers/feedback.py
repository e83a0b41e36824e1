"""Reads of feedback."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from domain.feedback import EndUser, Feedback, FeedbackTheme
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackPriority, FeedbackSource, Sentiment
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import contacts, leads, users
from resolvers.end_user_links import LEADS_USERS, newest_lead
from resolvers.leads import Direction
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visibility, visible_to
from resolvers.sql import equals


class FeedbackSortField(StrEnum):
    """By what feedback can be sorted."""

    CREATED_AT = "CREATED_AT"
    SENTIMENT = "SENTIMENT"
    PRIORITY = "PRIORITY"


_SORT_COLUMNS = {
    FeedbackSortField.CREATED_AT: Feedback.created_at,
    FeedbackSortField.SENTIMENT: Feedback.sentiment_score,
    FeedbackSortField.PRIORITY: Feedback.urgency,
}


_OTHER = aliased(Feedback)


@dataclass(frozen=True, slots=True)
class FeedbackSort:
    """The order of feedback."""

    field: FeedbackSortField = FeedbackSortField.CREATED_AT
    direction: Direction = Direction.DESC


@dataclass(frozen=True, slots=True)
class FeedbackFilter:
    """Which feedback is wanted; every given condition has to hold, bounds are inclusive."""

    sources: list[FeedbackSource] | None = None
    sentiment: Sentiment | None = None
    category: FeedbackCategory | None = None
    priority: FeedbackPriority | None = None
    theme: str | None = None
    language: str | None = None
    min_rating: int | None = None
    max_rating: int | None = None
    platform: str | None = None
    version: str | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    user_id: str | None = None
    batch: str | None = None
    corrected: bool | None = None
    max_confidence: float | None = None
    search: str | None = None


@reads(Feedback, Permission.READ_FEEDBACK)
def visible(viewer: Viewer) -> Statement:
    """Feedback of the organization."""
    return visible_to(viewer, Feedback)


@reads(Feedback, Permission.READ_FEEDBACK)
def search(viewer: Viewer, where: FeedbackFilter | None = None, sort: FeedbackSort | None = None) -> Listing:
    """Feedback that matches, newest first unless sorted otherwise."""
    sort = sort or FeedbackSort()
    statement = visible_to(viewer, Feedback)
    if where:
        statement = statement.where(*_equal(where), *_ranges(where), *_found(viewer, where))
    return Listing(statement, Order(_SORT_COLUMNS[sort.field], sort.direction is Direction.DESC))


def _equal(where: FeedbackFilter) -> list[ColumnElement[bool]]:
    wanted = [
        (Feedback.sentiment, where.sentiment),
        (Feedback.category, where.category),
        (Feedback.priority, where.priority),
        (Feedback.platform, where.platform),
        (Feedback.version, where.version),
    ]
    return [column == value for column, value in wanted if value is not None]


def _ranges(where: FeedbackFilter) -> list[ColumnElement[bool]]:
    ranges: list[tuple[Any, Any, Any]] = [
        (Feedback.rating, where.min_rating, where.max_rating),
        (
            Feedback.created_at,
            start_of(where.created_from) if where.created_from else None,
            end_of(where.created_to) if where.created_to else None,
        ),
        (Feedback.sentiment_confidence, None, where.max_confidence),
    ]
    conditions: list[ColumnElement[bool]] = []
    for column, low, high in ranges:
        if low is not None:
            conditions.append(column >= low)
        if high is not None:
            conditions.append(column <= high)
    return conditions


def _found(viewer: Viewer, where: FeedbackFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.sources is not None:
        conditions.append(Feedback.source.in_(where.sources))
    if where.corrected is not None:
        conditions.append(Feedback.corrected_at.is_not(None) if where.corrected else Feedback.corrected_at.is_(None))
    if where.language is not None:
        said = where.language.strip().lower()
        conditions.append(or_(Feedback.detected_language == said, equals(said, Feedback.language)))
    if where.theme is not None:
        named = select(FeedbackTheme.feedback_id).where(
            *visibility(viewer, FeedbackTheme), FeedbackTheme.theme == where.theme
        )
        conditions.append(Feedback.id.in_(named))
    if where.user_id is not None:
        authors = select(EndUser.id).where(*visibility(viewer, EndUser), EndUser.external_id == where.user_id)
        conditions.append(_among(_OTHER.end_user_id.in_(authors)))
    if where.batch is not None:
        conditions.append(_among(_OTHER.batch_id == where.batch))
    if where.search and where.search.strip():
        conditions.append(_matches(where.search.strip()))
    return conditions


def _among(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a condition holds for a row, which is found by it first.

    SQLite would else look through all feedback in its order, as if there were few pieces of an organization.
    """
    return Feedback.id.in_(select(_OTHER.id).where(condition))


def _matches(words: str) -> ColumnElement[bool]:
    """Case-insensitive substring of the content; SQLite folds ASCII alone, so other letters are tried in both cases."""
    spellings = {words} if words.isascii() else {words, words.lower(), words.upper(), words.capitalize()}
    return or_(*(Feedback.content.icontains(each, autoescape=True) for each in sorted(spellings)))


def _of_author(value: Any) -> Any:
    """Something of the author of a piece of feedback."""
    return select(value).where(EndUser.id == Feedback.end_user_id).correlate(Feedback).scalar_subquery()


of_end_user = ToMany(search, Feedback.end_user_id)
of_contact = ToMany(search, EndUser.contact_id, through=(EndUser, EndUser.id == Feedback.end_user_id))
of_lead = ToMany(
    search, LEADS_USERS.c.lead_id, through=(LEADS_USERS, LEADS_USERS.c.end_user_id == Feedback.end_user_id)
)
corrector = ToOne(users.visible, Feedback.corrected_by_id)
authors_contact = ToOne(contacts.visible, _of_author(EndUser.contact_id))
authors_lead = ToOne(leads.visible, _of_author(newest_lead()))
