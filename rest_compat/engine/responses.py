"""Answers on their way out: status, headers, body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from rest_compat.engine.services import DoorSettings

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = "application/json; charset=utf-8"


_CODING = "latin-1"
Encoded = Sequence[tuple[bytes, bytes]]


@dataclass(slots=True)
class Response:
    """An answer; `headers` as they are written, `encoded` those that were written before."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    encoded: Encoded = ()

    @property
    def head(self) -> list[tuple[bytes, bytes]]:
        """All its headers but the length of its body, as a server takes them."""
        return [*encoded(self.headers), *self.encoded]

    async def send(self, send: Send, with_body: bool, last: Encoded = ()) -> None:
        """Write it, `last` after its own headers; an answer to HEAD keeps the length of the body it does not carry."""
        await send({"type": "http.response.start", "status": self.status, "headers": self._whole(last)})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})

    def written(self, last: bytes) -> bytes:
        """The same as HTTP/1.1 has it, but for its first line and what the server adds to all of them."""
        return b"%b%b\r\n%b" % (lines(self._whole(())), last, self.body)

    def _whole(self, last: Encoded) -> Encoded:
        headers = self.head
        if self.status != 204:
            headers.append((b"content-length", b"%d" % len(self.body)))
        headers += last
        return headers


def encoded(headers: Iterable[tuple[str, str]]) -> Encoded:
    """Headers as bytes."""
    return [(_name(name), value.encode(_CODING)) for name, value in headers]


def lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Encoded headers as HTTP/1.1 has them."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    return name.lower().encode(_CODING)


def standing_headers(settings: DoorSettings) -> list[tuple[str, str]]:
    """What every answer of a dialect carries: the way to the successor, and, once set, deprecation and sunset.

    `Deprecation` is a structured-field date (RFC 9745), `Sunset` an HTTP date (RFC 8594).
    """
    headers = [("Link", f'<{settings.public_url}/graphql>; rel="successor-version"')]
    if settings.deprecated_at:
        headers.append(("Deprecation", f"@{int(settings.deprecated_at.timestamp())}"))
    if settings.sunset_at:
        headers.append(("Sunset", format_datetime(settings.sunset_at.astimezone(UTC), usegmt=True)))
    return headers
