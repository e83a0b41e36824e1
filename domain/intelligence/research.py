"""A research put together: from the facts of a company to findings, scores and advice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.estimates import Estimate
from domain.intelligence.research_facts import Facts, KnownNews, KnownRival
from domain.intelligence.research_findings import (
    WON,
    FoundOpportunity,
    FoundPain,
    opportunities,
    pain_points,
    share,
)
from domain.intelligence.research_people import DecisionMaker, decision_makers
from domain.intelligence.research_rivals import rivals
from domain.intelligence.research_scores import (
    NextAction,
    approach,
    confidence,
    content,
    engagement_score,
    next_actions,
    timing,
    usual_timing,
)

DEPTHS = {"basic": (3, 2), "standard": (4, 3), "comprehensive": (6, 4)}
"""How many pain points and opportunities a research tells; any other word counts as comprehensive."""
_RIVALS, _NEWS, _PEOPLE = 10, 5, 20


@dataclass(frozen=True, slots=True)
class Conclusions:
    """Everything a research has found."""

    pains: list[FoundPain]
    opportunities: list[FoundOpportunity]
    rivals: list[tuple[KnownRival, float]]
    news: list[KnownNews]
    people: list[DecisionMaker]
    engagement_score: float
    conversion: Estimate
    approach: str
    content: list[str]
    timing: str
    actions: list[NextAction]
    confidence: float

    @property
    def findings(self) -> int:
        """How many findings of all kinds there are (CC-37)."""
        return len(self.pains) + len(self.opportunities) + len(self.rivals) + len(self.news) + len(self.people)

    def texts(self) -> Iterator[str]:
        """What was written for this company, and not taken over as it was said."""
        yield from (pain.description for pain in self.pains)
        yield from (each.description for each in self.opportunities)
        yield from (self.approach, self.timing)


def concluded(facts: Facts, depth: str, *, competitors: bool, news: bool) -> Conclusions:
    """What follows from the facts; without competitors or news where those were not wanted."""
    pains, chances = DEPTHS.get(depth.strip().lower(), DEPTHS["comprehensive"])
    facts = replace(facts, news=facts.news[:_NEWS] if news else ())
    people = decision_makers(facts, usual_timing(facts), _PEOPLE)
    return Conclusions(
        pains=pain_points(facts, pains),
        opportunities=opportunities(facts, chances),
        rivals=rivals(facts, _RIVALS) if competitors else [],
        news=list(facts.news),
        people=people,
        engagement_score=engagement_score(facts.engagements, facts.now),
        conversion=share(facts, WON),
        approach=approach(facts),
        content=content(facts),
        timing=timing(facts),
        actions=next_actions(facts, people),
        confidence=confidence(facts),
    )
