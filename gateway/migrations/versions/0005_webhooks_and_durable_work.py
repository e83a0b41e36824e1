"""Webhooks, periodic work, followed links"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from domain.entity import JSON_TYPE, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TOLD = "status = 'ACTIVE' AND deleted_at IS NULL"


def upgrade() -> None:
    """Apply."""
    op.add_column("organization", sa.Column("forgotten_sequence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("email", sa.Column("taken", sa.Integer(), nullable=False, server_default="0"))
    _clicks()
    _endpoints()
    _deliveries()
    op.create_table(
        "periodic_task",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )


def _clicks() -> None:
    _create(
        "email_click",
        [
            sa.Column("email_id", sa.Text(), nullable=False),
            sa.Column("url", sa.Text(), nullable=False),
            sa.Column("digest", sa.Text(), nullable=False),
            sa.Column("times", sa.Integer(), nullable=False),
            sa.Column("last_at", Instant(), nullable=False),
            sa.ForeignKeyConstraint(["email_id"], ["email.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ux_email_click", "email_click", ["email_id", "digest"], unique=True)


def _endpoints() -> None:
    _create(
        "webhook_endpoint",
        [
            sa.Column("client_id", sa.Text(), nullable=False),
            sa.Column("user_id", sa.Text(), nullable=True),
            sa.Column("dialect", sa.String(32), nullable=True),
            sa.Column("url", sa.Text(), nullable=False),
            sa.Column("description", sa.Text(), nullable=True),
            sa.Column("events", JSON_TYPE, nullable=False),
            sa.Column("query", sa.Text(), nullable=True),
            sa.Column("strict_order", sa.Boolean(), nullable=False),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("status_reason", sa.Text(), nullable=True),
            sa.Column("position", sa.BigInteger(), nullable=False),
            sa.Column("failures", sa.Integer(), nullable=False),
            sa.Column("broken_until", Instant(), nullable=True),
            sa.Column("last_attempt_at", Instant(), nullable=True),
            sa.Column("last_success_at", Instant(), nullable=True),
            sa.Column("last_status", sa.Integer(), nullable=True),
            sa.Column("updated_at", Instant(), nullable=False),
            sa.Column("deleted_at", Instant(), nullable=True),
            sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="CASCADE"),
            sa.ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="SET NULL"),
        ],
    )
    op.create_index("ix_webhook_endpoint_recent", "webhook_endpoint", ["organization_id", "created_at", "id"])
    op.create_index("ix_webhook_endpoint_client", "webhook_endpoint", ["client_id"])
    _partly("ix_webhook_endpoint_told", "webhook_endpoint", ["organization_id", "position"], _TOLD)
    _create(
        "webhook_secret",
        [
            sa.Column("endpoint_id", sa.Text(), nullable=False),
            sa.Column("sealed", sa.Text(), nullable=False),
            sa.Column("hint", sa.Text(), nullable=False),
            sa.Column("expires_at", Instant(), nullable=True),
            sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_webhook_secret_endpoint", "webhook_secret", ["endpoint_id", "created_at", "id"])


def _deliveries() -> None:
    _create(
        "webhook_delivery",
        [
            sa.Column("endpoint_id", sa.Text(), nullable=False),
            sa.Column("sequence", sa.BigInteger(), nullable=True),
            sa.Column("type", sa.String(32), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("body", sa.Text(), nullable=False),
            sa.Column("test", sa.Boolean(), nullable=False),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("due_at", Instant(), nullable=True),
            sa.Column("taken", sa.Integer(), nullable=False),
            sa.Column("attempts", sa.Integer(), nullable=False),
            sa.Column("last_status", sa.Integer(), nullable=True),
            sa.Column("failure", sa.Text(), nullable=True),
            sa.Column("delivered_at", Instant(), nullable=True),
            sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ux_webhook_delivery_event", "webhook_delivery", ["endpoint_id", "sequence"], unique=True)
    op.create_index("ix_webhook_delivery_endpoint", "webhook_delivery", ["endpoint_id", "created_at", "id"])
    op.create_index("ix_webhook_delivery_recent", "webhook_delivery", ["organization_id", "created_at", "id"])
    _partly("ix_webhook_delivery_due", "webhook_delivery", ["due_at"], "due_at IS NOT NULL")
    _partly("ix_webhook_delivery_pending", "webhook_delivery", ["endpoint_id", "sequence"], "status = 'PENDING'")
    _create(
        "webhook_attempt",
        [
            sa.Column("delivery_id", sa.Text(), nullable=False),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("milliseconds", sa.Integer(), nullable=False),
            sa.Column("status", sa.Integer(), nullable=True),
            sa.Column("failure", sa.Text(), nullable=True),
            sa.Column("response", sa.Text(), nullable=True),
            sa.ForeignKeyConstraint(["delivery_id"], ["webhook_delivery.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_webhook_attempt_delivery", "webhook_attempt", ["delivery_id", "created_at", "id"])


def _create(name: str, columns: Sequence[sa.schema.SchemaItem]) -> None:
    op.create_table(
        name,
        *columns,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )


def _partly(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    """Revert: what is still to be delivered is gone."""
    op.drop_table("periodic_task")
    for name in ("attempt", "delivery", "secret", "endpoint"):
        op.drop_table(f"webhook_{name}")
    op.drop_table("email_click")
    op.drop_column("email", "taken")
    op.drop_column("organization", "forgotten_sequence")
