"""What goes with a set of texts: when to send them, what to do next, and which version is the best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from domain.channels import Channel
from domain.intelligence.account_engagement import WEEKDAYS, Hour, clock, peak_days, peak_hours
from domain.intelligence.copy_scores import Appraisal

_USUAL = {
    Channel.EMAIL: "Tuesday 10:30 AM",
    Channel.LINKEDIN: "Tuesday 2:00 PM",
    Channel.PHONE: "Wednesday 4:00 PM",
}
"""When each channel is used while nothing is known: assumed, the hours as CopyCar's schedule has them (CC-23)."""
_USUAL_DAY, _USUAL_HOUR = "Tuesday", "10:30 AM"
_ADVICE = 5


def timing(channel: Channel, moments: Sequence[datetime], preferred: str | None = None) -> str:
    """When to use a channel, in UTC: the weekday and the hour in which the company's people clearly did the most, else
    what somebody has said of the reader, else the usual ones.

    A weekday or an hour has to stand out of an even spread as in insights of companies.
    """
    seen = [Hour(each, 1, 0.0) for each in moments]
    days, hours = peak_days(seen), peak_hours(seen)
    if preferred and not days and not hours:
        return preferred
    usual_day, _, usual_hour = _USUAL.get(channel, f"{_USUAL_DAY} {_USUAL_HOUR}").partition(" ")
    day = WEEKDAYS[days[0].place] if days else usual_day
    return f"{day} {clock(hours[0].place) if hours else usual_hour} UTC"


def follow_up(channels: Sequence[Channel]) -> str:
    """What to do when nothing has come back: the next channel that there is a text for, else the first one again."""
    first, *others = dict.fromkeys(channels)
    if not others:
        return f"{_verb(first)} a second {_short(first)} 4 days after the first if there is no reply"
    other = others[0]
    # With somebody new LinkedIn begins by a request.
    what = "LinkedIn connection request" if other is Channel.LINKEDIN else _short(other)
    return f"{_verb(other)} {what} 2 days after {_short(first)}"


def _verb(channel: Channel) -> str:
    return "Make" if channel is Channel.PHONE else "Send"


def _short(channel: Channel) -> str:
    return {
        Channel.EMAIL: "email",
        Channel.LINKEDIN: "LinkedIn message",
        Channel.WEBSITE: "link to the page",
        Channel.DIRECT_MAIL: "letter",
        Channel.PHONE: "call",
        Channel.OTHER: "message",
    }[channel]


def best(appraisals: Sequence[Appraisal]) -> int:
    """Which one is the best: by the chance of a response, then by how personal it is, then the first."""
    return max(
        range(len(appraisals)),
        key=lambda each: (appraisals[each].prediction.value, appraisals[each].personalization, -each),
    )


def optimizations(appraisals: Sequence[Appraisal]) -> list[str]:
    """What to mend in most of the texts, the most frequent first."""
    counted = Counter(text for each in appraisals for text in each.optimizations)
    return [text for text, _ in counted.most_common(_ADVICE)]
