"""Themes know all that they are counted by, and feedback is sorted by index"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_REPEATED = ("platform", "version", "detected_language")
_COUNTED = ["organization_id", "theme", "created_at", "category", "source", "sentiment_score"]
_OF_FEEDBACK = sa.text("type = 'FEEDBACK_ANALYZED'")
_FILLED = """UPDATE feedback_theme SET
  platform = (SELECT platform FROM feedback WHERE feedback.id = feedback_theme.feedback_id),
  version = (SELECT version FROM feedback WHERE feedback.id = feedback_theme.feedback_id),
  detected_language = (SELECT detected_language FROM feedback WHERE feedback.id = feedback_theme.feedback_id)"""


def upgrade() -> None:
    """Apply."""
    for name in _REPEATED:
        op.add_column("feedback_theme", sa.Column(name, sa.Text(), nullable=True))
    op.execute(_FILLED)
    op.drop_index("ix_feedback_theme_theme", "feedback_theme")
    op.create_index("ix_feedback_theme_theme", "feedback_theme", [*_COUNTED, *_REPEATED, "feedback_id"])
    op.create_index("ix_feedback_sentiment", "feedback", ["organization_id", "sentiment_score", "id"])
    op.create_index("ix_feedback_urgency", "feedback", ["organization_id", "urgency", "id"])
    op.create_index(
        "ix_event_feedback", "event", ["subject_id"], sqlite_where=_OF_FEEDBACK, postgresql_where=_OF_FEEDBACK
    )


def downgrade() -> None:
    """Revert."""
    op.drop_index("ix_event_feedback", "event")
    op.drop_index("ix_feedback_urgency", "feedback")
    op.drop_index("ix_feedback_sentiment", "feedback")
    op.drop_index("ix_feedback_theme_theme", "feedback_theme")
    op.create_index("ix_feedback_theme_theme", "feedback_theme", [*_COUNTED, "feedback_id"])
    for name in _REPEATED:
        op.drop_column("feedback_theme", name)
