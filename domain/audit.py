"""The audit log: every call and every change of access, appended and never altered."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from domain.entity import Entity, Owned


class Door(StrEnum):
    """Where a call came in."""

    GRAPHQL = "GRAPHQL"
    CRM_ULTRA = "CRM_ULTRA"
    CLICKUP_BRAIN = "CLICKUP_BRAIN"
    COPYCAR = "COPYCAR"
    OAUTH = "OAUTH"
    PAGE = "PAGE"
    COMMAND_LINE = "COMMAND_LINE"


class Outcome(StrEnum):
    """How a call ended: done, refused for a reason the caller is told, or failed on our side."""

    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call came from: its door, the id it is known by, the client's address."""

    door: Door
    request_id: str | None = None
    address: str | None = None


class AuditEntry(Owned, Entity):
    """Who called what, when, from where, and how it ended. Never a secret, never a body.

    `operation` is the route (`GET /v1/leads/{id}`), the GraphQL operation or its root fields, or the change of access
    (`createKey`); `subject_id` what such a change was about. `code` names the reason of a refusal. `duration_ms` and
    `cost` (points of a GraphQL operation) are null where there is none.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_recent", "organization_id", "created_at", "id"),
        Index("ix_audit_entry_client", "organization_id", "client_id", "created_at", "id"),
    )
    prefix, label = "audit", "AuditEntry"

    client_id: Mapped[str | None]
    credential_id: Mapped[str | None]
    user_id: Mapped[str | None]
    door: Mapped[Door]
    operation: Mapped[str]
    subject_id: Mapped[str | None]
    outcome: Mapped[Outcome]
    code: Mapped[str | None]
    status: Mapped[int | None]
    request_id: Mapped[str | None]
    address: Mapped[str | None]
    duration_ms: Mapped[int | None]
    cost: Mapped[int | None]
