"""Companies."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import (
    abm_campaigns,
    account_insights,
    accounts,
    compliance_places,
    contacts,
    content,
    conversions,
    leads,
    personas,
    regulatory_updates,
    research,
    timeline,
)
from schema.account_insights import AccountInsight
from schema.compliance_filters import ComplianceItemFilter, ComplianceItemSort, RegulatoryUpdateFilter
from schema.content import ContentFilter
from schema.conversions import Conversion
from schema.engine.forms import collection, connection, link, one, reckoned
from schema.filters import AbmCampaignFilter, AbmCampaignSort, AccountFilter, ContactFilter, LeadFilter, LeadSort
from schema.nodes import Connection, Node
from schema.personas import PersonaFilter
from schema.research import ResearchFilter
from schema.timeline import TimelineEntry, TimelineFilter

if TYPE_CHECKING:
    from schema.abm_campaigns import AbmCampaign
    from schema.compliance import ComplianceItem
    from schema.contacts import Contact
    from schema.content import Content
    from schema.leads import Lead
    from schema.personas import Persona
    from schema.regulatory_updates import RegulatoryUpdate
    from schema.research import Competitor, NewsItem, Opportunity, PainPoint, ResearchRun


@strawberry.type(description="A company, found again by its domain.")
class Account(Node, read=accounts.visible):
    """A company, found again by its domain."""

    name: str
    domain: str | None
    industry: str | None
    size: str | None
    revenue: str | None
    location: str | None
    founded: str | None
    website: str | None
    description: str | None
    technologies: list[str]
    created_at: datetime
    updated_at: datetime
    personas: Connection[Annotated["Persona", strawberry.lazy("schema.personas")]] = collection(
        personas.of_account, "Who decides or influences there.", where=PersonaFilter
    )
    contacts: Connection[Annotated["Contact", strawberry.lazy("schema.contacts")]] = collection(
        contacts.of_account, "People with an e-mail address of this company.", where=ContactFilter
    )
    campaigns: Connection[Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")]] = collection(
        abm_campaigns.of_account,
        "Campaigns for it, newest first unless sorted otherwise.",
        where=AbmCampaignFilter,
        sort=AbmCampaignSort,
    )
    leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = collection(
        leads.of_account, "Leads of this company's people.", where=LeadFilter, sort=LeadSort
    )
    contents: Connection[Annotated["Content", strawberry.lazy("schema.content")]] = collection(
        content.of_account, "What was written for its people, newest first.", where=ContentFilter
    )
    regulatory_updates: Connection[Annotated["RegulatoryUpdate", strawberry.lazy("schema.regulatory_updates")]] = (
        collection(
            regulatory_updates.of_account, "News about rules that affect its industry.", where=RegulatoryUpdateFilter
        )
    )
    last_research: Annotated["ResearchRun", strawberry.lazy("schema.research")] | None = link(
        research.last_of_account, "The last research that was completed: what it is shown with."
    )
    research_runs: Connection[Annotated["ResearchRun", strawberry.lazy("schema.research")]] = collection(
        research.of_account, "Researches of it, newest first.", where=ResearchFilter
    )
    pain_points: Connection[Annotated["PainPoint", strawberry.lazy("schema.research")]] = collection(
        research.pain_points.of_account, "What troubles it, by the last research, the surest first."
    )
    opportunities: Connection[Annotated["Opportunity", strawberry.lazy("schema.research")]] = collection(
        research.opportunities.of_account, "What could be sold to it, by the last research, the surest first."
    )
    competitors: Connection[Annotated["Competitor", strawberry.lazy("schema.research")]] = collection(
        research.competitors.of_account, "Who else sells to it, by the last research."
    )
    news: Connection[Annotated["NewsItem", strawberry.lazy("schema.research")]] = collection(
        research.news.of_account, "News about it, by the last research, the newest first."
    )
    insight: AccountInsight | None = reckoned(
        account_insights.insight, "How engaged it is, what it responds to, and what to do next."
    )
    compliance_items: Connection[Annotated["ComplianceItem", strawberry.lazy("schema.compliance")]] = collection(
        compliance_places.of_account,
        "What has to be done by the law of where it is.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )
    conversion: Conversion | None = reckoned(conversions.of_accounts, "How likely it is to be won.")
    timeline: Connection[TimelineEntry] = collection(
        timeline.of_account,
        "What has happened around it in every product, newest first; kinds the viewer may not read are left out.",
        where=TimelineFilter,
    )


@strawberry.type
class AccountQueries:
    """Reads of companies."""

    account: Account | None = one(accounts.visible, "A company.")
    accounts: Connection[Account] = connection(accounts.search, "Companies, newest first.", where=AccountFilter)
