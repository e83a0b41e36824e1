"""What the floor above hands to the dialects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.viewer import Viewer


@dataclass(frozen=True, slots=True)
class RateState:
    """Where a client stands in its window. `reset_epoch` in seconds; `retry_after` in seconds, 0 while it may go on."""

    limit: int
    remaining: int
    reset_epoch: int
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A first answer, kept to be given again to a repeated write."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """What an operator may set for one dialect.

    `public_url` is where clients reach this server, without a trailing slash; a body has `body_timeout_seconds` to
    arrive in. `deprecated_at` and `sunset_at` are
    told in headers as soon as they are set.
    """

    public_url: str
    max_body_bytes: int = 1_048_576
    max_body_depth: int = 32
    body_timeout_seconds: float = 30
    deprecated_at: datetime | None = None
    sunset_at: datetime | None = None


class Services(Protocol):
    """The process around the door."""

    async def authenticate(self, dialect: str, headers: Mapping[str, str]) -> Viewer:
        """Who calls; header names are lower case.

        Raises:
            DomainError: UNAUTHENTICATED.
        """

    async def rate(self, viewer: Viewer) -> RateState:
        """Count this request; a state with `retry_after` is answered as rate limited."""

    def make_context(
        self, viewer: Viewer, request_id: str, idempotency_key: str | None, fingerprint: str | None
    ) -> object:
        """The GraphQL context of one call: trusted, because its document is one of ours."""

    async def before(self, viewer: Viewer, key: str, fingerprint: str) -> StoredAnswer | None:
        """The first answer to this key, when there was one.

        Raises:
            DomainError: CONFLICT when the key was used for another request.
        """

    async def after(self, viewer: Viewer, key: str, fingerprint: str, answer: StoredAnswer) -> None:
        """Keep the first answer to this key."""

    def dumps(self, value: object) -> bytes:
        """JSON as UTF-8."""

    def loads(self, data: bytes) -> object:
        """JSON from UTF-8.

        Raises:
            ValueError: it is not JSON.
        """

    def now(self) -> datetime:
        """The time, in UTC."""
