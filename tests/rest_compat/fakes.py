"""A process around a dialect that only remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from domain.errors import Code, conflict, unauthenticated
from domain.limits import LimitGroup
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway import json
from rest_compat.engine.services import RateState, StoredAnswer

VIEWER = Viewer("org_1", "client_1", "user_abc123", None, frozenset(Permission), ("read", "write"), None, "Free", "T")


class FakeServices:
    """Key `good` is known; the context is the request id."""

    def __init__(self) -> None:
        self.state = RateState(1000, 999, datetime.fromtimestamp(1705324800, UTC))
        self.stored: dict[str, tuple[str, StoredAnswer]] = {}
        self.charges: list[Mapping[LimitGroup, int]] = []
        self.contexts: list[tuple[str, str | None, str | None]] = []

    async def authenticate(
        self, dialect: str, headers: Mapping[str, str], address: str | None, sandbox: bool | None
    ) -> Viewer:
        if headers.get("x-api-key") != "good":
            raise unauthenticated()
        return VIEWER

    async def product_of(self, headers: Mapping[str, str], address: str | None) -> str | None:
        return headers.get("x-product")

    async def rate(self, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> RateState:
        self.charges.append(charges)
        return self.state

    def make_context(
        self, viewer: Viewer, request_id: str, key: str | None, fingerprint: str | None, left: object
    ) -> object:
        self.contexts.append((request_id, key, fingerprint))
        return request_id

    async def before(self, viewer: Viewer, key: str, fingerprint: str) -> StoredAnswer | None:
        if key not in self.stored:
            return None
        seen, answer = self.stored[key]
        if seen != fingerprint:
            raise conflict("used for another request", code=Code.IDEMPOTENCY_CONFLICT)
        return answer

    async def after(self, viewer: Viewer, key: str, fingerprint: str, answer: StoredAnswer) -> None:
        self.stored[key] = (fingerprint, answer)

    def dumps(self, value: object) -> bytes:
        return json.dumps(value)

    def loads(self, data: bytes) -> object:
        return json.loads(data)

    def now(self) -> datetime:
        return datetime(2024, 1, 15, 14, 30, tzinfo=UTC)
