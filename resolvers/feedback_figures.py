"""The figures of a report on feedback, put together from counted rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.intelligence.feedback_findings import FeedbackPriority, Sentiment
from domain.intelligence.shares import whole_shares

GROUP, THEME, GROUP_THEME = "group", "theme", "group theme"
"""What a counted row is of."""
UNSAID = 0.5
"""Mean sentiment of no feedback (CB-19)."""
_PRIORITIES = tuple(FeedbackPriority)


@dataclass(frozen=True, slots=True)
class SentimentShares:
    """Shares of all feedback; they add up to 1 unless there is none."""

    positive: float
    neutral: float
    negative: float


@dataclass(frozen=True, slots=True)
class PriorityShares:
    """Shares of all feedback; low, medium, high and critical add up to 1 unless there is none."""

    low: float
    medium: float
    high: float
    critical: float
    urgent: float


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """A theme, how many pieces of feedback name it, and their mean sentiment."""

    theme: str
    count: int
    sentiment: float


@dataclass(frozen=True, slots=True)
class FeedbackGroup:
    """Feedback that shares one value of the dimension; priority and sentiment are means."""

    key: str | None
    count: int
    avg_priority: FeedbackPriority
    avg_sentiment: float
    top: list[str]


class Sum:
    """Feedback counted together: how many of which sentiment and urgency, and how pleased in all."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.count = 0
        self.score = 0.0
        self.sentiments: Counter[str] = Counter()
        self.urgencies: Counter[int] = Counter()

    def add(self, sentiment: str, urgency: int, count: int, score: float) -> None:
        """Count some more."""
        self.count += count
        self.score += score
        self.sentiments[sentiment] += count
        self.urgencies[urgency] += count

    @property
    def avg_sentiment(self) -> float:
        """Mean sentiment, 0 to 1."""
        return round(min(1.0, self.score / self.count), 4) if self.count else UNSAID

    @property
    def avg_priority(self) -> FeedbackPriority:
        """The priority that is nearest to the mean, the higher one half way; low without feedback (CB-19)."""
        urgency = sum(step * count for step, count in self.urgencies.items())
        return _PRIORITIES[int(urgency / self.count + 0.5)] if self.count else FeedbackPriority.LOW

    def sentiment_shares(self) -> SentimentShares:
        """How the feedback is meant."""
        shares = whole_shares({each: self.sentiments[each.value] for each in Sentiment})
        return SentimentShares(*(shares[each] for each in Sentiment))

    def priority_shares(self) -> PriorityShares:
        """How pressing the feedback is; urgent is rounded first, for it is what is printed (CB-20)."""
        low, medium, high, critical = (self.urgencies[step] for step in range(len(_PRIORITIES)))
        shares = whole_shares({"low": low, "medium": medium, "urgent": high + critical})
        urgent = whole_shares({"high": high, "critical": critical}, shares["urgent"])
        return PriorityShares(**shares, **urgent)

    def group(self, key: str | None, top: Sequence[str]) -> FeedbackGroup:
        """The sum as a group of a report."""
        return FeedbackGroup(key, self.count, self.avg_priority, self.avg_sentiment, list(top))


@dataclass(frozen=True, slots=True)
class Figures:
    """Counted rows, sorted out: sums and most named themes by group, all of it together, and its most named themes."""

    groups: Mapping[str | None, Sum]
    tops: Mapping[str | None, list[str]]
    whole: Sum
    themes: list[ThemeCount]


def figures(rows: Iterable[Any]) -> Figures:
    """What rows of the report's statement say: kind, group, theme or sentiment, urgency, count, sum of sentiment."""
    groups: defaultdict[str | None, Sum] = defaultdict(Sum)
    tops: defaultdict[str | None, list[tuple[int, str]]] = defaultdict(list)
    whole, themes = Sum(), []
    for kind, key, name, urgency, number, score in rows:
        count = int(number)  # PostgreSQL adds whole numbers up to a decimal
        if kind == GROUP:
            groups[key].add(name, urgency, count, score)
            whole.add(name, urgency, count, score)
        elif kind == THEME:
            themes.append(ThemeCount(name, count, round(min(1.0, score / count), 4)))
        else:
            tops[key].append((-count, name))
    themes.sort(key=lambda each: (-each.count, each.theme))
    return Figures(groups, {key: [name for _, name in sorted(named)] for key, named in tops.items()}, whole, themes)
