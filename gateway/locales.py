"""Locale data on demand: loaded with the first text that needs it, and asked in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from domain.outside import MarketDays, Written


class LocaleTables:
    """Knows how numbers are written and when holidays are."""

    async def write(self, language: str, market: str, values: Sequence[Written]) -> Sequence[str]:
        """The values as they are written in a language in a market, in the same order."""
        if not values:
            return []
        written: list[str] = await asyncio.to_thread(lambda: _data().written(language, market, values))
        return written

    async def holidays(self, wanted: Sequence[MarketDays]) -> Sequence[Sequence[str]]:
        """The names of the holidays of each market; none where they are not known."""
        names: list[list[str]] = await asyncio.to_thread(lambda: [_data().coming(each) for each in wanted])
        return names


def _data() -> Any:
    return import_module("gateway.locale_data")
