"""The database itself refuses to alter an entry of the audit log"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REASON = "an entry of the audit log is never altered"
_SQLITE = f"""
CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, '{_REASON}'); END
"""
_FUNCTION = f"""
CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REASON}'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()
"""


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    """Apply."""
    if _on_postgresql():
        op.execute(_FUNCTION)
        op.execute(_POSTGRESQL)
    else:
        op.execute(_SQLITE)


def downgrade() -> None:
    """Revert."""
    if _on_postgresql():
        op.execute("DROP TRIGGER audit_entry_stays ON audit_entry")
        op.execute("DROP FUNCTION audit_entry_stays")
    else:
        op.execute("DROP TRIGGER audit_entry_stays")
