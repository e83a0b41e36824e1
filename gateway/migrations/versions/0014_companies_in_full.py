"""Companies in full: people, research, texts, models of conversion"""

import sqlalchemy as sa
from alembic import op

from domain.entity import JSON_TYPE, Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = (
    "account_place",
    "persona",
    "playbook",
    "news_entry",
    "research_run",
    "pain_point",
    "opportunity",
    "competitor",
    "news_item",
    "copy_template",
    "content",
    "content_variant",
    "conversion_model",
)


def upgrade() -> None:
    """Apply."""
    _accounts()
    _people()
    _research()
    _findings()
    _content()
    _conversion()


def downgrade() -> None:
    """Revert: all of it is lost."""
    with op.batch_alter_table("localization") as localization:
        localization.drop_index("ix_localization_variant")
        localization.drop_column("variant_id")
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_contact_host", "contact")
    op.drop_column("contact", "host")
    op.drop_column("contact", "unsubscribed_at")
    op.drop_column("contact", "title")
    op.drop_index("ix_account_name", "account")
    op.drop_index("ux_account_name", "account")
    for column in ("name_key", "description", "technologies", "research_run_id", "updated_at"):
        op.drop_column("account", column)


def _accounts() -> None:
    op.add_column("account", sa.Column("name_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("account", sa.Column("description", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("technologies", JSON_TYPE, nullable=False, server_default="[]"))
    op.add_column("account", sa.Column("research_run_id", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("updated_at", Instant(), nullable=False, server_default="1970-01-01T00:00:00Z"))
    _fill_accounts()
    op.create_index("ix_account_name", "account", ["organization_id", "name_key", "created_at"])
    op.create_index(
        "ux_account_name",
        "account",
        ["organization_id", "name_key"],
        unique=True,
        sqlite_where=sa.text("domain IS NULL"),
        postgresql_where=sa.text("domain IS NULL"),
    )
    op.add_column("contact", sa.Column("host", sa.Text(), nullable=False, server_default=""))
    hosts = {"sqlite": "substr(email, instr(email, '@') + 1)", "postgresql": "split_part(email, '@', 2)"}
    op.execute(f"UPDATE contact SET host = {hosts[op.get_bind().dialect.name]}")  # noqa: S608 - no text from outside
    op.create_index("ix_contact_host", "contact", ["organization_id", "host"])
    op.add_column("contact", sa.Column("title", sa.Text(), nullable=True))
    op.add_column("contact", sa.Column("unsubscribed_at", Instant(), nullable=True))


def _fill_accounts() -> None:
    account = sa.table(
        "account",
        sa.column("id"),
        sa.column("name"),
        sa.column("name_key"),
        sa.column("created_at", Instant()),
        sa.column("updated_at", Instant()),
    )
    connection = op.get_bind()
    for id_, name, created_at in connection.execute(
        sa.select(account.c.id, account.c.name, account.c.created_at)
    ).all():
        # As names are compared since then; what a database calls lower case is another thing.
        values = {"name_key": " ".join(name.split()).casefold(), "updated_at": created_at}
        connection.execute(account.update().where(account.c.id == id_).values(values))


def _people() -> None:
    op.create_table(
        "account_place",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_account_place_jurisdiction", "account_place", ["organization_id", "jurisdiction"])
    op.create_index("ux_account_place", "account_place", ["account_id", "jurisdiction"], unique=True)
    op.create_table(
        "persona",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("influence", sa.Double(), nullable=True),
        sa.Column("pain_points", JSON_TYPE, nullable=False),
        sa.Column("preferred_channels", JSON_TYPE, nullable=False),
        sa.Column("preferred_timing", sa.Text(), nullable=True),
        sa.Column("preferred_tone", sa.Text(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_persona_account", "persona", ["account_id", "created_at", "id"])
    op.create_index("ix_persona_contact", "persona", ["contact_id", "created_at", "id"])
    op.create_index("ix_persona_recent", "persona", ["organization_id", "created_at", "id"])
    op.create_index("ux_persona_name", "persona", ["account_id", "name_key"], unique=True)


def _research() -> None:
    op.create_table(
        "playbook",
        sa.Column(
            "kind",
            sa.Enum("INDUSTRY", "TECHNOLOGY", "SIZE", name="playbookkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", JSON_TYPE, nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_playbook_recent", "playbook", ["organization_id", "created_at", "id"])
    op.create_index("ux_playbook", "playbook", ["organization_id", "kind", "key"], unique=True)
    op.create_table(
        "news_entry",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_news_entry_day", "news_entry", ["organization_id", "published", "id"])
    op.create_index("ix_news_entry_recent", "news_entry", ["organization_id", "created_at", "id"])
    op.create_index("ux_news_entry", "news_entry", ["organization_id", "digest"], unique=True)
    op.create_table(
        "research_run",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("RUNNING", "COMPLETED", "FAILED", name="researchstatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum("FACTS", "WEBSITE", "FINDINGS", "WRITING", name="researchstage", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("depth", sa.Text(), nullable=False),
        sa.Column("include_competitors", sa.Boolean(), nullable=False),
        sa.Column("include_news", sa.Boolean(), nullable=False),
        sa.Column("include_social", sa.Boolean(), nullable=False),
        sa.Column("include_financials", sa.Boolean(), nullable=False),
        sa.Column("personalization_level", sa.Text(), nullable=False),
        sa.Column("include_ai_insights", sa.Boolean(), nullable=False),
        sa.Column("include_predictions", sa.Boolean(), nullable=False),
        sa.Column("include_recommendations", sa.Boolean(), nullable=False),
        sa.Column("request", JSON_TYPE, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.Text(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("generated_at", Instant(), nullable=True),
        sa.Column("processing_seconds", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("insights_generated", sa.Integer(), nullable=False),
        sa.Column("decision_makers_found", sa.Integer(), nullable=False),
        sa.Column("pain_points_identified", sa.Integer(), nullable=False),
        sa.Column("opportunities_discovered", sa.Integer(), nullable=False),
        sa.Column("engagement_score", sa.Double(), nullable=True),
        sa.Column("conversion_probability", sa.Double(), nullable=True),
        sa.Column("conversion_low", sa.Double(), nullable=True),
        sa.Column("conversion_high", sa.Double(), nullable=True),
        sa.Column(
            "conversion_basis",
            sa.Enum("PRIOR", "BLENDED", "HISTORY", name="basis", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("conversion_cases", sa.Integer(), nullable=False),
        sa.Column("optimal_approach", sa.Text(), nullable=True),
        sa.Column("recommended_content", JSON_TYPE, nullable=False),
        sa.Column("timing_insights", sa.Text(), nullable=True),
        sa.Column("next_actions", JSON_TYPE, nullable=False),
        sa.Column("decision_makers", JSON_TYPE, nullable=False),
        sa.Column("sources", JSON_TYPE, nullable=False),
        sa.Column("tokens_used", sa.Integer(), nullable=False),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_research_run_account", "research_run", ["account_id", "created_at", "id"])
    op.create_index(
        "ix_research_run_due",
        "research_run",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_research_run_recent", "research_run", ["organization_id", "created_at", "id"])


def _findings() -> None:
    op.create_table(
        "pain_point",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum("LOW", "MEDIUM", "HIGH", "CRITICAL", name="level", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("solutions", JSON_TYPE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("evidence", JSON_TYPE, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["research_run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pain_point_run", "pain_point", ["run_id", "position", "id"])
    op.create_table(
        "opportunity",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("timeline", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column(
            "basis", sa.Enum("PRIOR", "BLENDED", "HISTORY", name="basis", native_enum=False, length=32), nullable=False
        ),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("evidence", JSON_TYPE, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["research_run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_opportunity_run", "opportunity", ["run_id", "position", "id"])
    op.create_table(
        "competitor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("strengths", JSON_TYPE, nullable=False),
        sa.Column("weaknesses", JSON_TYPE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("evidence", JSON_TYPE, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["research_run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_competitor_run", "competitor", ["run_id", "position", "id"])
    op.create_table(
        "news_item",
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column(
            "relevance",
            sa.Enum("LOW", "MEDIUM", "HIGH", "CRITICAL", name="level", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("evidence", JSON_TYPE, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["news_entry.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["research_run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_news_item_run", "news_item", ["run_id", "position", "id"])


def _content() -> None:
    op.create_table(
        "copy_template",
        sa.Column(
            "channel",
            sa.Enum(
                "EMAIL",
                "LINKEDIN",
                "WEBSITE",
                "DIRECT_MAIL",
                "PHONE",
                "OTHER",
                name="channel",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", JSON_TYPE, nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_copy_template_recent", "copy_template", ["organization_id", "created_at", "id"])
    op.create_index(
        "ux_copy_template",
        "copy_template",
        ["organization_id", "channel", "objective", "content_type", "name"],
        unique=True,
    )
    op.create_table(
        "content",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("persona_id", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("channels", JSON_TYPE, nullable=False),
        sa.Column("objective", sa.Text(), nullable=True),
        sa.Column(
            "urgency",
            sa.Enum("LOW", "MEDIUM", "HIGH", "CRITICAL", name="level", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("tone", sa.Text(), nullable=True),
        sa.Column("length", sa.Text(), nullable=True),
        sa.Column("personalization_level", sa.Text(), nullable=True),
        sa.Column("include_company_insights", sa.Boolean(), nullable=True),
        sa.Column("include_industry_context", sa.Boolean(), nullable=True),
        sa.Column("include_competitor_mentions", sa.Boolean(), nullable=True),
        sa.Column("include_social_proof", sa.Boolean(), nullable=True),
        sa.Column("use_gpt4", sa.Boolean(), nullable=True),
        sa.Column("use_claude", sa.Boolean(), nullable=True),
        sa.Column("optimize_for_conversion", sa.Boolean(), nullable=True),
        sa.Column("ab_test_variants", sa.Integer(), nullable=True),
        sa.Column("best_variant_id", sa.Text(), nullable=False),
        sa.Column("optimal_timing", sa.Text(), nullable=False),
        sa.Column("follow_up_strategy", sa.Text(), nullable=False),
        sa.Column("content_optimizations", JSON_TYPE, nullable=False),
        sa.Column("facts", JSON_TYPE, nullable=False),
        sa.Column("generated_by", sa.Text(), nullable=False),
        sa.Column("generated_at", Instant(), nullable=False),
        sa.Column("processing_seconds", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("tokens_used", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_content_account", "content", ["account_id", "created_at", "id"])
    op.create_index("ix_content_persona", "content", ["persona_id", "created_at", "id"])
    op.create_index("ix_content_recent", "content", ["organization_id", "created_at", "id"])
    op.create_table(
        "content_variant",
        sa.Column("content_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "EMAIL",
                "LINKEDIN",
                "WEBSITE",
                "DIRECT_MAIL",
                "PHONE",
                "OTHER",
                name="channel",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("preview", sa.Text(), nullable=True),
        sa.Column("connection_request", sa.Text(), nullable=True),
        sa.Column("follow_up_message", sa.Text(), nullable=True),
        sa.Column("post_content", sa.Text(), nullable=True),
        sa.Column("personalization", sa.Double(), nullable=False),
        sa.Column("conversion_prediction", sa.Double(), nullable=False),
        sa.Column("conversion_low", sa.Double(), nullable=False),
        sa.Column("conversion_high", sa.Double(), nullable=False),
        sa.Column(
            "conversion_basis",
            sa.Enum("PRIOR", "BLENDED", "HISTORY", name="basis", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("conversion_cases", sa.Integer(), nullable=False),
        sa.Column("strengths", JSON_TYPE, nullable=False),
        sa.Column("optimizations", JSON_TYPE, nullable=False),
        sa.Column("recommended_timing", sa.Text(), nullable=True),
        sa.Column("reading_ease", sa.Double(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("spam_words", JSON_TYPE, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_content_variant_content", "content_variant", ["content_id", "position", "id"])
    op.create_index("ux_content_variant", "content_variant", ["content_id", "variant_id"], unique=True)
    with op.batch_alter_table("localization") as localization:
        localization.add_column(sa.Column("variant_id", sa.Text(), nullable=True))
        localization.create_foreign_key(
            "fk_localization_variant", "content_variant", ["variant_id"], ["id"], ondelete="SET NULL"
        )
        localization.create_index("ix_localization_variant", ["variant_id", "created_at", "id"])


def _conversion() -> None:
    op.create_table(
        "conversion_model",
        sa.Column(
            "subject",
            sa.Enum("LEAD", "ACCOUNT", name="conversionsubject", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("converted", sa.Integer(), nullable=False),
        sa.Column("weights", JSON_TYPE, nullable=False),
        sa.Column("auc", sa.Double(), nullable=True),
        sa.Column("points_auc", sa.Double(), nullable=True),
        sa.Column("calibration_error", sa.Double(), nullable=True),
        sa.Column("calibration", JSON_TYPE, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_conversion_model_recent", "conversion_model", ["organization_id", "created_at", "id"])
    op.create_index(
        "ix_conversion_model_subject", "conversion_model", ["organization_id", "subject", "created_at", "id"]
    )
