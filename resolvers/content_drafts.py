"""What callers ask of generated texts, checked before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.channels import Channel
from domain.errors import invalid
from domain.intelligence.copy import CopyWanted
from domain.intelligence.copy_manner import word_of
from domain.levels import Level
from domain.texts import line, needed

_BASIC = frozenset({"basic", "low", "none", "minimal"})
"""Levels of personalization at which a text names its reader and the company, and nothing else of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPersona:
    """Somebody in a company that a text is for; found by the name, or made (CC-25). Influence is a fraction."""

    name: str
    title: str | None = None
    role: str | None = None
    influence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignConfig:
    """What a text is to reach, and in which manner; words nobody knows ask for the usual one."""

    objective: str | None = None
    urgency: Level | None = None
    tone: str | None = None
    length: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentPersonalization:
    """What a text may draw on; what is not said may be drawn on (CC-43)."""

    level: str | None = None
    include_company_insights: bool | None = None
    include_industry_context: bool | None = None
    include_competitor_mentions: bool | None = None
    include_social_proof: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AiEnhancement:
    """How a text is made. Which vendor's model is asked is the server's setting (CC-29): no model is, if both are not
    wanted.
    """

    use_gpt4: bool | None = None
    use_claude: bool | None = None
    optimize_for_conversion: bool | None = None
    ab_test_variants: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateDraft:
    """A text to be generated for somebody of a company, in versions for channels."""

    account_id: str
    content_type: str
    target_persona: TargetPersona
    campaign_config: CampaignConfig | None = None
    personalization: ContentPersonalization | None = None
    channels: Sequence[Channel] | None = None
    ai_enhancement: AiEnhancement | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A draft that was checked: the channel of every variant in their order, and what is wanted of each channel."""

    draft: GenerateDraft
    content_type: str
    channels: tuple[Channel, ...]
    order: tuple[Channel, ...]
    manner: CampaignConfig
    drawing_on: ContentPersonalization
    enhancement: AiEnhancement
    wanted: dict[Channel, CopyWanted] = field(default_factory=dict)

    @property
    def modelled(self) -> bool:
        """Whether a language model may be asked."""
        return self.enhancement.use_gpt4 is not False or self.enhancement.use_claude is not False


def checked(draft: GenerateDraft, most: int) -> Asked:
    """What is wanted, every word of it checked; `most` is how many variants there may be.

    Raises:
        DomainError: INVALID or REQUIRED naming the field.
    """
    kind = needed("contentType", draft.content_type).strip()
    needed("targetPersona.name", draft.target_persona.name)
    manner = draft.campaign_config or CampaignConfig()
    for name in ("objective", "tone", "length"):
        line(f"campaignConfig.{name}", getattr(manner, name))
    drawing_on = draft.personalization or ContentPersonalization()
    line("personalization.level", drawing_on.level)
    channels = tuple(dict.fromkeys(draft.channels if draft.channels is not None else (Channel.EMAIL,)))
    if not channels:
        raise invalid("channels", "channels must name at least one channel.")
    enhancement = draft.ai_enhancement or AiEnhancement()
    order = _order(channels, enhancement.ab_test_variants, most)
    asked = Asked(draft, kind, channels, order, manner, drawing_on, enhancement)
    asked.wanted.update({channel: _wanted(asked, channel) for channel in channels})
    return asked


def _order(channels: Sequence[Channel], wanted: int | None, most: int) -> tuple[Channel, ...]:
    """The channels of the variants: each once in order, then from the first again up to as many as wanted (CC-10)."""
    if wanted is not None and not 1 <= wanted <= most:
        raise invalid("aiEnhancement.abTestVariants", f"aiEnhancement.abTestVariants must be from 1 to {most}.")
    count = max(len(channels), wanted or 1)
    return tuple(channels[number % len(channels)] for number in range(count))


def _wanted(asked: Asked, channel: Channel) -> CopyWanted:
    manner, may = asked.manner, asked.drawing_on
    plain = word_of(may.level) in _BASIC
    return CopyWanted(
        channel=channel,
        content_type=asked.content_type,
        objective=manner.objective,
        urgency=manner.urgency,
        tone=manner.tone,
        length=manner.length,
        include_company_insights=may.include_company_insights is not False and not plain,
        include_industry_context=may.include_industry_context is not False and not plain,
        include_competitor_mentions=may.include_competitor_mentions is not False and not plain,
        include_social_proof=may.include_social_proof is not False and not plain,
    )
