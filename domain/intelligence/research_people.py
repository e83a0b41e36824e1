"""Who decides in a company: people who are known by an address, and what is known of how to reach them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.channels import Channel
from domain.engagement import EngagementType
from domain.intelligence.research_facts import Engagement, Facts, KnownPerson

_SENIORITY: Sequence[tuple[float, str]] = (
    (0.9, r"chief|c[efimortps]o|ciso|founder|co-founder|owner|president|managing director|geschäftsführer(?:in)?|pdg"),
    (0.8, r"vp|svp|evp|vice president|head|general manager|partner|leiter(?:in)?|directeur|directrice"),
    (0.7, r"director|direktor(?:in)?|principal"),
    (0.55, r"manager|lead|supervisor|teamleiter(?:in)?|responsable"),
)
_WORDS = [(influence, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for influence, words in _SENIORITY]
_VICE = re.compile(r"\b(?:vice|deputy|assistant|associate)\b", re.IGNORECASE)
_TITLED = 0.4
"""Somebody whose title says nothing of seniority."""
_TECHNICAL = re.compile(
    r"\b(?:cto|cio|ciso|engineer\w*|developer|architect|technolog\w*|it|data|devops)\b", re.IGNORECASE
)
_FINANCIAL = re.compile(r"\b(?:cfo|financ\w*|controller|procurement|purchas\w*|accounting)\b", re.IGNORECASE)
_ENOUGH = 3
"""From how many acts on a person's preferred channel is seen instead of assumed."""
_USUAL_CHANNELS = (Channel.EMAIL, Channel.LINKEDIN)
_NO_SIGN = frozenset({EngagementType.BOUNCE, EngagementType.OTHER})
"""What tells nothing of a preference."""


@dataclass(frozen=True, slots=True)
class DecisionMaker:
    """Somebody who decides; influence is a fraction."""

    name: str
    title: str | None
    email: str
    linkedin: str | None
    influence: float
    pain_points: tuple[str, ...]
    channels: tuple[str, ...]
    timing: str | None
    tone: str | None
    contact_id: str | None
    persona_id: str | None

    def stored(self) -> dict[str, Any]:
        """The person as JSON, by the names of the graph."""
        return {
            "name": self.name,
            "title": self.title,
            "email": self.email,
            "linkedin": self.linkedin,
            "influence_score": round(self.influence, 4),
            "pain_points": list(self.pain_points),
            "preferred_channels": list(self.channels),
            "preferred_timing": self.timing,
            "preferred_tone": self.tone,
            "contact_id": self.contact_id,
            "persona_id": self.persona_id,
        }


def influence_of(title: str | None) -> float:
    """How much a title usually decides: 0.9 leads the company, 0.8 an area, 0.7 and 0.55 parts of it, 0.4 other titles.

    An assumption, used until somebody says better.
    """
    if not title:
        return _TITLED
    plain = title.replace("Vice President", "VP").replace("vice president", "vp")
    found = next((influence for influence, words in _WORDS if words.search(plain)), _TITLED)
    return max(_TITLED, found - 0.1) if _VICE.search(plain) else found


def decision_makers(facts: Facts, usual_timing: str | None, most: int) -> list[DecisionMaker]:
    """Those known by an address who are personas or have a title, the most influential first; nobody is made up."""
    known = [each for each in facts.people if each.email and (each.persona_id or each.title)]
    found = [_reached(each, facts.engagements, usual_timing) for each in known]
    return sorted(found, key=lambda each: (-each.influence, each.name.casefold()))[:most]


def _reached(person: KnownPerson, engagements: Sequence[Engagement], usual_timing: str | None) -> DecisionMaker:
    own = [each for each in engagements if each.contact_id and each.contact_id == person.contact_id]
    return DecisionMaker(
        person.name,
        person.title,
        person.email or "",
        person.linkedin,
        influence_of(person.title) if person.influence is None else person.influence,
        person.pain_points,
        _channels(person, own),
        person.timing or usual_timing,
        person.tone or _tone(person.title),
        person.contact_id,
        person.persona_id,
    )


def _channels(person: KnownPerson, own: Sequence[Engagement]) -> tuple[str, ...]:
    """As somebody has said, else as the person has answered, else the usual ones; none that was unsubscribed from."""
    seen = Counter(each.channel for each in own if each.type not in _NO_SIGN)
    answered = tuple(channel.value for channel, _ in seen.most_common(2))
    usual = tuple(each.value for each in _USUAL_CHANNELS)
    chosen = person.channels or (answered if sum(seen.values()) >= _ENOUGH else usual)
    return tuple(each for each in chosen if not (person.unsubscribed and each == Channel.EMAIL))


def _tone(title: str | None) -> str:
    """What people of such a title usually prefer to read."""
    if title and _TECHNICAL.search(title):
        return "Technical, consultative"
    if title and _FINANCIAL.search(title):
        return "Factual, with figures"
    return "Consultative, concise"
