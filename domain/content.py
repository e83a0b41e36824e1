"""Texts written for somebody, each in several variants, and the templates they are written from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.channels import Channel
from domain.entity import Entity, Owned
from domain.levels import Basis, Level


class Content(Owned, Entity):
    """What was written for a persona of a company. `best_variant_id` names a variant inside it, such as `var_1`.

    `generated_by` is `templates`, or the name of the language model. `facts` are those that were merged, each with
    its source. Confidence is a fraction.
    """

    __tablename__ = "content"
    __table_args__ = (
        Index("ix_content_account", "account_id", "created_at", "id"),
        Index("ix_content_persona", "persona_id", "created_at", "id"),
        Index("ix_content_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "cnt", "Content"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    persona_id: Mapped[str | None] = mapped_column(ForeignKey("persona.id", ondelete="SET NULL"))
    content_type: Mapped[str]
    channels: Mapped[list[str]]
    objective: Mapped[str | None]
    urgency: Mapped[Level | None]
    tone: Mapped[str | None]
    length: Mapped[str | None]
    personalization_level: Mapped[str | None]
    include_company_insights: Mapped[bool | None]
    include_industry_context: Mapped[bool | None]
    include_competitor_mentions: Mapped[bool | None]
    include_social_proof: Mapped[bool | None]
    use_gpt4: Mapped[bool | None]
    use_claude: Mapped[bool | None]
    optimize_for_conversion: Mapped[bool | None]
    ab_test_variants: Mapped[int | None]
    best_variant_id: Mapped[str]
    optimal_timing: Mapped[str]
    follow_up_strategy: Mapped[str]
    content_optimizations: Mapped[list[str]]
    facts: Mapped[list[dict[str, Any]]]
    generated_by: Mapped[str]
    generated_at: Mapped[datetime]
    processing_seconds: Mapped[float]
    confidence: Mapped[float]
    tokens_used: Mapped[int]
    client_id: Mapped[str | None] = mapped_column(ForeignKey("api_client.id", ondelete="SET NULL"))
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class ContentVariant(Owned, Entity):
    """One version for one channel; `variant_id` is its ordinal inside the content. Scores are fractions.

    An e-mail has a subject, HTML, text and preview; LinkedIn the two messages and a post; others their text.
    """

    __tablename__ = "content_variant"
    __table_args__ = (
        Index("ux_content_variant", "content_id", "variant_id", unique=True),
        Index("ix_content_variant_content", "content_id", "position", "id"),
    )
    prefix, label = "cvar", "Variant"

    content_id: Mapped[str] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"))
    position: Mapped[int]
    variant_id: Mapped[str]
    channel: Mapped[Channel]
    subject: Mapped[str | None]
    html: Mapped[str | None]
    text: Mapped[str | None]
    preview: Mapped[str | None]
    connection_request: Mapped[str | None]
    follow_up_message: Mapped[str | None]
    post_content: Mapped[str | None]
    personalization: Mapped[float]
    conversion_prediction: Mapped[float]
    conversion_low: Mapped[float]
    conversion_high: Mapped[float]
    conversion_basis: Mapped[Basis]
    conversion_cases: Mapped[int] = mapped_column(default=0)
    strengths: Mapped[list[str]]
    optimizations: Mapped[list[str]]
    recommended_timing: Mapped[str | None]
    reading_ease: Mapped[float | None]
    words: Mapped[int]
    spam_words: Mapped[list[str]]


class CopyTemplate(Owned, Entity):
    """An organization's own template for one channel, objective and content type; '' stands for any.

    `body` holds the parts of the channel by their names: subject, text, connection_request and so on.
    """

    __tablename__ = "copy_template"
    __table_args__ = (
        Index("ux_copy_template", "organization_id", "channel", "objective", "content_type", "name", unique=True),
        Index("ix_copy_template_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "copy", "Template"

    channel: Mapped[Channel]
    objective: Mapped[str]
    content_type: Mapped[str]
    name: Mapped[str]
    body: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
