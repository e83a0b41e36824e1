"""Uses of language models say whether their cost is estimated, and are found by age"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("writer_use", sa.Column("estimated", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_writer_use_age", "writer_use", ["created_at"])


def downgrade() -> None:
    """Revert."""
    op.drop_index("ix_writer_use_age", "writer_use")
    op.drop_column("writer_use", "estimated")
