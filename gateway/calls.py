"""What is known of the call being served, gathered on its way for the audit log and for whatever records it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple

from domain.audit import Door, Origin, Outcome
from domain.viewer import Viewer

UNANSWERED = "NOT_ANSWERED"
"""The code of a call whose client did not wait for the answer."""
BROKEN = "INTERNAL_ERROR"
"""The code of a call that met a mistake of ours."""
_OURS = frozenset({BROKEN, "UNAVAILABLE", "TIMEOUT"})
"""Codes of failures that are not the caller's, where no status says it."""
_DONE, _REFUSED, _FAILED = Outcome.DONE, Outcome.REFUSED, Outcome.FAILED


class Holder(NamedTuple):
    """Whose credential was presented. Being its holder opens nothing: it may be revoked, or presented elsewhere."""

    organization_id: str
    client_id: str
    credential_id: str | None
    user_id: str | None

    @classmethod
    def of(cls, viewer: Viewer) -> Holder:
        """The holder of the credential behind a viewer; for a sandbox, the organization that answers for it."""
        return cls(viewer.home_id, viewer.client_id, viewer.credential_id, viewer.user_id)


@dataclass(slots=True)
class CallRecord:
    """One call: doors fill in what they learn of it. A call without a door (a health check, a picture) is no call.

    `viewer` is who was let in; `holder` whose credential was recognised, let in or not. `code` names why the call was
    refused, `cost` is what a GraphQL operation was charged, in points. `stays_open` marks a stream: it is recorded
    when it is opened, since it may last for days.
    """

    request_id: str
    address: str | None = None
    door: Door | None = None
    operation: str = ""
    viewer: Viewer | None = None
    holder: Holder | None = None
    code: str | None = None
    status: int | None = None
    cost: int | None = None
    stays_open: bool = False
    began: float = field(default_factory=time.perf_counter)
    ended: float | None = None

    def enter(self, door: str, operation: str) -> None:
        """The call came in by this door, for this operation."""
        self.door, self.operation = Door(door), operation

    def answered_with(self, codes: Sequence[str]) -> None:
        """The codes of the errors in its answer, if any; what failed on our side counts before what was refused."""
        self.code = next((code for code in codes if code in _OURS), codes[0]) if codes else None

    @property
    def origin(self) -> Origin:
        """Where the call came from."""
        return Origin(self.door or Door.PAGE, self.request_id, self.address)

    @property
    def by(self) -> Holder | None:
        """To whom the call is put down; None when nobody is known."""
        return Holder.of(self.viewer) if self.viewer else self.holder

    @property
    def outcome(self) -> Outcome:
        """How the call ended."""
        code, status = self.code, self.status or 0
        if code is None and status < 400:
            return _DONE
        return _FAILED if code in _OURS or status >= 500 else _REFUSED

    @property
    def milliseconds(self) -> int:
        """How long it has taken, so far or at all."""
        return round(((self.ended or time.perf_counter()) - self.began) * 1000)


Note = Callable[[CallRecord], None]
"""What becomes of a record when its call is over. It is read later, so of a call that goes on a copy is noted."""

_current: ContextVar[CallRecord | None] = ContextVar("call", default=None)


def current_call() -> CallRecord | None:
    """The call being served; None outside of any."""
    return _current.get()


def recognised(holder: Holder) -> None:
    """A credential of this holder was presented with the call being served; whether it is let in is not said yet."""
    call = _current.get()
    # What a call has begun may outlast it.
    if call is not None and call.ended is None:
        call.holder = holder


def origin() -> Origin:
    """Where the call being served came from; outside of any, it is the command line."""
    call = _current.get()
    return call.origin if call else Origin(Door.COMMAND_LINE)


class Recording:
    """Has everything inside know which call it serves, and notes the call when it is over, if nobody did before."""

    __slots__ = ("_call", "_note", "_token")

    def __init__(self, call: CallRecord, note: Note) -> None:
        self._call = call
        self._note: Note | None = note

    def note(self) -> None:
        """Note the call now, though it goes on."""
        note, self._note = self._note, None
        if note:
            note(copy(self._call))

    def leave(self) -> None:
        """It is for somebody else to serve and to note."""
        self._note = None

    def __enter__(self) -> Recording:
        self._token = _current.set(self._call)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        call = self._call
        try:
            if kind is not None and issubclass(kind, Exception):
                call.status, call.code = 500, call.code or BROKEN
            elif call.status is None:
                call.code = call.code or UNANSWERED
            if self._note:
                call.ended = time.perf_counter()
                self._note(call)
        finally:
            _current.reset(self._token)


@contextmanager
def serving(call: CallRecord) -> Iterator[None]:
    """Have everything inside know which call it serves."""
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)
