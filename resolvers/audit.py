"""Reads of the audit log. There is no writing use case: entries are appended by the process, and never altered."""

from __future__ import annotations

from dataclasses import dataclass

from domain.audit import AuditEntry, Door, Outcome
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import clients, users
from resolvers.reads import Listing, Statement, ToOne, newest_first, reads, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted; `operation` is a part of the operation's text, the other texts are whole."""

    since: Moment | None = None
    until: Moment | None = None
    client_id: str | None = None
    user_id: str | None = None
    door: Door | None = None
    outcome: Outcome | None = None
    operation: str | None = None
    code: str | None = None
    request_id: str | None = None
    address: str | None = None


@reads(AuditEntry, Permission.READ_AUDIT)
def visible(viewer: Viewer) -> Statement:
    """Entries of the organization; calls with a sandbox credential are entries of the one that answers for it."""
    return visible_to(viewer, AuditEntry)


@reads(AuditEntry, Permission.READ_AUDIT)
def search(viewer: Viewer, where: AuditFilter | None = None) -> Listing:
    """Entries, newest first. No event tells of them, so their total is counted each time."""
    statement = visible_to(viewer, AuditEntry)
    wanted = where or AuditFilter()
    if wanted.since is not None:
        statement = statement.where(AuditEntry.created_at >= start_of(wanted.since))
    if wanted.until is not None:
        statement = statement.where(AuditEntry.created_at <= end_of(wanted.until))
    if wanted.operation:
        statement = statement.where(AuditEntry.operation.icontains(wanted.operation, autoescape=True))
    for name in ("client_id", "user_id", "door", "outcome", "code", "request_id", "address"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(AuditEntry, name) == value)
    return Listing(statement, newest_first(AuditEntry), told=False)


client = ToOne(clients.visible, AuditEntry.client_id)
user = ToOne(users.visible, AuditEntry.user_id)
credential = ToOne(clients.visible_keys, AuditEntry.credential_id)
