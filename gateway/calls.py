"""What is known of the call being served, gathered on its way for the audit log and for whatever records it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from domain.audit import Door, Origin
from domain.viewer import Viewer


@dataclass(slots=True)
class CallRecord:
    """One call: doors fill in what they learn of it. A call without a door (a health check, a picture) is no call.

    `code` names why it was refused, `cost` is what a GraphQL operation was charged, in points.
    """

    request_id: str
    address: str | None = None
    door: Door | None = None
    operation: str = ""
    viewer: Viewer | None = None
    code: str | None = None
    status: int | None = None
    cost: int | None = None
    began: float = field(default_factory=time.perf_counter)

    def enter(self, door: str, operation: str) -> None:
        """The call came in by this door, for this operation."""
        self.door, self.operation = Door(door), operation

    @property
    def origin(self) -> Origin:
        """Where the call came from."""
        return Origin(self.door or Door.PAGE, self.request_id, self.address)


_current: ContextVar[CallRecord | None] = ContextVar("call", default=None)


def current_call() -> CallRecord | None:
    """The call being served; None outside of any."""
    return _current.get()


def origin() -> Origin:
    """Where the call being served came from; outside of any, it is the command line."""
    call = _current.get()
    return call.origin if call else Origin(Door.COMMAND_LINE)


@contextmanager
def serving(call: CallRecord) -> Iterator[None]:
    """Have everything inside know which call it serves."""
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)
