"""What the rules for legal texts know of a language: its numbers, units, months and cue words, as data.

A rule is (whether it is one, left, right): `left` is looked for at the end of what stands before in the sentence,
`right` at the beginning of what follows, and the first rule that fits decides. `{of}` in a pattern stands for the
filler, the small words that may stand between a cue and what it is a cue for. Patterns ignore case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from domain.intelligence.law_findings import TimeUnit

Rule: TypeAlias = tuple[bool, str, str]
Rules: TypeAlias = tuple[tuple[bool, re.Pattern[str], re.Pattern[str]], ...]

NEAR = 160
FAR = 240


@dataclass(frozen=True, slots=True)
class Numbers:
    """Words for numbers, and for the months."""

    words: Mapping[str, int]
    ordinals: Mapping[str, int]
    months: Mapping[str, int]
    scales: Mapping[str, float]

    @property
    def pattern(self) -> str:
        """A number in digits or in words."""
        return rf"(?:\d{{1,4}}|{self.spelled})"

    @property
    def spelled(self) -> str:
        """A number in words; words worth nothing, such as `and`, stand only between others."""
        words = "|".join(sorted((re.escape(word) for word, n in self.words.items() if n), key=len, reverse=True))
        joints = "|".join(re.escape(word) for word, n in self.words.items() if not n)
        return rf"(?:{words})(?:[ -]?(?:(?:{joints})[ -]?)?(?:{words})){{0,9}}"

    @property
    def month(self) -> str:
        """The name of a month."""
        return "|".join(sorted(map(re.escape, self.months), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class TimeWords:
    """How a language says until when.

    `between` and `working` are words that may stand between number and unit, or after the unit; `trigger` is how the
    event begins that a period runs from, and `trigger_end` what ends it. `again` is how often something comes that is
    said without a number (`annually`). `ordinal_day` has groups `ordinal` and `unit`. `dates_text` is a date in words
    with groups day, month, year (numbered for other orders), or `year_end`.
    """

    units: tuple[tuple[str, TimeUnit], ...]
    working: str
    between: str
    filler: str
    periods: tuple[Rule, ...]
    recurring: tuple[Rule, ...]
    again: tuple[tuple[str, int, TimeUnit], ...]
    trigger: str
    trigger_end: str
    ordinal_day: str
    dates: tuple[Rule, ...]
    dates_text: str


@dataclass(frozen=True, slots=True)
class PenaltyWords:
    """How a language says what a breach costs.

    `penal` marks a sentence that speaks of penalties, `carry` the beginning of one that goes on about the penalty of
    the sentence before. `limit` stands before an amount that is a limit, `span` between the ends of a range;
    `rules` tell amounts that are no penalties, `no_shares` such shares; `base` (group `base`) is what a share is a
    share of, `per` (group `per`) what a penalty is due for. `multiple` (groups `times`, `base`) is a multiple of
    something, with `multiples` for words that are no number. `alternative` stands between an amount and a share of
    which one counts, and `whichever` says which.
    """

    money: Mapping[str, str]
    percent: str
    penal: str
    limit: str
    rules: tuple[Rule, ...]
    no_shares: tuple[Rule, ...]
    span: str
    carry: str
    base: str
    multiple: str
    multiples: Mapping[str, int]
    per: str
    alternative: str
    whichever: str
    prison: str
    articles: str
    ranges: str
    other_act: str
    whole_act: str


@dataclass(frozen=True, slots=True)
class DutyWords:
    """How a language says who must do what.

    `duty` is a duty's verb (group `verb`), `others` what looks like one and is a right, a power or a definition, or
    how the act works; `actors` are patterns and names, `authorities` the names that are no subjects of the law.
    `subject` stands before the verb (group `subject`), `party` is a noun for someone who can be bound, `agent` stands
    before who does what is said in the passive voice, `relays` after the verb of a State that has others do something
    (`shall ensure that`). A verb in the group `plain` is a duty only of an actor. `acts` are organizations and acts by
    their form.
    """

    duty: str
    others: str
    actors: tuple[tuple[str, str], ...]
    authorities: frozenset[str]
    subject: str
    party: str
    agent: str
    relays: str
    acts: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words."""

    language: str
    function_words: frozenset[str]
    numbers: Numbers
    time: TimeWords
    penalty: PenaltyWords
    duty: DutyWords


def rules(source: tuple[Rule, ...], filler: str) -> Rules:
    """Rules, ready to run."""
    return tuple(
        (verdict, re.compile(left.replace("{of}", filler), re.I), re.compile(right.replace("{of}", filler), re.I))
        for verdict, left, right in source
    )


def decide(these: Rules, left: str, right: str) -> tuple[bool, int] | None:
    """What the first rule that fits says, and how long its cue on the left is; None if none fits."""
    for verdict, before, after in these:
        if after.match(right):
            cue = before.search(left)
            if cue:
                return verdict, len(left) - cue.start()
    return None
