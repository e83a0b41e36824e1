"""Headers by which a dialect tells where a client stands in its limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rest_compat.engine.services import RateState
from rest_compat.engine.spelling import JsonSchema


def _nothing(_: RateState, __: int) -> tuple[int, ...]:
    return ()


class RateHeaders:
    """Names of headers, and the number each of them has: from the state of the limits and an answer's status."""

    def __init__(
        self, names: Sequence[str] = (), numbers: Callable[[RateState, int], tuple[int, ...]] = _nothing
    ) -> None:
        """A dialect that tells nothing has none."""
        self.schemas: Mapping[str, JsonSchema] = {name: {"type": "integer", "minimum": 0} for name in names}
        self._names = tuple(names)
        self._numbers = numbers
        self._lines = b"".join([b"%b: %%d\r\n" % name.lower().encode() for name in names])

    def told(self, rate: RateState, status: int) -> list[tuple[str, str]]:
        """The headers of an answer."""
        return [(name, str(number)) for name, number in zip(self._names, self._numbers(rate, status), strict=True)]

    def lines(self, rate: RateState, status: int) -> bytes:
        """The same as HTTP/1.1 has them."""
        return self._lines % self._numbers(rate, status)
