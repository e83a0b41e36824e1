"""What legal texts demand: sentences with a duty's verb, without rights, powers and definitions."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import cache

from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_parties import WINDOW, Party, parties
from domain.intelligence.law_places import Places
from domain.intelligence.law_reading import Reading

LONGEST_QUOTE = 1200
LONGEST_LEAD = 400
MOST_POINTS = 60
FEWEST_WORDS = 3
AHEAD = 300
# `shall` and `must` demand wherever they stand; `is required to` after `whether` or `which` only mentions a demand.
STRONG = re.compile(r"(?i)(?:shall|must|muss|müssen|doit|doivent)\b")
SUBORDINATE = re.compile(
    r"(?i)\b(?:whether|which|who|unless|where|when|if|that|ob|falls|wenn|sofern|soweit|lorsque|qui|dont|que)\b[^,;]*$"
)


# What says nothing before a list: `shall be:`, `must ensure that:`, `shall include at least the following:`.
BARE = re.compile(
    r"""(?ix) (?:[\s,:\u2014\u2013-] | \b(?:be|ensure|that|include|contain|comprise|consist|of|do|comply|with|at|least
      |all|each|any|one|both|either|the|following|not|also|only|in|particular|by|to|have|been|requirements?|conditions?
      |obligations?|müssen|sein|werden|sicherstellen|gewährleisten|dass|folgende[nsrm]?|mindestens|insbesondere|die|das
      |den|zu|haben|être|soit|que|qu['\u2019]|veiller|à|ce|au|moins|les|des|suivante?s?|notamment|pas|ne)(?!\w) )* """
)
DANGLING = re.compile(
    r"(?i)\b(?:by|to|of|that|in|with|for|from|on|at|as|if|durch|dass|von|mit|bei|als|wenn|que|de|à|par|en|si)\W*$"
)
LEADS = re.compile(r"[:\u2014\u2013]\s*$")
BULLET = re.compile(r"[-\u2013\u2014\u2022*\u25aa\uf0b7] ?")
JOINT = re.compile(r"(?:[;,.]|[;,]? (?:and|or|und|oder|sowie|et|ou))+\s*$")


@dataclass(frozen=True, slots=True)
class Duty:
    """A demand between two positions of a reading: in short from `words` on, and whom it binds.

    `lead` is what the list begins with that it is a point of; the list that it leads in to itself ends at `until`.
    """

    start: int
    end: int
    words: int
    sentence: int
    bound: str | None
    by_authority: bool
    lead: str = ""
    until: int = 0


@cache
def _verbs(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = LEXICONS[language].duty
    return re.compile(words.duty, re.IGNORECASE), re.compile(words.others, re.IGNORECASE)


def duties(reading: Reading, places: Places, language: str, timed: Container[int] = ()) -> list[Duty]:
    """Demands of a text, one for each sentence that makes any, in order.

    Points of a list are demands of their own if what leads in to them demands nothing without them, and those of which
    the sentence is `timed`, that is, has a deadline.
    """
    made: dict[int, Duty] = {}
    last: Duty | None = None
    for verb in _verbs(language)[0].finditer(reading.text):
        sentence = reading.sentence(verb.start())
        if sentence in made or (last is not None and sentence == last.sentence) or places.recitals[sentence]:
            continue
        if _verbs(language)[1].match(reading.text, verb.start()):
            continue
        before = last.bound if last is not None and last.sentence == sentence - 1 else None
        found = _read(reading, places, language, verb, before)
        if found is None:
            continue
        last = found
        points = list(_points(reading, places, found))
        bare = bool(points) and _is_bare(reading, language, found)
        if not bare:
            made[sentence] = replace(found, until=points[-1][0].end) if points else found
        for point, own in points:
            if (bare and own) or point.sentence in timed:
                made[point.sentence] = point
    return [made[sentence] for sentence in sorted(made)]


def _is_bare(reading: Reading, language: str, lead: Duty) -> bool:
    """Whether nothing is demanded before the list begins."""
    ahead = _verbs(language)[0].finditer(reading.text, lead.start, lead.end + AHEAD)
    verbs = [verb for verb in ahead if verb.end() <= lead.end]
    said = reading.text[verbs[-1].end() : lead.end].strip() if verbs else ""
    return bool(verbs) and bool(BARE.fullmatch(said) or DANGLING.search(said) or len(said.split()) < FEWEST_WORDS)


def _points(reading: Reading, places: Places, lead: Duty) -> Iterator[tuple[Duty, bool]]:
    """The points of the list that a demand leads in to, and whether one says more than the point it is a point of."""
    text = reading.text
    said = [(lead.sentence, LEADS.sub("", text[lead.words : lead.end]).strip(), False)]
    led = LEADS.search(text, lead.start, lead.end) or _marked(lead, 1, reading, places)
    if len(said[0][1]) > LONGEST_LEAD or not led:
        return
    for ahead in range(1, MOST_POINTS + 1):
        sentence = lead.sentence + ahead
        words = _marked(lead, ahead, reading, places)
        if words is None:
            if sentence >= len(places.names) or reading.bounds(sentence)[0] in reading.blocks:
                return
            continue
        while len(said) > 1 and not _within(places, said[-1][0], sentence):
            said.pop()
        point = JOINT.sub("", LEADS.sub("", text[words : reading.bounds(sentence)[1]]))
        before, full = said[-1][1:]
        if LEADS.search(text, words, reading.bounds(sentence)[1]):
            says = len(point.split()) > FEWEST_WORDS and not DANGLING.search(point)
            said.append((sentence, f"{before} {point}", full or says))
            if not says:
                continue
        if point:
            end = min(words + len(point), words + LONGEST_QUOTE)
            yield Duty(words, end, words, sentence, lead.bound, lead.by_authority, before), not full


def _marked(lead: Duty, ahead: int, reading: Reading, places: Places) -> int | None:
    """Where the words of a point begin, if the sentence is one of the list of a lead-in."""
    sentence = lead.sentence + ahead
    if sentence >= len(places.names) or reading.bounds(sentence)[0] not in reading.blocks:
        return None
    start = reading.bounds(sentence)[0]
    bullet = BULLET.match(reading.text, start)
    same = places.names[sentence] == places.names[lead.sentence]
    if bullet is not None and same:
        return bullet.end()
    if same and reading.text[start : start + 1].islower() and LEADS.search(reading.text, lead.start, lead.end):
        return start  # a list without marks, such as one of a web page
    return (
        places.starts[sentence]
        if places.starts[sentence] > start and _within(places, lead.sentence, sentence)
        else None
    )


def _within(places: Places, outer: int, inner: int) -> bool:
    """Whether a sentence stands in a point of the place of another."""
    around, name = places.names[outer] or "", places.names[inner] or ""
    longer = len(name) > len(around) and name.startswith(around)
    return longer and not (around and name[len(around)].isalnum())


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
    if party.by_authority:
        party = parties(language).relayed(text, verb.span(), last) or party
    words = first if party.start is None else party.start
    return Duty(first, min(last, first + LONGEST_QUOTE), words, sentence, party.name, party.by_authority)


def _of_plain(text: str, language: str, verb: re.Match[str], last: int, party: Party) -> Party:
    """Who does what a verb in the present tense says: a duty only of an actor, before it or right after it."""
    return party if party.start is not None else parties(language).follows(text, verb.span(), last)
