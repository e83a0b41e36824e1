"""Texts that were generated for people of companies, in variants for channels."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import content as texts
from resolvers import personas
from schema.engine.forms import collection, connection, derived, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Basis, Channel, Level
from schema.estimates import Estimate
from schema.localizations import LocalizationFilter
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.localizations import Localization
    from schema.personas import Persona


@mirrors(texts.ContentFilter)
class ContentFilter:
    """Which texts are wanted."""

    account: strawberry.ID | None = UNSET
    persona: strawberry.ID | None = UNSET
    content_type: str | None = UNSET
    channel: Channel | None = strawberry.field(default=UNSET, description="One that it has a variant for.")
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@mirrors(texts.ContentVariantFilter)
class ContentVariantFilter:
    """Which variants are wanted."""

    channel: Channel | None = UNSET


@strawberry.type(description="A fact that was merged into a text, and what it is known from.")
class ContentFact:
    """A fact that was merged into a text, and what it is known from."""

    variable: str = strawberry.field(description="How templates name it, such as pain_point.")
    value: str
    kind: str = strawberry.field(description="What it is about, such as PAIN_POINT.")
    source: str = strawberry.field(description="The id of what it was read from; `node` finds it.")
    assumed: bool = strawberry.field(description="Whether a playbook assumes it of companies like this one.")


@strawberry.type(description="What was written for somebody of a company; nothing in it is no fact of the graph.")
class Content(Node, read=texts.visible):
    """What was written for somebody of a company; nothing in it is no fact of the graph."""

    content_type: str
    channels: list[Channel]
    objective: str | None
    urgency: Level | None
    tone: str | None
    length: str | None
    personalization_level: str | None
    include_company_insights: bool | None
    include_industry_context: bool | None
    include_competitor_mentions: bool | None
    include_social_proof: bool | None
    use_gpt4: bool | None = strawberry.field(name="useGpt4")
    use_claude: bool | None
    optimize_for_conversion: bool | None
    ab_test_variants: int | None
    best_variant_id: str = strawberry.field(description="A variant inside it, such as var_1.")
    optimal_timing: str = strawberry.field(description="When the best variant is to be sent.")
    follow_up_strategy: str
    content_optimizations: list[str]
    facts: list[ContentFact]
    generated_by: str = strawberry.field(description="`templates`, or the name of the language model.")
    generated_at: datetime
    processing_seconds: float
    confidence: Fraction = strawberry.field(
        description="How much of what texts can be made of is known of the company and the reader."
    )
    tokens_used: int
    created_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] | None = link(
        texts.account, "The company; null for nobody but who may not read companies."
    )
    persona: Annotated["Persona", strawberry.lazy("schema.personas")] | None = link(
        personas.of_content, "Whom it is for; null once that persona was deleted."
    )
    variants: Connection[Annotated["ContentVariant", strawberry.lazy("schema.content")]] = collection(
        texts.of_content, "Its versions, in order.", where=ContentVariantFilter
    )
    localizations: Connection[Annotated["Localization", strawberry.lazy("schema.localizations")]] = collection(
        texts.localizations_of_content, "What was adapted of its variants to markets.", where=LocalizationFilter
    )


@strawberry.type(description="One version of a text for one channel. Which parts it has depends on the channel.")
class ContentVariant(Node, read=texts.visible_variant):
    """One version of a text for one channel. Which parts it has depends on the channel."""

    variant_id: str = strawberry.field(description="Its ordinal inside the content, such as var_1.")
    channel: Channel
    subject: str | None = strawberry.field(description="Of e-mail.")
    html: str | None = strawberry.field(description="Of e-mail a whole document, of a website a part of a page.")
    text: str | None = strawberry.field(description="Of all channels but LinkedIn; of e-mail the words of its HTML.")
    preview: str | None = strawberry.field(description="What is shown beside a subject before it is opened.")
    connection_request: str | None = strawberry.field(description="Of LinkedIn.")
    follow_up_message: str | None = strawberry.field(description="Of LinkedIn.")
    post_content: str | None = strawberry.field(description="Of LinkedIn.")
    personalization: Fraction = strawberry.field(description="The weights of the kinds of facts that were merged.")
    conversion_prediction: Fraction = strawberry.field(description="The chance that its reader responds.")
    conversion_basis: Basis
    conversion: Estimate = derived(
        texts.estimate,
        "conversion_prediction",
        "conversion_low",
        "conversion_high",
        "conversion_basis",
        "conversion_cases",
        description="The chance that its reader responds, and between what it lies four times in five.",
    )
    strengths: list[str]
    optimizations: list[str] = strawberry.field(
        description="What would make it better, and why a model's text was refused."
    )
    recommended_timing: str | None = strawberry.field(
        description="In UTC where it was found in what the company's people did; else the persona's own words."
    )
    reading_ease: float | None = strawberry.field(description="Flesch's: 60 to 70 is plain English, more is easier.")
    words: int
    spam_words: list[str] = strawberry.field(description="What filters of mail look for.")
    created_at: datetime
    content: Annotated["Content", strawberry.lazy("schema.content")] = link(texts.of_variant)
    localizations: Connection[Annotated["Localization", strawberry.lazy("schema.localizations")]] = collection(
        texts.localizations_of_variant, "Its text as adapted to markets.", where=LocalizationFilter
    )


@strawberry.type
class ContentQueries:
    """Reads of generated texts."""

    content: Content | None = one(texts.visible, "A text that was generated.")
    contents: Connection[Content] = connection(
        texts.search, "Texts that were generated, newest first.", where=ContentFilter
    )
    content_variant: ContentVariant | None = one(texts.visible_variant, "A version of a generated text.")
