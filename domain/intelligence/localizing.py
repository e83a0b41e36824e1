"""How well a localized text is likely to do in its market, and what its words have to be.

The prediction is the chance that the text does at least as well there as the organization's texts do elsewhere. It
begins as the share of people who would rather buy where they can read their own language, 76 % of 8,709 asked in 29
countries (CSA Research, Can't Read, Won't Buy, 2020), and turns into what the organization's own campaigns reached
there, click by click: a thousand clicks weigh as much as the survey.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.intelligence.significance import Share, more_likely
from domain.levels import Basis

PRIOR = 0.76
_PRIOR_LOW, _PRIOR_HIGH = 0.47, 0.95
"""Where a beta distribution of that mean and ten observations has its middle 95 %; ten is an assumption: what people
say they prefer is no measurement of what they buy."""
_PRIOR_CLICKS = 1_000
"""How many clicks weigh as much as the survey: an assumption."""
_USUAL = Share(3.5, 50)
"""A conversion rate of 7 %, weighing fifty clicks: what is assumed before a market has any."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A chance, the range it may lie in, and what it stands on."""

    value: float
    low: float
    high: float
    basis: Basis


def predict(here: Share, elsewhere: Share) -> Prediction:
    """The prediction for a market, from conversions per click there and in all others."""
    clicks = min(here.trials, elsewhere.trials)
    weight = clicks / (clicks + _PRIOR_CLICKS)
    better = more_likely(here, elsewhere, _USUAL)
    value, low, high = (round((1 - weight) * each + weight * better, 6) for each in (PRIOR, _PRIOR_LOW, _PRIOR_HIGH))
    basis = Basis.PRIOR if not clicks else Basis.HISTORY if weight > 0.9 else Basis.BLENDED
    return Prediction(value, low, high, basis)


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it has to be in a language; None keeps it as it is."""

    language: str
    term: str
    target: str | None


def broken_terms(terms: Iterable[Term], language: str, source: str, translation: str) -> list[str]:
    """What a translation does not keep of the glossary, as sentences."""
    broken = []
    for each in terms:
        wanted = each.target or each.term
        if each.language == language and _has(source, each.term) and not _has(translation, wanted):
            broken.append(f"The glossary has {wanted!r} for {each.term!r}.")
    return broken


def used_terms(terms: Iterable[Term], language: str, source: str) -> list[Term]:
    """The terms a text makes use of."""
    return [each for each in terms if each.language == language and _has(source, each.term)]


def _has(text: str, word: str) -> bool:
    plain, wanted = text.casefold(), word.casefold()
    # A word inside another is not that word; letters of any script count. Most are not there at all, and a pattern for
    # each of thousands takes seconds to compile.
    return wanted in plain and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain) is not None
