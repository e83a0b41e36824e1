"""How likely leads and companies are to be won: a logistic rule learnt from an organization's own outcomes.

Until there are enough outcomes there is no probability, only points for what is known (docs/models/conversion.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log1p, sqrt
from typing import Any

from domain.estimates import SPREAD, Estimate
from domain.intelligence.playbooks import size_of
from domain.leads import InsuranceType
from domain.levels import Basis
from domain.scoring import Score, ScoreReason

DIGITS = 4
"""Digits after the point of probabilities."""
INTERCEPT = "intercept"
_MOST = 4.0
"""Standard deviations from the usual beyond which a value counts no more: no lead is judged by what none was like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """What was known of a lead at a moment. `first_touch_minutes` is how long it waited for somebody to do something;
    the counts are of what was done, and of what the person did, up to then.
    """

    points: int
    source: str
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    state: str | None = None
    insurance_type: InsuranceType | None = None
    tags: list[str]
    campaign: bool = False
    assigned: bool = False
    first_touch_minutes: float | None = None
    notes: int = 0
    tasks: int = 0
    emails: int = 0
    calls: int = 0
    meetings: int = 0
    opens: int = 0
    clicks: int = 0
    replies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What was known of a company at a moment, and what its people had done up to then."""

    domain: str | None = None
    industry: str | None = None
    size: str | None = None
    location: str | None = None
    technologies: int = 0
    contacts: int = 0
    personas: int = 0
    leads: int = 0
    researches: int = 0
    opens: int = 0
    clicks: int = 0
    replies: int = 0
    meetings: int = 0


Facts = LeadFacts | AccountFacts


@dataclass(frozen=True, slots=True)
class ConversionWeights:
    """Weights by name, of measures that are centred and scaled as they were in the outcomes they were learnt from."""

    names: tuple[str, ...]
    centers: tuple[float, ...]
    scales: tuple[float, ...]
    means: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    cases: int

    def as_json(self) -> dict[str, Any]:
        """The weights as they are stored."""
        return {
            "names": list(self.names),
            "centers": list(self.centers),
            "scales": list(self.scales),
            "means": list(self.means),
            "covariance": [list(row) for row in self.covariance],
            "cases": self.cases,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ConversionWeights | None:
        """Stored weights; None where there are none."""
        if not stored.get("names"):
            return None
        centers, scales, means = (tuple(map(float, stored[name])) for name in ("centers", "scales", "means"))
        covariance = tuple(tuple(map(float, row)) for row in stored["covariance"])
        return cls(tuple(stored["names"]), centers, scales, means, covariance, int(stored["cases"]))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Learnt weights and what they reach on outcomes left out of learning.

    `auc` is the chance that what was won was given more than what was lost, `points_auc` the same of the points.
    `calibration` has bins of equal size: how many, the mean probability, the share that was won; its error is the mean
    distance of both.
    """

    weights: ConversionWeights
    auc: float
    points_auc: float
    calibration_error: float
    calibration: tuple[tuple[int, float, float], ...]


EACH_KIND = 20
"""Fewest outcomes that were won, and fewest that were lost, for anything to be learnt from them."""


def lacking(outcomes: int, converted: int) -> str | None:
    """Why nothing can be learnt from outcomes however many there are; None when there are enough of both kinds."""
    lost = outcomes - converted
    if min(converted, lost) >= EACH_KIND:
        return None
    return f"At least {EACH_KIND} won and {EACH_KIND} lost are needed; {converted} were won, {lost} lost."


def measures(facts: Facts) -> dict[str, float]:
    """What speaks for or against a conversion, as numbers by name; a name that is missing stands for 0."""
    return _of_lead(facts) if isinstance(facts, LeadFacts) else _of_account(facts)


def points(facts: Facts) -> int:
    """The points of a lead, or of a company."""
    return facts.points if isinstance(facts, LeadFacts) else account_points(facts).points


def account_points(facts: AccountFacts) -> Score:
    """Points 0..100 for what is known of a company: half for knowing it, half for what its people did."""
    rules = (
        (5, "Domain known.", bool(facts.domain)),
        (5, "Industry known.", bool(facts.industry)),
        (5, "Size known.", bool(facts.size)),
        (10, "Somebody there is known.", facts.contacts > 0),
        (10, "Somebody who decides is known.", facts.personas > 0),
        (15, "Somebody there has become a lead.", facts.leads > 0),
        (5, "Mail was opened.", facts.opens > 0),
        (10, "A link was followed.", facts.clicks > 0),
        (20, "Somebody replied.", facts.replies > 0),
        (15, "A meeting was agreed on.", facts.meetings > 0),
    )
    reasons = tuple(ScoreReason(worth, reason) for worth, reason, holds in rules if holds)
    return Score(sum(each.points for each in reasons), reasons)


def probability(model: ConversionWeights, facts: Facts) -> Estimate:
    """How likely what is known makes a conversion, with an interval that holds four times in five."""
    known = measures(facts)
    row = [1.0, *(_scaled(known.get(name, 0.0), *by) for name, *by in zip(*_measured(model), strict=True))]
    odds = sum(weight * value for weight, value in zip(model.means, row, strict=True))
    pairs = zip(row, model.covariance, strict=True)
    variance = sum(a * sum(b * c for b, c in zip(row, of_row, strict=True)) for a, of_row in pairs)
    spread = SPREAD * sqrt(max(0.0, variance))
    value, low, high = (round(_logistic(each), DIGITS) for each in (odds, odds - spread, odds + spread))
    return Estimate(value, low, high, Basis.HISTORY, model.cases)


def _measured(model: ConversionWeights) -> tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...]]:
    return model.names[1:], model.centers[1:], model.scales[1:]


def _scaled(value: float, center: float, scale: float) -> float:
    return min(_MOST, max(-_MOST, (value - center) / scale))


def _of_lead(facts: LeadFacts) -> dict[str, float]:
    tags = {tag.lower() for tag in facts.tags}
    found = {
        "email known": bool(facts.email),
        "telephone known": bool(facts.phone),
        "name known": bool(facts.first_name and facts.last_name),
        "place known": bool(facts.city or facts.state),
        "tagged high-value": "high-value" in tags,
        "tagged referral": "referral" in tags,
        "names a campaign": facts.campaign,
        "assigned": facts.assigned,
        "attended to": facts.first_touch_minutes is not None,
        f"source {facts.source.strip().lower()}": True,
        f"insurance {facts.insurance_type.value if facts.insurance_type else 'unknown'}": True,
    }
    waited = facts.first_touch_minutes
    counts = ("notes", "tasks", "emails", "calls", "meetings", "opens", "clicks", "replies")
    return {
        **{name: 1.0 for name, holds in found.items() if holds},
        "minutes to the first activity": log1p(max(0.0, waited)) if waited is not None else 0.0,
        **{name: log1p(getattr(facts, name)) for name in counts},
    }


def _of_account(facts: AccountFacts) -> dict[str, float]:
    found = {
        "domain known": bool(facts.domain),
        "place known": bool(facts.location),
        f"size {(facts.size and size_of(facts.size)) or 'unknown'}": True,
        f"industry {(facts.industry or 'unknown').strip().lower()}": True,
    }
    counts = ("technologies", "contacts", "personas", "leads", "researches", "opens", "clicks", "replies", "meetings")
    return {
        **{name: 1.0 for name, holds in found.items() if holds},
        **{name: log1p(getattr(facts, name)) for name in counts},
    }


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-odds)) if odds >= 0 else exp(odds) / (1 + exp(odds))
