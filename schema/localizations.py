"""Texts in other languages and markets."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import compliance_places, content, localizations, localizing
from resolvers.reads import ToOne
from schema.ad_campaigns import AdCampaign
from schema.compliance_filters import ComplianceItemFilter, ComplianceItemSort
from schema.engine.forms import change, collection, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Basis, LocalizationMethod
from schema.nodes import Connection, Node, Payload, UserError

if TYPE_CHECKING:
    from schema.compliance import ComplianceItem
    from schema.content import ContentVariant


@mirrors(localizations.LocalizationFilter)
class LocalizationFilter:
    """Which localizations are wanted."""

    market: str | None = strawberry.field(default=UNSET, description="A country's code or name.")
    language: str | None = UNSET
    method: LocalizationMethod | None = UNSET
    campaign: strawberry.ID | None = UNSET
    variant: strawberry.ID | None = UNSET
    search: str | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@strawberry.type(description="A text adapted to one market.")
class Localization(Node, read=localizations.visible):
    """A text adapted to one market."""

    original_content: str
    original_language: str | None
    target_market: str = strawberry.field(description="The ISO 3166 code of a country.")
    language: str = strawberry.field(description="An ISO 639 code.")
    localized_content: str
    method: LocalizationMethod = strawberry.field(description="Where the text came from.")
    campaign_type: str | None
    brand_voice: str | None
    color_preferences: list[str]
    seasonal_context: str = strawberry.field(
        description="A period of trade, a coming holiday, or the time of the year."
    )
    payment_preferences: list[str]
    cultural_taboos: list[str]
    performance_prediction: Fraction = strawberry.field(
        description="The chance that it does at least as well there as the organization's texts do elsewhere."
    )
    prediction_low: Fraction
    prediction_high: Fraction
    prediction_basis: Basis
    notes: list[str] = strawberry.field(description="What to know of it: sources, and what nobody has checked.")
    created_at: datetime
    campaign: AdCampaign | None = link(localizations.campaign)
    variant: Annotated["ContentVariant", strawberry.lazy("schema.content")] | None = link(
        content.of_localization, "The version of a generated text that it was made from."
    )
    compliance_items: Connection[Annotated["ComplianceItem", strawberry.lazy("schema.compliance")]] = collection(
        compliance_places.of_localization,
        "What has to be done by the law of the market.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )


@mirrors(localizing.LocalizationDraft)
class LocalizeContentInput:
    """A text to be adapted to markets."""

    content: str | None = strawberry.field(default=UNSET, description="The text, unless it is that of a variant.")
    variant_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="A version of a generated text, whose plain text is adapted."
    )
    markets: list[str] = strawberry.field(description="Countries such as DE, or locales such as fr-CH.")
    source_language: str | None = strawberry.field(default=UNSET, description="Without it, as the text reads.")
    campaign_type: str | None = UNSET
    brand_voice: str | None = strawberry.field(default=UNSET, description="Translations of this voice win over others.")
    campaign_id: strawberry.ID | None = UNSET
    day: date | None = strawberry.field(default=UNSET, description="When it is to be seen; today without it.")
    all_or_nothing: bool = strawberry.field(default=False, description="Refuse all when one market is missing.")


@strawberry.type(description="What became of one market.")
class LocalizeContentResult:
    """What became of one market."""

    market: str = strawberry.field(description="As it was asked for.")
    localization: Localization | None = link(ToOne(localizations.visible, "localization"))
    problem: UserError | None = strawberry.field(description="Why there is none.")


@strawberry.type
class LocalizeContentPayload(Payload):
    """What became of every market."""

    blank: ClassVar[dict[str, Any]] = {"results": []}

    results: list[LocalizeContentResult]


@strawberry.type
class LocalizationQueries:
    """Reads of localizations."""

    localization: Localization | None = one(localizations.visible, "A text adapted to a market.")
    localizations: Connection[Localization] = connection(
        localizations.search, "Texts adapted to markets, newest first.", where=LocalizationFilter
    )


@strawberry.type
class LocalizationMutations:
    """What can be done about localizations."""

    localize_content: LocalizeContentPayload = change(
        localizations.localize, localizing.prepared, input=LocalizeContentInput
    )
