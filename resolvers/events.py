"""Reads of the event log, and the cursors that stand for a place in it."""

from __future__ import annotations

from sqlalchemy import select

from domain.errors import DomainError, cursor_expired
from domain.event_log import Event
from domain.events import EventType
from domain.organizations import Organization
from domain.permissions import Permission
from domain.viewer import Viewer
from domain.visibility import heard_by
from resolvers import cursors, users
from resolvers.reads import Listing, Order, Statement, ToOne, reads, visible_to


@reads(Event, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Every event the viewer is told of."""
    statement: Statement = search.build(viewer).statement
    return statement


@reads(Event, Permission.READ_LEADS)
def search(viewer: Viewer, types: list[EventType] | None = None, lead_id: str | None = None) -> Listing:
    """What happened, oldest first, as far as the viewer is told of it anywhere."""
    statement = visible_to(viewer, Event)
    heard = heard_by(viewer)
    wanted = [each for each in heard if each in types] if types else heard
    if len(wanted) < len(EventType):
        statement = statement.where(Event.type.in_(wanted))
    if lead_id:
        statement = statement.where(Event.lead_id == lead_id)
    return Listing(statement, Order(Event.sequence, descending=False, unique=True))


actor = ToOne(users.visible, Event.actor_id)


def last_sequence(organization_id: str) -> Statement:
    """The number of the newest event of an organization."""
    return select(Organization.event_sequence).where(Organization.id == organization_id)


def kept(organization_id: str) -> Statement:
    """The number of the newest event the log keeps no longer, and that of the newest event."""
    numbers = select(Organization.forgotten_sequence, Organization.event_sequence)
    return numbers.where(Organization.id == organization_id)


def log_cut(forgotten: int, newest: int) -> DomainError:
    """What is said of a place older than the log, with the cursors between which the log can still be followed."""
    newest_cursor = cursors.place(newest)
    return cursor_expired(newest_cursor, oldest_cursor=cursors.place(forgotten), newest_cursor=newest_cursor)


def after(organization_id: str, sequence: int, most: int) -> Statement:
    """The events that follow a number, for every viewer of the organization; readers filter what is not theirs."""
    statement = select(Event).where(Event.organization_id == organization_id, Event.sequence > sequence)
    return statement.order_by(Event.sequence).limit(most)
