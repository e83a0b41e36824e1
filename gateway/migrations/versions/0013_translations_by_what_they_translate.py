"""Translations are found by what they translate, however long that is"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_LONGEST = 300
_NARROWED = ["source_language", "target_language", "market", "voice"]


def upgrade() -> None:
    """Apply."""
    units = sa.table("translation_unit", sa.column("id"), sa.column("key"))
    connection = op.get_bind()
    long = sa.select(units.c.id, units.c.key).where(sa.func.length(units.c.key) > _LONGEST)
    for id_, key in connection.execute(long).all():
        connection.execute(
            units.update().where(units.c.id == id_).values(key=sha256(key.encode()).hexdigest()),
        )
    op.drop_index("ux_translation_unit", "translation_unit")
    op.create_index("ux_translation_unit", "translation_unit", ["organization_id", "key", *_NARROWED], unique=True)


def downgrade() -> None:
    """Revert; long texts keep their short keys."""
    op.drop_index("ux_translation_unit", "translation_unit")
    op.create_index("ux_translation_unit", "translation_unit", ["organization_id", *_NARROWED, "key"], unique=True)
