"""Leads are found by an index of their words"""

from alembic import op

from gateway.migrations import lead_words

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    lead_words.ensure(op.get_bind())


def downgrade() -> None:
    """Revert."""
    lead_words.drop(op.get_bind())
