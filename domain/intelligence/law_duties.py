"""What legal texts demand: sentences with a duty's verb, without rights, powers and definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_parties import WINDOW, Party, parties
from domain.intelligence.law_places import Places
from domain.intelligence.law_reading import Reading

LONGEST_QUOTE = 1200
# `shall` and `must` demand wherever they stand; `is required to` after `whether` or `which` only mentions a demand.
STRONG = re.compile(r"(?i)(?:shall|must|muss|müssen|doit|doivent)\b")
SUBORDINATE = re.compile(
    r"(?i)\b(?:whether|which|who|unless|where|when|if|that|ob|falls|wenn|sofern|soweit|lorsque|qui|dont|que)\b[^,;]*$"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """A demand between two positions of a reading: in short from `words` on, and whom it binds."""

    start: int
    end: int
    words: int
    sentence: int
    bound: str | None
    by_authority: bool


@cache
def _verbs(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = LEXICONS[language].duty
    return re.compile(words.duty, re.IGNORECASE), re.compile(words.others, re.IGNORECASE)


def duties(reading: Reading, places: Places, language: str) -> Iterator[Duty]:
    """Demands of a text, one for each sentence that makes any, in order."""
    duty, others = _verbs(language)
    last: Duty | None = None
    for verb in duty.finditer(reading.text):
        sentence = reading.sentence(verb.start())
        if (last is not None and sentence == last.sentence) or places.recitals[sentence]:
            continue
        if others.match(reading.text, verb.start()):
            continue
        before = last.bound if last is not None and last.sentence == sentence - 1 else None
        found = _read(reading, places, language, verb, before)
        if found is not None:
            last = found
            yield found


def _read(reading: Reading, places: Places, language: str, verb: re.Match[str], before: str | None) -> Duty | None:
    text = reading.text
    sentence = reading.sentence(verb.start())
    first, last = places.starts[sentence], reading.bounds(sentence)[1]
    if verb.start() < first:
        return None
    if not STRONG.match(verb[0]) and SUBORDINATE.search(text, max(first, verb.start() - WINDOW), verb.start()):
        return None
    party = parties(language).bound(text, first, verb.span(), last, before)
    if verb.groupdict().get("plain"):
        party = _of_plain(text, language, verb, last, party)
        if party.name is None:
            return None
    words = first if party.start is None else party.start
    return Duty(first, min(last, first + LONGEST_QUOTE), words, sentence, party.name, party.by_authority)


def _of_plain(text: str, language: str, verb: re.Match[str], last: int, party: Party) -> Party:
    """Who does what a verb in the present tense says: a duty only of an actor, before it or right after it."""
    return party if party.start is not None else parties(language).follows(text, verb.span(), last)
