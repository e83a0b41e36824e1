"""What feedback is about, in words that are the same for the same matter: themes and things that are named.

Known matters have one name in six languages (words/themes.json, words/entities.json). Where none is known, phrases
between stop words stand in for it, as in RAKE (Rose et al. 2010): those of the most, and most connected, words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from domain.intelligence.feedback_words import breaks, words
from domain.intelligence.phrases import Found, Phrases
from domain.intelligence.word_lists import word_list

MOST_THEMES, MOST_ENTITIES, MOST_PHRASES = 5, 10, 2
# A phrase that is no known matter has at least and at most this many words.
SHORTEST_PHRASE, LONGEST_PHRASE = 2, 3
INTERFACE, ISSUE = "interface", "issue"
IMPROVEMENT = "ui_improvement"

_VERSION = re.compile(
    r"\b(?:v|version|ver|vers)\.?\s{0,2}(\d{1,3}(?:\.\d{1,5}){0,3})\b|\b(\d{1,3}\.\d{1,4}\.\d{1,5})\b", re.I
)
_SYSTEM = re.compile(r"\b(ios|android|windows|macos|wear os)\s{0,2}(\d{1,2}(?:\.\d{1,3}){0,2})\b", re.I)
_MODEL = re.compile(
    r"\b(?:(iphone|ipad|galaxy|pixel|mate|redmi|oneplus|fenix|forerunner|vivoactive|vivosmart|venu|instinct|watch|band)"
    r"\s{0,2}((?:note|tab|se|pro|max|mini|fit|gt|s|a|j|p|x|xs|xr)?\s{0,1}\d{0,4}[a-z]{0,2})"
    r"|(s\d{1,2}|p\d{2})(?=\s{1,2}(?:plus|edge|lite|pro|ultra)?\b))\b(?:\s{1,2}(plus|edge|lite|pro|ultra|mini|max))?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Matter:
    """A known matter: what it is called in trouble and otherwise, what it stands for, and what it is a part of."""

    name: str
    otherwise: str
    about: str
    general: bool
    entities: tuple[str, ...]


@cache
def matters() -> dict[str, Matter]:
    """Every known matter by its name."""
    return {
        name: Matter(
            name,
            known.get("otherwise", name),
            known["about"],
            known.get("general", False),
            tuple(known.get("entities", ())),
        )
        for name, known in word_list("themes.json").items()
    }


@cache
def matter_phrases() -> Phrases:
    """The phrases of all known matters."""
    return Phrases(
        (name, phrase)
        for name, known in word_list("themes.json").items()
        for spelled in known["words"].values()
        for phrase in spelled
    )


@cache
def thing_phrases() -> Phrases:
    """The phrases of all known things."""
    return Phrases((name, phrase) for name, spelled in word_list("entities.json").items() for phrase in spelled)


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about the matter, of all languages, in the spelling that texts are read in."""
    spelled = " ".join(word_list("stopwords.json").values())
    return frozenset(word for part in spelled.split() for word in (*words(part), part))


def known_matters(tokens: Sequence[str]) -> list[Found]:
    """The known matters in a text; of phrases in one another only the longest."""
    kept: list[Found] = []
    reached = -1
    for one in sorted(matter_phrases().found(tokens), key=lambda found: (found.first, -found.last)):
        same = bool(kept) and (one.first, one.last) == (kept[-1].first, kept[-1].last)
        if one.last > reached or same:
            kept.append(one)
            reached = max(reached, one.last)
    return kept


def themes(tokens: Sequence[str], found: Sequence[Found], *, troubled: bool, asks: bool) -> tuple[str, ...]:
    """What a text is about, at most MOST_THEMES: known matters as they come, then its own phrases.

    `troubled` says that something is wrong, `asks` that something is asked for: the same word means another thing then.
    """
    known = matters()
    named = [known[one.name] for one in found]
    special = [matter for matter in named if not matter.general]
    result: list[str] = []
    for matter in special or named:
        result.append(matter.name if troubled else matter.otherwise)
        if asks and matter.about == INTERFACE:
            result.append(IMPROVEMENT)
    if len(set(result)) < 2:
        result += own_phrases(tokens, found)
    return tuple(dict.fromkeys(result))[:MOST_THEMES]


def own_phrases(tokens: Sequence[str], found: Sequence[Found]) -> list[str]:
    """The best phrases between stop words and marks that are no known matter, the best first."""
    taken = {place for one in found for place in range(one.first, one.last + 1)}
    candidates = list(dict.fromkeys(_between(tokens, taken)))
    often: defaultdict[str, int] = defaultdict(int)
    degree: defaultdict[str, int] = defaultdict(int)
    for phrase in candidates:
        for word in phrase:
            often[word] += 1
            degree[word] += len(phrase)
    worth = {phrase: sum(degree[word] / often[word] for word in phrase) for phrase in candidates}
    best = sorted(candidates, key=lambda phrase: -worth[phrase])
    return ["_".join(phrase) for phrase in best[:MOST_PHRASES]]


def entities(text: str, tokens: Sequence[str], found: Sequence[Found]) -> tuple[str, ...]:
    """Things a text names, at most MOST_ENTITIES: products, devices, systems, versions, parts of what is discussed."""
    known = matters()
    places = [(one.first, one.name) for one in thing_phrases().found(tokens)]
    places += [(one.first, entity) for one in found for entity in known[one.name].entities]
    named = [name for _, name in sorted(places, key=lambda place: place[0])]
    return tuple(dict.fromkeys([*named, *_numbered(text)]))[:MOST_ENTITIES]


def _numbered(text: str) -> list[str]:
    versions = [f"version_{found[1] or found[2]}" for found in _VERSION.finditer(text)]
    systems = ["_".join(found.groups()).lower().replace(" ", "_") for found in _SYSTEM.finditer(text)]
    models = [
        "_".join(part.strip() for part in found.groups() if part and part.strip()).lower().replace(" ", "_")
        for found in _MODEL.finditer(text)
        if any(map(str.isdigit, found[0]))
    ]
    return [*models, *systems, *versions]


def _between(tokens: Sequence[str], taken: set[int]) -> Iterable[tuple[str, ...]]:
    stops = stop_words()
    phrase: list[str] = []
    for place, token in enumerate([*tokens, "."]):
        if place in taken or token in stops or breaks(token) or not token.isalpha() or len(token) > 30:
            if SHORTEST_PHRASE <= len(phrase) <= LONGEST_PHRASE:
                yield tuple(phrase)
            phrase = []
        else:
            phrase.append(token)
