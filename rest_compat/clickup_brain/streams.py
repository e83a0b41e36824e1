"""Streams (documentation, section Real-time Streaming): which channels there are, what a client may say, what it is
told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.event_log import Event
from domain.events import EventType
from domain.permissions import Permission
from domain.visibility import permission_for
from resolvers import cursors
from rest_compat.clickup_brain.telling import NAMES, TELLING, tell
from rest_compat.engine.answers import closed_object
from rest_compat.engine.served import Served
from rest_compat.engine.spelling import MOMENT, JsonSchema
from rest_compat.engine.telling import Body

CHANNELS: Mapping[str, EventType] = {
    "compliance.alerts": EventType.COMPLIANCE_ALERT,
    "marketing.updates": EventType.MARKETING_OPTIMIZED,
    "feedback.analysis": EventType.FEEDBACK_ANALYZED,
    # Frames carry the names of events, so those are taken for channels too (CB-31).
    **{name: told for told, name in NAMES.items()},
}
PERMISSIONS: frozenset[Permission] = frozenset(map(permission_for, NAMES))
"""Who has none of them would hear nothing."""


def socket_frame(event: Event) -> Body:
    """A message of the websocket, which is what a webhook is sent (CB-39)."""
    return TELLING.framed(event, tell(event))


def resumable_frame(event: Event) -> Body:
    """A message of the websocket to a client that has said where it resumes: with the place to resume after."""
    return socket_frame(event) | {"cursor": cursors.place(event.sequence)}


def event_frame(event: Event) -> Body:
    """The data of a server-sent event, as printed: without the time (CB-38)."""
    return {"event": NAMES[event.type], **tell(event)}


@dataclass(frozen=True, slots=True)
class Subscribing:
    """What a client asks for. `resumes` says that it keeps track of its place, `after` which one it has kept."""

    types: frozenset[EventType]
    resumes: bool
    after: str | None


def subscribing(message: object) -> Subscribing | None:
    """What a message of a client asks for; None for everything that the document does not know (CB-31, CB-39).

    `after` is an extra of this server: a cursor, or null for a client that has none yet.
    """
    if not isinstance(message, dict) or message.get("action") != "subscribe":
        return None
    channels, after = message.get("channels"), message.get("after")
    if not isinstance(channels, list) or not isinstance(after, str | None):
        return None
    types = frozenset(CHANNELS[each] for each in channels if isinstance(each, str) and each in CHANNELS)
    return Subscribing(types, "after" in message, after) if types else None


_DATA: JsonSchema = {"type": "object"}
_EVENT: JsonSchema = {"type": "string", "enum": list(NAMES.values())}
_BAD_CURSOR, _OLD_CURSOR = 400, 410
_GROUP = "Real-time Streaming"
_TOKEN = "access_token"  # noqa: S105 - the name of a parameter

SOCKET = Served(
    "Stream",
    "/stream",
    "WebSocket Connection",
    _GROUP,
    "Subscribe to channels; every message is an event. Who sends `after` with the first subscription, a cursor or "
    "null, gets a `cursor` with every message, and goes on after it in the next connection.",
    websocket=True,
    token=_TOKEN,
    schema={
        **closed_object({"event": _EVENT, "timestamp": MOMENT.written, "data": _DATA, "cursor": {"type": "string"}}),
        "required": ["event", "timestamp", "data"],
    },
    sample='{"action": "subscribe", "channels": ["compliance.alerts", "marketing.updates", "feedback.analysis"]}',
)
EVENTS = Served(
    "StreamEvents",
    "/stream/events",
    "Server-Sent Events",
    _GROUP,
    "All channels as server-sent events. Each carries an `id`: send it as `Last-Event-ID`, as browsers do, or as "
    "`lastEventId`, and the stream goes on after it.",
    token=_TOKEN,
    media_type="text/event-stream",
    schema=closed_object({"event": _EVENT, "data": _DATA}),
    sample='data: {"event": "compliance.alert", "data": {...}}\n\n'
    'data: {"event": "marketing.optimization", "data": {...}}',
    parameters={"lastEventId": "The `id` of the last event that arrived."},
    statuses=(_BAD_CURSOR, _OLD_CURSOR),
)
STREAMS = (SOCKET, EVENTS)
