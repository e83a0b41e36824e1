"""Campaigns for one company: plans, rules, what people do with what they are sent"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from domain.entity import JSON_TYPE, Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLES = (
    "abm_campaign",
    "campaign_persona",
    "scheduled_content",
    "automation_rule",
    "campaign_day",
    "engagement_event",
    "triggered_action",
)
_LINKS = (("contact", "contact_id"), ("abm_campaign", "campaign_id"), ("scheduled_content", "item_id"))


def upgrade() -> None:
    """Apply."""
    _campaigns()
    _planned()
    _emails()
    _tasks()
    _engagements()


def downgrade() -> None:
    """Revert: all of it is lost, and so is what was sent or is to be done without a lead."""
    op.drop_index("ix_event_engagement", "event")
    for table in ("triggered_action", "engagement_event"):
        op.drop_table(table)
    op.execute("DELETE FROM task WHERE lead_id IS NULL")
    op.execute("DELETE FROM email WHERE lead_id IS NULL")
    with op.batch_alter_table("task") as task:
        task.drop_index("ix_task_campaign")
        task.drop_index("ix_task_contact")
        _unlinked(task, "task")
    with op.batch_alter_table("email") as email:
        email.drop_index("ix_email_campaign")
        email.drop_index("ix_email_contact")
        email.drop_index("ix_email_results")
        email.drop_index("ux_email_item")
        _unlinked(email, "email")
        for column in ("variant", "clicked_at", "replied_at", "bounced_at"):
            email.drop_column(column)
    for table in ("campaign_day", "automation_rule", "scheduled_content", "campaign_persona", "abm_campaign"):
        op.drop_table(table)


def _linked(batch: BatchOperations, table: str) -> None:
    batch.alter_column("lead_id", existing_type=sa.Text(), nullable=True)
    for target, column in _LINKS:
        batch.add_column(sa.Column(column, sa.Text(), nullable=True))
        batch.create_foreign_key(f"fk_{table}_{column}", target, [column], ["id"], ondelete="SET NULL")


def _unlinked(batch: BatchOperations, table: str) -> None:
    batch.alter_column("lead_id", existing_type=sa.Text(), nullable=False)
    for _, column in _LINKS:
        batch.drop_constraint(f"fk_{table}_{column}", type_="foreignkey")
        batch.drop_column(column)


def _emails() -> None:
    with op.batch_alter_table("email") as email:
        _linked(email, "email")
        email.add_column(sa.Column("variant", sa.Text(), nullable=True))
        for column in ("clicked_at", "replied_at", "bounced_at"):
            email.add_column(sa.Column(column, Instant(), nullable=True))
        email.create_index("ix_email_campaign", ["campaign_id", "created_at", "id"])
        email.create_index(
            "ix_email_contact",
            ["contact_id", "created_at", "id"],
            sqlite_where=sa.text("contact_id IS NOT NULL"),
            postgresql_where=sa.text("contact_id IS NOT NULL"),
        )
        email.create_index("ux_email_item", ["item_id", "contact_id"], unique=True)
        results = ["organization_id", "campaign_id", "item_id", "variant", "status", "opened_at"]
        email.create_index(
            "ix_email_results",
            [*results, "clicked_at", "replied_at", "bounced_at", "deleted_at", "attempts"],
            sqlite_where=sa.text("campaign_id IS NOT NULL"),
            postgresql_where=sa.text("campaign_id IS NOT NULL"),
        )


def _tasks() -> None:
    with op.batch_alter_table("task") as task:
        _linked(task, "task")
        task.create_index("ix_task_campaign", ["campaign_id", "created_at", "id"])
        task.create_index(
            "ix_task_contact",
            ["contact_id", "created_at", "id"],
            sqlite_where=sa.text("contact_id IS NOT NULL"),
            postgresql_where=sa.text("contact_id IS NOT NULL"),
        )


def _campaigns() -> None:
    op.create_table(
        "abm_campaign",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("ACTIVE", "PAUSED", "COMPLETED", name="campaignstatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("campaign_type", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=True),
        sa.Column("channels", JSON_TYPE, nullable=False),
        sa.Column("start_date", Instant(), nullable=False),
        sa.Column("end_date", Instant(), nullable=False),
        sa.Column("duration_weeks", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("strategy", JSON_TYPE, nullable=False),
        sa.Column("personalization_level", sa.Text(), nullable=True),
        sa.Column("include_ai_insights", sa.Boolean(), nullable=True),
        sa.Column("dynamic_content", sa.Boolean(), nullable=True),
        sa.Column("behavioral_triggers", sa.Boolean(), nullable=True),
        sa.Column("automation_enabled", sa.Boolean(), nullable=False),
        sa.Column("automation_triggers", JSON_TYPE, nullable=False),
        sa.Column("automation_optimization", sa.Boolean(), nullable=True),
        sa.Column("automation_ab_testing", sa.Boolean(), nullable=False),
        sa.Column("expected_response_rate", sa.Double(), nullable=False),
        sa.Column("expected_meeting_conversion", sa.Double(), nullable=False),
        sa.Column("expected_roi", sa.Double(), nullable=False),
        sa.Column("expected", JSON_TYPE, nullable=False),
        sa.Column("tokens_used", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_abm_campaign_account", "abm_campaign", ["account_id", "created_at", "id"])
    op.create_index(
        "ix_abm_campaign_due",
        "abm_campaign",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_abm_campaign_recent", "abm_campaign", ["organization_id", "created_at", "id"])
    op.create_index("ix_abm_campaign_status", "abm_campaign", ["organization_id", "status", "created_at", "id"])
    op.create_table(
        "campaign_persona",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("persona_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["abm_campaign.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_campaign_persona_persona", "campaign_persona", ["persona_id"])
    op.create_index("ux_campaign_persona", "campaign_persona", ["campaign_id", "persona_id"], unique=True)


def _planned() -> None:
    op.create_table(
        "scheduled_content",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("local_id", sa.Text(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
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
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("variants", JSON_TYPE, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "SCHEDULED", "SENT", "ASSIGNED", "SKIPPED", "CANCELLED", name="itemstatus", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("send_time", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("executed_at", Instant(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["abm_campaign.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_scheduled_content_campaign", "scheduled_content", ["campaign_id", "send_time", "id"])
    op.create_index(
        "ix_scheduled_content_due",
        "scheduled_content",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_scheduled_content_recent", "scheduled_content", ["organization_id", "created_at", "id"])
    op.create_index("ux_scheduled_content_local", "scheduled_content", ["campaign_id", "local_id"], unique=True)
    op.create_table(
        "automation_rule",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "trigger",
            sa.Enum(
                "EMAIL_OPEN",
                "LINK_CLICK",
                "RESPONSE_RECEIVED",
                "MEETING_SCHEDULED",
                "MEETING_COMPLETED",
                "CONVERSION",
                "BOUNCE",
                "OTHER",
                name="engagementtype",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "action",
            sa.Enum(
                "SEND_LINKEDIN_CONNECTION",
                "SEND_FOLLOW_UP_EMAIL",
                "CREATE_TASK",
                name="ruleaction",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("once_per", sa.Enum("CONTACT", "ITEM", name="onceper", native_enum=False, length=32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["abm_campaign.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_automation_rule_campaign", "automation_rule", ["campaign_id", "position", "id"])
    op.create_table(
        "campaign_day",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("emails_sent", sa.Integer(), nullable=False),
        sa.Column("emails_delivered", sa.Integer(), nullable=False),
        sa.Column("emails_opened", sa.Integer(), nullable=False),
        sa.Column("emails_clicked", sa.Integer(), nullable=False),
        sa.Column("emails_replied", sa.Integer(), nullable=False),
        sa.Column("meetings_scheduled", sa.Integer(), nullable=False),
        sa.Column("meetings_completed", sa.Integer(), nullable=False),
        sa.Column("conversions", sa.Integer(), nullable=False),
        sa.Column("engagements", sa.Integer(), nullable=False),
        sa.Column("score_sum", sa.Double(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["abm_campaign.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_campaign_day", "campaign_day", ["campaign_id", "day"], unique=True)


def _engagements() -> None:
    op.create_table(
        "engagement_event",
        sa.Column(
            "type",
            sa.Enum(
                "EMAIL_OPEN",
                "LINK_CLICK",
                "RESPONSE_RECEIVED",
                "MEETING_SCHEDULED",
                "MEETING_COMPLETED",
                "CONVERSION",
                "BOUNCE",
                "OTHER",
                name="engagementtype",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
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
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("campaign_id", sa.Text(), nullable=True),
        sa.Column("item_id", sa.Text(), nullable=True),
        sa.Column("email_id", sa.Text(), nullable=True),
        sa.Column("variant", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("ip_address", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["campaign_id"], ["abm_campaign.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["email_id"], ["email.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["item_id"], ["scheduled_content.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_engagement_account", "engagement_event", ["account_id", "occurred_at", "id"])
    op.create_index("ix_engagement_campaign", "engagement_event", ["campaign_id", "occurred_at", "id"])
    op.create_index("ix_engagement_contact", "engagement_event", ["contact_id", "occurred_at", "id"])
    op.create_index("ix_engagement_email", "engagement_event", ["email_id"])
    op.create_index("ix_engagement_channel", "engagement_event", ["organization_id", "campaign_id", "channel"])
    hours = ["organization_id", "account_id", "hour", "score"]
    op.create_index("ix_engagement_hours", "engagement_event", hours)
    pieces = ["organization_id", "account_id", "counted", "item_id", "channel", "type", "occurred_at", "score"]
    op.create_index("ix_engagement_pieces", "engagement_event", pieces)
    known = sa.text("ip_address IS NOT NULL OR user_agent IS NOT NULL")
    op.create_index(
        "ix_engagement_reader", "engagement_event", ["occurred_at"], sqlite_where=known, postgresql_where=known
    )
    told = sa.text("type = 'ENGAGEMENT_DETECTED'")
    op.create_index("ix_event_engagement", "event", ["subject_id"], sqlite_where=told, postgresql_where=told)
    op.create_index("ix_engagement_recent", "engagement_event", ["organization_id", "occurred_at", "id"])
    op.create_index("ux_engagement_source", "engagement_event", ["organization_id", "source_key"], unique=True)
    op.create_table(
        "triggered_action",
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("engagement_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=True),
        sa.Column("scope_key", sa.Text(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "SEND_LINKEDIN_CONNECTION",
                "SEND_FOLLOW_UP_EMAIL",
                "CREATE_TASK",
                name="ruleaction",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scheduled_time", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("SCHEDULED", "DONE", "SKIPPED", "CANCELLED", name="actionstatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("email_id", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["abm_campaign.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["email_id"], ["email.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement_event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["item_id"], ["scheduled_content.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["rule_id"], ["automation_rule.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_triggered_action_campaign", "triggered_action", ["campaign_id", "created_at", "id"])
    op.create_index(
        "ix_triggered_action_due",
        "triggered_action",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_triggered_action_engagement", "triggered_action", ["engagement_id", "created_at", "id"])
    op.create_index("ux_triggered_action_scope", "triggered_action", ["rule_id", "scope_key"], unique=True)
