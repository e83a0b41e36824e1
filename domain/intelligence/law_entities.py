"""Who and what legal texts speak of: actors and defined terms, organizations and acts, the most frequent first."""

from __future__ import annotations

import re
from functools import cache

from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_parties import parties
from domain.intelligence.law_reading import Reading

MOST_DIFFERENT = 5000


@cache
def _acts(language: str) -> re.Pattern[str]:
    return re.compile(LEXICONS[language].duty.acts)


def entities(reading: Reading, language: str, most: int) -> list[tuple[str, int, int]]:
    """Names with the bounds of their first mention, the most frequent first, `most` of them at most."""
    counts: dict[str, int] = {}
    firsts: dict[str, tuple[int, int]] = {}
    actors = parties(language)
    for pattern, own in ((actors.actor, False), (_acts(language), True)):
        for match in pattern.finditer(reading.text):
            name = " ".join(match[0].split()) if own else actors.name(match[0])
            if name not in counts and len(counts) >= MOST_DIFFERENT:
                continue
            counts[name] = counts.get(name, 0) + 1
            firsts.setdefault(name, match.span())
    ranked = sorted(counts, key=lambda name: (-counts[name], firsts[name]))[:most]
    return [(name[:1].upper() + name[1:], *firsts[name]) for name in ranked]
