"""The whole schema: one root per kind of operation, put together from the features."""

import strawberry
from graphql import GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig

from schema.abm_campaign_writes import AbmCampaignMutations
from schema.abm_campaigns import AbmCampaignQueries
from schema.account_writes import AccountMutations
from schema.accounts import AccountQueries
from schema.activities import ActivityMutations, ActivityQueries
from schema.ad_campaign_writes import AdCampaignMutations
from schema.ad_campaigns import AdCampaignQueries
from schema.ad_performance import AdPerformanceMutations, AdPerformanceQueries
from schema.audit import AuditQueries
from schema.automation import AutomationMutations, AutomationQueries
from schema.budget_plans import BudgetPlanMutations, BudgetPlanQueries
from schema.campaign_analyses import CampaignAnalysisMutations, CampaignAnalysisQueries
from schema.campaigns import CampaignQueries
from schema.churn import ChurnQueries
from schema.churn_writes import ChurnMutations
from schema.client_writes import ClientMutations
from schema.clients import ClientQueries
from schema.compliance import ComplianceQueries
from schema.compliance_overview import ComplianceOverviewQueries
from schema.compliance_writes import ComplianceMutations
from schema.contacts import ContactQueries
from schema.content import ContentQueries
from schema.content_writes import ContentMutations
from schema.conversions import ConversionQueries
from schema.copy_templates import CopyTemplateMutations, CopyTemplateQueries
from schema.emails import EmailMutations, EmailQueries
from schema.end_user_writes import EndUserMutations
from schema.end_users import EndUserQueries
from schema.engagement_writes import EngagementMutations
from schema.engagements import EngagementQueries
from schema.engine.binding import bind
from schema.engine.forms import any_node
from schema.engine.plan import Plans
from schema.engine.scalars import SCALAR_MAP
from schema.events import EventQueries, Subscription
from schema.feedback import FeedbackQueries
from schema.feedback_reports import FeedbackReportQueries
from schema.feedback_writes import FeedbackMutations
from schema.job_writes import BatchMutations
from schema.jobs import BatchQueries
from schema.lead_writes import LeadMutations
from schema.leads import LeadQueries
from schema.localizations import LocalizationMutations, LocalizationQueries
from schema.market_profiles import MarketProfileMutations, MarketProfileQueries
from schema.news import NewsMutations, NewsQueries
from schema.nodes import Node
from schema.notes import NoteMutations
from schema.operations import OperationQueries
from schema.organizations import OrganizationMutations
from schema.personas import PersonaMutations, PersonaQueries
from schema.playbooks import PlaybookMutations, PlaybookQueries
from schema.regulatory_updates import RegulatoryMutations, RegulatoryQueries
from schema.reports import ReportQueries
from schema.research import ResearchQueries
from schema.research_writes import ResearchMutations
from schema.scheduled_content import ScheduledContentQueries
from schema.scheduled_content_writes import ScheduledContentMutations
from schema.staff_writes import StaffMutations
from schema.tasks import TaskMutations, TaskQueries
from schema.translations import TranslationMutations, TranslationQueries
from schema.users import UserQueries
from schema.webhook_writes import WebhookMutations
from schema.webhooks import WebhookQueries
from schema.writing import WriterMutations, WriterQueries


@strawberry.type(description="Everything that can be read.")
class Query(
    LeadQueries,
    AccountQueries,
    ContactQueries,
    PersonaQueries,
    TaskQueries,
    ActivityQueries,
    EmailQueries,
    ReportQueries,
    EventQueries,
    UserQueries,
    ClientQueries,
    AuditQueries,
    OperationQueries,
    WebhookQueries,
    ComplianceQueries,
    ComplianceOverviewQueries,
    RegulatoryQueries,
    WriterQueries,
    AdCampaignQueries,
    AdPerformanceQueries,
    CampaignAnalysisQueries,
    BudgetPlanQueries,
    LocalizationQueries,
    TranslationQueries,
    MarketProfileQueries,
    FeedbackQueries,
    FeedbackReportQueries,
    EndUserQueries,
    ChurnQueries,
    BatchQueries,
    ResearchQueries,
    PlaybookQueries,
    NewsQueries,
    EngagementQueries,
    AbmCampaignQueries,
    CampaignQueries,
    ConversionQueries,
    ScheduledContentQueries,
    AutomationQueries,
    ContentQueries,
    CopyTemplateQueries,
):
    """Everything that can be read."""

    node: Node | None = any_node(description="Anything that has an id, found by it.")


@strawberry.type(description="Everything that can be done.")
class Mutation(
    LeadMutations,
    NoteMutations,
    TaskMutations,
    EmailMutations,
    ActivityMutations,
    OrganizationMutations,
    StaffMutations,
    ClientMutations,
    WebhookMutations,
    ComplianceMutations,
    RegulatoryMutations,
    AdCampaignMutations,
    AdPerformanceMutations,
    CampaignAnalysisMutations,
    BudgetPlanMutations,
    LocalizationMutations,
    TranslationMutations,
    MarketProfileMutations,
    WriterMutations,
    FeedbackMutations,
    EndUserMutations,
    ChurnMutations,
    BatchMutations,
    ResearchMutations,
    PlaybookMutations,
    NewsMutations,
    EngagementMutations,
    AbmCampaignMutations,
    AutomationMutations,
    ScheduledContentMutations,
    AccountMutations,
    PersonaMutations,
    ContentMutations,
    CopyTemplateMutations,
):
    """Everything that can be done."""


def _build() -> tuple[GraphQLSchema, Plans]:
    config = StrawberryConfig(scalar_map=SCALAR_MAP)
    source = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, config=config)
    compiled: GraphQLSchema = source._schema  # Strawberry offers it under no public name.
    plans = Plans(source, compiled)
    bind(plans)
    return compiled, plans


graphql_schema, plans = _build()
"""The compiled schema, every resolver bound, and the plans it is read by."""


def sdl() -> str:
    """The schema in the schema definition language."""
    return print_schema(graphql_schema) + "\n"
