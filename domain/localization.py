"""Texts in other languages and markets: what was adapted, and the memory and glossary it is made from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.levels import Basis


class LocalizationMethod(StrEnum):
    """Where the text of a localization came from."""

    ORIGINAL = "ORIGINAL"
    MEMORY = "MEMORY"
    WRITER = "WRITER"


class Localization(Owned, Entity):
    """A text adapted to one market, an ISO 3166 country such as DE; the prediction is a fraction."""

    __tablename__ = "localization"
    __table_args__ = (
        Index("ix_localization_recent", "organization_id", "created_at", "id"),
        Index("ix_localization_market", "organization_id", "target_market", "created_at", "id"),
        Index("ix_localization_campaign", "campaign_id", "created_at", "id"),
        Index("ix_localization_variant", "variant_id", "created_at", "id"),
    )
    prefix, label = "loc", "Localization"

    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("ad_campaign.id", ondelete="SET NULL"))
    variant_id: Mapped[str | None] = mapped_column(ForeignKey("content_variant.id", ondelete="SET NULL"))
    original_content: Mapped[str]
    original_language: Mapped[str | None]
    target_market: Mapped[str]
    language: Mapped[str]
    localized_content: Mapped[str]
    method: Mapped[LocalizationMethod]
    campaign_type: Mapped[str | None]
    brand_voice: Mapped[str | None]
    color_preferences: Mapped[list[str]]
    seasonal_context: Mapped[str]
    payment_preferences: Mapped[list[str]]
    cultural_taboos: Mapped[list[str]]
    performance_prediction: Mapped[float]
    prediction_low: Mapped[float]
    prediction_high: Mapped[float]
    prediction_basis: Mapped[Basis]
    notes: Mapped[list[str]]


class TranslationUnit(Owned, Entity):
    """A text and its translation, with the same placeholders such as `{percent}` in both.

    `key` is how texts are compared: the source with its placeholders named by position, in one case and spacing; of a
    long one its SHA-256 in hex.
    Languages are ISO 639-1 codes; `market` narrows a translation to one country, '' is every one; so does `voice`.
    """

    __tablename__ = "translation_unit"
    __table_args__ = (
        Index(
            "ux_translation_unit",
            "organization_id",
            "key",
            "source_language",
            "target_language",
            "market",
            "voice",
            unique=True,
        ),
        Index("ix_translation_unit_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "tu", "Translation"

    source_language: Mapped[str]
    target_language: Mapped[str]
    market: Mapped[str]
    voice: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    key: Mapped[str]
    updated_at: Mapped[datetime]


class GlossaryTerm(Owned, Entity):
    """A word and what it has to be in a language; `target` None keeps it as it is."""

    __tablename__ = "glossary_term"
    __table_args__ = (
        Index("ux_glossary_term", "organization_id", "source_language", "target_language", "key", unique=True),
        Index("ix_glossary_term_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "term", "Glossary term"

    source_language: Mapped[str]
    target_language: Mapped[str]
    term: Mapped[str]
    key: Mapped[str]
    target: Mapped[str | None]
    updated_at: Mapped[datetime]


class MarketProfile(Owned, Entity):
    """What an organization knows better of a market than the table that comes with the product; null keeps the table's.

    `as_of` is when it was found out, `source` where.
    """

    __tablename__ = "market_profile"
    __table_args__ = (
        Index("ux_market_profile", "organization_id", "market", unique=True),
        Index("ix_market_profile_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "market", "Market profile"

    market: Mapped[str]
    color_preferences: Mapped[list[str] | None]
    payment_preferences: Mapped[list[str] | None]
    cultural_taboos: Mapped[list[str] | None]
    source: Mapped[str | None]
    as_of: Mapped[date | None]
    updated_at: Mapped[datetime]
