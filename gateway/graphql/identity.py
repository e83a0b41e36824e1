"""Who calls, and the id a request is known by."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.datastructures import Headers
from starlette.types import Scope

from domain.viewer import Viewer

Authenticate = Callable[[Mapping[str, str], str | None], Awaitable[Viewer | None]]
"""Headers, names in lower case, and the client's address → the viewer; None without a credential.

DomainError UNAUTHENTICATED for a wrong one, FORBIDDEN for an address that is not allowed.
"""

# What may go into logs and headers as it came.
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


CREDENTIAL_HEADERS = frozenset({"authorization", "x-api-key", "x-api-secret"})


def credentials(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that carry credentials, by their names in lower case.

    One that is repeated with another value is told as both of them, which no credential is.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key in CREDENTIAL_HEADERS:
            found[key] = f"{found[key]}, {value}" if found.get(key, value) != value else value
    return found


def request_id(scope: Scope) -> str:
    """The id a middleware has given this request, else a sane incoming X-Request-Id, else a new one."""
    given = scope.get("state", {}).get("request_id")
    if isinstance(given, str) and given:
        return given
    incoming = Headers(scope=scope).get("x-request-id", "")
    return incoming if _SANE.fullmatch(incoming) else new_request_id()


def new_request_id() -> str:
    """An id for something that did not come with one."""
    return f"req_{secrets.token_hex(10)}"


def address(scope: Scope) -> str | None:
    """The client's address; behind trusted proxies the one they forwarded."""
    client = scope.get("client")
    return client[0] if client else None
