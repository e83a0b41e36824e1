"""What a webhook would be sent, before it is there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from domain.errors import DomainError, Kind, not_found
from domain.event_log import Event
from domain.events import EventType
from domain.ports import Preview, PreviewWanted
from domain.viewer import Viewer
from domain.visibility import may_hear, permission_for
from gateway.database import Database
from gateway.graphql.points import Points
from gateway.webhooks.bodies import Bodies, Unwritable
from gateway.webhooks.selections import Selections
from resolvers.reads import Statement, visible_to

_HEADERS = ("Content-Type", "webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True, slots=True)
class Previewing:
    """Writes bodies for whoever asks, as that viewer sees; each run of a subscription is paid for in points."""

    database: Database
    bodies: Bodies
    selections: Selections
    points: Points

    async def preview(self, viewer: Viewer, wanted: PreviewWanted) -> Preview:
        """What a webhook of the viewer's own would be sent; nothing is stored, and nothing leaves."""
        headers = (*_HEADERS, self.bodies.signature_header(wanted.dialect))
        try:
            if wanted.query is not None:
                await self.points.spend(viewer, None, self.selections.price(wanted.query))
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            return Preview(None, None, headers, tuple(each.message for each in error.problems))
        event = await self._event(viewer, wanted)
        if event is None:
            return Preview(None, None, headers, ("Nothing of that kind has happened yet.",))
        return await self._written(viewer, wanted, event, headers)

    async def _written(self, viewer: Viewer, wanted: PreviewWanted, event: Event, headers: tuple[str, ...]) -> Preview:
        if self.bodies.name(wanted.dialect, event.type) is None:
            return Preview(event.sequence, None, headers, ("The product has no name for this kind of event.",))
        try:
            body = await self.bodies.write(wanted.dialect, wanted.query, event, viewer)
        except Unwritable as error:
            return Preview(event.sequence, None, headers, (str(error),))
        if body is None:
            return Preview(event.sequence, None, headers, ("The event is left out: there is nothing to tell.",))
        wrong = json.loads(body).get("errors", ()) if wanted.query is not None else ()
        return Preview(event.sequence, body, headers, tuple(each["message"] for each in wrong))

    async def _event(self, viewer: Viewer, wanted: PreviewWanted) -> Event | None:
        """The event at a number, or the newest of the wanted kinds that the viewer is told of."""
        statement: Statement = visible_to(viewer, Event)
        if wanted.sequence is not None:
            event = await self._first(statement.where(Event.sequence == wanted.sequence))
            if event is None or not may_hear(viewer, event):
                raise not_found(Event.label, str(wanted.sequence), "sequence")
            return event
        heard = [each for each in self._kinds(wanted) if permission_for(each) in viewer.permissions]
        return await self._first(statement.where(Event.type.in_(heard)))

    def _kinds(self, wanted: PreviewWanted) -> list[EventType]:
        kinds = wanted.events or tuple(EventType)
        if wanted.query is not None:
            kinds = tuple(each for each in kinds if self.selections.asks_for(wanted.query, each))
        return [each for each in kinds if self.bodies.name(wanted.dialect, each) is not None]

    async def _first(self, statement: Statement) -> Event | None:
        rows = await self.database.rows(statement.order_by(Event.sequence.desc()).limit(1))
        return Event(**rows[0]._mapping) if rows else None
