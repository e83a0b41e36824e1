"""Reads of news about rules, and whom they concern by industry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from domain.accounts import Account
from domain.compliance import RegulatoryUpdate
from domain.industries import alike
from domain.jurisdictions import canonical, touching
from domain.levels import Level
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers import accounts
from resolvers.reads import Listing, Order, Statement, ToMatching, reads, visibility, visible_to
from resolvers.sql import contains, has_any_item, small_letters


@dataclass(frozen=True, slots=True)
class UpdateScope:
    """Among which updates; every given condition has to hold, bounds are inclusive.

    `jurisdiction` is the update's own, `concerning` a place whose jurisdictions it may be; `industry` goes by any name.
    """

    jurisdiction: str | None = None
    concerning: str | None = None
    update_type: str | None = None
    industry: str | None = None
    date_from: date | None = None
    date_to: date | None = None


@dataclass(frozen=True, slots=True)
class UpdateFilter(UpdateScope):
    """Which updates are wanted."""

    impact_level: Level | None = None
    source: str | None = None
    deadline_from: date | None = None
    deadline_to: date | None = None
    search: str | None = None


@reads(RegulatoryUpdate, Permission.READ_COMPLIANCE)
def visible(viewer: Viewer) -> Statement:
    """Updates of the organization."""
    return visible_to(viewer, RegulatoryUpdate)


@reads(RegulatoryUpdate, Permission.READ_COMPLIANCE)
def search(viewer: Viewer, where: UpdateFilter | None = None) -> Listing:
    """Updates that match, the newest first."""
    where = where or UpdateFilter()
    statement = visible_to(viewer, RegulatoryUpdate).where(*_within(where), *_conditions(where))
    return Listing(statement, Order(RegulatoryUpdate.published_on))


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """Updates counted; `high_impact` are those of high and critical impact."""

    total: int
    high_impact: int
    by_jurisdiction: list[UpdateCount]
    by_type: list[UpdateCount]


@dataclass(frozen=True, slots=True)
class UpdateCount:
    """The updates that share a jurisdiction or a type."""

    key: str
    total: int
    high_impact: int


@dataclass(frozen=True, slots=True)
class UpdateSummaryQuestion:
    """Among which updates is counted."""

    where: UpdateScope | None = None

    permission = Permission.READ_COMPLIANCE

    def statement(self, viewer: Viewer) -> Statement:
        """One row per jurisdiction, type and impact; and how many."""
        update = RegulatoryUpdate
        parts = (update.jurisdiction, update.update_type, update.impact_level)
        own = (*visibility(viewer, update), *_within(self.where or UpdateScope()))
        return select(*parts, func.count()).where(*own).group_by(*parts)

    def answer(self, rows: Sequence[Any]) -> UpdateSummary:
        """The counts behind the rows."""
        total = sum(row[3] for row in rows)
        return UpdateSummary(total, _high(rows), _by(rows, 0), _by(rows, 1))


def word_of(type: str) -> str:
    """A type of update as it is compared: an open word such as `new_regulation`, without case and blanks."""
    return "_".join(type.lower().replace("-", " ").replace("_", " ").split())


def _high(rows: Sequence[Any]) -> int:
    return sum(row[3] for row in rows if row[2] in (Level.HIGH, Level.CRITICAL))


def _by(rows: Sequence[Any], part: int) -> list[UpdateCount]:
    keys = dict.fromkeys(row[part] for row in rows)
    counted = []
    for key in keys:
        own = [row for row in rows if row[part] == key]
        counted.append(UpdateCount(key, sum(row[3] for row in own), _high(own)))
    return sorted(counted, key=lambda each: (-each.total, each.key))


def _within(scope: UpdateScope) -> list[ColumnElement[bool]]:
    update = RegulatoryUpdate
    conditions: list[ColumnElement[bool]] = []
    # Nothing but blanks asks for nothing, as in a form that was not filled in.
    if scope.jurisdiction and scope.jurisdiction.strip():
        conditions.append(update.jurisdiction == canonical(scope.jurisdiction))
    if scope.concerning and scope.concerning.strip():
        conditions.append(update.jurisdiction.in_(touching(canonical(scope.concerning))))
    if scope.update_type and scope.update_type.strip():
        conditions.append(update.update_type == word_of(scope.update_type))
    if scope.industry and scope.industry.strip():
        conditions.append(has_any_item(update.affected_industries, alike(scope.industry)))
    if scope.date_from:
        conditions.append(update.published_on >= scope.date_from)
    if scope.date_to:
        conditions.append(update.published_on <= scope.date_to)
    return conditions


def _conditions(where: UpdateFilter) -> list[ColumnElement[bool]]:
    update = RegulatoryUpdate
    conditions: list[ColumnElement[bool]] = []
    if where.impact_level:
        conditions.append(update.impact_level == where.impact_level)
    if where.source is not None:
        conditions.append(update.source == where.source)
    if where.deadline_from:
        conditions.append(update.deadline >= where.deadline_from)
    if where.deadline_to:
        conditions.append(update.deadline <= where.deadline_to)
    if where.search and where.search.strip():
        conditions.append(contains(where.search, update.title, update.summary, update.source))
    return conditions


of_account = ToMatching(
    search,
    Account.industry,
    parts=lambda industry: (alike(industry),),
    match=lambda names: has_any_item(RegulatoryUpdate.affected_industries, names),
)
accounts_of = ToMatching(
    accounts.search,
    RegulatoryUpdate.affected_industries,
    parts=lambda industries: (tuple(sorted({name for each in industries for name in alike(each)})),),
    match=lambda names: small_letters(Account.industry).in_(names),
)
