"""What is known of a company's behaviour, from its engagement, leads, feedback and research; nothing without evidence.

What stands on an assumption because there is too little evidence is named in `assumed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from statistics import quantiles

from domain.channels import Channel
from domain.engagement import EngagementType
from domain.estimates import Estimate
from domain.intelligence import account_preferences as preferences
from domain.intelligence.account_engagement import WEEKDAYS, Hour, Peak, Trend, clock
from domain.intelligence.account_preferences import Response, Sent
from domain.intelligence.campaign_priors import RESPONSE, WON_ACCOUNT
from domain.levels import Level

USUAL_TIMELINE = "4-12 weeks"
"""What is assumed of decisions while fewer than five were seen."""
_FEWEST_DECISIONS = 5
_MOST = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """Successes of trials, such as replies of delivered messages or won of decided leads."""

    successes: int = 0
    trials: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """A persona: how much it decides (a fraction, None where nobody has said it), and what is known to move it."""

    name: str
    influence: float | None
    pain_points: Sequence[str]
    channels: Sequence[str]
    timing: str | None
    tone: str | None


@dataclass(frozen=True, slots=True)
class Research:
    """What the last research found, the surest first; competitors with how they stand to the company."""

    pain_points: Sequence[tuple[str, Level]] = ()
    opportunities: Sequence[str] = ()
    competitors: Sequence[tuple[str, str]] = ()
    content: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything an insight is made of. `feedback` counts by category and sentiment; days are those decisions took;
    `learnt` is the chance of a conversion by the organization's own model, where there is one.
    """

    hours: Sequence[Hour] = ()
    responses: Sequence[Response] = ()
    last: Mapping[EngagementType, datetime] = field(default_factory=dict)
    sent: Sequence[Sent] = ()
    mail: Tally = Tally()
    mail_of_others: Tally = Tally()
    leads: Mapping[str, int] = field(default_factory=dict)
    decided_by_all: Tally = Tally()
    decision_days: Sequence[float] = ()
    feedback: Mapping[tuple[str, str], int] = field(default_factory=dict)
    research: Research = Research()
    people: Sequence[Person] = ()
    contacts: int = 0
    reachable: int = 0
    law: int = 0
    campaigns: int = 0
    running: int = 0
    learnt: Estimate | None = None

    @property
    def events(self) -> int:
        """How much was noticed."""
        return sum(each.events for each in self.hours)


@dataclass(frozen=True, slots=True)
class Preferred:
    """What a company's people respond to; `assumed` names what stands on assumptions."""

    content_types: list[str]
    channels: list[Channel]
    length: str
    tone: str
    assumed: list[str]


def preferred(of: Evidence) -> Preferred:
    """What was answered most, else what is said of the people or recommended, else what is usual."""
    assumed: list[str] = []
    channels = [Channel(each.name) for each in preferences.channels(of.sent, of.responses)]
    types = [readable(each.name) for each in preferences.content_types(of.sent, of.responses)]
    if not channels and (channels := _said_channels(of.people)):
        assumed.append("preferredChannels")
    if not types and (types := list(of.research.content)[:3]):
        assumed.append("preferredContentTypes")
    length, tone = preferences.length(of.sent), preferences.tone(of.sent)
    if length is None:
        length = preferences.USUAL_LENGTH
        assumed.append("optimalContentLength")
    if tone is None:
        tone = next((each.tone for each in by_influence(of.people) if each.tone), preferences.USUAL_TONE)
        assumed.append("preferredTone")
    return Preferred(types, channels, length, tone, assumed)


def by_influence(people: Sequence[Person]) -> list[Person]:
    """The people, those who decide most first."""
    return sorted(people, key=lambda each: (-(each.influence or 0.0), each.name))


def _said_channels(people: Sequence[Person]) -> list[Channel]:
    said = [each for person in by_influence(people) for each in person.channels]
    return [Channel(each) for each in dict.fromkeys(said) if each in Channel.__members__][:3]


def readable(name: str) -> str:
    """A name such as technical_case_study as it is read: Technical case study."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def response_likelihood(of: Evidence) -> Estimate:
    """The chance that a delivered message is answered: the company's own replies, drawn towards those of others."""
    others = of.mail_of_others
    return RESPONSE.shrunk_to(others.successes, others.trials).expected(of.mail.successes, of.mail.trials)


def conversion_probability(of: Evidence) -> Estimate:
    """The chance of winning the company, by the organization's own model.

    Without one it is the company's own decided leads, drawn towards the organization's share of won ones.
    """
    if of.learnt is not None:
        return of.learnt
    own = Tally(of.leads.get("WON", 0), of.leads.get("WON", 0) + of.leads.get("LOST", 0))
    others = (of.decided_by_all.successes - own.successes, of.decided_by_all.trials - own.trials)
    return WON_ACCOUNT.shrunk_to(*others).expected(own.successes, own.trials)


def decision_timeline(days: Sequence[float]) -> str | None:
    """Within what time the middle half of won leads decided since they were first seen; None of fewer than five."""
    if len(days) < _FEWEST_DECISIONS:
        return None
    low, _, high = quantiles(sorted(max(0.0, each) for each in days), n=4, method="inclusive")
    if high < 14:
        return _range(max(1, floor(low)), max(1, ceil(high)), "day")
    return _range(max(1, floor(low / 7)), max(1, ceil(high / 7)), "week")


def _range(low: int, high: int, unit: str) -> str:
    if low >= high:
        return f"{high} {unit}{'s' if high > 1 else ''}"
    return f"{low}-{high} {unit}s"


def influence_factors(of: Evidence) -> list[str]:
    """What moves the company's people: what troubles them, as research and personas say it, the most urgent first."""
    order = (Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.LOW)
    urgent = sorted(of.research.pain_points, key=lambda each: order.index(each[1]))
    named = [readable(name) for name, _ in urgent]
    named += [readable(each) for person in by_influence(of.people) for each in person.pain_points]
    return list(dict.fromkeys(named))[:_MOST]


def objection_patterns(of: Evidence) -> list[str]:
    """What has spoken against buying: leads that were lost, displeased feedback, and others who sell the same."""
    found = []
    if lost := of.leads.get("LOST", 0):
        found.append(f"{_count(lost, 'lead')} lost before")
    for (category, sentiment), count in sorted(of.feedback.items(), key=lambda each: (-each[1], each[0])):
        if sentiment == "NEGATIVE":
            found.append(f"{readable(category.lower())}: {_count(count, 'displeased piece')} of feedback")
    found += [f"Vendor evaluation: {name}" for name, _ in of.research.competitors]
    return found[:_MOST]


def risk_factors(of: Evidence, heading: Trend) -> list[str]:
    """What may keep the company from buying, each with its numbers."""
    return list(_risks(of, heading))[:_MOST]


def _risks(of: Evidence, heading: Trend) -> Iterator[str]:
    if heading.word == "decreasing":
        yield f"Engagement has fallen by {-heading.change:.0%} against the month before"
    lost, won = of.leads.get("LOST", 0), of.leads.get("WON", 0)
    if lost > won:
        yield f"More leads were lost ({lost}) than won ({won})"
    if of.contacts and not of.reachable:
        yield "Everybody known there has unsubscribed"
    negative = sum(count for (_, sentiment), count in of.feedback.items() if sentiment == "NEGATIVE")
    whole = sum(of.feedback.values())
    if negative * 2 > whole:
        yield f"{negative} of {whole} pieces of feedback are displeased"
    for name, relationship in of.research.competitors:
        yield f"Competitor: {name}" + (f" ({relationship})" if relationship else "")
    if of.law:
        yield f"{_count(of.law, 'open compliance item')} of high risk where the company is"


def success_factors(of: Evidence, heading: Trend) -> list[str]:
    """What speaks for the company buying, each with its numbers."""
    return list(_successes(of, heading))[:_MOST]


def _successes(of: Evidence, heading: Trend) -> Iterator[str]:
    if heading.began:
        yield "Engagement began within the last month"
    elif heading.word == "increasing":
        yield f"Engagement has grown by {heading.change:.0%} against the month before"
    met = counted(of, EngagementType.MEETING_COMPLETED) or counted(of, EngagementType.MEETING_SCHEDULED)
    if met:
        yield _count(met, "meeting")
    if of.mail.successes:
        yield f"{of.mail.successes} of {of.mail.trials} messages were answered"
    if won := of.leads.get("WON", 0):
        yield f"{_count(won, 'lead')} won before"
    positive = sum(count for (_, sentiment), count in of.feedback.items() if sentiment == "POSITIVE")
    if positive * 2 > sum(of.feedback.values()):
        yield f"{positive} of {sum(of.feedback.values())} pieces of feedback are pleased"
    for each in of.research.opportunities:
        yield readable(each)


def counted(of: Evidence, type: EngagementType) -> int:
    """How often something of a kind happened, without repeats."""
    return sum(each.count for each in of.responses if each.type is type)


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}"


def timing(days: Sequence[Peak], hours: Sequence[Peak], people: Sequence[Person]) -> tuple[str, bool]:
    """When to write: the middle of the best hour of the best day, and whether that is assumed (CC-23).

    Where nothing stands out it is what is said of the people, else the usual time of e-mail on a Tuesday.
    """
    if not days and not hours:
        said = next((each.timing for each in by_influence(people) if each.timing), None)
        if said:
            return said, True
    day = WEEKDAYS[days[0].place] if days else WEEKDAYS[1]
    return f"{day} {clock(hours[0].place if hours else 10)} UTC", not (days and hours)
