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
    "es": frozenset("el la los las de del y en que a se un una por con no para su al lo como o sus está ser".split()),
    "it": frozenset("il la di che e in un una per non si con del della dei delle al alla da sono è gli le nel".split()),
    "pt": frozenset("o a os as de do da dos das e em que um uma para com não por se no na ao pelo pela é".split()),
    "nl": frozenset(
        "de het een van en in is dat op te voor met niet zijn aan door of die als bij worden wordt".split()
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
