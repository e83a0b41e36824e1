"""Credentials, authorizations, sessions, audit, quotas"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from domain.entity import JSON_TYPE, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COPY_KEYS = """
INSERT INTO credential (id, organization_id, client_id, kind, hash, hint, created_at, revoked_at)
SELECT 'key_' || substr(id, 8), organization_id, id, 'KEY', key_hash, key_hint, coalesce(rotated_at, created_at), NULL
FROM api_client
"""
_TIERS = """
UPDATE api_client SET tier = CASE dialect WHEN 'COPYCAR' THEN 'Ultimate' ELSE 'Standard' END
WHERE dialect IN ('COPYCAR', 'CLICKUP_BRAIN')
"""


def upgrade() -> None:
    """Apply."""
    # Column by column: rebuilding a table on SQLite would drop it, and with it every row that refers to it.
    op.add_column("organization", sa.Column("sandbox_of_id", sa.Text(), nullable=True))
    op.create_index("ux_organization_sandbox", "organization", ["sandbox_of_id"], unique=True)
    op.add_column("user", sa.Column("password_hash", sa.Text(), nullable=True))
    op.add_column("user", sa.Column("disabled_at", Instant(), nullable=True))
    _grants_and_credentials()
    _sessions()
    _logs()
    _clients()


def _grants_and_credentials() -> None:
    _create(
        "oauth_grant",
        _owned(
            sa.Column("client_id", sa.Text(), nullable=False),
            sa.Column("user_id", sa.Text(), nullable=True),
            sa.Column("scopes", JSON_TYPE, nullable=False),
            sa.Column("redirect_uri", sa.Text(), nullable=True),
            sa.Column("code_challenge", sa.Text(), nullable=True),
            sa.Column("revoked_at", Instant(), nullable=True),
            sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="CASCADE"),
            sa.ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="CASCADE"),
        ),
        {"ix_oauth_grant_client": ["client_id"], "ix_oauth_grant_user": ["user_id"]},
    )
    _create(
        "credential",
        _owned(
            sa.Column("client_id", sa.Text(), nullable=False),
            sa.Column("grant_id", sa.Text(), nullable=True),
            sa.Column("kind", sa.String(32), nullable=False),
            sa.Column("hash", sa.Text(), nullable=False),
            sa.Column("hint", sa.Text(), nullable=False),
            sa.Column("sealed", sa.Text(), nullable=True),
            sa.Column("scopes", JSON_TYPE, nullable=True),
            sa.Column("expires_at", Instant(), nullable=True),
            sa.Column("used_at", Instant(), nullable=True),
            sa.Column("revoked_at", Instant(), nullable=True),
            sa.Column("last_used_at", Instant(), nullable=True),
            sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="CASCADE"),
            sa.ForeignKeyConstraint(["grant_id"], ["oauth_grant.id"], ondelete="CASCADE"),
        ),
        {
            "ux_credential_hash": ["hash"],
            "ix_credential_client": ["client_id", "kind"],
            "ix_credential_grant": ["grant_id"],
            "ix_credential_expiry": ["expires_at"],
        },
    )


def _sessions() -> None:
    used_at: list[sa.schema.SchemaItem] = [sa.Column("used_at", Instant(), nullable=True)]
    for name, more in (("browser_session", []), ("invitation", used_at)):
        _create(
            name,
            _owned(
                sa.Column("user_id", sa.Text(), nullable=False),
                sa.Column("hash", sa.Text(), nullable=False),
                sa.Column("expires_at", Instant(), nullable=False),
                *more,
                sa.ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="CASCADE"),
            ),
            {f"ux_{name}_hash": ["hash"], f"ix_{name}_user": ["user_id"]},
        )


def _logs() -> None:
    _create(
        "audit_entry",
        _owned(
            sa.Column("client_id", sa.Text(), nullable=True),
            sa.Column("credential_id", sa.Text(), nullable=True),
            sa.Column("user_id", sa.Text(), nullable=True),
            sa.Column("door", sa.String(32), nullable=False),
            sa.Column("operation", sa.Text(), nullable=False),
            sa.Column("subject_id", sa.Text(), nullable=True),
            sa.Column("outcome", sa.String(32), nullable=False),
            sa.Column("code", sa.Text(), nullable=True),
            sa.Column("status", sa.Integer(), nullable=True),
            sa.Column("request_id", sa.Text(), nullable=True),
            sa.Column("address", sa.Text(), nullable=True),
            sa.Column("duration_ms", sa.Integer(), nullable=True),
            sa.Column("cost", sa.Integer(), nullable=True),
        ),
        {
            "ix_audit_entry_recent": ["organization_id", "created_at", "id"],
            "ix_audit_entry_client": ["organization_id", "client_id", "created_at", "id"],
            "ix_audit_entry_age": ["created_at"],
        },
    )
    _create(
        "access_change",
        [
            sa.Column("id", sa.Text(), nullable=False),
            sa.Column("subject_id", sa.Text(), nullable=False),
            sa.Column("changed_at", Instant(), nullable=False),
            sa.PrimaryKeyConstraint("id"),
        ],
        {"ix_access_change_recent": ["changed_at"]},
    )
    _create(
        "token_usage",
        [
            sa.Column("client_id", sa.Text(), nullable=False),
            sa.Column("month", sa.Text(), nullable=False),
            sa.Column("used", sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("client_id", "month"),
        ],
        {},
    )


def _clients() -> None:
    """Keys leave the client's row for rows of their own, so that a new one can overlap with an old one."""
    op.execute(_COPY_KEYS)
    op.execute(_TIERS)
    op.drop_index("ux_api_client_key", "api_client")
    for name in ("key_hash", "key_hint", "rotated_at"):
        op.drop_column("api_client", name)
    for name in ("redirect_uris", "allowed_ips"):
        op.add_column("api_client", sa.Column(name, JSON_TYPE, nullable=False, server_default="[]"))
    for name in ("sandbox", "public", "demands_secret"):
        op.add_column("api_client", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("api_client", sa.Column("monthly_tokens", sa.BigInteger(), nullable=False, server_default="100000"))
    op.add_column("api_client", sa.Column("expires_at", Instant(), nullable=True))
    op.create_index("ix_api_client_recent", "api_client", ["organization_id", "created_at", "id"])


def _owned(*columns: sa.schema.SchemaItem) -> list[sa.schema.SchemaItem]:
    return [
        *columns,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    ]


def _create(name: str, columns: Sequence[sa.schema.SchemaItem], indexes: dict[str, list[str]]) -> None:
    op.create_table(name, *columns)
    for index, over in indexes.items():
        op.create_index(index, name, over, unique=index.startswith("ux_"))


def downgrade() -> None:
    """Undo: each client keeps its newest key; tokens, sessions and logs are gone."""
    for name in ("key_hash", "key_hint"):
        op.add_column("api_client", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("api_client", sa.Column("rotated_at", Instant(), nullable=True))
    for column in ("hash", "hint"):
        op.execute(
            f"UPDATE api_client SET key_{column} = coalesce((SELECT {column} FROM credential WHERE kind = 'KEY' "  # noqa: S608
            "AND client_id = api_client.id ORDER BY created_at DESC, id DESC LIMIT 1), api_client.id)"
        )
    op.drop_index("ix_api_client_recent", "api_client")
    for name in ("redirect_uris", "allowed_ips", "sandbox", "public", "demands_secret", "monthly_tokens", "expires_at"):
        op.drop_column("api_client", name)
    op.create_index("ux_api_client_key", "api_client", ["key_hash"], unique=True)
    for name in ("token_usage", "access_change", "audit_entry", "invitation", "browser_session", "credential"):
        op.drop_table(name)
    op.drop_table("oauth_grant")
    op.drop_column("user", "disabled_at")
    op.drop_column("user", "password_hash")
    op.drop_index("ux_organization_sandbox", "organization")
    op.drop_column("organization", "sandbox_of_id")
