"""The audit log, for administrators: who called what, when, from where, and how it ended."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import audit
from schema.clients import ApiClient, ApiKey
from schema.engine.forms import any_node, connection, link
from schema.engine.inputs import mirrors
from schema.enums import Door, Outcome
from schema.nodes import Connection, Node
from schema.users import User


@strawberry.type(description="One call, or one change of access. It never holds a secret, nor what was sent.")
class AuditEntry(Node, read=audit.visible):
    """One call, or one change of access."""

    created_at: datetime = strawberry.field(description="When the call was answered, or its stream opened.")
    door: Door
    operation: str = strawberry.field(
        description="The route, the GraphQL operation with its root fields, or the change of access."
    )
    outcome: Outcome
    code: str | None = strawberry.field(description="Why it was refused, or failed, as the caller was told.")
    status: int | None = strawberry.field(description="The HTTP status; operations on websockets have none.")
    request_id: str | None = strawberry.field(description="The id the caller was told in `X-Request-Id`.")
    address: str | None = strawberry.field(description="Where the call came from, as far as trusted proxies tell it.")
    duration_ms: int | None
    cost: int | None = strawberry.field(description="Points a GraphQL operation was charged.")
    client_id: strawberry.ID | None
    client: ApiClient | None = link(audit.client)
    user_id: strawberry.ID | None
    user: User | None = link(audit.user, "The member of staff the client acted for.")
    key: ApiKey | None = link(audit.credential, "The key that was presented; tokens are not told.")
    subject: Node | None = any_node("subject_id", "What a change of access was about, as it is now.")


@mirrors(audit.AuditFilter)
class AuditFilter:
    """Which entries are wanted."""

    since: datetime | None = UNSET
    until: datetime | None = UNSET
    client_id: strawberry.ID | None = UNSET
    user_id: strawberry.ID | None = UNSET
    door: Door | None = UNSET
    outcome: Outcome | None = UNSET
    operation: str | None = strawberry.field(default=UNSET, description="A part of the operation's text, in any case.")
    code: str | None = UNSET
    request_id: str | None = UNSET
    address: str | None = UNSET


@strawberry.type
class AuditQueries:
    """Reads of the audit log."""

    audit_entries: Connection[AuditEntry] = connection(
        audit.search, "The audit log, newest first; counting it takes a while.", where=AuditFilter
    )
