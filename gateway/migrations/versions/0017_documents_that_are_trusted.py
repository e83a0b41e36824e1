"""Documents that clients may name instead of sending them"""

import sqlalchemy as sa
from alembic import op

from domain.entity import JSON_TYPE, Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "trusted_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("operations", JSON_TYPE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_trusted_document_sha256", "trusted_document", ["sha256"])


def downgrade() -> None:
    """Revert: clients have to send their documents again."""
    op.drop_table("trusted_document")
