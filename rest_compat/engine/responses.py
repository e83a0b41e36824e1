"""Answers on their way out: status, headers, body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from rest_compat.engine.services import DoorSettings

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = "application/json; charset=utf-8"


@dataclass
class Response:
    """An answer; `headers` as they are written."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    async def send(self, send: Send, with_body: bool) -> None:
        """Write it; an answer to HEAD keeps the length of the body it does not carry."""
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        if self.status != 204:
            headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})


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
