"""What engagement is worth, what of it is counted, and for whom a rule fires."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from domain.abm import OncePer
from domain.channels import Channel
from domain.engagement import EngagementType

WEIGHTS = {
    EngagementType.BOUNCE: 0.0,
    EngagementType.OTHER: 0.1,
    EngagementType.EMAIL_OPEN: 0.3,
    EngagementType.LINK_CLICK: 0.5,
    EngagementType.RESPONSE_RECEIVED: 0.7,
    EngagementType.MEETING_SCHEDULED: 0.85,
    EngagementType.MEETING_COMPLETED: 0.9,
    EngagementType.CONVERSION: 0.97,
}
"""How much each kind tells of interest by itself: the more somebody had to do for it, the more."""

MAIL = frozenset(
    {
        EngagementType.EMAIL_OPEN,
        EngagementType.LINK_CLICK,
        EngagementType.RESPONSE_RECEIVED,
        EngagementType.BOUNCE,
    }
)
"""What can be done with a message."""

COUNTERS = {
    EngagementType.EMAIL_OPEN: "emails_opened",
    EngagementType.LINK_CLICK: "emails_clicked",
    EngagementType.RESPONSE_RECEIVED: "emails_replied",
    EngagementType.MEETING_SCHEDULED: "meetings_scheduled",
    EngagementType.MEETING_COMPLETED: "meetings_completed",
    EngagementType.CONVERSION: "conversions",
}
"""Which number of a campaign's day each kind adds to, once for its message or person."""

REACTED_TO = timedelta(days=7)
"""How old something may be when it becomes known for rules to fire: a history that is loaded sends nothing."""


def score(kinds: Iterable[EngagementType]) -> float:
    """How much interest the distinct kinds show together, a fraction: 1 - product of (1 - weight), rounded to 4 places.

    Each kind adds to what the others leave open, so that the order does not matter and 1 is never passed.
    """
    open_still = 1.0
    for kind in set(kinds):
        open_still *= 1.0 - WEIGHTS[kind]
    return round(1.0 - open_still, 4)


def channel_of(type: EngagementType, of_item: Channel | None) -> Channel:
    """By what way something happened when nobody says it: that of the planned piece, else what its kind suggests."""
    return of_item or (Channel.EMAIL if type in MAIL else Channel.OTHER)


def scope_key(once_per: OncePer, contact_id: str, item_id: str | None) -> str:
    """What a rule fires once for."""
    return contact_id if once_per is OncePer.CONTACT else f"{contact_id}:{item_id or ''}"


def percent(fraction: float) -> int:
    """A fraction as whole percent, as receivers are told it (X-10)."""
    return round(fraction * 100)
