"""What a research starts from: the facts that are known of a company, each with where it is from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.channels import Channel
from domain.engagement import EngagementType
from domain.intelligence.feedback_findings import Sentiment
from domain.intelligence.playbooks import KnownPlaybook
from domain.leads import LeadStatus
from domain.levels import Level, RiskLevel


class EvidenceKind(StrEnum):
    """What a finding was found in."""

    REQUEST = "REQUEST"
    GRAPH = "GRAPH"
    PLAYBOOK = "PLAYBOOK"
    NEWS = "NEWS"
    WEBSITE = "WEBSITE"
    MODEL = "MODEL"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words or numbers that speak for a finding. `source` is an id, a playbook's key or an address."""

    kind: EvidenceKind
    source: str | None
    text: str

    @classmethod
    def of_news(cls, news: KnownNews) -> Evidence:
        """That an imported entry says so."""
        return cls(EvidenceKind.NEWS, news.url or news.id, news.title)

    def stored(self) -> dict[str, Any]:
        """The evidence as JSON."""
        return {"kind": self.kind.value, "source": self.source, "text": self.text}


@dataclass(frozen=True, slots=True)
class Company:
    """A company as it is known."""

    id: str
    name: str
    domain: str | None = None
    industry: str | None = None
    size: str | None = None
    revenue: str | None = None
    location: str | None = None
    website: str | None = None
    technologies: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody of the company. A decision maker is whoever can be written to and has a title or is a persona."""

    name: str
    title: str | None
    email: str | None
    linkedin: str | None = None
    contact_id: str | None = None
    persona_id: str | None = None
    influence: float | None = None
    pain_points: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    timing: str | None = None
    tone: str | None = None
    unsubscribed: bool = False


@dataclass(frozen=True, slots=True)
class LeadGroup:
    """Leads of the company's people that share status, source and kind of insurance."""

    status: LeadStatus
    source: str
    insurance_type: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Engagement:
    """One thing somebody of the company did."""

    type: EngagementType
    channel: Channel
    at: datetime
    score: float
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class KnownFeedback:
    """A piece of feedback of somebody of the company."""

    id: str
    sentiment: Sentiment
    themes: tuple[str, ...]
    content: str


@dataclass(frozen=True, slots=True)
class KnownNote:
    """A note on a lead of the company, as everybody in the organization may read it."""

    id: str
    content: str


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign that is for the company or names it."""

    id: str
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class KnownDuty:
    """Something the law demands where the company is; overdue and open alike."""

    id: str
    title: str
    deadline: date | None
    risk: RiskLevel


@dataclass(frozen=True, slots=True)
class KnownUpdate:
    """News about a rule that affects the company's industry."""

    id: str
    title: str
    published: date
    impact: Level


@dataclass(frozen=True, slots=True)
class KnownRival:
    """Somebody who sells to the company, as somebody has said it, and where."""

    name: str
    relationship: str | None
    strengths: tuple[str, ...]
    weaknesses: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class KnownNews:
    """An imported entry about the company, and how it sounds."""

    id: str
    title: str
    summary: str
    url: str | None
    published: date
    in_title: bool
    sentiment: Sentiment = Sentiment.NEUTRAL


@dataclass(frozen=True, slots=True)
class SitePage:
    """What the company's own website says of it."""

    url: str
    title: str | None
    description: str | None
    technologies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Leads of the organization that were decided, and how many of them were won: of all, and of the industry."""

    won: int = 0
    decided: int = 0
    industry_won: int = 0
    industry_decided: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where was looked: what it gave, or why it could not be read."""

    kind: str
    source: str | None
    read: bool
    facts: int = 0
    reason: str | None = None

    def stored(self) -> dict[str, Any]:
        """The source as JSON."""
        return {
            "kind": self.kind,
            "source": self.source,
            "read": self.read,
            "facts": self.facts,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known of a company at a moment."""

    company: Company
    now: datetime
    said: tuple[str, ...] = ()
    people: tuple[KnownPerson, ...] = ()
    leads: tuple[LeadGroup, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    feedback: tuple[KnownFeedback, ...] = ()
    users: int = 0
    users_left: int = 0
    notes: tuple[KnownNote, ...] = ()
    campaigns: tuple[KnownCampaign, ...] = ()
    duties: tuple[KnownDuty, ...] = ()
    updates: tuple[KnownUpdate, ...] = ()
    rivals: tuple[KnownRival, ...] = ()
    news: tuple[KnownNews, ...] = ()
    site: SitePage | None = None
    playbooks: tuple[KnownPlaybook, ...] = ()
    outcomes: Outcomes = field(default_factory=Outcomes)
    sources: tuple[Source, ...] = ()
