"""What the floor above hands to the dialects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.limits import LimitGroup, LimitWindow
from domain.viewer import Viewer


class RateState(NamedTuple):
    """Where a client stands in the window that matters most to it: the exhausted one, else the one told first.

    `retry_after` in seconds, 0 while it may go on.
    """

    limit: int
    remaining: int
    resets_at: datetime
    retry_after: int = 0
    window: LimitWindow = LimitWindow.MINUTE

    @property
    def reset_epoch(self) -> int:
        """The reset in seconds since 1970."""
        return int(self.resets_at.timestamp())

    @property
    def facts(self) -> Mapping[str, object]:
        """What an error may tell of it."""
        used = self.limit - self.remaining
        facts = {"limit": self.limit, "used": used, "remaining": self.remaining, "resets_at": self.resets_at}
        return {**facts, "window": self.window}


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
    arrive in. A body with a file may be larger by `max_file_bytes` and arrive within `upload_timeout_seconds`, as long
    as it does not pause for `body_timeout_seconds`. `deprecated_at` and `sunset_at` are told in headers as soon as they
    are set. `support_contact` is the address, of mail or web, that pages about errors name.
    """

    public_url: str
    max_body_bytes: int = 1_048_576
    max_body_depth: int = 32
    body_timeout_seconds: float = 30
    max_file_bytes: int = 52_428_800
    upload_timeout_seconds: float = 600
    deprecated_at: datetime | None = None
    sunset_at: datetime | None = None
    support_contact: str | None = None


class Recognised(Protocol):
    """A credential at a door that is presented again and again."""

    def viewer(self) -> Viewer | None:
        """Who presents it now; None where that has to be looked up, or the door stays shut."""


class Services(Protocol):
    """The process around the door."""

    async def authenticate(
        self, dialect: str, headers: Mapping[str, str], address: str | None, sandbox: bool | None
    ) -> Viewer:
        """Who calls; header names are lower case. `sandbox` says whose credentials the host takes, None both.

        Raises:
            DomainError: UNAUTHENTICATED, or FORBIDDEN for the address.
        """

    def recognise(
        self, dialect: str, headers: Mapping[str, str], address: str | None, sandbox: bool | None
    ) -> Recognised | None:
        """The same credential for later calls that present it; None for none, and for what cannot be one."""

    async def product_of(self, headers: Mapping[str, str], address: str | None) -> str | None:
        """The dialect whose client presents these credentials; None for any other, and for none that can be used."""

    async def rate(self, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> RateState:
        """Charge this request to its groups; a state with `retry_after` is answered as rate limited.

        An amount of 0 looks whether there is room for one, an amount below gives back what was not done.
        """

    def rate_at_once(self, viewer: Viewer) -> RateState | None:
        """Charge a request to its client without waiting; None, and nothing charged, where only `rate` can tell."""

    def make_context(
        self,
        viewer: Viewer,
        request_id: str,
        idempotency_key: str | None,
        fingerprint: str | None,
        left: Callable[[], Awaitable[None]] | None,
    ) -> object:
        """The GraphQL context of one call: trusted, because its document is one of ours.

        `left` ends when the client has gone away, where that can be known.
        """

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
