"""Leads are found by indexes of their words and of what they insure"""

import logging

import sqlalchemy as sa
from alembic import op

from gateway.migrations import lead_words

_LOG = logging.getLogger(__name__)

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INSURANCE = ["organization_id", "insurance_type", "created_at", "id"]
_LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_lead_insurance", "lead", _INSURANCE, sqlite_where=_LIVE, postgresql_where=_LIVE)
    refused = lead_words.ensure(op.get_bind())
    if refused:
        _LOG.warning("Leads are found by words without an index, which takes longer the more there are: %s", refused)


def downgrade() -> None:
    """Revert."""
    lead_words.drop(op.get_bind())
    op.drop_index("ix_lead_insurance", "lead")
