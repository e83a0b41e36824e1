"""What feedback says as a whole: how it is meant, how pressing it is, what it is about, group by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Float, Integer, Text, cast, func, literal, null, select, union_all

from domain.errors import invalid
from domain.feedback import Feedback, FeedbackTheme
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackSource
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers.feedback_figures import (
    GROUP,
    GROUP_THEME,
    THEME,
    FeedbackGroup,
    Figures,
    PriorityShares,
    SentimentShares,
    Sum,
    ThemeCount,
    figures,
)
from resolvers.reads import Statement, visibility
from resolvers.sql import month_of

THEMES, MOST_THEMES = 10, 100
"""How many themes a report names unless asked for more, and at most."""
GROUPS = 200
"""Most groups of a report, the largest first: versions and platforms are free text."""
_TOP = 3
"""How many themes a group names."""


class FeedbackDimension(StrEnum):
    """By what a report on feedback groups; the language is that which was found in the text, the month UTC's."""

    CATEGORY = "CATEGORY"
    SOURCE = "SOURCE"
    PLATFORM = "PLATFORM"
    VERSION = "VERSION"
    LANGUAGE = "LANGUAGE"
    MONTH = "MONTH"


def _column(dimension: FeedbackDimension, entity: Any) -> Any:
    """What a dimension is of feedback, and of themes, which repeat all of them: neither needs the other's rows."""
    columns = {
        FeedbackDimension.CATEGORY: entity.category,
        FeedbackDimension.SOURCE: entity.source,
        FeedbackDimension.PLATFORM: entity.platform,
        FeedbackDimension.VERSION: entity.version,
        FeedbackDimension.LANGUAGE: entity.detected_language,
        FeedbackDimension.MONTH: month_of(entity.created_at),
    }
    return cast(columns[dimension], Text)


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """What feedback of a range of days and of some sources says."""

    date_from: datetime | None
    date_to: datetime | None
    sources: list[FeedbackSource]
    group_by: FeedbackDimension
    total_feedback: int
    avg_sentiment: float
    sentiment: SentimentShares
    priority: PriorityShares
    top_themes: list[ThemeCount]
    groups: list[FeedbackGroup]


@dataclass(frozen=True, slots=True)
class FeedbackQuestion:
    """Which report is wanted; no sources are all of them."""

    group_by: FeedbackDimension = FeedbackDimension.CATEGORY
    date_from: Moment | None = None
    date_to: Moment | None = None
    sources: list[FeedbackSource] | None = None
    themes: int = THEMES

    permission = Permission.READ_FEEDBACK

    def statement(self, viewer: Viewer) -> Statement:
        """Rows of three kinds, told apart by the first column: groups by sentiment and urgency, the most named themes,
        and those of each group. Then: group, theme or sentiment, urgency, how many, sum of their sentiment.
        """
        if not 0 <= self.themes <= MOST_THEMES:
            raise invalid("themes", f"themes must be from 0 to {MOST_THEMES}.")
        named = self._named(viewer)
        return select(union_all(self._grouped(viewer), self._themes(named), _of_groups(named)).subquery())

    def answer(self, rows: Sequence[Any]) -> FeedbackReport:
        """The report behind the rows."""
        found = figures(rows)
        return FeedbackReport(
            date_from=start_of(self.date_from) if self.date_from else None,
            date_to=end_of(self.date_to) if self.date_to else None,
            sources=list(self.sources or FeedbackSource),
            group_by=self.group_by,
            total_feedback=found.whole.count,
            avg_sentiment=found.whole.avg_sentiment,
            sentiment=found.whole.sentiment_shares(),
            priority=found.whole.priority_shares(),
            top_themes=found.themes,
            groups=self._groups(found),
        )

    def _groups(self, found: Figures) -> list[FeedbackGroup]:
        sums = found.groups
        ordered: Iterable[str | None] = sorted(sums, key=lambda key: (-sums[key].count, key is None, key or ""))
        if self.group_by is FeedbackDimension.CATEGORY:
            # Keys are there without data too (CB-19).
            ordered = [each.value for each in FeedbackCategory]
        elif self.group_by is FeedbackDimension.MONTH:
            ordered = sorted(sums, key=lambda key: key or "")
        return [(sums.get(key) or Sum()).group(key, found.tops.get(key, [])) for key in ordered][:GROUPS]

    def _wanted(self, viewer: Viewer, entity: Any) -> list[ColumnElement[bool]]:
        conditions = visibility(viewer, entity)
        if self.sources:
            conditions.append(entity.source.in_(self.sources))
        if self.date_from:
            conditions.append(entity.created_at >= start_of(self.date_from))
        if self.date_to:
            conditions.append(entity.created_at <= end_of(self.date_to))
        return conditions

    def _grouped(self, viewer: Viewer) -> Any:
        by = (_column(self.group_by, Feedback), cast(Feedback.sentiment, Text), Feedback.urgency)
        counted = (func.count(), func.sum(Feedback.sentiment_score, type_=Float))
        return select(literal(GROUP), *by, *counted).where(*self._wanted(viewer, Feedback)).group_by(*by)

    def _named(self, viewer: Viewer) -> CTE:
        """How often each group names each theme."""
        by = _column(self.group_by, FeedbackTheme).label("key")
        counted = (func.count().label("count"), func.sum(FeedbackTheme.sentiment_score, type_=Float).label("score"))
        statement = select(by, FeedbackTheme.theme, *counted).where(*self._wanted(viewer, FeedbackTheme))
        return statement.group_by(by, FeedbackTheme.theme).cte("named")

    def _themes(self, named: CTE) -> Any:
        count = func.sum(named.c.count, type_=Integer)
        score = func.sum(named.c.score, type_=Float)
        most = select(literal(THEME), cast(null(), Text), named.c.theme, literal(0), count, score).group_by(
            named.c.theme
        )
        return select(most.order_by(count.desc(), named.c.theme).limit(self.themes).subquery())


def _of_groups(named: CTE) -> Any:
    """The most named themes of each group."""
    place = func.row_number().over(partition_by=named.c.key, order_by=(named.c.count.desc(), named.c.theme))
    ranked = select(named, place.label("place")).subquery()
    columns = (ranked.c.key, ranked.c.theme, literal(0), ranked.c.count, ranked.c.score)
    return select(literal(GROUP_THEME), *columns).where(ranked.c.place <= _TOP)
