"""Numbers and advice of a research, each by a rule that is written here.

Engagement: 1 - exp(-sum of the scores of what the company's people did, each halved every 30 days), 0 to 1.
Confidence: 1 - product of (1 - weight) over what spoke, at most 0.95; the weights are below.
Conversion: the share of leads that is won (`research_findings.share`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.engagement import EngagementType
from domain.intelligence.account_engagement import WEEKDAYS, Hour, peak_days, peak_hours, span
from domain.intelligence.research_facts import Engagement, Facts
from domain.intelligence.research_findings import due_soon
from domain.intelligence.research_people import DecisionMaker
from domain.leads import LeadStatus
from domain.levels import Level
from domain.research import PlaybookKind
from domain.values import iso

_HALF_LIFE = timedelta(days=30)
_SPEAKS = {
    "request": 0.3,
    "people": 0.25,
    "leads": 0.2,
    "engagement": 0.2,
    "feedback": 0.2,
    "campaigns": 0.1,
    "law": 0.1,
    "news": 0.15,
    "website": 0.25,
    PlaybookKind.INDUSTRY: 0.15,
    PlaybookKind.TECHNOLOGY: 0.1,
    PlaybookKind.SIZE: 0.05,
}
_MOST_SURE = 0.95
_SAID_PARTS = 7
"""Parts that a request may say of a company besides its name."""
_USUAL_APPROACH = "Discovery conversation"
_USUAL_TIMING = "Tuesday to Thursday, late morning"
_CONTENT = 4


@dataclass(frozen=True, slots=True)
class NextAction:
    """What should be done next, and by when it can be."""

    action_type: str
    priority: Level
    within: timedelta

    def stored(self, now: datetime) -> dict[str, Any]:
        """The action as JSON, by the names of the graph."""
        return {
            "action_type": self.action_type,
            "priority": self.priority.value,
            "estimated_completion": iso(now + self.within),
        }


def engagement_score(engagements: Sequence[Engagement], now: datetime) -> float:
    """How lively the company's people have been lately; 0 when nothing was seen."""
    total = sum(each.score * 2 ** (-max(timedelta(), now - each.at) / _HALF_LIFE) for each in engagements)
    return 1 - math.exp(-total)


def confidence(facts: Facts) -> float:
    """How much is known of the company, by what has spoken."""
    doubt = 1 - _SPEAKS["request"] * min(len(facts.said), _SAID_PARTS) / _SAID_PARTS
    spoke = {
        "people": facts.people,
        "leads": facts.leads,
        "engagement": facts.engagements,
        "feedback": facts.feedback,
        "campaigns": facts.campaigns,
        "law": facts.duties or facts.updates,
        "news": facts.news,
        "website": facts.site,
    }
    for name, said in spoke.items():
        doubt *= 1 - _SPEAKS[name] if said else 1
    for kind in {each.kind for each in facts.playbooks}:
        doubt *= 1 - _SPEAKS[kind]
    return min(_MOST_SURE, 1 - doubt)


def approach(facts: Facts) -> str:
    """How to begin: as the first playbook that says so."""
    return next((each for playbook in facts.playbooks for each in playbook.body.approaches), _USUAL_APPROACH)


def content(facts: Facts) -> list[str]:
    """What to send: from the playbooks in turns, so that each is heard."""
    lists = [playbook.body.recommended_content for playbook in facts.playbooks]
    longest = max(map(len, lists), default=0)
    turns = (each[place] for place in range(longest) for each in lists if place < len(each))
    return list(dict.fromkeys(turns))[:_CONTENT]


def usual_timing(facts: Facts) -> str:
    """When such companies are usually reached."""
    return next((playbook.body.timing for playbook in facts.playbooks if playbook.body.timing), _USUAL_TIMING)


def timing(facts: Facts) -> str:
    """When the company answers: the days and the hour that stand out as in insights, else as the playbooks assume."""
    acts = [Hour(each.at, 1, each.score) for each in facts.engagements if each.type is not EngagementType.BOUNCE]
    days, hours = peak_days(acts), peak_hours(acts)
    if not days and not hours:
        return f"{usual_timing(facts)} (assumed: {len(acts)} act{'' if len(acts) == 1 else 's'} seen)"
    named = [WEEKDAYS[day] for day in sorted(each.place for each in days)]
    named += [f"{span(each.place)} UTC" for each in hours[:1]]
    return f"{', '.join(named)} (seen in {len(acts)} acts)"


def next_actions(facts: Facts, people: Sequence[DecisionMaker]) -> list[NextAction]:
    """What should be done next, the most urgent first."""
    return sorted(_actions(facts, people), key=lambda each: each.priority is not Level.HIGH)


def _actions(facts: Facts, people: Sequence[DecisionMaker]) -> Iterator[NextAction]:
    if not people:
        yield NextAction("add_decision_makers", Level.HIGH, timedelta(days=2))
    elif not any(each.active for each in facts.campaigns):
        # A quarter of an hour, as the documentation prints it.
        yield NextAction("create_personalized_campaign", Level.HIGH, timedelta(minutes=15))
    if any(each.status is LeadStatus.QUALIFIED for each in facts.leads):
        yield NextAction("contact_qualified_leads", Level.HIGH, timedelta(days=1))
    if due_soon(facts):
        yield NextAction("offer_compliance_support", Level.MEDIUM, timedelta(days=7))
    if facts.news:
        yield NextAction("refer_to_recent_news", Level.MEDIUM, timedelta(days=3))
    if not facts.company.industry or not facts.company.size:
        yield NextAction("complete_company_profile", Level.LOW, timedelta(days=2))
