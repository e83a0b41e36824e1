"""How a product tells its receivers what happened: names, body, signature."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.event_log import Event
from domain.events import EventType
from domain.values import iso

Body = dict[str, Any]


@dataclass(frozen=True)
class Telling:
    """The events a product has a name for, and how each is written.

    `tell` makes what follows name and time in the documented body of an event, from the facts the log holds; it is
    called for events that `names` lists only. None means that the product could not have told this one: nothing is
    sent. `sample` makes the printed body of a kind of event, as if it had happened at a moment.
    `signature_header` carries the lower-case hex HMAC-SHA256 of the body when there is a secret (CU-35, CB-33, CC-07).
    `event_key` is where the name of an event stands in its body.
    """

    names: Mapping[EventType, str]
    tell: Callable[[Event], Body | None]
    signature_header: str
    sample: Callable[[EventType, datetime], Body]
    event_key: str = "event"

    def write(self, event: Event) -> Body | None:
        """The whole documented body of an event."""
        told = self.tell(event)
        return None if told is None else self.framed(event, told)

    def framed(self, event: Event, told: Mapping[str, Any]) -> Body:
        """The product's frame around what it tells, or what a subscriber has chosen instead."""
        return {self.event_key: self.names[event.type], "timestamp": iso(event.occurred_at), **told}


def printed(folder: Path, names: Mapping[EventType, str]) -> Callable[[EventType, datetime], Body]:
    """Samples from the printed bodies in a folder, a file for each name."""
    bodies: dict[EventType, Body] = {
        told: json.loads((folder / f"{name}.json").read_text("utf-8")) for told, name in names.items()
    }

    def sample(type: EventType, at: datetime) -> Body:
        return bodies[type] | {"timestamp": iso(at)}

    return sample


def in_order(value: Any, example: Any) -> Any:
    """The value with its keys in the order of an example, at every depth; a stored object may have lost its own."""
    if isinstance(value, dict) and isinstance(example, dict):
        keys = [key for key in example if key in value] + [key for key in value if key not in example]
        return {key: in_order(value[key], example.get(key)) for key in keys}
    if isinstance(value, list) and isinstance(example, list) and example:
        return [in_order(item, example[0]) for item in value]
    return value
