"""Having companies researched."""

import strawberry
from strawberry import UNSET

from resolvers import accounts, research, research_writes
from resolvers.reads import ToOne
from schema.accounts import Account
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.nodes import Payload
from schema.research import ResearchRun
from schema.usage import TokenQuota, token_quota


@mirrors(research_writes.SaidCompetitor)
class CompetitorInput:
    """Somebody who sells to the company, as the caller knows it."""

    name: str
    relationship: str | None = strawberry.field(default=UNSET, description="Such as Current vendor.")
    strengths: list[str] | None = UNSET
    weaknesses: list[str] | None = UNSET


@mirrors(research_writes.SaidCompany)
class CompanyInput:
    """The company as the caller describes it; what was known of it before stays."""

    name: str
    domain: str | None = UNSET
    industry: str | None = UNSET
    size: str | None = strawberry.field(default=UNSET, description="Such as 200-500 employees.")
    revenue: str | None = UNSET
    location: str | None = strawberry.field(default=UNSET, description="Such as San Francisco, CA.")
    founded: str | None = UNSET
    website: str | None = UNSET
    description: str | None = UNSET
    technologies: list[str] | None = UNSET
    competitors: list[CompetitorInput] | None = UNSET


@mirrors(research_writes.ResearchConfig)
class ResearchConfigInput:
    """What is looked for; what is not said is wanted."""

    depth: str | None = strawberry.field(
        default=UNSET,
        description="basic, standard or comprehensive; any other word counts as comprehensive, and so does none.",
    )
    include_competitors: bool | None = UNSET
    include_news: bool | None = UNSET
    include_social: bool | None = UNSET
    include_financials: bool | None = UNSET


@mirrors(research_writes.ResearchPersonalization)
class ResearchPersonalizationInput:
    """How much is made of it; what is not said is wanted."""

    level: str | None = strawberry.field(default=UNSET, description="Kept with the research; ultimate unless said.")
    include_ai_insights: bool | None = strawberry.field(
        default=UNSET, description="Whether a language model may phrase what was found, where one is set up."
    )
    include_predictions: bool | None = strawberry.field(default=UNSET, description="Kept with the research.")
    include_recommendations: bool | None = strawberry.field(default=UNSET, description="Kept with the research.")


@mirrors(research_writes.ResearchWanted)
class ResearchAccountInput:
    """A company to be researched."""

    company: CompanyInput
    research_config: ResearchConfigInput | None = UNSET
    personalization: ResearchPersonalizationInput | None = UNSET
    wait: bool = strawberry.field(default=True, description="Wait for the end; without, the answer comes at once.")


@strawberry.type
class ResearchAccountPayload(Payload):
    """The research, completed if that did not take too long, and its company."""

    run: ResearchRun | None = link(ToOne(research.visible, "run"))
    account: Account | None = link(ToOne(accounts.visible, "account"))
    quota: TokenQuota | None = token_quota()


@strawberry.type
class ResearchMutations:
    """What can be done about researches."""

    research_account: ResearchAccountPayload = change(
        research_writes.research, research_writes.prepared, line=research_writes.QUEUE, input=ResearchAccountInput
    )
