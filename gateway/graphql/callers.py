"""On whose behalf operations run, and what their resolvers are handed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.limits import Standing
from domain.viewer import Viewer
from gateway.calls import CallRecord
from gateway.heads import Left


class OperationContext(Protocol):
    """The context value of the resolvers; `refused` gets the codes of what payloads say was not done.

    `limit` is the time the operation may take; what has limits of its own stops it meanwhile. `left` ends when the
    client has gone away, where that can be known.
    """

    limit: asyncio.Timeout | None
    left: Left | None

    @property
    def refused(self) -> Sequence[str]:
        """The codes, in the order of refusals."""
        ...


class MakeContext(Protocol):
    """Makes the context value of the resolvers."""

    def __call__(
        self,
        viewer: Viewer | None,
        request_id: str,
        key: str | None,
        fingerprint: str,
        /,
        *,
        resume_after: str | None = None,
    ) -> OperationContext:
        """The context of one operation; `fingerprint` is that of a request with an idempotency key."""
        ...


@dataclass(slots=True)
class Caller:
    """On whose behalf an operation runs, and under which marks; what becomes of it is noted in the record of its call.

    `resume_after` is the cursor of the last event that a subscriber who comes back has seen, `left` tells of a client
    that goes away before it was answered. `paid` is where its client stands if the operation was charged already.
    """

    call: CallRecord
    idempotency_key: str | None = None
    fingerprint: str = ""
    resume_after: str | None = None
    left: Left | None = None
    paid: Standing | None = None

    @property
    def viewer(self) -> Viewer | None:
        """Who calls."""
        return self.call.viewer

    @property
    def request_id(self) -> str:
        """The id the call is known by."""
        return self.call.request_id
