"""Whom a duty binds: the subject of its verb, the actor named beside it, or the agent of a passive sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from domain.intelligence.law_lexicons import LEXICONS

WINDOW = 280
NEARBY = 40
LONGEST_PARTY = 5  # words
HEAD_END = re.compile(
    r" (?:that|which|who|whose|whom|referred|pursuant|of|for|in|under|with|to|as|where|on|at|subject|acting|der|des|von"
    r"|gemäß|nach|qui|visée?s?|mentionnée?s?|dont)\b|,"
)
DETERMINER = re.compile(
    r"(?i)(?:the|an?|each|every|any|no|all|our|your|this|such|those|de[rnms]|die|das|eine?[rnms]?|jede[rns]?|alle|keine?"
    r"|le|la|les|un|une|chaque|toute?|tous les) |l['\u2019]"
)
DETERMINED = re.compile(
    r"(?i)(?:\b(?P<preposition>of|to|by|for|with|from|in|on|under|against|von|mit|bei|für|de|à|par|pour) )?"
    r"(?P<determiner>the|an?|each|every|any|der|die|das|le|la|les) $"
)
PRONOUN = re.compile(r"(?:It|They|He or she|She|He|Er|Sie|Es|Il|Elle|Ils|Elles)$")
PRONOUN_AT_END = re.compile(r"(?i)\b(?:it|they|he or she|sie|er|es|il|elle|ils|elles)$")
CLAUSE = re.compile(r"(?:Where|If|When|Unless|Wenn|Sofern|Falls|Lorsque) ")
JOINED = re.compile(r" (?:and|or|und|oder|et|ou) |,|\s*$| (?:concerned|responsible|compétente?)$")
# What may stand before an actor that a clause begins with: `that, for this purpose, payment service providers`.
OPENING = re.compile(
    r"(?:(?<=that)|(?<=que)|(?<=qu['\u2019])|(?<=dass)|(?<=require)|,) ?"
    r"(?P<words>(?:(?!of |de |du )[\w-]+[ '\u2019]){0,3})$"
)
# What laws speak of most, and what is never bound.
THINGS = frozenset({"data", "Daten", "données"})


@dataclass(frozen=True, slots=True)
class Party:
    """Who is bound, whether it is the subject of the sentence, from `start` on, and whether it is an authority."""

    name: str | None
    start: int | None
    by_authority: bool


class Parties:
    """The parties of a language, with how sentences name them."""

    def __init__(self, language: str) -> None:
        words = LEXICONS[language].duty
        flags = re.IGNORECASE
        self.actor = re.compile(rf"\b(?:{'|'.join(pattern for pattern, _ in words.actors)})\b", flags)
        self._actors = tuple((re.compile(pattern, flags), name) for pattern, name in words.actors)
        self._own = frozenset(name for _, name in words.actors)
        self._authorities = words.authorities
        self._subject = re.compile(words.subject)
        self._party = re.compile(words.party, flags)
        self._agent = re.compile(words.agent, flags)
        self._relays = re.compile(words.relays, flags)
        self._names: dict[str, str] = {}

    def name(self, found: str) -> str:
        """The name of an actor as it was found."""
        key = found.lower()
        if key not in self._names:
            self._names[key] = next((name for pattern, name in self._actors if pattern.fullmatch(found)), found)
        return self._names[key]

    def bound(self, text: str, first: int, verb: tuple[int, int], last: int, before: str | None) -> Party:
        """Who must do what a verb demands, in a sentence from `first` to `last`; `before` is who the last one bound."""
        left = text[max(first, verb[0] - WINDOW) : verb[0]]
        subject = self._subject.search(left)
        if subject is not None:
            name = self._head(subject["subject"]) or (before if PRONOUN.match(subject["subject"].strip()) else None)
            if name is not None:
                start = verb[0] - len(left) + subject.start("subject")
                return Party(name, start, self._is_authority(name, subject["subject"]))
        beside = self._beside(left, whole=verb[0] - first <= WINDOW)
        if beside is not None:
            start, name = beside
            return Party(name, verb[0] - len(left) + start, name in self._authorities)
        return self._by(text, verb[1], last)

    def relayed(self, text: str, verb: tuple[int, int], last: int) -> Party | None:
        """Who has to do what a State is to see to (`shall ensure that the entities notify`)."""
        relay = self._relays.match(text, verb[1], last)
        if relay is None:
            return None
        for actor in self.actor.finditer(text, relay.end(), min(last, relay.end() + WINDOW)):
            opening = OPENING.search(text, relay.end(), actor.start())
            name = self.name(actor[0])
            if opening is not None and name not in THINGS:
                start = opening.start("words")
                return None if name in self._authorities else Party(name, start, by_authority=False)
        return None

    def follows(self, text: str, verb: tuple[int, int], last: int) -> Party:
        """Who stands right after a verb that comes first (`meldet der Verantwortliche`)."""
        actor = self._first(text, verb[1], min(last, verb[1] + NEARBY))
        name = self.name(actor[0]) if actor else None
        return Party(name, None, name in self._authorities)

    def _head(self, subject: str) -> str | None:
        """Who a subject is about: an actor that is not only named in it (`the controller's records`), or any party."""
        head = HEAD_END.split(subject, maxsplit=1)[0].strip()
        actor = self._first(head, 0, len(head))
        if actor is not None and JOINED.match(head, actor.end()):
            return self.name(actor[0])
        determiner = DETERMINER.match(head)
        noun = head[determiner.end() :] if determiner else head
        words = noun.split()
        if words and len(words) <= LONGEST_PARTY and self._party.fullmatch(words[-1]):
            return noun if noun[1:2].isupper() or not determiner else noun[0].lower() + noun[1:]
        return None

    def _beside(self, left: str, *, whole: bool) -> tuple[int, str] | None:
        """An actor right before the verb, or the one a sentence begins with if asides stand between."""
        near = left.rstrip(" ,")
        tail = max(len(near) - NEARBY, 0)
        for actor in self.actor.finditer(near, tail):
            if actor.end() == len(near) and self.name(actor[0]) not in THINGS:
                determiner = DETERMINED.search(near, max(actor.start() - 24, 0), actor.start())
                if determiner is not None and not determiner["preposition"]:
                    return determiner.start("determiner"), self.name(actor[0])
        if whole:
            clause = CLAUSE.match(left)
            start = clause.end() if clause else 0
            determiner = DETERMINER.match(left, start)
            opening = self.actor.match(left, determiner.end()) if determiner else None
            if (
                opening is not None
                and (not clause or PRONOUN_AT_END.search(near))
                and self.name(opening[0]) not in THINGS
            ):
                return 0, self.name(opening[0])
        return None

    def _by(self, text: str, start: int, last: int) -> Party:
        for actor in self.actor.finditer(text, start, min(last, start + WINDOW)):
            if self._agent.search(text[max(actor.start() - 12, 0) : actor.start()]):
                name = self.name(actor[0])
                return Party(name, None, name in self._authorities)
        return Party(None, None, by_authority=False)

    def _first(self, text: str, start: int, end: int) -> re.Match[str] | None:
        return next(
            (actor for actor in self.actor.finditer(text, start, end) if self.name(actor[0]) not in THINGS), None
        )

    def _is_authority(self, name: str, subject: str) -> bool:
        """Whether an authority is bound, or someone of an authority (`the staff of the Board`)."""
        if name in self._own:
            return name in self._authorities
        return any(self.name(actor[0]) in self._authorities for actor in self.actor.finditer(subject))


@cache
def parties(language: str) -> Parties:
    """The parties of a language."""
    return Parties(language)
