"""Texts of documents in memory, each memory within its bounds."""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import dataclass

# Measured: what dictionaries and an identifier of 64 characters take beside a text.
_BESIDE = 250


def _weight(text: str) -> int:
    return sys.getsizeof(text) + _BESIDE


class Texts:
    """Texts by identifier, those that were not asked for the longest leaving first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._weight = 0

    def get(self, id: str) -> str | None:
        """The text, if it is here."""
        text = self._texts.get(id)
        if text is not None:
            self._texts.move_to_end(id)
        return text

    def put(self, id: str, text: str) -> None:
        """Remember a text, unless it is larger than all that may be remembered."""
        if _weight(text) > self._most:
            return
        self._weight += _weight(text) - self._dropped(id)
        self._texts[id] = text
        while self._weight > self._most:
            self._weight -= _weight(self._texts.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget all of them."""
        self._texts.clear()
        self._weight = 0

    def _dropped(self, id: str) -> int:
        text = self._texts.pop(id, None)
        return 0 if text is None else _weight(text)


@dataclass(slots=True)
class _Held:
    text: str
    holder: str


class SharedTexts:
    """Texts that many have a share in: where there is no room, the oldest of whoever holds the most leaves.

    So nobody can push out what others hold, however much they bring. An empty name stands for all who gave none.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._held: dict[str, _Held] = {}
        self._of: dict[str, OrderedDict[str, None]] = {}
        self._weights: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, id: str) -> str | None:
        """The text, if it is here."""
        held = self._held.get(id)
        if held is None:
            return None
        self._of[held.holder].move_to_end(id)
        return held.text

    def put(self, id: str, text: str, holder: str) -> None:
        """Remember a text in somebody's share; one that nobody by name held becomes theirs."""
        held = self._held.get(id)
        if held is not None and (held.holder or not holder):
            self._of[held.holder].move_to_end(id)
            return
        if _weight(text) > self._most_bytes:
            return
        if held is not None:
            self._drop(id)
        self._held[id] = _Held(text, holder)
        self._of.setdefault(holder, OrderedDict())[id] = None
        self._weights[holder] = self._weights.get(holder, 0) + _weight(text)
        while len(self._held) > self._most or sum(self._weights.values()) > self._most_bytes:
            largest = max(self._weights, key=self._weights.__getitem__)
            self._drop(next(iter(self._of[largest])))

    def _drop(self, id: str) -> None:
        held = self._held.pop(id)
        of = self._of[held.holder]
        del of[id]
        self._weights[held.holder] -= _weight(held.text)
        if not of:
            del self._of[held.holder], self._weights[held.holder]
