"""What legal texts demand: sentences with a duty's verb, without rights, powers and definitions, and who is bound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_places import Places
from domain.intelligence.law_reading import Reading
from domain.intelligence.law_words import Lexicon

WINDOW = 280
LONGEST_QUOTE = 1200
HEAD_END = re.compile(
    r" (?:that|which|who|whose|whom|referred|pursuant|of|for|in|under|with|to|as|where|on|at|subject|acting|der|des|von"
    r"|gemäß|nach|qui|visée?s?|mentionnée?s?|dont)\b|,"
)
DETERMINER = re.compile(
    r"(?i)^(?:the|an?|each|every|any|no|all|our|your|this|such|those|de[rnms]|die|das|eine?[rnms]?|jede[rns]?|alle|keine?"
    r"|le|la|les|un|une|chaque|toute?|tous les|l['\u2019])\s?"
)


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


@dataclass(frozen=True)
class _Duty:
    lexicon: Lexicon
    duty: re.Pattern[str]
    others: re.Pattern[str]
    actor: re.Pattern[str]
    actors: tuple[tuple[re.Pattern[str], str], ...]
    subject: re.Pattern[str]
    party: re.Pattern[str]
    agent: re.Pattern[str]


@cache
def _duty(language: str) -> _Duty:
    lexicon = LEXICONS[language]
    words = lexicon.duty
    flags = re.IGNORECASE
    return _Duty(
        lexicon,
        duty=re.compile(words.duty, flags),
        others=re.compile(words.others, flags),
        actor=re.compile(rf"\b(?:{'|'.join(pattern for pattern, _ in words.actors)})\b", flags),
        actors=tuple((re.compile(pattern, flags), name) for pattern, name in words.actors),
        subject=re.compile(words.subject),
        party=re.compile(words.party, flags),
        agent=re.compile(words.agent, flags),
    )


def duties(reading: Reading, places: Places, language: str) -> Iterator[Duty]:
    """Demands of a text, one for each sentence that makes any, in order."""
    words = _duty(language)
    done = -1
    for verb in words.duty.finditer(reading.text):
        sentence = reading.sentence(verb.start())
        if sentence == done or places.recitals[sentence] or words.others.match(reading.text, verb.start()):
            continue
        duty = _read(reading, places, words, verb, sentence)
        if duty is not None:
            done = sentence
            yield duty


def _read(reading: Reading, places: Places, words: _Duty, verb: re.Match[str], sentence: int) -> Duty | None:
    text = reading.text
    _, last = reading.bounds(sentence)
    first = places.starts[sentence]
    if verb.start() < first:
        return None
    left = text[max(first, verb.start() - WINDOW) : verb.start()]
    if not STRONG.match(verb[0]) and SUBORDINATE.search(left):
        return None
    subject = words.subject.search(left)
    bound, head = _bound(text, words, verb, last, subject)
    if verb.groupdict().get("plain") and bound is None:
        return None
    begins = verb.start() - len(left) + subject.start("subject") if subject else first
    end = min(last, first + LONGEST_QUOTE)
    authority = _is_authority(words, bound, subject)
    return Duty(first, end, begins if head else first, sentence, bound, authority)


def _is_authority(words: _Duty, bound: str | None, subject: re.Match[str] | None) -> bool:
    """Whether an authority is bound, or someone of an authority (`the staff of the Board`)."""
    authorities = words.lexicon.duty.authorities
    if bound is None or bound in authorities or subject is None:
        return bound in authorities
    known = any(name == bound for _, name in words.actors)
    return not known and any(
        _name(actor[0], words) in authorities for actor in words.actor.finditer(subject["subject"])
    )


def _bound(
    text: str, words: _Duty, verb: re.Match[str], last: int, subject: re.Match[str] | None
) -> tuple[str | None, bool]:
    """Who must do what is said, and whether the subject of the sentence is someone."""
    if subject is not None:
        head = HEAD_END.split(subject["subject"], maxsplit=1)[0].strip()
        actor = words.actor.search(head)
        if actor is not None and _is_head(head, actor):
            return _name(actor[0], words), True
        noun = DETERMINER.sub("", head)
        if noun and len(noun.split()) <= 5 and words.party.fullmatch(noun.split()[-1]):
            return noun.lower() if noun[0].islower() else noun, True
    if verb.groupdict().get("plain"):  # the verb comes first: meldet der Verantwortliche
        following = words.actor.search(text, verb.end(), min(last, verb.end() + 40))
        return (_name(following[0], words), False) if following else (None, False)
    for agent in words.actor.finditer(text, verb.end(), min(last, verb.end() + WINDOW)):
        if words.agent.search(text[max(agent.start() - 12, 0) : agent.start()]):
            return _name(agent[0], words), False
    return None, False


def _is_head(head: str, actor: re.Match[str]) -> bool:
    """Whether an actor is what a subject is about, and not only named in it (`the controller's records`)."""
    rest = head[actor.end() :]
    return (
        not rest
        or rest.startswith((" and ", " or ", " und ", " oder ", " et ", " ou ", ","))
        or not rest.strip()
        or bool(re.match(r" (?:concerned|responsible|compétente?)$", rest))
    )


def _name(found: str, words: _Duty) -> str:
    for pattern, name in words.actors:
        if pattern.fullmatch(found):
            return name
    return found


def names(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern for the actors of a language, and their names by what was found in lower case."""
    words = _duty(language)
    return words.actor, _Names(words)


class _Names(dict[str, str]):
    """Names of actors, worked out once for each spelling."""

    def __init__(self, words: _Duty) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, found: str) -> str:
        self[found] = name = _name(found, self._words)
        return name
