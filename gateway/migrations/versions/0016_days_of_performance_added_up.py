"""Days of performance are added up from their index"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ORDER = ["organization_id", "day", "id"]
_ADDED_UP = ["impressions", "clicks", "conversions", "cost", "revenue"]


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_ad_performance_day", "ad_performance")
    op.create_index("ix_ad_performance_day", "ad_performance", [*_ORDER, *_ADDED_UP])


def downgrade() -> None:
    """Revert."""
    op.drop_index("ix_ad_performance_day", "ad_performance")
    op.create_index("ix_ad_performance_day", "ad_performance", _ORDER)
