"""Revenue, founding year and website of a company"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = ("revenue", "founded", "website")


def upgrade() -> None:
    """Apply."""
    for name in _COLUMNS:
        op.add_column("account", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Revert."""
    for name in _COLUMNS:
        op.drop_column("account", name)
