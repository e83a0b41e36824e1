"""Checks on texts: how easily they are read, what filters of mail look for, and whether all they name is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from domain.intelligence.copy_templates import table
from domain.intelligence.word_lists import word_list

_APOSTROPHE = "\u2019"
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019.-][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_SENTENCE = re.compile(r"[.!?:]+(?=\s|$)|\n")
_VOWELS = re.compile(r"[aeiouy]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The words and numbers of a text."""
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """About how many syllables an English word has: its groups of vowels, at least one.

    A silent e at the end counts for nothing (`scale`), also in `-es` and `-ed` unless it is spoken there (`boxes`,
    `needed`); `-le` after a consonant is spoken (`table`). A number counts as one.
    """
    said = word.lower().replace(_APOSTROPHE, "'").removesuffix("'s")
    count = len(_VOWELS.findall(said))
    spoken_es = said.endswith(("ses", "zes", "xes", "ches", "shes", "ces", "ges"))
    silent = (
        (said.endswith("e") and not re.search(r"[^aeiouy]le$", said))
        or (said.endswith("es") and not spoken_es and not re.search(r"[^aeiouy]les$", said))
        or (said.endswith("ed") and not said.endswith(("ted", "ded")))
    )
    vowel_before = bool(re.search(r"[aeiouy](?:e|es|ed)$", said))
    return max(1, count - (silent and not vowel_before))


def reading_ease(text: str) -> float | None:
    """Flesch's reading ease: 206.835 - 1.015 words per sentence - 84.6 syllables per word; None without words.

    60 to 70 is plain English, below 30 is read by specialists. Source: R. Flesch, A new readability yardstick, Journal
    of Applied Psychology 32 (1948). A line end ends a sentence too; syllables are counted as `syllables` says.
    """
    words = words_of(text)
    sentences = sum(1 for each in _SENTENCE.split(text) if each and words_of(each))
    if not words or not sentences:
        return None
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * sum(map(syllables, words)) / len(words)


def spam_words(text: str) -> list[str]:
    """The words and phrases of a text that filters of mail are known to look for, each once, in order."""
    said = " ".join(text.lower().replace(_APOSTROPHE, "'").split())
    found = [(match.start(), match[0]) for match in _spam().finditer(said)]
    return list(dict.fromkeys(phrase for _, phrase in sorted(found)))


@cache
def _spam() -> re.Pattern[str]:
    phrases = sorted(table("spam.json")["phrases"], key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, phrases)) + r")(?!\w)")


def unfounded(text: str, sources: Iterable[str]) -> list[str]:
    """Numbers, names, addresses and claims of a text that stand in none of its sources, each once.

    A word with a capital letter is a name unless it begins a sentence and is an everyday word, and so is one in another
    script than English is written in; a claim is a word such as `customers`, `proven` or `lawsuit`.
    """
    known = "\n".join(sources)
    exact, lower = set(words_of(known)), {each.lower() for each in words_of(known)}
    wrong = [each for each in _ADDRESS.findall(text) if each.rstrip(".,;:!?)") not in known]
    numbers = set(_NUMBER.findall(known))
    wrong += [each for each in _NUMBER.findall(text) if each not in numbers]
    claims = {*table("spam.json")["claims"], *table("spam.json")["numbers"]} - lower
    usual = everyday() | lower
    for sentence in _SENTENCE.split(text):
        for place, word in enumerate(words_of(sentence)):
            if word.lower() in claims or not (word.isascii() or word.lower() in lower):
                wrong.append(word)
            elif word[0].isdigit() or word in exact or word.lower() == word:
                continue
            elif not (word in ("I", "OK") or (word.lower() in usual and (place == 0 or word[0] == "I"))):
                wrong.append(word)
    return list(dict.fromkeys(wrong))


@cache
def everyday() -> frozenset[str]:
    """Usual English words, in lower case, among them those that sentences begin with."""
    return frozenset({*word_list("stopwords.json")["en"].split(), *table("spam.json")["beginnings"]})
