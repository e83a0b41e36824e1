"""Reads of the event log, and the cursors that stand for a place in it."""

from __future__ import annotations

import base64
import binascii

from sqlalchemy import select

from domain.errors import invalid
from domain.event_log import Event
from domain.events import EventType
from domain.organizations import Organization
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers import users
from resolvers.reads import Listing, Order, Statement, ToOne, reads, visible_to

_MARK = "e1:"


@reads(Event, Permission.READ_LEADS)
def search(viewer: Viewer, types: list[EventType] | None = None, lead_id: str | None = None) -> Listing:
    """What happened, oldest first."""
    statement = visible_to(viewer, Event)
    if types:
        statement = statement.where(Event.type.in_(types))
    if lead_id:
        statement = statement.where(Event.lead_id == lead_id)
    return Listing(statement, Order(Event.sequence, descending=False))


actor = ToOne(users.visible, Event.actor_id)


def last_sequence(organization_id: str) -> Statement:
    """The number of the newest event of an organization."""
    return select(Organization.event_sequence).where(Organization.id == organization_id)


def after(organization_id: str, sequence: int, most: int) -> Statement:
    """The events that follow a number, for every viewer of the organization; readers filter what is not theirs."""
    statement = select(Event).where(Event.organization_id == organization_id, Event.sequence > sequence)
    return statement.order_by(Event.sequence).limit(most)


def cursor_of(sequence: int) -> str:
    """The public, opaque text for a place in the log."""
    return base64.urlsafe_b64encode(f"{_MARK}{sequence}".encode()).decode().rstrip("=")


def sequence_of(cursor: str) -> int:
    """The place a cursor stands for.

    Raises:
        DomainError: INVALID when the text is no cursor of the log.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if text.startswith(_MARK) and text[len(_MARK) :].isdecimal() and len(text) < 24:
            return int(text[len(_MARK) :])
    except (binascii.Error, UnicodeError):
        pass
    raise invalid("after", "after must be a cursor that an earlier event carried.")
