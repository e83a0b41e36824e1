"""What follows from the facts of a company: its pain points, and what could be sold to it.

Confidence says how sure a finding is of this very company, by where it is from:

| said by somebody of the company (a persona's own words) | 0.8 |
| from its own feedback, duties, leads and news | 0.5 to 0.75, more with more cases |
| a playbook of a technology it is said to use | 0.45 |
| a playbook of its industry | 0.4 |
| a playbook of a technology its website mentions | 0.35 |
| a playbook of its size | 0.3 |

A playbook's words gain 0.15 when somebody of the company, or its own description, uses one of them too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from domain.estimates import Estimate
from domain.intelligence.feedback_findings import Sentiment
from domain.intelligence.playbooks import KnownPlaybook, squashed
from domain.intelligence.priors import beta_binomial
from domain.intelligence.research_facts import Evidence, EvidenceKind, Facts, KnownDuty
from domain.leads import LeadStatus
from domain.levels import Level, RiskLevel
from domain.research import PlaybookKind

_SAID, _ECHO = 0.8, 0.15
_PLAYBOOK = {PlaybookKind.TECHNOLOGY: 0.45, PlaybookKind.INDUSTRY: 0.4, PlaybookKind.SIZE: 0.3}
_MENTIONED = 0.35
_WORD = re.compile(r"\w{6,}")
"""Shorter words are in too many sentences to mean anything."""
_SOON = timedelta(days=90)
_URGENT = {RiskLevel.LOW: Level.LOW, RiskLevel.MEDIUM: Level.MEDIUM}
_RANK = {Level.CRITICAL: 0, Level.HIGH: 1, Level.MEDIUM: 2, Level.LOW: 3}
PRIOR_STRENGTH = 20.0
"""Own cases that an assumption counts like."""
WON = 0.15
"""The share of leads that is assumed to be won while an organization has decided none."""
_OPEN, _AGAIN, _REFERENCE, _LAW = 0.3, 0.25, 0.35, 0.2
"""The same for what is closer to a purchase: open leads, former customers, pleased people, a date set by law."""


@dataclass(frozen=True, slots=True)
class FoundPain:
    """What troubles the company."""

    category: str
    description: str
    urgency: Level
    impact: str
    solutions: tuple[str, ...]
    confidence: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class FoundOpportunity:
    """What could be sold to the company."""

    type: str
    description: str
    value: str
    timeline: str
    estimate: Estimate
    confidence: float
    evidence: tuple[Evidence, ...]


_Found = TypeVar("_Found", FoundPain, FoundOpportunity)


def pain_points(facts: Facts, most: int) -> list[FoundPain]:
    """What troubles the company, the surest first; of the same words only the surest."""
    found = [*_said(facts), *_displeased(facts), *_leaving(facts), *_duties(facts), *_rules(facts)]
    found.extend(_echoed(pain, facts) for pain in _usual(facts))
    return _each_once(sorted(found, key=lambda each: (-each.confidence, _RANK[each.urgency])))[:most]


def opportunities(facts: Facts, most: int) -> list[FoundOpportunity]:
    """What could be sold to the company, the surest first."""
    found = [*_demand(facts), *_pleased(facts), *_deadlines(facts), *_occasions(facts)]
    for playbook in facts.playbooks:
        source = Evidence(EvidenceKind.PLAYBOOK, playbook.source, f"{playbook.kind.value.lower()}: {playbook.key}")
        for each in playbook.body.opportunities:
            words = (each.type, each.description, each.value, each.timeline)
            found.append(FoundOpportunity(*words, share(facts, WON), _sure(playbook, facts), (source,)))
    return _each_once(sorted(found, key=lambda each: (-each.confidence, -each.estimate.value)))[:most]


def _each_once(found: Iterable[_Found]) -> list[_Found]:
    """Of the same words only the first, at its own place."""
    kept: dict[str, _Found] = {}
    for each in found:
        kept.setdefault(each.description.casefold(), each)
    return list(kept.values())


def share(facts: Facts, assumed: float) -> Estimate:
    """The share of leads that is won: as assumed, then as the organization has seen it, in this industry most of all.

    What was seen in all industries is the assumption for this one.
    """
    known = facts.outcomes
    everywhere = beta_binomial(assumed, PRIOR_STRENGTH, known.won, known.decided)
    here = beta_binomial(everywhere.value, PRIOR_STRENGTH, known.industry_won, known.industry_decided)
    # What it stands on are all cases: those of other industries are in the assumption.
    return replace(here, basis=everywhere.basis, cases=known.decided)


def _said(facts: Facts) -> Iterator[FoundPain]:
    for person in facts.people:
        for words in person.pain_points:
            evidence = Evidence(EvidenceKind.GRAPH, person.persona_id, f"{person.title or 'A persona'}: {words}")
            yield FoundPain(words, words, Level.HIGH, "as said by the persona", (), _SAID, (evidence,))


def _displeased(facts: Facts) -> Iterator[FoundPain]:
    themes = Counter(theme for each in facts.feedback for theme in set(each.themes))
    bad = [each for each in facts.feedback if each.sentiment is Sentiment.NEGATIVE]
    negative = Counter(theme for each in bad for theme in set(each.themes))
    for theme, count in negative.most_common(2):
        if 2 * count <= themes[theme]:
            continue
        words = theme.replace("_", " ")
        quotes = [each for each in bad if theme in each.themes][:2]
        evidence = tuple(Evidence(EvidenceKind.GRAPH, each.id, each.content[:200]) for each in quotes)
        said = f"{count} of {themes[theme]} pieces of feedback of its people about “{words}” are displeased"
        urgency = Level.HIGH if count >= 3 else Level.MEDIUM
        sure = min(0.75, 0.5 + 0.05 * count)
        yield FoundPain("Product Feedback", said, urgency, "customer satisfaction", (), sure, evidence)


def _leaving(facts: Facts) -> Iterator[FoundPain]:
    if facts.users_left:
        said = f"{facts.users_left} of {facts.users} users at the company have left"
        evidence = Evidence(EvidenceKind.GRAPH, facts.company.id, said)
        yield FoundPain("Adoption", said, Level.HIGH, "revenue", (), 0.7, (evidence,))


def _duties(facts: Facts) -> Iterator[FoundPain]:
    """The most pressing duty, with how many more there are."""
    for duty in facts.duties[:1]:
        until = _until(duty, facts.now.date())
        more = f", and {len(facts.duties) - 1} more" if len(facts.duties) > 1 else ""
        evidence = Evidence(EvidenceKind.GRAPH, duty.id, duty.title)
        said = f"Law where it is asks for: {duty.title}{until}{more}"
        yield FoundPain("Compliance", said, _URGENT.get(duty.risk, Level.HIGH), "regulatory", (), 0.6, (evidence,))


def _until(duty: KnownDuty, today: date) -> str:
    if duty.deadline is None:
        return ""
    return f" by {duty.deadline}" if duty.deadline >= today else f", overdue since {duty.deadline}"


def _rules(facts: Facts) -> Iterator[FoundPain]:
    for update in facts.updates[:1]:
        evidence = Evidence(EvidenceKind.GRAPH, update.id, f"{update.published.isoformat()}: {update.title}")
        said = f"A rule that affects its industry has changed: {update.title}"
        yield FoundPain("Regulation", said, update.impact, "regulatory", (), 0.55, (evidence,))


def _usual(facts: Facts) -> Iterator[FoundPain]:
    for playbook in facts.playbooks:
        source = Evidence(EvidenceKind.PLAYBOOK, playbook.source, f"{playbook.kind.value.lower()}: {playbook.key}")
        sure = _sure(playbook, facts)
        for each in playbook.body.pain_points:
            words = (each.category, each.description, each.urgency, each.impact, tuple(each.solutions))
            yield FoundPain(*words, sure, (source, *_mentioned(playbook, facts)))


def _sure(playbook: KnownPlaybook, facts: Facts) -> float:
    return _MENTIONED if any(_mentioned(playbook, facts)) else _PLAYBOOK[playbook.kind]


def _mentioned(playbook: KnownPlaybook, facts: Facts) -> Iterator[Evidence]:
    """That a technology is known from the website alone."""
    if playbook.kind is PlaybookKind.TECHNOLOGY and facts.site is not None:
        names = {squashed(each) for each in (playbook.key, *playbook.also)}
        if not names & {squashed(each) for each in facts.company.technologies}:
            for name in facts.site.technologies:
                if squashed(name) in names:
                    yield Evidence(EvidenceKind.WEBSITE, facts.site.url, name)


def _echoed(pain: FoundPain, facts: Facts) -> FoundPain:
    """Surer, when somebody of the company uses the same words."""
    wanted = _words((pain.category, pain.description))
    for source, said in _own_words(facts):
        if wanted & _words((said,)):
            evidence = (*pain.evidence, Evidence(EvidenceKind.GRAPH, source, said[:200]))
            return replace(pain, confidence=pain.confidence + _ECHO, evidence=evidence)
    return pain


def _own_words(facts: Facts) -> Iterator[tuple[str | None, str]]:
    yield from ((person.persona_id, words) for person in facts.people for words in person.pain_points)
    if facts.company.description:
        yield facts.company.id, facts.company.description


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.casefold())}


def _demand(facts: Facts) -> Iterator[FoundOpportunity]:
    """Leads that are open, and those that were won before."""
    by = Counter[LeadStatus]()
    for group in facts.leads:
        by[group.status] += group.count
    kinds = sorted({group.insurance_type for group in facts.leads if group.insurance_type})
    about = f" ({', '.join(kinds).lower()})" if kinds else ""
    open_ = by[LeadStatus.NEW] + by[LeadStatus.QUALIFIED] + by[LeadStatus.OTHER]
    if open_:
        said = f"{_leads(open_)} of its people open, {by[LeadStatus.QUALIFIED]} qualified{about}"
        sure = 0.75 if by[LeadStatus.QUALIFIED] else 0.6
        yield _seen(facts, "Open Demand", said, _leads(open_), "Now", _OPEN, sure)
    if by[LeadStatus.WON]:
        said = f"{_leads(by[LeadStatus.WON])} of its people won before{about}"
        yield _seen(facts, "Expansion", said, "More business with a customer", "3-6 months", _AGAIN, 0.65)


def _leads(count: int) -> str:
    return f"{count} lead{'s' if count != 1 else ''}"


def _pleased(facts: Facts) -> Iterator[FoundOpportunity]:
    good = sum(each.sentiment is Sentiment.POSITIVE for each in facts.feedback)
    if good >= 2 and 3 * good >= 2 * len(facts.feedback):
        said = f"{good} of {len(facts.feedback)} pieces of its feedback are pleased: ask for a reference"
        yield _seen(facts, "Reference", said, "A reference customer", "1-2 months", _REFERENCE, 0.6)


def _deadlines(facts: Facts) -> Iterator[FoundOpportunity]:
    for duty in due_soon(facts)[:1]:
        said = f"Offer help before {duty.deadline}: {duty.title}"
        evidence = (Evidence(EvidenceKind.GRAPH, duty.id, duty.title),)
        estimate = share(facts, _LAW)
        yield FoundOpportunity("Compliance Support", said, "A duty met in time", "1-3 months", estimate, 0.5, evidence)


def due_soon(facts: Facts) -> list[KnownDuty]:
    """The duties whose time comes within a quarter."""
    today = facts.now.date()
    return [each for each in facts.duties if each.deadline and today <= each.deadline <= today + _SOON]


def _occasions(facts: Facts) -> Iterator[FoundOpportunity]:
    for each in facts.news[:1]:
        if each.sentiment is Sentiment.POSITIVE and facts.now.date() - each.published <= _SOON:
            evidence = (Evidence.of_news(each),)
            said = f"Refer to recent news: {each.title}"
            estimate = share(facts, WON)
            yield FoundOpportunity("Timely Contact", said, "A reason to write", "1 month", estimate, 0.5, evidence)


def _seen(
    facts: Facts, type: str, said: str, value: str, timeline: str, assumed: float, sure: float
) -> FoundOpportunity:
    evidence = (Evidence(EvidenceKind.GRAPH, facts.company.id, said),)
    return FoundOpportunity(type, said, value, timeline, share(facts, assumed), sure, evidence)
