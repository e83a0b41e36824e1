"""Entries of the audit log for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.audit import AuditEntry, Door, Outcome
from gateway.database import Database
from tests.factories.organizations import store


def audit_row(organization_id: str, at: datetime, **known: Any) -> AuditEntry:
    """An entry: a query that was answered, unless something else is known."""
    usual: dict[str, Any] = {
        "door": Door.GRAPHQL,
        "operation": "query { leads }",
        "outcome": Outcome.DONE,
        "status": 200,
        "request_id": "req_1",
        "address": "192.0.2.1",
        "duration_ms": 12,
        "cost": 21,
    }
    given = usual | known
    return AuditEntry(id=AuditEntry.new_id(), organization_id=organization_id, created_at=at, **given)


async def make_entry(database: Database, organization_id: str, at: datetime | None = None, **known: Any) -> str:
    """A stored entry; its id."""
    entry = audit_row(organization_id, at or database.clock.now(), **known)
    await store(database, entry)
    return entry.id
