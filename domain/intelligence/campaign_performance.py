"""How a campaign for one company does: counts, rates, what they compare with, and where they are likely to end.

Rates: delivery on what was sent, all others on what was delivered, 0 where nothing can be divided by (CC-11, CC-12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from math import sqrt

from domain.estimates import SPREAD, Estimate
from domain.intelligence.campaign_priors import Prior
from domain.intelligence.significance import Difference, Share, compare, enough, likely
from domain.levels import Level

FEWEST_MESSAGES = 30
"""Delivered messages below which a campaign's rates are a first impression, and parts of it are not compared."""
FEWEST_OF_OTHERS = 10
"""Delivered messages from which another campaign is compared with."""
SIGNIFICANT = 0.05
"""Chance of a difference by accident alone below which it is told as real."""
_HIGH, _MEDIUM = 0.6, 0.35
"""From which mean score on an account counts as highly or moderately engaged: an opening alone scores .3, a click .65,
a reply .9."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened: messages are counted once, `engagements` is all people did, `score_sum` its scores."""

    emails_sent: int = 0
    emails_delivered: int = 0
    emails_opened: int = 0
    emails_clicked: int = 0
    emails_replied: int = 0
    meetings_scheduled: int = 0
    meetings_completed: int = 0
    conversions: int = 0
    engagements: int = 0
    score_sum: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, each) + getattr(other, each) for each in NAMES))

    @property
    def engagement(self) -> float:
        """The mean score of everything noticed, 0 without anything."""
        return rate(self.score_sum, self.engagements)

    @property
    def replies(self) -> Share:
        """Replies out of delivered messages, as a share that is never above 1."""
        return share(self.emails_replied, self.emails_delivered)


NAMES = tuple(each.name for each in fields(Counts))
_RATES = {
    "delivery_rate": ("emails_delivered", "emails_sent"),
    "open_rate": ("emails_opened", "emails_delivered"),
    "click_rate": ("emails_clicked", "emails_delivered"),
    "reply_rate": ("emails_replied", "emails_delivered"),
    "meeting_rate": ("meetings_scheduled", "emails_delivered"),
    "conversion_rate": ("conversions", "emails_delivered"),
}


def rate(part: float, whole: float) -> float:
    """A part of a whole as a fraction from 0 to 1; 0 where there is no whole."""
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0


def share(part: float, whole: float) -> Share:
    """A part of a whole for statistics: never below 0, never more than the whole."""
    base = max(0.0, float(whole))
    return Share(min(max(0.0, float(part)), base), base)


def rates(counts: Counts) -> dict[str, float]:
    """Every rate by its name."""
    return {name: rate(getattr(counts, part), getattr(counts, whole)) for name, (part, whole) in _RATES.items()}


def capped(counts: Counts) -> list[str]:
    """What has to be said of rates that would be above 1, and so are told as 1."""
    found = []
    for name, (part, whole) in _RATES.items():
        more, base = getattr(counts, part), getattr(counts, whole)
        if more > base:
            words = [each.replace("_", " ") for each in (part, whole, name)]
            found.append(f"There are more {words[0]} ({more}) than {words[1]} ({base}): the {words[2]} is told as 1.")
    return found


def total(parts: Iterable[Counts]) -> Counts:
    """All of them added up."""
    return sum(parts, Counts())


def within(days: Mapping[date, Counts], first: date, last: date) -> dict[date, Counts]:
    """The days from the first to the last in which anything happened, in order."""
    return {day: days[day] for day in sorted(days) if first <= day <= last and days[day] != Counts()}


def engaged(score: float) -> Level:
    """How engaged an account is by the mean score of what was noticed: HIGH from .6, MEDIUM from .35, else LOW."""
    return Level.HIGH if score >= _HIGH else Level.MEDIUM if score >= _MEDIUM else Level.LOW


def described(own: Counts, others: Sequence[Counts]) -> str:
    """In plain words, how often a campaign is answered, and how that compares with the organization's others."""
    if not own.emails_delivered > 0:
        return "No message has been delivered in this period yet."
    said = [
        f"{own.emails_replied} of {own.emails_delivered} delivered messages were replied to "
        f"({rates(own)['reply_rate']:.1%})" + _standing(own, others)
    ]
    if own.emails_delivered < FEWEST_MESSAGES:
        said.append(f"Fewer than {FEWEST_MESSAGES} messages were delivered: these rates are a first impression.")
    return " ".join(said + capped(own))


def _standing(own: Counts, every: Sequence[Counts]) -> str:
    known = [each for each in every if each.emails_delivered >= FEWEST_OF_OTHERS]
    if not known:
        return "; there is no other campaign of the organization to compare with yet."
    # All of their messages together, which is what the difference is tested against: the mean of their rates may lie
    # on the other side of a campaign where they are of different size.
    others = total(known).replies
    points = (own.replies.rate - others.rate) * 100
    which = f"{len(known)} other campaign{'s' if len(known) > 1 else ''} together ({others.rate:.1%})"
    where = f"{abs(points):.1f} points {'above' if points > 0 else 'below'}" if abs(points) >= 0.05 else "the same as"
    return f", {where} {which}. {_certainty(own.replies, others)}"


def _certainty(own: Share, others: Share) -> str:
    if not enough(own, others, FEWEST_MESSAGES):
        return "That is too little mail to tell the difference from chance."
    found = compare(own, others)
    if found.p < SIGNIFICANT:
        return f"That is more than chance (p {likely(found.p)})."
    return f"That may be chance (p {likely(found.p)})."


def proof(found: Difference, p: float) -> str:
    """A difference of shares with its interval and how likely it is by accident alone."""
    return (
        f"difference {found.size * 100:+.1f} points, 95% interval {found.low * 100:+.1f} to {found.high * 100:+.1f}, "
        f"p {likely(p)}"
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where rates are likely to end, and how sure that is: a fraction."""

    final_response_rate: Estimate
    final_conversion_rate: Estimate
    confidence: float


def outlook(so_far: Counts, remaining: float, replies: Prior, conversions: Prior) -> Outlook:
    """What rates are likely to be once the schedule is done; `remaining` messages are still to be delivered.

    The confidence is 1 less the width of the interval of the response rate as a part of the width it would have if
    nothing were known but the prior: 0 before the first message, 1 when nothing is left to come.
    """
    base = max(0, so_far.emails_delivered)
    answered = final(so_far.emails_replied, base, remaining, replies)
    unknown = final(0, 0, base + remaining, replies)
    width, widest = answered.high - answered.low, unknown.high - unknown.low
    return Outlook(answered, final(so_far.conversions, base, remaining, conversions), _sureness(width, widest))


def _sureness(width: float, widest: float) -> float:
    return min(1.0, max(0.0, 1.0 - width / widest)) if widest > 0 else 0.0


def final(successes: float, trials: float, remaining: float, prior: Prior) -> Estimate:
    """A share at the end: what has been seen, and what a beta-binomial expects of the `remaining` trials.

    With a Beta(a, b) of what is known so far the remaining m trials bring m a / (a + b) successes, with a variance of
    m p (1 - p) (a + b + m) / (a + b + 1); the interval holds four times in five.
    """
    seen = share(successes, trials)
    weight = prior.weight + seen.trials
    p = (prior.rate * prior.weight + seen.successes) / weight
    basis, cases = prior.basis(seen.trials), int(prior.cases + seen.trials)
    m = max(0.0, remaining)
    whole = seen.trials + m
    if whole <= 0:
        # Nothing was sent and nothing will be: all there is to tell is the prior itself.
        deviation = sqrt(p * (1 - p) / (weight + 1))
        return Estimate(p, max(0.0, p - SPREAD * deviation), min(1.0, p + SPREAD * deviation), basis, cases)
    middle = (seen.successes + m * p) / whole
    deviation = sqrt(m * p * (1 - p) * (weight + m) / (weight + 1)) / whole
    least, most = seen.successes / whole, (seen.successes + m) / whole
    low, high = middle - SPREAD * deviation, middle + SPREAD * deviation
    return Estimate(middle, min(middle, max(least, low)), max(middle, min(most, high)), basis, cases)
