"""Signs in a text that mean the same in six languages: praise, complaint, a wish, a failure, and known matters.

What weights learn from a sign in one language holds for the others, of which there are no labelled reviews.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from domain.intelligence.feedback_features import REACH, negations
from domain.intelligence.feedback_words import breaks
from domain.intelligence.phrases import Found, Phrases
from domain.intelligence.word_lists import word_list

# Of the same cue more than so many say no more.
MOST = 4


@cache
def cue_phrases() -> Phrases:
    """The phrases of all cues."""
    return Phrases(
        (name, phrase)
        for name, spelled in word_list("cues.json").items()
        for phrases in spelled.values()
        for phrase in phrases
    )


def signs(tokens: Sequence[str], matters: Sequence[Found]) -> list[str]:
    """The cues of a text with how often they are there, turned ones apart, and the matters it names."""
    seen: Counter[str] = Counter()
    reached = -1
    for one in cue_phrases().found(tokens):
        if one.first > reached or one.last > reached:
            seen[f"not {one.name}" if turned(tokens, one.first) else one.name] += 1
        reached = max(reached, one.last)
    counted = [f"cue {name} {step}" for name, times in seen.items() for step in range(1, min(times, MOST) + 1)]
    if not {"praise", "complaint", "not praise", "not complaint"} & set(seen):
        counted.append("cue of no mood")
    both = "praise" in seen and "complaint" in seen
    return [*counted, *(["cue of both moods"] if both else []), *sorted({f"matter {one.name}" for one in matters})]


def turned(tokens: Sequence[str], place: int) -> bool:
    """Whether a negation stands at most REACH words before a place in the same clause."""
    for position in range(place - 1, max(-1, place - 1 - REACH), -1):
        if breaks(tokens[position]):
            return False
        if tokens[position] in negations():
            return True
    return False
