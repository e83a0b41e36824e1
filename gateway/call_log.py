"""A line of the process's log for every call: who called what by which door, and how it ended."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from gateway.calls import CallRecord
from gateway.logging import tell_call


class CallLog:
    """Logs calls when they are over, or their stream is open; never what was sent, nor a query string."""

    def __init__(self, *, every: bool) -> None:
        """A log of every call, or of those alone that nobody known has made: no other log has them."""
        self._every = every

    def note(self, call: CallRecord) -> None:
        """A call is over, or its stream is open; a request that came by no door is no call."""
        if call.door is None:
            return
        known = call.viewer is not None or call.holder is not None
        level = logging.INFO if self._every or not known else logging.DEBUG
        tell_call(level, "call" if known else "call of nobody known", partial(_facts, call))


def _facts(call: CallRecord) -> dict[str, Any]:
    by = call.by
    facts: dict[str, Any] = {
        "door": call.door,
        "operation": call.operation,
        "outcome": call.outcome,
        "status": call.status,
        "duration_ms": call.milliseconds,
        "request_id": call.request_id,
        "address": call.address,
    }
    if call.code is not None:
        facts["code"] = call.code
    if call.cost is not None:
        facts["cost"] = call.cost
    if by is not None:
        facts["organization_id"] = by.organization_id
        facts["client_id"] = by.client_id
        if by.user_id is not None:
            facts["user_id"] = by.user_id
    return facts
