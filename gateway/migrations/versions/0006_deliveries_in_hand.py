"""Deliveries in hand, and the scopes an endpoint listens with"""

import sqlalchemy as sa
from alembic import op

from domain.entity import JSON_TYPE, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DELIVERY = "webhook_delivery"
_DUE = "ix_webhook_delivery_due"


def upgrade() -> None:
    """Apply."""
    op.add_column("webhook_endpoint", sa.Column("scopes", JSON_TYPE, nullable=True))
    op.add_column(_DELIVERY, sa.Column("leased_until", Instant(), nullable=True))
    op.drop_index(_DUE, _DELIVERY)
    _partly(_DUE, ["endpoint_id", "due_at"], "due_at IS NOT NULL")
    _partly("ix_webhook_delivery_leased", ["endpoint_id", "leased_until"], "leased_until IS NOT NULL")


def downgrade() -> None:
    """Revert."""
    op.drop_index("ix_webhook_delivery_leased", _DELIVERY)
    op.drop_index(_DUE, _DELIVERY)
    _partly(_DUE, ["due_at"], "due_at IS NOT NULL")
    op.drop_column(_DELIVERY, "leased_until")
    op.drop_column("webhook_endpoint", "scopes")


def _partly(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, _DELIVERY, columns, sqlite_where=condition, postgresql_where=condition)
