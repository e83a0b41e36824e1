"""Imports end with their process, and entries of batches are found by their turn"""

import sqlalchemy as sa
from alembic import op

from domain.entity import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_HELD, _DUE = sa.text("held_until IS NOT NULL"), sa.text("due_at IS NOT NULL")
_TURN = ["organization_id", "due_at", "created_at", "position"]


def upgrade() -> None:
    """Apply."""
    op.add_column("job", sa.Column("held_until", Instant(), nullable=True))
    op.add_column("job_entry", sa.Column("lost", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_job_finished", "job", ["finished_at"])
    op.create_index("ix_job_held", "job", ["held_until"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.create_index("ix_job_entry_turn", "job_entry", _TURN, sqlite_where=_DUE, postgresql_where=_DUE)


def downgrade() -> None:
    """Revert."""
    op.drop_index("ix_job_entry_turn", "job_entry")
    op.drop_index("ix_job_held", "job")
    op.drop_index("ix_job_finished", "job")
    op.drop_column("job_entry", "lost")
    op.drop_column("job", "held_until")
