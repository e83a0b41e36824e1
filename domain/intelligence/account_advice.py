"""What to do next about a company, each piece of advice with the numbers it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.channels import Channel
from domain.engagement import EngagementType
from domain.intelligence import account_preferences as preferences
from domain.intelligence.account_engagement import WEEKDAYS, Peak, Trend, span
from domain.intelligence.account_insights import Evidence, Preferred, readable
from domain.intelligence.campaign_opportunities import CHANNEL_NAMES
from domain.levels import Basis, Level

_RECENT = timedelta(days=14)
"""How long something that was done there is worth an answer."""
_WORTH = 1.1
"""By what factor a preference has to exceed the usual score per piece to be recommended."""
_MOST = 5


@dataclass(frozen=True, slots=True)
class AccountAdvice:
    """Something to do about a company, and why it should help."""

    type: str
    description: str
    priority: Level
    expected_impact: str
    basis: Basis = Basis.HISTORY


@dataclass(frozen=True, slots=True)
class Findings:
    """What advice stands on, beside the evidence itself."""

    heading: Trend
    days: Sequence[Peak]
    hours: Sequence[Peak]
    preferred: Preferred
    timing: str


def next_action(of: Evidence, found: Findings, now: datetime) -> str:
    """The one thing to do next: answer what was done there lately, else what keeps the company from being reached."""
    first = next(_answers(of, now), None) or next(_obstacles(of, found), None)
    if first:
        return first.description
    if found.preferred.content_types:
        return f"Send {_plain(found.preferred.content_types[0])}"
    return "Keep to the plan of the running campaign" if of.running else "Plan a campaign"


def advice(of: Evidence, found: Findings, now: datetime) -> list[AccountAdvice]:
    """All advice there is evidence for, the most urgent first."""
    every = [*_answers(of, now), *_obstacles(of, found), *_content(of), *_channel(of), *_timed(found)]
    return sorted(every, key=lambda each: -tuple(Level).index(each.priority))[:_MOST]


def _answers(of: Evidence, now: datetime) -> Iterator[AccountAdvice]:
    """What somebody there did lately and waits to be answered; the strongest sign alone."""
    for kind, deed, what, priority in _SIGNS:
        at = of.last.get(kind)
        if at is not None and timedelta(0) <= now - at <= _RECENT:
            yield AccountAdvice(
                "follow_up",
                deed,
                priority,
                f"{what} on {at:%Y-%m-%d}: the strongest sign of interest in the last {_RECENT.days} days",
            )
            return


_SIGNS = (
    (EngagementType.RESPONSE_RECEIVED, "Answer the last reply and offer a meeting", "Somebody replied", Level.CRITICAL),
    (EngagementType.MEETING_COMPLETED, "Send what was agreed in the last meeting", "A meeting took place", Level.HIGH),
    (EngagementType.MEETING_SCHEDULED, "Prepare the meeting that was agreed", "A meeting was agreed", Level.HIGH),
    (EngagementType.LINK_CLICK, "Call or write to who followed a link", "A link was followed", Level.HIGH),
)


def _obstacles(of: Evidence, found: Findings) -> Iterator[AccountAdvice]:
    """What keeps the company from being reached."""
    if not of.contacts:
        yield AccountAdvice(
            "contact",
            "Add somebody with an e-mail address",
            Level.HIGH,
            "Nobody there is known by an address: without one nothing can be sent",
        )
    elif not of.reachable:
        yield AccountAdvice(
            "contact",
            "Find another way to somebody there",
            Level.HIGH,
            f"All {of.contacts} known people have unsubscribed: mail to them is not sent",
        )
    elif not of.campaigns:
        yield AccountAdvice(
            "campaign",
            "Start a first campaign",
            Level.MEDIUM,
            f"{of.reachable} people can be written to, and none has been yet",
            Basis.PRIOR,
        )
    if found.heading.word == "decreasing":
        yield AccountAdvice(
            "attention",
            "Change the channel or the topic",
            Level.HIGH,
            f"Engagement has fallen by {-found.heading.change:.0%} against the month before",
        )


def _content(of: Evidence) -> Iterator[AccountAdvice]:
    ranked = preferences.content_types(of.sent, of.responses)
    if len(ranked) > 1 and ranked[0].pieces and ranked[0].score >= _WORTH * ranked[0].usual > 0:
        best = ranked[0]
        yield AccountAdvice(
            "content",
            f"Send {_plain(readable(best.name))}",
            Level.HIGH,
            _gain(best),
        )


def _channel(of: Evidence) -> Iterator[AccountAdvice]:
    ranked = [each for each in preferences.channels(of.sent, of.responses) if each.pieces]
    if len(ranked) > 1 and ranked[0].score >= _WORTH * ranked[0].usual > 0:
        best = ranked[0]
        yield AccountAdvice(
            "channel",
            f"Use {CHANNEL_NAMES[Channel(best.name)]} first",
            Level.MEDIUM,
            _gain(best),
        )


def _gain(best: preferences.Preference) -> str:
    more = best.score / best.usual - 1
    return f"{more:.0%} more engagement per piece than the mean of all, from {best.pieces} sent"


def _timed(found: Findings) -> Iterator[AccountAdvice]:
    """The next time to write, where days or hours stand out."""
    parts = []
    if found.days:
        parts.append(
            f"{found.days[0].part:.0%} of the engagement falls on a {WEEKDAYS[found.days[0].place]} (even: 14%)"
        )
    if found.hours:
        parts.append(f"{found.hours[0].part:.0%} of it between {span(found.hours[0].place).replace('-', ' and ')} UTC")
    if parts:
        yield AccountAdvice("timing", f"Write next on {found.timing}", Level.MEDIUM, ", ".join(parts))


def _plain(name: str) -> str:
    """A name inside a sentence: its first letter is small unless it is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
