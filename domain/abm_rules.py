"""The rules by which a campaign reacts: which follow from its triggers, and how their delays are written and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.abm import OncePer, RuleAction
from domain.engagement import EngagementType
from domain.errors import invalid

LONGEST_DELAY: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a rule does, how long after, and how often for the same person."""

    action: RuleAction
    delay: timedelta
    once_per: OncePer


USUAL: Final[Mapping[EngagementType, Reaction]] = {
    EngagementType.EMAIL_OPEN: Reaction(RuleAction.SEND_LINKEDIN_CONNECTION, timedelta(hours=2), OncePer.CONTACT),
    EngagementType.LINK_CLICK: Reaction(RuleAction.SEND_FOLLOW_UP_EMAIL, timedelta(hours=1), OncePer.ITEM),
}
"""What follows from the documented triggers; from others, such as a reply, nothing does by itself (CC-22)."""
TRIGGERS: Final = (EngagementType.EMAIL_OPEN, EngagementType.LINK_CLICK, EngagementType.RESPONSE_RECEIVED)
"""The triggers of a campaign whose automation is on and that names none."""

_UNITS: Final[Sequence[tuple[str, int]]] = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_SECONDS: Final = dict(_UNITS)
_WRITTEN = re.compile(r"(\d{1,9})\s*(day|hour|minute|second)s?")


def reactions(triggers: Iterable[EngagementType]) -> list[tuple[EngagementType, Reaction]]:
    """The rules of a campaign, in the order of its triggers, each trigger once."""
    return [(each, USUAL[each]) for each in dict.fromkeys(triggers) if each in USUAL]


def delay_text(seconds: int) -> str:
    """A delay as it is written: `2 hours`, `1 hour`; in days only from two on, as people say it."""
    for unit, size in _UNITS:
        count = seconds // size
        if seconds % size == 0 and count and not (unit == "day" and count == 1):
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "0 hours"


def delay_seconds(field: str, text: str) -> int:
    """A delay such as `2 hours` in seconds.

    Raises:
        DomainError: INVALID for other texts, and beyond what is allowed.
    """
    found = _WRITTEN.fullmatch(text.strip().lower())
    if found is None:
        raise invalid(field, f"{field} must be a number of minutes, hours or days such as '2 hours'.")
    return bounded(field, int(found[1]) * _SECONDS[found[2]])


def bounded(field: str, seconds: int) -> int:
    """A delay that is no longer than allowed.

    Raises:
        DomainError: INVALID for others.
    """
    if not 0 <= seconds <= LONGEST_DELAY.total_seconds():
        raise invalid(field, f"{field} must be from 0 to {LONGEST_DELAY.days} days.")
    return seconds
