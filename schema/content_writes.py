"""Generating texts, and changing them."""

import strawberry
from strawberry import UNSET

from resolvers import content, content_drafts, content_generating, content_writes
from resolvers.reads import ToOne
from schema.content import Content, ContentVariant
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Channel, Level
from schema.nodes import Payload
from schema.usage import TokenQuota, token_quota


@mirrors(content_drafts.TargetPersona)
class ContentPersonaInput:
    """Somebody a text is for: found by name in the company, or made."""

    name: str
    title: str | None = UNSET
    role: str | None = UNSET
    influence: Fraction | None = UNSET


@mirrors(content_drafts.CampaignConfig)
class CampaignConfigInput:
    """What a text is to reach, and how. Words that are not known ask for what is usual."""

    objective: str | None = strawberry.field(
        default=UNSET,
        description="Such as schedule_demo, schedule_meeting, start_trial, share_resource, follow_up, re_engage, "
        "event_invitation or build_awareness.",
    )
    urgency: Level | None = UNSET
    tone: str | None = strawberry.field(
        default=UNSET, description="consultative, technical, friendly, formal or direct; else the persona's."
    )
    length: str | None = strawberry.field(default=UNSET, description="short, medium or long.")


@mirrors(content_drafts.ContentPersonalization)
class ContentPersonalizationInput:
    """What a text may draw on; what is left out may be drawn on."""

    level: str | None = strawberry.field(
        default=UNSET, description="basic names the reader and the company alone; any other word draws on all."
    )
    include_company_insights: bool | None = UNSET
    include_industry_context: bool | None = UNSET
    include_competitor_mentions: bool | None = UNSET
    include_social_proof: bool | None = UNSET


@mirrors(content_drafts.AiEnhancement)
class AiEnhancementInput:
    """How a text is made."""

    use_gpt4: bool | None = strawberry.field(
        default=UNSET, name="useGpt4", description="No language model is asked when this and useClaude are false."
    )
    use_claude: bool | None = UNSET
    optimize_for_conversion: bool | None = strawberry.field(
        default=UNSET, description="Write more versions than are wanted, and keep the most promising ones."
    )
    ab_test_variants: int | None = strawberry.field(
        default=UNSET, description="How many variants there are, if that is more than one for each channel."
    )


@mirrors(content_drafts.GenerateDraft)
class GenerateContentInput:
    """A text to be generated for somebody of a company."""

    account_id: strawberry.ID
    content_type: str = strawberry.field(
        description="Such as email_outreach or insight_email; any other word gets the general templates of a channel."
    )
    target_persona: ContentPersonaInput
    campaign_config: CampaignConfigInput | None = UNSET
    personalization: ContentPersonalizationInput | None = UNSET
    channels: list[Channel] | None = strawberry.field(default=UNSET, description="EMAIL alone without it.")
    ai_enhancement: AiEnhancementInput | None = UNSET


@mirrors(content_writes.VariantPatch)
class UpdateContentVariantInput:
    """Changes to a variant: what is left out stays. Only the parts its channel has can be changed."""

    id: strawberry.ID
    subject: str | None = UNSET
    text: str | None = strawberry.field(default=UNSET, description="Makes the HTML anew, unless that is sent too.")
    html: str | None = strawberry.field(
        default=UNSET, description="Kept and sent as it is, scripts and styles included; it must begin as HTML."
    )
    connection_request: str | None = UNSET
    follow_up_message: str | None = UNSET
    post_content: str | None = UNSET


@strawberry.type
class GenerateContentPayload(Payload):
    """The text that was generated."""

    content: Content | None = link(ToOne(content.visible, "content"))
    quota: TokenQuota | None = token_quota()


@strawberry.type
class UpdateContentVariantPayload(Payload):
    """The variant as it is now."""

    variant: ContentVariant | None = link(ToOne(content.visible_variant, "variant"))


@strawberry.type
class ContentMutations:
    """What can be done with generated texts."""

    generate_content: GenerateContentPayload = change(
        content_writes.generate, content_generating.prepared, input=GenerateContentInput
    )
    update_content_variant: UpdateContentVariantPayload = change(
        content_writes.change_variant, input=UpdateContentVariantInput
    )
