"""Reads of generated texts and their variants."""

from __future__ import annotations

from dataclasses import dataclass

from domain.channels import Channel
from domain.content import Content, ContentVariant
from domain.estimates import Estimate
from domain.levels import Basis
from domain.localization import Localization
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import accounts, localizations
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.sql import has_item


@dataclass(frozen=True, slots=True)
class ContentFilter:
    """Which texts are wanted; bounds are inclusive."""

    account: str | None = None
    persona: str | None = None
    content_type: str | None = None
    channel: Channel | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@dataclass(frozen=True, slots=True)
class ContentVariantFilter:
    """Which variants are wanted."""

    channel: Channel | None = None


@reads(Content, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Texts of the organization."""
    return visible_to(viewer, Content)


@reads(Content, Permission.READ_MARKETING)
def search(viewer: Viewer, where: ContentFilter | None = None) -> Listing:
    """Texts, newest first."""
    statement, where = visible_to(viewer, Content), where or ContentFilter()
    if where.account is not None:
        statement = statement.where(Content.account_id == where.account)
    if where.persona is not None:
        statement = statement.where(Content.persona_id == where.persona)
    if where.content_type is not None:
        statement = statement.where(Content.content_type == where.content_type.strip())
    if where.channel is not None:
        statement = statement.where(has_item(Content.channels, where.channel.value))
    if where.created_from:
        statement = statement.where(Content.created_at >= start_of(where.created_from))
    if where.created_to:
        statement = statement.where(Content.created_at <= end_of(where.created_to))
    return Listing(statement, newest_first(Content))


@reads(ContentVariant, Permission.READ_MARKETING)
def visible_variant(viewer: Viewer) -> Statement:
    """Variants of the organization's texts."""
    return visible_to(viewer, ContentVariant)


@reads(ContentVariant, Permission.READ_MARKETING)
def variants(viewer: Viewer, where: ContentVariantFilter | None = None) -> Listing:
    """Variants in the order they were made in."""
    statement = visible_to(viewer, ContentVariant)
    if where and where.channel is not None:
        statement = statement.where(ContentVariant.channel == where.channel)
    return Listing(statement, Order(ContentVariant.position, descending=False))


account = ToOne(accounts.visible, Content.account_id)
of_account = ToMany(search, Content.account_id)
of_persona = ToMany(search, Content.persona_id)
of_content = ToMany(variants, ContentVariant.content_id)
of_variant = ToOne(visible, ContentVariant.content_id)
of_localization = ToOne(visible_variant, Localization.variant_id)
localizations_of_variant = ToMany(localizations.search, Localization.variant_id)
localizations_of_content = ToMany(
    localizations.search,
    ContentVariant.content_id,
    through=(ContentVariant, Localization.variant_id == ContentVariant.id),
)


def estimate(value: float, low: float, high: float, basis: Basis, cases: int) -> Estimate:
    """The chance of a response with its interval, as it was when the text was written."""
    return Estimate(value, low, high, basis, cases)
