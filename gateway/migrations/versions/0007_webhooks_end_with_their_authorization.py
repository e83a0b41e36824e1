"""Webhooks end with the authorization of the token that made them"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("webhook_endpoint", sa.Column("grant_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Revert: webhooks outlive what they were made under."""
    op.drop_column("webhook_endpoint", "grant_id")
