"""The lead score: documented points for what is known about a lead, and the reasons that gave them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from domain.leads import InsuranceType

HIGHEST = 100


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """Points and what they were given for."""

    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """Points 0..100 with the reasons that gave them."""

    points: int
    reasons: tuple[ScoreReason, ...]


class Scored(Protocol):
    """What the score looks at."""

    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    city: str | None
    state: str | None
    insurance_type: InsuranceType | None
    tags: list[str]


def score(lead: Scored) -> Score:
    """Points 0..100 for what is known about a lead (CU-46).

    15 for an e-mail address, 15 for a telephone number, 5 for a full name, 5 for a place, 5 for a kind of
    insurance and 10 more when it is COMMERCIAL or BUNDLE, 10 for the tag `high-value`, 10 for the tag `referral`.
    """
    reasons = tuple(ScoreReason(points, reason) for points, reason, holds in _rules(lead) if holds)
    return Score(min(HIGHEST, sum(reason.points for reason in reasons)), reasons)


def given_score(points: int) -> Score:
    """A score that a client wrote: it says so instead of pretending to have been computed."""
    return Score(points, (ScoreReason(points, "Written by a client."),))


def _rules(lead: Scored) -> list[tuple[int, str, bool]]:
    tags: Collection[str] = {tag.lower() for tag in lead.tags}
    return [
        (15, "Reachable by e-mail.", bool(lead.email)),
        (15, "Reachable by telephone.", bool(lead.phone)),
        (5, "First and last name known.", bool(lead.first_name and lead.last_name)),
        (5, "Place known.", bool(lead.city or lead.state)),
        (5, "Kind of insurance known.", lead.insurance_type is not None),
        (10, "Asks for commercial or bundled insurance.", lead.insurance_type in _LARGE),
        (10, "Tagged high-value.", "high-value" in tags),
        (10, "Tagged referral.", "referral" in tags),
    ]


_LARGE = (InsuranceType.COMMERCIAL, InsuranceType.BUNDLE)
