"""Audit entries have one index less: those that are too old are found by the organizations they belong to"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_audit_entry_age", "audit_entry")


def downgrade() -> None:
    """Revert."""
    op.create_index("ix_audit_entry_age", "audit_entry", ["created_at"])
