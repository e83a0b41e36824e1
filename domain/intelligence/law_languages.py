"""Which language a legal text is in, told by its function words."""

from __future__ import annotations

import re
from collections import Counter

from domain.intelligence.law_lexicons import LEXICONS

WORD = re.compile(r"[^\W\d_]+")
SAMPLE = 20_000
SHORT = 40  # words
KNOWN_SHARE = 0.10
SECOND_SHARE = 0.09
# Languages that are told apart from those that are understood, and not read.
OTHERS = {
    "es": frozenset(
        {
            "a",
            "al",
            "como",
            "con",
            "de",
            "del",
            "el",
            "en",
            "está",
            "la",
            "las",
            "lo",
            "los",
            "no",
            "o",
            "para",
            "por",
            "que",
            "se",
            "ser",
            "su",
            "sus",
            "un",
            "una",
            "y",
        }
    ),
    "it": frozenset(
        {
            "al",
            "alla",
            "che",
            "con",
            "da",
            "dei",
            "del",
            "della",
            "delle",
            "di",
            "e",
            "gli",
            "il",
            "in",
            "la",
            "le",
            "nel",
            "non",
            "per",
            "si",
            "sono",
            "un",
            "una",
            "è",
        }
    ),
    "pt": frozenset(
        {
            "a",
            "ao",
            "as",
            "com",
            "da",
            "das",
            "de",
            "do",
            "dos",
            "e",
            "em",
            "na",
            "no",
            "não",
            "o",
            "os",
            "para",
            "pela",
            "pelo",
            "por",
            "que",
            "se",
            "um",
            "uma",
            "é",
        }
    ),
    "nl": frozenset(
        {
            "aan",
            "als",
            "bij",
            "dat",
            "de",
            "die",
            "door",
            "een",
            "en",
            "het",
            "in",
            "is",
            "met",
            "niet",
            "of",
            "op",
            "te",
            "van",
            "voor",
            "worden",
            "wordt",
            "zijn",
        }
    ),
}
BY_JURISDICTION = {"DE": "de", "AT": "de", "CH": "de", "LI": "de", "FR": "fr", "BE": "fr", "LU": "fr", "MC": "fr"}


def languages(text: str, jurisdiction: str) -> tuple[list[str], bool]:
    """Languages of a text that are understood, the main one first, and whether that is sure.

    A text of a few words without function words is taken to be in a language of its jurisdiction, English otherwise.
    """
    words = _words(text)
    shares = _shares(words)
    best = max(shares, key=lambda language: shares[language])
    if shares[best] >= KNOWN_SHARE:
        if best not in LEXICONS:
            return [], True
        others = [language for language in LEXICONS if language != best and shares[language] >= SECOND_SHARE]
        return [best, *others], True
    if len(words) >= SHORT or not words:
        return [], False
    likely = best if shares[best] > 0 and best in LEXICONS else BY_JURISDICTION.get(jurisdiction.upper()[:2], "en")
    return [likely], False


def _words(text: str) -> list[str]:
    if len(text) > 3 * SAMPLE:
        middle = len(text) // 2
        text = f"{text[:SAMPLE]} {text[middle : middle + SAMPLE]} {text[-SAMPLE:]}"
    return [word.lower() for word in WORD.findall(text)]


def _shares(words: list[str]) -> dict[str, float]:
    counts = Counter(words)
    total = max(len(words), 1)
    known = {language: lexicon.function_words for language, lexicon in LEXICONS.items()} | OTHERS
    return {language: sum(counts[word] for word in own) / total for language, own in known.items()}
