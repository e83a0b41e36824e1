"""Compliance, marketing, feedback, batches, and what language models are used for"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from domain.entity import JSON_TYPE, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = (
    "compliance_document",
    "compliance_finding",
    "compliance_item",
    "compliance_alert",
    "regulatory_update",
    "ad_campaign",
    "ad_performance",
    "campaign_analysis",
    "budget_plan",
    "budget_allocation",
    "localization",
    "translation_unit",
    "glossary_term",
    "market_profile",
    "job",
    "job_entry",
    "end_user",
    "feedback",
    "feedback_theme",
    "churn_model",
    "churn_prediction",
    "writer_use",
    "writer_month",
)


def upgrade() -> None:
    """Apply."""
    op.add_column("organization", sa.Column("writer_enabled", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("organization", sa.Column("writer_budget_micros", sa.BigInteger(), nullable=True))
    _compliance()
    _marketing()
    _localization()
    _jobs()
    _feedback()
    _writer()


def downgrade() -> None:
    """Revert: all of it is lost."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("organization", "writer_budget_micros")
    op.drop_column("organization", "writer_enabled")


def _compliance() -> None:
    """Documents, what was found in them, what has to be done, what was told of it."""
    _create(
        "compliance_document",
        [
            sa.Column("title", sa.Text(), nullable=True),
            sa.Column("content", sa.Text(), nullable=False),
            sa.Column("file_name", sa.Text(), nullable=True),
            sa.Column("file_url", sa.Text(), nullable=True),
            sa.Column("media_type", sa.Text(), nullable=True),
            sa.Column("size", sa.Integer(), nullable=False),
            sa.Column("pages", sa.Integer(), nullable=True),
            sa.Column("digest", sa.Text(), nullable=False),
            sa.Column("language", sa.Text(), nullable=True),
            sa.Column("jurisdiction", sa.Text(), nullable=False),
            sa.Column("document_type", sa.String(32), nullable=False),
            sa.Column("source", sa.Text(), nullable=True),
            sa.Column("published_on", sa.Date(), nullable=True),
            sa.Column("category", sa.Text(), nullable=True),
            sa.Column("version", sa.Text(), nullable=True),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("deadlines", JSON_TYPE, nullable=False),
            sa.Column("requirements", JSON_TYPE, nullable=False),
            sa.Column("penalties", JSON_TYPE, nullable=False),
            sa.Column("entities", JSON_TYPE, nullable=False),
            sa.Column("compliance_score", sa.Double(), nullable=False),
            sa.Column("risk_level", sa.String(32), nullable=False),
            sa.Column("reasons", JSON_TYPE, nullable=False),
            sa.Column("notes", JSON_TYPE, nullable=False),
            sa.Column("updated_at", Instant(), nullable=False),
        ],
    )
    op.create_index(
        "ix_compliance_document_jurisdiction",
        "compliance_document",
        ["organization_id", "jurisdiction", "created_at", "id"],
    )
    op.create_index("ix_compliance_document_recent", "compliance_document", ["organization_id", "created_at", "id"])
    _create(
        "compliance_finding",
        [
            sa.Column("document_id", sa.Text(), nullable=False),
            sa.Column("kind", sa.String(32), nullable=False),
            sa.Column("text", sa.Text(), nullable=False),
            sa.Column("quote", sa.Text(), nullable=False),
            sa.Column("start", sa.Integer(), nullable=False),
            sa.Column("end", sa.Integer(), nullable=False),
            sa.Column("key", sa.Text(), nullable=False),
            sa.Column("place", sa.Text(), nullable=True),
            sa.Column("on", sa.Date(), nullable=True),
            sa.Column("count", sa.Integer(), nullable=True),
            sa.Column("unit", sa.String(32), nullable=True),
            sa.Column("trigger", sa.Text(), nullable=True),
            sa.Column("amount", sa.Double(), nullable=True),
            sa.Column("currency", sa.Text(), nullable=True),
            sa.Column("fraction", sa.Double(), nullable=True),
            sa.Column("base", sa.Text(), nullable=True),
            sa.Column("per", sa.Text(), nullable=True),
            sa.Column("bound", sa.Text(), nullable=True),
            sa.ForeignKeyConstraint(["document_id"], ["compliance_document.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_compliance_finding_document", "compliance_finding", ["document_id", "start", "id"])
    op.create_index("ix_compliance_finding_recent", "compliance_finding", ["organization_id", "created_at", "id"])
    _create(
        "compliance_item",
        [
            sa.Column("document_id", sa.Text(), nullable=True),
            sa.Column("key", sa.Text(), nullable=True),
            sa.Column("title", sa.Text(), nullable=False),
            sa.Column("description", sa.Text(), nullable=True),
            sa.Column("place", sa.Text(), nullable=True),
            sa.Column("jurisdiction", sa.Text(), nullable=False),
            sa.Column("deadline", sa.Date(), nullable=True),
            sa.Column("due", sa.Date(), nullable=False),
            sa.Column("count", sa.Integer(), nullable=True),
            sa.Column("unit", sa.String(32), nullable=True),
            sa.Column("trigger", sa.Text(), nullable=True),
            sa.Column("triggered_on", sa.Date(), nullable=True),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("risk_level", sa.String(32), nullable=False),
            sa.Column("requirements", JSON_TYPE, nullable=False),
            sa.Column("penalties", JSON_TYPE, nullable=False),
            sa.Column("written", JSON_TYPE, nullable=False),
            sa.Column("assigned_to_id", sa.Text(), nullable=True),
            sa.Column("completed_at", Instant(), nullable=True),
            sa.Column("dropped_at", Instant(), nullable=True),
            sa.Column("deleted_at", Instant(), nullable=True),
            sa.Column("updated_at", Instant(), nullable=False),
            sa.ForeignKeyConstraint(["assigned_to_id"], ["user.id"], ondelete="SET NULL"),
            sa.ForeignKeyConstraint(["document_id"], ["compliance_document.id"], ondelete="SET NULL"),
        ],
    )
    _index_live("ix_compliance_item_assignee", "assigned_to_id", "due", "id")
    _index_live("ix_compliance_item_due", "due", "id", "risk_level", "status", "deleted_at")
    _index_live("ix_compliance_item_open", "due", where="deleted_at IS NULL AND status <> 'COMPLETED'")
    _index_live("ix_compliance_item_place", "jurisdiction", "due", "id", "risk_level", "status", "deleted_at")
    _index_live("ix_compliance_item_recent", "created_at", "id")
    op.create_index("ux_compliance_item_key", "compliance_item", ["document_id", "key"], unique=True)
    _create(
        "compliance_alert",
        [
            sa.Column("item_id", sa.Text(), nullable=False),
            sa.Column("type", sa.String(32), nullable=False),
            sa.Column("severity", sa.String(32), nullable=False),
            sa.Column("deadline", sa.Date(), nullable=False),
            sa.Column("days", sa.Integer(), nullable=False),
            sa.Column("acknowledged_at", Instant(), nullable=True),
            sa.Column("acknowledged_by_id", sa.Text(), nullable=True),
            sa.ForeignKeyConstraint(["acknowledged_by_id"], ["user.id"], ondelete="SET NULL"),
            sa.ForeignKeyConstraint(["item_id"], ["compliance_item.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_compliance_alert_recent", "compliance_alert", ["organization_id", "created_at", "id"])
    op.create_index("ux_compliance_alert", "compliance_alert", ["item_id", "deadline", "type", "days"], unique=True)
    _create(
        "regulatory_update",
        [
            sa.Column("title", sa.Text(), nullable=False),
            sa.Column("published_on", sa.Date(), nullable=False),
            sa.Column("jurisdiction", sa.Text(), nullable=False),
            sa.Column("update_type", sa.Text(), nullable=False),
            sa.Column("impact_level", sa.String(32), nullable=False),
            sa.Column("summary", sa.Text(), nullable=False),
            sa.Column("affected_industries", JSON_TYPE, nullable=False),
            sa.Column("deadline", sa.Date(), nullable=True),
            sa.Column("source", sa.Text(), nullable=False),
            sa.Column("external_id", sa.Text(), nullable=True),
            sa.Column("updated_at", Instant(), nullable=False),
        ],
    )
    op.create_index("ix_regulatory_update_entered", "regulatory_update", ["organization_id", "created_at", "id"])
    op.create_index("ix_regulatory_update_recent", "regulatory_update", ["organization_id", "published_on", "id"])
    op.create_index(
        "ux_regulatory_update_external", "regulatory_update", ["organization_id", "source", "external_id"], unique=True
    )


def _marketing() -> None:
    """Campaigns, their days, what was concluded."""
    _create(
        "ad_campaign",
        [
            sa.Column("external_id", sa.Text(), nullable=False),
            sa.Column("name", sa.Text(), nullable=True),
            sa.Column("platform", sa.Text(), nullable=True),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("currency", sa.Text(), nullable=True),
            sa.Column("budget_total", sa.Double(), nullable=True),
            sa.Column("budget_spent", sa.Double(), nullable=True),
            sa.Column("impressions", sa.BigInteger(), nullable=True),
            sa.Column("clicks", sa.BigInteger(), nullable=True),
            sa.Column("conversions", sa.Double(), nullable=True),
            sa.Column("cost", sa.Double(), nullable=True),
            sa.Column("revenue", sa.Double(), nullable=True),
            sa.Column("roi", sa.Double(), nullable=True),
            sa.Column("performance_score", sa.Double(), nullable=True),
            sa.Column("performance_data", JSON_TYPE, nullable=True),
            sa.Column("audiences", JSON_TYPE, nullable=False),
            sa.Column("locations", JSON_TYPE, nullable=False),
            sa.Column("demographics", JSON_TYPE, nullable=True),
            sa.Column("updated_at", Instant(), nullable=False),
        ],
    )
    op.create_index("ix_ad_campaign_recent", "ad_campaign", ["organization_id", "created_at", "id"])
    op.create_index("ux_ad_campaign_external", "ad_campaign", ["organization_id", "external_id"], unique=True)
    _create(
        "ad_performance",
        [
            sa.Column("campaign_id", sa.Text(), nullable=False),
            sa.Column("day", sa.Date(), nullable=False),
            sa.Column("region", sa.Text(), nullable=False),
            sa.Column("segment", sa.Text(), nullable=False),
            sa.Column("impressions", sa.BigInteger(), nullable=False),
            sa.Column("clicks", sa.BigInteger(), nullable=False),
            sa.Column("conversions", sa.Double(), nullable=False),
            sa.Column("cost", sa.Double(), nullable=False),
            sa.Column("revenue", sa.Double(), nullable=True),
            sa.ForeignKeyConstraint(["campaign_id"], ["ad_campaign.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_ad_performance_day", "ad_performance", ["organization_id", "day", "id"])
    op.create_index("ix_ad_performance_recent", "ad_performance", ["organization_id", "created_at", "id"])
    op.create_index("ux_ad_performance", "ad_performance", ["campaign_id", "day", "region", "segment"], unique=True)
    _create(
        "campaign_analysis",
        [
            sa.Column("campaign_id", sa.Text(), nullable=False),
            sa.Column("date_from", sa.Date(), nullable=True),
            sa.Column("date_to", sa.Date(), nullable=True),
            sa.Column("metrics", JSON_TYPE, nullable=False),
            sa.Column("basis", sa.String(32), nullable=False),
            sa.Column("impressions", sa.BigInteger(), nullable=False),
            sa.Column("clicks", sa.BigInteger(), nullable=False),
            sa.Column("conversions", sa.Double(), nullable=False),
            sa.Column("cost", sa.Double(), nullable=False),
            sa.Column("revenue", sa.Double(), nullable=True),
            sa.Column("performance_score", sa.Double(), nullable=False),
            sa.Column("score_low", sa.Double(), nullable=False),
            sa.Column("score_high", sa.Double(), nullable=False),
            sa.Column("roi", sa.Double(), nullable=False),
            sa.Column("conversion_rate", sa.Double(), nullable=False),
            sa.Column("cost_per_conversion", sa.Double(), nullable=True),
            sa.Column("regions", JSON_TYPE, nullable=False),
            sa.Column("recommendations", JSON_TYPE, nullable=False),
            sa.Column("notes", JSON_TYPE, nullable=False),
            sa.ForeignKeyConstraint(["campaign_id"], ["ad_campaign.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_campaign_analysis_campaign", "campaign_analysis", ["campaign_id", "created_at", "id"])
    op.create_index("ix_campaign_analysis_recent", "campaign_analysis", ["organization_id", "created_at", "id"])
    _create(
        "budget_plan",
        [
            sa.Column("total_budget", sa.Double(), nullable=False),
            sa.Column("current_total_roi", sa.Double(), nullable=False),
            sa.Column("expected_total_roi", sa.Double(), nullable=False),
            sa.Column("roi_improvement", sa.Double(), nullable=False),
            sa.Column("assumption", sa.Text(), nullable=False),
        ],
    )
    op.create_index("ix_budget_plan_recent", "budget_plan", ["organization_id", "created_at", "id"])
    _create(
        "budget_allocation",
        [
            sa.Column("plan_id", sa.Text(), nullable=False),
            sa.Column("campaign_id", sa.Text(), nullable=False),
            sa.Column("position", sa.Integer(), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("current_budget", sa.Double(), nullable=False),
            sa.Column("recommended_budget", sa.Double(), nullable=False),
            sa.Column("change", sa.Double(), nullable=False),
            sa.Column("expected_roi", sa.Double(), nullable=False),
            sa.Column("reasoning", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(["campaign_id"], ["ad_campaign.id"], ondelete="CASCADE"),
            sa.ForeignKeyConstraint(["plan_id"], ["budget_plan.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_budget_allocation_campaign", "budget_allocation", ["campaign_id", "created_at", "id"])
    op.create_index("ix_budget_allocation_plan", "budget_allocation", ["plan_id", "position", "id"])
    op.create_index("ix_budget_allocation_recent", "budget_allocation", ["organization_id", "created_at", "id"])


def _localization() -> None:
    """Texts in other languages."""
    _create(
        "localization",
        [
            sa.Column("campaign_id", sa.Text(), nullable=True),
            sa.Column("original_content", sa.Text(), nullable=False),
            sa.Column("original_language", sa.Text(), nullable=True),
            sa.Column("target_market", sa.Text(), nullable=False),
            sa.Column("language", sa.Text(), nullable=False),
            sa.Column("localized_content", sa.Text(), nullable=False),
            sa.Column("method", sa.String(32), nullable=False),
            sa.Column("campaign_type", sa.Text(), nullable=True),
            sa.Column("brand_voice", sa.Text(), nullable=True),
            sa.Column("color_preferences", JSON_TYPE, nullable=False),
            sa.Column("seasonal_context", sa.Text(), nullable=False),
            sa.Column("payment_preferences", JSON_TYPE, nullable=False),
            sa.Column("cultural_taboos", JSON_TYPE, nullable=False),
            sa.Column("performance_prediction", sa.Double(), nullable=False),
            sa.Column("prediction_low", sa.Double(), nullable=False),
            sa.Column("prediction_high", sa.Double(), nullable=False),
            sa.Column("prediction_basis", sa.String(32), nullable=False),
            sa.Column("notes", JSON_TYPE, nullable=False),
            sa.ForeignKeyConstraint(["campaign_id"], ["ad_campaign.id"], ondelete="SET NULL"),
        ],
    )
    op.create_index("ix_localization_campaign", "localization", ["campaign_id", "created_at", "id"])
    op.create_index("ix_localization_market", "localization", ["organization_id", "target_market", "created_at", "id"])
    op.create_index("ix_localization_recent", "localization", ["organization_id", "created_at", "id"])
    _create(
        "translation_unit",
        [
            sa.Column("source_language", sa.Text(), nullable=False),
            sa.Column("target_language", sa.Text(), nullable=False),
            sa.Column("market", sa.Text(), nullable=False),
            sa.Column("voice", sa.Text(), nullable=False),
            sa.Column("source", sa.Text(), nullable=False),
            sa.Column("target", sa.Text(), nullable=False),
            sa.Column("key", sa.Text(), nullable=False),
            sa.Column("updated_at", Instant(), nullable=False),
        ],
    )
    op.create_index("ix_translation_unit_recent", "translation_unit", ["organization_id", "created_at", "id"])
    op.create_index(
        "ux_translation_unit",
        "translation_unit",
        ["organization_id", "source_language", "target_language", "market", "voice", "key"],
        unique=True,
    )
    _create(
        "glossary_term",
        [
            sa.Column("source_language", sa.Text(), nullable=False),
            sa.Column("target_language", sa.Text(), nullable=False),
            sa.Column("term", sa.Text(), nullable=False),
            sa.Column("key", sa.Text(), nullable=False),
            sa.Column("target", sa.Text(), nullable=True),
            sa.Column("updated_at", Instant(), nullable=False),
        ],
    )
    op.create_index("ix_glossary_term_recent", "glossary_term", ["organization_id", "created_at", "id"])
    op.create_index(
        "ux_glossary_term",
        "glossary_term",
        ["organization_id", "source_language", "target_language", "key"],
        unique=True,
    )
    _create(
        "market_profile",
        [
            sa.Column("market", sa.Text(), nullable=False),
            sa.Column("color_preferences", JSON_TYPE, nullable=True),
            sa.Column("payment_preferences", JSON_TYPE, nullable=True),
            sa.Column("cultural_taboos", JSON_TYPE, nullable=True),
            sa.Column("source", sa.Text(), nullable=True),
            sa.Column("as_of", sa.Date(), nullable=True),
            sa.Column("updated_at", Instant(), nullable=False),
        ],
    )
    op.create_index("ix_market_profile_recent", "market_profile", ["organization_id", "created_at", "id"])
    op.create_index("ux_market_profile", "market_profile", ["organization_id", "market"], unique=True)


def _jobs() -> None:
    """Batches and imports."""
    _create(
        "job",
        [
            sa.Column("kind", sa.String(32), nullable=False),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("total", sa.Integer(), nullable=False),
            sa.Column("done", sa.Integer(), nullable=False),
            sa.Column("failed", sa.Integer(), nullable=False),
            sa.Column("client_id", sa.Text(), nullable=True),
            sa.Column("user_id", sa.Text(), nullable=True),
            sa.Column("grant_id", sa.Text(), nullable=True),
            sa.Column("scopes", JSON_TYPE, nullable=True),
            sa.Column("callback_url", sa.Text(), nullable=True),
            sa.Column("callback_due_at", Instant(), nullable=True),
            sa.Column("callback_attempts", sa.Integer(), nullable=False),
            sa.Column("callback_status", sa.Integer(), nullable=True),
            sa.Column("callback_failure", sa.Text(), nullable=True),
            sa.Column("called_back_at", Instant(), nullable=True),
            sa.Column("taken", sa.Integer(), nullable=False),
            sa.Column("finished_at", Instant(), nullable=True),
            sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="SET NULL"),
            sa.ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="SET NULL"),
        ],
    )
    op.create_index(
        "ix_job_callback",
        "job",
        ["callback_due_at"],
        sqlite_where=sa.text("callback_due_at IS NOT NULL"),
        postgresql_where=sa.text("callback_due_at IS NOT NULL"),
    )
    op.create_index("ix_job_recent", "job", ["organization_id", "created_at", "id"])
    _create(
        "job_entry",
        [
            sa.Column("job_id", sa.Text(), nullable=False),
            sa.Column("position", sa.Integer(), nullable=False),
            sa.Column("request", JSON_TYPE, nullable=False),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("subject_id", sa.Text(), nullable=True),
            sa.Column("code", sa.String(32), nullable=True),
            sa.Column("field", sa.Text(), nullable=True),
            sa.Column("problem", sa.Text(), nullable=True),
            sa.Column("due_at", Instant(), nullable=True),
            sa.Column("attempts", sa.Integer(), nullable=False),
            sa.Column("taken", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(["job_id"], ["job.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index(
        "ix_job_entry_due",
        "job_entry",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_job_entry_job", "job_entry", ["job_id", "position", "id"])
    op.create_index("ix_job_entry_recent", "job_entry", ["organization_id", "created_at", "id"])


def _feedback() -> None:
    """Feedback and who gave it."""
    _create(
        "end_user",
        [
            sa.Column("external_id", sa.Text(), nullable=False),
            sa.Column("email", sa.Text(), nullable=True),
            sa.Column("signup_date", sa.Date(), nullable=True),
            sa.Column("last_login", sa.Date(), nullable=True),
            sa.Column("core_features", sa.Double(), nullable=True),
            sa.Column("advanced_features", sa.Double(), nullable=True),
            sa.Column("support_usage", sa.Double(), nullable=True),
            sa.Column("total_feedback", sa.Integer(), nullable=True),
            sa.Column("positive_feedback", sa.Integer(), nullable=True),
            sa.Column("negative_feedback", sa.Integer(), nullable=True),
            sa.Column("recent_sentiment", sa.Double(), nullable=True),
            sa.Column("contact_id", sa.Text(), nullable=True),
            sa.Column("lead_id", sa.Text(), nullable=True),
            sa.Column("churned_at", Instant(), nullable=True),
            sa.Column("retained_at", Instant(), nullable=True),
            sa.Column("churn_order", sa.Double(), nullable=False),
            sa.Column("updated_at", Instant(), nullable=False),
            sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], ondelete="SET NULL"),
            sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], ondelete="SET NULL"),
        ],
    )
    op.create_index("ix_end_user_churn", "end_user", ["organization_id", "churn_order", "id"])
    op.create_index("ix_end_user_email", "end_user", ["organization_id", "email"])
    op.create_index("ix_end_user_contact", "end_user", ["contact_id", "created_at", "id"])
    op.create_index("ix_end_user_lead", "end_user", ["lead_id", "created_at", "id"])
    op.create_index("ix_end_user_recent", "end_user", ["organization_id", "created_at", "id"])
    op.create_index("ux_end_user_external", "end_user", ["organization_id", "external_id"], unique=True)
    _create(
        "feedback",
        [
            sa.Column("source", sa.String(32), nullable=False),
            sa.Column("content", sa.Text(), nullable=False),
            sa.Column("rating", sa.Integer(), nullable=True),
            sa.Column("version", sa.Text(), nullable=True),
            sa.Column("platform", sa.Text(), nullable=True),
            sa.Column("language", sa.Text(), nullable=True),
            sa.Column("detected_language", sa.Text(), nullable=True),
            sa.Column("details", JSON_TYPE, nullable=False),
            sa.Column("status", sa.String(32), nullable=False),
            sa.Column("sentiment", sa.String(32), nullable=False),
            sa.Column("sentiment_score", sa.Double(), nullable=False),
            sa.Column("sentiment_confidence", sa.Double(), nullable=False),
            sa.Column("category", sa.String(32), nullable=False),
            sa.Column("categories", JSON_TYPE, nullable=False),
            sa.Column("category_confidence", sa.Double(), nullable=False),
            sa.Column("priority", sa.String(32), nullable=False),
            sa.Column("priority_reasons", JSON_TYPE, nullable=False),
            sa.Column("themes", JSON_TYPE, nullable=False),
            sa.Column("entities", JSON_TYPE, nullable=False),
            sa.Column("recommendations", JSON_TYPE, nullable=False),
            sa.Column("analyzed_by", sa.Text(), nullable=False),
            sa.Column("urgency", sa.Integer(), nullable=False),
            sa.Column("corrected_at", Instant(), nullable=True),
            sa.Column("corrected_by_id", sa.Text(), nullable=True),
            sa.Column("model_sentiment", sa.String(32), nullable=True),
            sa.Column("model_category", sa.String(32), nullable=True),
            sa.Column("end_user_id", sa.Text(), nullable=True),
            sa.Column("batch_id", sa.Text(), nullable=True),
            sa.Column("position", sa.Integer(), nullable=True),
            sa.ForeignKeyConstraint(["batch_id"], ["job.id"], ondelete="SET NULL"),
            sa.ForeignKeyConstraint(["end_user_id"], ["end_user.id"], ondelete="SET NULL"),
            sa.ForeignKeyConstraint(["corrected_by_id"], ["user.id"], ondelete="SET NULL"),
        ],
    )
    op.create_index("ix_feedback_batch", "feedback", ["batch_id", "position", "id"])
    op.create_index("ix_feedback_category", "feedback", ["organization_id", "category", "created_at", "id"])
    op.create_index("ix_feedback_recent", "feedback", ["organization_id", "created_at", "id"])
    op.create_index("ix_feedback_user", "feedback", ["end_user_id", "created_at", "id"])
    op.create_index(
        "ix_feedback_report",
        "feedback",
        [
            "organization_id",
            "created_at",
            "source",
            "category",
            "sentiment",
            "urgency",
            "sentiment_score",
            "platform",
            "version",
            "detected_language",
        ],
    )
    _create(
        "feedback_theme",
        [
            sa.Column("feedback_id", sa.Text(), nullable=False),
            sa.Column("theme", sa.Text(), nullable=False),
            sa.Column("category", sa.String(32), nullable=False),
            sa.Column("source", sa.String(32), nullable=False),
            sa.Column("sentiment_score", sa.Double(), nullable=False),
            sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], ondelete="CASCADE"),
        ],
    )
    op.create_index("ix_feedback_theme_feedback", "feedback_theme", ["feedback_id"])
    op.create_index(
        "ix_feedback_theme_theme",
        "feedback_theme",
        ["organization_id", "theme", "created_at", "category", "source", "sentiment_score", "feedback_id"],
    )
    _create(
        "churn_model",
        [
            sa.Column("labels", sa.Integer(), nullable=False),
            sa.Column("churned", sa.Integer(), nullable=False),
            sa.Column("weights", JSON_TYPE, nullable=False),
            sa.Column("auc", sa.Double(), nullable=True),
            sa.Column("calibration_error", sa.Double(), nullable=True),
        ],
    )
    op.create_index("ix_churn_model_recent", "churn_model", ["organization_id", "created_at", "id"])
    _create(
        "churn_prediction",
        [
            sa.Column("end_user_id", sa.Text(), nullable=False),
            sa.Column("probability", sa.Double(), nullable=False),
            sa.Column("low", sa.Double(), nullable=False),
            sa.Column("high", sa.Double(), nullable=False),
            sa.Column("basis", sa.String(32), nullable=False),
            sa.Column("risk_level", sa.String(32), nullable=False),
            sa.Column("risk_factors", JSON_TYPE, nullable=False),
            sa.Column("recommendations", JSON_TYPE, nullable=False),
            sa.Column("inputs", JSON_TYPE, nullable=False),
            sa.Column("model_id", sa.Text(), nullable=True),
            sa.ForeignKeyConstraint(["end_user_id"], ["end_user.id"], ondelete="CASCADE"),
            sa.ForeignKeyConstraint(["model_id"], ["churn_model.id"], ondelete="SET NULL"),
        ],
    )
    op.create_index("ix_churn_prediction_recent", "churn_prediction", ["organization_id", "created_at", "id"])
    op.create_index("ix_churn_prediction_user", "churn_prediction", ["end_user_id", "created_at", "id"])


def _writer() -> None:
    """Uses of language models."""
    _create(
        "writer_use",
        [
            sa.Column("purpose", sa.Text(), nullable=False),
            sa.Column("model", sa.Text(), nullable=False),
            sa.Column("outcome", sa.String(32), nullable=False),
            sa.Column("prompt_tokens", sa.Integer(), nullable=False),
            sa.Column("completion_tokens", sa.Integer(), nullable=False),
            sa.Column("cost_micros", sa.BigInteger(), nullable=False),
            sa.Column("milliseconds", sa.Integer(), nullable=False),
        ],
    )
    op.create_index("ix_writer_use_recent", "writer_use", ["organization_id", "created_at", "id"])
    op.create_table(
        "writer_month",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "month"),
    )


def _create(name: str, columns: Sequence[sa.Column[object] | sa.ForeignKeyConstraint]) -> None:
    """A table of an organization's rows."""
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )


def _index_live(name: str, *columns: str, where: str = "deleted_at IS NULL") -> None:
    """An index over compliance items that are not deleted."""
    condition = sa.text(where)
    op.create_index(
        name,
        "compliance_item",
        ["organization_id", *columns],
        sqlite_where=condition,
        postgresql_where=condition,
    )
