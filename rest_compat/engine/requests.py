"""One incoming request, before anything about it is believed."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote

from domain.values import new_id
from domain.viewer import Viewer
from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.routes import decoded
from rest_compat.engine.services import RateState

Scope = MutableMapping[str, Any]


class Record(Protocol):
    """Where the door notes what it learns of a call; the process made it, and keeps it."""

    viewer: Viewer | None
    code: str | None

    def enter(self, door: str, operation: str) -> None:
        """The call came in by this dialect's door, for this operation."""


MOST_PARAMETERS = 200
"""Far more than any route knows; the parser refuses longer query strings before working on them."""


REMEMBERED = 512
"""Bytes of a path or a query up to which it is remembered what it means: what is longer is rarely sent twice."""


@dataclass(slots=True)
class Call:
    """A request on its way through the door; `rate` is known once the credential is. One that was let in before it came
    has a `viewer`, and a `rate` if it was counted, too.

    `sandbox` says which credentials the host it came by takes; None when it takes both. The handshake of a websocket
    is a call as well. `extensions` is what the server offers beyond ASGI.
    """

    method: str
    raw_path: bytes
    raw_query: bytes
    headers: Mapping[str, str]
    request_id: str
    address: str | None = None
    sandbox: bool | None = None
    record: Record | None = None
    rate: RateState | None = None
    websocket: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict)
    viewer: Viewer | None = None

    @classmethod
    def of(
        cls,
        scope: Scope,
        raw_path: bytes | None = None,
        sandbox: bool | None = None,
        record: Record | None = None,
        request_id: str = "",
    ) -> Call:
        """The call an ASGI scope describes; its record and id are those a middleware has given it, else its id is new.

        `raw_path` is its path on the product's own host, where that is another than the scope's.
        """
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            before = headers.setdefault(key, text)
            # Said twice it is said once; of two values, neither is believed alone.
            if before != text:
                headers[key] = f"{before}, {text}"
        state, client = scope.get("state") or {}, scope.get("client")
        return cls(
            scope.get("method", "GET").upper(),
            raw_path or raw_path_of(scope),
            scope["query_string"],
            headers,
            request_id or state.get("request_id") or new_id("req"),
            client[0] if client else None,
            sandbox,
            record or state.get("call"),
            websocket=scope["type"] == "websocket",
            extensions=scope.get("extensions") or {},
        )

    @property
    def path(self) -> tuple[str, ...] | None:
        """Its decoded segments; None when they cannot be decoded."""
        return decoded(self.raw_path)

    def query(self) -> Mapping[str, list[str]]:
        """Its parameters, each with all its values.

        Raises:
            Fault: UNREADABLE.
        """
        return parameters(self.raw_query)

    def fingerprint(self, body: bytes) -> str:
        """What makes two writes the same write."""
        parts = (self.method.encode(), self.raw_path, self.raw_query, body)
        return sha256(b"\0".join(b"%d:" % len(part) + part for part in parts)).hexdigest()


def raw_path_of(scope: Scope) -> bytes:
    """A scope's path as it was sent."""
    return scope.get("raw_path") or quote(scope["path"]).encode()


def parameters(raw_query: bytes) -> Mapping[str, list[str]]:
    """The parameters of a query, each with all its values.

    Raises:
        Fault: UNREADABLE.
    """
    values: dict[str, list[str]] = {}
    try:
        text = raw_query.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        message = f"the query string is not percent-encoded UTF-8 of at most {MOST_PARAMETERS} parameters"
        raise Fault(Refusal.UNREADABLE, message) from None
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values
