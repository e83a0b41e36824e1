"""Finding many known phrases in a text at once, in time that grows with the text alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.intelligence.feedback_words import breaks, words

# A gap in a phrase, written "..", is at most this many words of one clause.
GAP = 5
# No stem is shorter.
SHORTEST_STEM = 2


class Part(NamedTuple):
    """One word of a phrase; `stem` lets the word go on, `gap` lets others stand before it."""

    word: str
    stem: bool
    gap: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that stands in a text: what it is a name for, and the first and the last of its words."""

    name: str
    first: int
    last: int


class Phrases:
    """Phrases by the name of what they mean. `dark mode`, `crash*` for all that begins so, `log .. in` with a gap."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._words: defaultdict[str, list[tuple[str, tuple[Part, ...]]]] = defaultdict(list)
        self._stems: defaultdict[str, list[tuple[str, tuple[Part, ...]]]] = defaultdict(list)
        for name, phrase in sorted(set(phrases)):
            first, *rest = parts(phrase)
            index = self._stems if first.stem else self._words
            index[first.word].append((name, tuple(rest)))
        # How long the stems are that begin with the same letters, so that few pieces of a word are looked up.
        self._sizes: defaultdict[str, set[int]] = defaultdict(set)
        for stem in self._stems:
            self._sizes[stem[:SHORTEST_STEM]].add(len(stem))

    def found(self, tokens: Sequence[str]) -> list[Found]:
        """Every phrase in the text, in the order of their first words."""
        hits = []
        for place, token in enumerate(tokens):
            for name, rest in self._beginning(token):
                last = _followed(tokens, place, rest)
                if last is not None:
                    hits.append(Found(name, place, last))
        return hits

    def _beginning(self, token: str) -> list[tuple[str, tuple[Part, ...]]]:
        found = self._words.get(token, [])
        for size in self._sizes.get(token[:SHORTEST_STEM], ()):
            stems = self._stems.get(token[:size]) if size <= len(token) else None
            found = found + stems if stems else found
        return found


def parts(phrase: str) -> list[Part]:
    """The words of a phrase as texts have them."""
    found: list[Part] = []
    gap = False
    for piece in phrase.split():
        if piece == "..":
            gap = True
            continue
        spelled = words(piece.removesuffix("*"))
        for place, word in enumerate(spelled):
            found.append(Part(word, piece.endswith("*") and place == len(spelled) - 1, gap and place == 0))
        gap = False
    return found


def _followed(tokens: Sequence[str], place: int, rest: tuple[Part, ...]) -> int | None:
    """Where a phrase that begins at a place ends, None if it does not go on there."""
    for part in rest:
        reach = range(place + 1, min(place + 2 + (GAP if part.gap else 0), len(tokens)))
        for position in reach:
            token = tokens[position]
            if token.startswith(part.word) if part.stem else token == part.word:
                place = position
                break
            if breaks(token):
                return None
        else:
            return None
    return place
