"""The labelled texts that the models of feedback are trained with, as they lie in a folder.

Four files of JSON lines, which docs/models/feedback_data.md tells where to get:

* `app_reviews_labelled_en.jsonl`, `app_reviews_labelled_fr.jsonl`: id, text, lang, app, stars, labels
* `app_reviews_artc_en.jsonl`: id, text, lang, stars, labels
* `tweets_sentiment_6_languages.jsonl`: id, text, lang, label
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SENTIMENTS = ("negative", "neutral", "positive")
CATEGORIES = ("bug_report", "feature_request", "general")
TWEET_FOLDS = 3
# Reviews of which nobody said what app they are about.
MANY_APPS = "many apps"
# One labelled review in so many is never trained with: the project's tests are judged by a sample of them.
ASIDE = 27


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with what is known of it; `group` is the app it is about, or the part of the tweets it fell in.

    `sentiment` is a place in SENTIMENTS, `categories` a 0 or 1 for each of CATEGORIES, None where nobody said. `aside`
    texts are never trained with.
    """

    text: str
    language: str
    group: str
    social: bool
    sentiment: int
    categories: tuple[int, ...] | None = None
    aside: bool = False


def labelled(folder: Path) -> list[Labelled]:
    """Every labelled text of the folder in a fixed order, each once."""
    rows = {
        (row.text, row.group): row
        for part in (
            _reviews(folder / "app_reviews_labelled_en.jsonl"),
            _reviews(folder / "app_reviews_labelled_fr.jsonl"),
            _reviews(folder / "app_reviews_artc_en.jsonl"),
            _tweets(folder / "tweets_sentiment_6_languages.jsonl"),
        )
        for row in part
    }
    return list(rows.values())


def _lines(file: Path) -> Iterator[dict]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _reviews(file: Path) -> Iterator[Labelled]:
    """Stars stand in for sentiment: one and two displeased, three neither, four and five pleased."""
    for row in _lines(file):
        named = {name.strip() for names in row["labels"] for name in names.split(",")}
        bug, request = "bug_report" in named, "feature_request" in named
        general = "general" in named or not (bug or request)
        sentiment = 0 if row["stars"] <= 2 else 1 if row["stars"] == 3 else 2
        app = row.get("app", MANY_APPS)
        aside = "app" in row and zlib.crc32(row["text"].encode()) % ASIDE == 0
        yield Labelled(row["text"], row["lang"], app, False, sentiment, (int(bug), int(request), int(general)), aside)


def _tweets(file: Path) -> Iterator[Labelled]:
    for row in _lines(file):
        part = zlib.crc32(row["id"].encode()) % TWEET_FOLDS
        yield Labelled(row["text"], row["lang"], f"tweets {part}", True, SENTIMENTS.index(row["label"]))
