"""What to expect of a text, and why: how personal it is, the chance of an answer, its strengths, what to mend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.channels import Channel
from domain.estimates import Estimate
from domain.intelligence.campaign_priors import RESPONSE
from domain.intelligence.copy import CopyWanted, Draft
from domain.intelligence.copy_checks import reading_ease, spam_words, words_of
from domain.intelligence.copy_facts import CopyFact, CopyFacts, FactKind
from domain.intelligence.copy_manner import objective_of
from domain.intelligence.priors import beta_binomial

WEIGHTS = {
    FactKind.PERSON: 0.16,
    FactKind.PAIN_POINT: 0.16,
    FactKind.COMPANY: 0.12,
    FactKind.TECHNOLOGY: 0.10,
    FactKind.ROLE: 0.08,
    FactKind.INDUSTRY: 0.06,
    FactKind.REGULATION: 0.06,
    FactKind.SOLUTION: 0.06,
    FactKind.OPPORTUNITY: 0.06,
    FactKind.NEWS: 0.06,
    FactKind.SOCIAL_PROOF: 0.03,
    FactKind.HISTORY: 0.03,
    FactKind.COMPETITOR: 0.02,
}
"""What each kind of merged fact adds to how personal a text is; they add up to 1. Assumed, as nobody can measure it."""
ASSUMED_COUNTS = 0.5
"""What is only typical for such companies counts half."""

# All of these are assumptions: the chance that a reader responds, by channel, before there is any history. They weigh
# as much as that of campaigns, which is also the one of e-mail.
RESPONSE_RATES = {
    Channel.EMAIL: RESPONSE.rate,
    Channel.LINKEDIN: 0.12,
    Channel.WEBSITE: 0.03,
    Channel.DIRECT_MAIL: 0.03,
    Channel.PHONE: 0.10,
    Channel.OTHER: 0.05,
}
OBJECTIVE_FACTORS = {
    "schedule_demo": 0.9,
    "schedule_meeting": 0.9,
    "start_trial": 0.8,
    "share_resource": 1.2,
    "follow_up": 1.1,
    "re_engage": 0.7,
    "event_invitation": 1.0,
    "build_awareness": 0.8,
}
_LEAST_LIFT, _MOST_LIFT = 0.75, 1.25
"""How much less or more a text is answered that names nothing, or everything, of its reader: assumed too."""

_EASY, _HARD = 60.0, 45.0
_LONG_SUBJECT = 60
_MANY_WORDS = 220
_TOLD = 5


@dataclass(frozen=True, slots=True)
class MailHistory:
    """What the organization's own campaigns for companies have reached by e-mail."""

    delivered: int = 0
    replied: int = 0


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What is told of a draft; personalization and reading ease as the functions here say."""

    personalization: float
    prediction: Estimate
    strengths: tuple[str, ...]
    optimizations: tuple[str, ...]
    reading_ease: float | None
    words: int
    spam_words: tuple[str, ...]


def appraise(draft: Draft, wanted: CopyWanted, history: MailHistory) -> Appraisal:
    """All that is told of a draft."""
    said = draft.words
    ease, spam, words = reading_ease(said), spam_words(said), len(words_of(said))
    personal = personalization(draft.facts)
    return Appraisal(
        personalization=personal,
        prediction=predict(wanted.channel, wanted.objective, personal, history),
        strengths=tuple(_strengths(draft, ease, spam)[:_TOLD]),
        optimizations=tuple(_optimizations(draft, wanted, ease, spam, words)[:_TOLD]),
        reading_ease=ease,
        words=words,
        spam_words=tuple(spam),
    )


def personalization(facts: Iterable[CopyFact]) -> float:
    """How personal a text is: the weights of the kinds of facts that were merged, added up; what is assumed counts
    half.
    """
    counted: dict[FactKind, float] = {}
    for fact in facts:
        weight = WEIGHTS.get(fact.kind, 0.0) * (ASSUMED_COUNTS if fact.assumed else 1.0)
        counted[fact.kind] = max(weight, counted.get(fact.kind, 0.0))
    return min(1.0, sum(counted.values()))


def predict(channel: Channel, objective: str | None, personal: float, history: MailHistory) -> Estimate:
    """The chance that the reader responds: the assumed rate of the channel times that of the objective, times 0.75 to
    1.25 by how personal the text is, as a beta-binomial with what came back for the organization's own e-mail.
    """
    lift = _LEAST_LIFT + (_MOST_LIFT - _LEAST_LIFT) * personal
    rate = RESPONSE_RATES[channel] * OBJECTIVE_FACTORS.get(objective_of(objective), 1.0)
    own = history if channel is Channel.EMAIL else MailHistory()
    return beta_binomial(rate * lift, RESPONSE.weight, own.replied * lift, float(own.delivered))


def known_share(facts: CopyFacts) -> float:
    """How much of what texts can be made of is known of a company and a reader: how sure a text can be of itself."""
    groups = [group for choice in facts.choices for group in choice]
    return personalization([*facts.always, *(fact for group in groups for fact in group)])


def _strengths(draft: Draft, ease: float | None, spam: Sequence[str]) -> list[str]:
    kinds = {fact.kind for fact in draft.facts}
    pains = [fact for fact in draft.facts if fact.kind is FactKind.PAIN_POINT]
    found = [
        (FactKind.PERSON in kinds, "Personal reference"),
        (any(not each.assumed for each in pains), "Specific pain point"),
        (FactKind.SOLUTION in kinds, "Clear first step"),
        (FactKind.OPPORTUNITY in kinds, "Clear value proposition"),
        (FactKind.NEWS in kinds, "Refers to recent news"),
        (FactKind.TECHNOLOGY in kinds, "Names the technology in use"),
        (FactKind.REGULATION in kinds, "Refers to the rules of the industry"),
        (FactKind.SOCIAL_PROOF in kinds, "Social proof from the same industry"),
        (FactKind.HISTORY in kinds, "Continues what was begun"),
        (draft.subject is not None and len(draft.subject) <= _LONG_SUBJECT, "Short subject line"),
        (ease is not None and ease >= _EASY, "Easy to read"),
        (not spam, "No words that mail filters look for"),
    ]
    return [text for holds, text in found if holds]


def _optimizations(draft: Draft, wanted: CopyWanted, ease: float | None, spam: Sequence[str], words: int) -> list[str]:
    kinds = {fact.kind for fact in draft.facts}
    pains = [fact for fact in draft.facts if fact.kind is FactKind.PAIN_POINT]
    insights = wanted.include_company_insights
    found = [
        (bool(spam), f"Replace words that mail filters look for: {', '.join(spam[:3])}"),
        (ease is not None and ease < _HARD, f"Use shorter sentences and words: its reading ease is {ease or 0:.0f}"),
        (words > _MANY_WORDS, f"Shorten it: it has {words} words"),
        (draft.subject is not None and len(draft.subject) > _LONG_SUBJECT, "Shorten the subject line"),
        (FactKind.PERSON not in kinds and wanted.channel is not Channel.WEBSITE, "Name the reader"),
        (insights and not pains, "Research the company: no pain point of it is known"),
        (bool(pains) and all(each.assumed for each in pains), "Confirm the pain point: a playbook assumes it"),
        (wanted.include_social_proof and FactKind.SOCIAL_PROOF not in kinds, "Add more social proof"),
        (insights and not any(map(str.isdigit, _said(draft))), "Include specific numbers"),
        (insights and FactKind.TECHNOLOGY not in kinds, "Mention specific technologies of the company"),
        (insights and FactKind.NEWS not in kinds, "Refer to recent news of the company"),
        (wanted.include_industry_context and FactKind.INDUSTRY not in kinds, "Say what matters in the industry"),
    ]
    return [text for holds, text in found if holds]


def _said(draft: Draft) -> str:
    """The values that were merged: a number in them is a specific one."""
    return " ".join(fact.value for fact in draft.facts if fact.kind not in (FactKind.COMPANY, FactKind.PERSON))
