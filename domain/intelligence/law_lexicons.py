"""The languages whose legal texts are understood."""

from __future__ import annotations

from collections.abc import Mapping

from domain.intelligence.law_words import Lexicon
from domain.intelligence.law_words_de import GERMAN
from domain.intelligence.law_words_en import ENGLISH
from domain.intelligence.law_words_fr import FRENCH

LEXICONS: Mapping[str, Lexicon] = {lexicon.language: lexicon for lexicon in (ENGLISH, GERMAN, FRENCH)}
