"""Penalties in legal texts: amounts and shares in sentences that speak of penalties, and terms of prison."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from domain.intelligence.law_amounts import Amount, amounts, cut
from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_reading import Reading
from domain.intelligence.law_words import FAR, NEAR, Rules, decide, rules

SEPARATE = 160
FARTHEST_LIMIT = 60
LIST_MARKER = re.compile(
    r"(?:\(\w{1,5}\)|\d{1,2}[.)\u00b0]|[a-z]\)|[-\u2013\u2014\u2022*\u25aa]|[ivx]+\)|and\b|or\b|oder\b|und\b|ou\b|et\b)"
)
TURNOVER = re.compile(r"(?i)turnover|umsatz|chiffre d.affaires")
GOES_ON = (":", "\u2014", "-", ";", ",", " or", " and", " oder", " und", " ou", " et")


@dataclass(frozen=True, slots=True)
class Penalty(Amount):
    """A penalty between two positions of a reading: money, a share, either of both, or prison."""

    per: str | None = None
    prison: bool = False


@dataclass(frozen=True)
class _Words:
    penal: re.Pattern[str]
    limit: re.Pattern[str]
    rules: Rules
    no_shares: Rules
    carry: re.Pattern[str]
    base: re.Pattern[str]
    per: re.Pattern[str]
    alternative: re.Pattern[str]
    whichever: re.Pattern[str]
    prison: re.Pattern[str]


@cache
def _words(language: str) -> _Words:
    words = LEXICONS[language].penalty
    flags = re.IGNORECASE
    return _Words(
        penal=re.compile(words.penal, flags),
        limit=re.compile(rf"(?:\b{words.limit}\s?)+$", flags),
        rules=rules(words.rules, ""),
        no_shares=rules(words.no_shares, ""),
        carry=re.compile(words.carry),
        base=re.compile(r"\s?" + words.base, flags),
        per=re.compile(words.per, flags),
        alternative=re.compile(words.alternative, flags),
        whichever=re.compile(words.whichever, flags),
        prison=re.compile(words.prison, flags),
    )


def penalties(reading: Reading, language: str, jurisdiction: str) -> list[Penalty]:
    """Penalties that a text names, in order."""
    words = _words(language)
    penal = _PenalSentences(reading, words)
    found = [one for one in amounts(reading, language, jurisdiction) if penal.accepts(one)]
    return sorted([*_alternatives(reading, words, found), *_prison(reading, words)], key=lambda p: p.start)


class _PenalSentences:
    """Which amounts are penalties: those in sentences that speak of penalties, and in lists such sentences lead in."""

    def __init__(self, reading: Reading, words: _Words) -> None:
        self._reading, self._words = reading, words
        self._known: dict[int, bool] = {}
        self._accepted = -1

    def accepts(self, one: Amount) -> bool:
        """Whether an amount is a penalty."""
        reading, words = self._reading, self._words
        sentence = reading.sentence(one.start)
        first, last = reading.bounds(sentence)
        left = reading.text[max(first, one.start - NEAR) : one.start].rstrip(" (")
        right = reading.text[one.end : min(last, one.end + FAR)].lstrip(" )")
        these = words.rules if one.fraction is None else words.no_shares
        decided = decide(these, words.limit.sub("", left).rstrip(), right)
        if (decided is not None and not decided[0]) or not self._speaks(sentence):
            return False
        self._accepted = sentence
        return True

    def _speaks(self, sentence: int) -> bool:
        known = self._known.get(sentence)
        if known is None:
            known = self._known[sentence] = self._look(sentence)
        return known

    def _look(self, sentence: int) -> bool:
        text = self._reading.text
        first, last = self._reading.bounds(sentence)
        if self._words.penal.search(text, first, last):
            return True
        if self._words.whichever.search(text, first, last) and TURNOVER.search(text, first, last):
            return True
        opening = text[first : first + 60]
        if (
            sentence == self._accepted + 1
            and self._accepted >= 0
            and self._words.carry.match(LIST_MARKER.sub("", opening, count=1).lstrip())
        ):
            return True
        return self._led_in(sentence, opening)

    def _led_in(self, sentence: int, opening: str) -> bool:
        """Whether the sentence is of a list whose lead-in speaks of penalties."""
        text = self._reading.text
        for before in range(sentence - 1, max(sentence - 12, -1), -1):
            first, last = self._reading.bounds(before)
            ending = text[max(last - 12, first) : last].rstrip()
            if not (ending.endswith(GOES_ON) or LIST_MARKER.match(opening)):
                return False
            if self._words.penal.search(text, first, last):
                return not ending.endswith((".", "!", "?"))
            opening = text[first : first + 20]
        return False


def _alternatives(reading: Reading, words: _Words, found: list[Amount]) -> Iterator[Penalty]:
    """Penalties with their limits and what they are for; an amount and a share of which one counts are one penalty."""
    position = 0
    while position < len(found):
        one = found[position]
        following = found[position + 1] if position + 1 < len(found) else None
        if following is not None and _together(reading, words, one, following):
            one = Amount(
                one.start,
                following.end,
                amount=one.amount if one.amount is not None else following.amount,
                currency=one.currency or following.currency,
                fraction=one.fraction if one.fraction is not None else following.fraction,
                base=one.base or following.base,
            )
            position += 1
        position += 1
        yield _whole(reading, words, one)


def _together(reading: Reading, words: _Words, one: Amount, following: Amount) -> bool:
    """Whether an amount and a share are alternatives of one penalty."""
    if (one.amount is None) == (following.amount is None) or following.start - one.end > SEPARATE:
        return False
    if reading.sentence(one.start) != reading.sentence(following.start):
        return False
    between = reading.text[one.end : following.start]
    return ";" not in between and bool(words.alternative.search(between))


def _whole(reading: Reading, words: _Words, one: Amount) -> Penalty:
    """A penalty with the words around it that belong to it."""
    text = reading.text
    first, last = reading.bounds(reading.sentence(one.start))
    left = text[max(first, one.start - FARTHEST_LIMIT) : one.start]
    limit = words.limit.search(left)
    start = one.start - len(left) + limit.start() if limit else one.start
    end = one.end
    base = words.base.match(text, end, min(last, end + SEPARATE)) if one.fraction is not None else None
    if base:
        end = base.start("base") + len(cut(base["base"], words.whichever))
    whichever = words.whichever.search(text, end, min(last, end + SEPARATE))
    if whichever and whichever.start() - end < 120 and (one.fraction is not None):
        end = whichever.end()
    per = words.per.match(text[end : min(last, end + 60)].lstrip(" )"))
    if per:
        end = text.index(per[0], end) + len(per[0])
    return Penalty(start, end, one.amount, one.currency, one.fraction, one.base, per["per"] if per else None)


def _prison(reading: Reading, words: _Words) -> Iterator[Penalty]:
    for match in words.prison.finditer(reading.text):
        if match.end() <= reading.bounds(reading.sentence(match.start()))[1]:
            yield Penalty(match.start(), match.end(), prison=True)
