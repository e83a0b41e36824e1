"""What receivers are sent: the words of the product, the selection of the subscriber, or the facts of the event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from domain.errors import DomainError, Kind
from domain.event_log import Event
from domain.events import EventType
from domain.values import iso
from domain.viewer import Dialect, Viewer
from gateway.logging import logger
from gateway.webhooks.javascript import stringify
from gateway.webhooks.signing import GRAPH_SIGNATURE
from resolvers.cursors import place
from rest_compat.engine.telling import Telling

log = logger(__name__)


class Unwritable(Exception):
    """There is something to tell, but it cannot be written; the text says why, for the endpoint's owner."""


class Selecting(Protocol):
    """Runs the selection a subscriber has chosen."""

    async def told(self, query: str, event: Event, viewer: Viewer) -> dict[str, Any] | None:
        """`data` and perhaps `errors`; None when the selection leaves the event out.

        Raises:
            DomainError: INVALID when it fits the graph no more, UNAVAILABLE when it can be run later.
        """
        ...


class Bodies:
    """Writes what is sent, so that JavaScript would print the very same bytes."""

    def __init__(self, tellings: Mapping[Dialect, Telling], selections: Selecting, most_bytes: int) -> None:
        """`tellings` are the products that tell something."""
        self._tellings = tellings
        self._selections = selections
        self._most_bytes = most_bytes

    def name(self, dialect: Dialect | None, type: EventType) -> str | None:
        """What a kind of event is called there; None when it has no name and so is not told (X-27)."""
        if dialect is None:
            return type.value
        telling = self._tellings.get(dialect)
        return telling.names.get(type) if telling else None

    def signature_header(self, dialect: Dialect | None) -> str:
        """Which header carries the documented signature."""
        telling = self._tellings.get(dialect) if dialect else None
        return telling.signature_header if telling else GRAPH_SIGNATURE

    async def write(self, dialect: Dialect | None, query: str | None, event: Event, viewer: Viewer) -> str | None:
        """The body that tells an event; None when there is nothing to tell.

        Raises:
            Unwritable: it cannot be written, or is larger than may be sent.
            DomainError: UNAVAILABLE when it can be written later.
        """
        try:
            value = await self._value(dialect, query, event, viewer)
            return None if value is None else self._bounded(stringify(value))
        except DomainError as error:
            if error.kind is Kind.UNAVAILABLE:
                raise
            raise Unwritable(f"The selection cannot be made: {error.message}") from None
        except Unwritable:
            raise
        except Exception:
            # One event that cannot be told must not keep all that follow it from being told.
            log.exception("an event cannot be written", organization=event.organization_id, sequence=event.sequence)
            raise Unwritable("The body could not be written; the server's log says more.") from None

    def sample(self, dialect: Dialect | None, type: EventType, at: datetime) -> str:
        """The body of a test: as the product prints it, or in the graph's own frame."""
        if dialect is not None:
            return stringify(self._tellings[dialect].sample(type, at))
        return stringify({"type": type.value, "timestamp": iso(at), "sequence": None, "cursor": None, "data": {}})

    async def _value(
        self, dialect: Dialect | None, query: str | None, event: Event, viewer: Viewer
    ) -> dict[str, Any] | None:
        if dialect is not None and query is None:
            return self._tellings[dialect].write(event)
        told: dict[str, Any] | None = {"data": {"subjectId": event.subject_id} | event.data}
        if query is not None:
            told = await self._selections.told(query, event, viewer)
        if dialect is not None:
            return told and self._tellings[dialect].framed(event, _unwrapped(told))
        frame = {
            "type": event.type.value,
            "timestamp": iso(event.occurred_at),
            "sequence": event.sequence,
            "cursor": place(event.sequence),
        }
        return None if told is None else frame | told

    def _bounded(self, body: str) -> str:
        size = len(body.encode())
        if size > self._most_bytes:
            raise Unwritable(f"The body has {size} bytes; no more than {self._most_bytes} are sent.")
        return body


def _unwrapped(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen without the name of the subscription's one field: products have their objects right in `data`."""
    chosen = told["data"]
    return {**told, "data": next(iter(chosen.values())) if chosen else None}
