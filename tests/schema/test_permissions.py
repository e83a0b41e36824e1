"""What is not permitted is FORBIDDEN at its own field; the rest is answered all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_enum_type, is_input_object_type

from domain.errors import Code, DomainError
from domain.permissions import ADMINISTRATIVE, Permission, Role
from domain.viewer import Viewer
from gateway.database import Database
from schema.graph import graphql_schema
from tests.conftest import CountStatements, MakeViewer
from tests.factories.crm import Crm, make_crm
from tests.graphs import Graph


@pytest.fixture
async def crm(database: Database, viewer: Viewer) -> Crm:
    return await make_crm(database, viewer.organization_id)


COMPLIANCE = ("ComplianceDocument", "ComplianceFinding", "ComplianceItem", "ComplianceAlert", "RegulatoryUpdate")
MARKETING = (
    "AbmCampaign",
    "ScheduledContent",
    "AutomationRule",
    "TriggeredAction",
    "AdCampaign",
    "AdPerformance",
    "CampaignAnalysis",
    "BudgetPlan",
    "BudgetAllocation",
    "Localization",
    "TranslationUnit",
    "GlossaryTerm",
    "MarketProfile",
)

RESEARCH = ("ResearchRun", "PainPoint", "Opportunity", "Competitor", "NewsItem", "NewsEntry", "Playbook")


def without(viewer: Viewer, *permissions: Permission) -> Viewer:
    return replace(viewer, permissions=viewer.permissions - set(permissions))


async def test_a_nested_field_is_refused_and_its_siblings_are_answered(graph: Graph, viewer: Viewer, crm: Crm) -> None:
    query = """{
      leads { nodes { email assignedTo { name } contact { email } notes { nodes { content createdBy { id } } } } }
      viewer { name user { name } } }"""
    lacking = without(viewer, Permission.READ_USERS, Permission.READ_ACCOUNTS)
    answer = await graph(query, viewer=lacking)
    lead = answer.data["leads"]["nodes"][0]
    assert lead["email"]
    assert (lead["assignedTo"], lead["contact"]) == (None, None)
    assert lead["notes"]["nodes"] == [{"content": "Called, will call again.", "createdBy": None}]
    assert answer.data["viewer"] == {"name": "Test key", "user": None}
    assert {(error.code, error.path) for error in answer.errors} == {
        (Code.FORBIDDEN, "leads.nodes.0.assignedTo"),
        (Code.FORBIDDEN, "leads.nodes.0.contact"),
        (Code.FORBIDDEN, "leads.nodes.0.notes.nodes.0.createdBy"),
        (Code.FORBIDDEN, "viewer.user"),
    }


async def test_a_refused_list_is_refused_although_there_is_nothing_in_it(graph: Graph, viewer: Viewer) -> None:
    for field, permission in {
        "leads { totalCount }": Permission.READ_LEADS,
        "tasks { totalCount }": Permission.READ_LEADS,
        "activities { totalCount }": Permission.READ_LEADS,
        "emailTemplates { totalCount }": Permission.READ_LEADS,
        "events { totalCount }": Permission.READ_LEADS,
        "accounts { totalCount }": Permission.READ_ACCOUNTS,
        "contacts { totalCount }": Permission.READ_ACCOUNTS,
        "researchRuns { totalCount }": Permission.READ_ACCOUNTS,
        "newsEntries { totalCount }": Permission.READ_ACCOUNTS,
        "ownPlaybooks { totalCount }": Permission.READ_ACCOUNTS,
        "playbooks { key }": Permission.READ_ACCOUNTS,
        "personas { totalCount }": Permission.READ_ACCOUNTS,
        "engagements { totalCount }": Permission.READ_MARKETING,
        "users { totalCount }": Permission.READ_USERS,
        "teams { totalCount }": Permission.READ_USERS,
        "clients { totalCount }": Permission.READ_CLIENTS,
        "auditEntries { totalCount }": Permission.READ_AUDIT,
        "webhooks { totalCount }": Permission.READ_WEBHOOKS,
        "webhookDeliveries { totalCount }": Permission.READ_WEBHOOKS,
        "batches { totalCount }": Permission.READ_JOBS,
        "conversionReport { totalLeads }": Permission.READ_REPORTS,
        "complianceDocuments { totalCount }": Permission.READ_COMPLIANCE,
        "complianceItems { totalCount }": Permission.READ_COMPLIANCE,
        "complianceAlerts { totalCount }": Permission.READ_COMPLIANCE,
        "complianceSummary { total }": Permission.READ_COMPLIANCE,
        "regulatoryUpdates { totalCount }": Permission.READ_COMPLIANCE,
        "regulatoryUpdateSummary { total }": Permission.READ_COMPLIANCE,
        "liveConnections { totalCount }": Permission.READ_AUDIT,
        "queues { due }": Permission.READ_AUDIT,
        "webhookHealth { active }": Permission.READ_AUDIT,
        "writerUses { totalCount }": Permission.READ_AUDIT,
        "writerBudget { spent }": Permission.READ_AUDIT,
        "feedbackItems { totalCount }": Permission.READ_FEEDBACK,
        "feedbackReport { totalFeedback }": Permission.READ_FEEDBACK,
        "endUsers { totalCount }": Permission.READ_FEEDBACK,
        "churnPredictions { totalCount }": Permission.READ_FEEDBACK,
        "churnModels { totalCount }": Permission.READ_FEEDBACK,
        "conversionModels { totalCount }": Permission.READ_LEADS,
        "conversionOutcomes(subject: LEAD) { outcomes }": Permission.READ_LEADS,
        "adCampaigns { totalCount }": Permission.READ_MARKETING,
        "abmCampaigns { totalCount }": Permission.READ_MARKETING,
        "scheduledContents { totalCount }": Permission.READ_MARKETING,
        "triggeredActions { totalCount }": Permission.READ_MARKETING,
        "adPerformance { totalCount }": Permission.READ_MARKETING,
        "adPerformanceReport { groupBy }": Permission.READ_MARKETING,
        "campaignAnalyses { totalCount }": Permission.READ_MARKETING,
        "budgetPlans { totalCount }": Permission.READ_MARKETING,
        "localizations { totalCount }": Permission.READ_MARKETING,
        "contents { totalCount }": Permission.READ_MARKETING,
        "copyTemplates { totalCount }": Permission.READ_MARKETING,
        "carriedCopyTemplates { name }": Permission.READ_MARKETING,
        "translations { totalCount }": Permission.READ_MARKETING,
        "glossaryTerms { totalCount }": Permission.READ_MARKETING,
        "marketProfiles { totalCount }": Permission.READ_MARKETING,
        "adCampaignTotals { campaigns }": Permission.READ_MARKETING,
    }.items():
        answer = await graph(f"{{ {field} }}", viewer=without(viewer, permission))
        assert [(error.code, error.path) for error in answer.errors] == [
            (Code.FORBIDDEN, field.partition(" ")[0].partition("(")[0])
        ]
        assert permission.value in answer.errors[0].message
        only = replace(viewer, permissions=frozenset({permission}))
        assert (await graph(f"{{ {field} }}", viewer=only)).errors == []


async def test_a_thing_by_its_id_needs_its_own_permission(graph: Graph, viewer: Viewer, crm: Crm) -> None:
    needed = {
        "Lead": Permission.READ_LEADS,
        "Note": Permission.READ_LEADS,
        "Task": Permission.READ_LEADS,
        "Email": Permission.READ_LEADS,
        "EmailClick": Permission.READ_LEADS,
        "EmailTemplate": Permission.READ_LEADS,
        "Activity": Permission.READ_LEADS,
        "Account": Permission.READ_ACCOUNTS,
        "Contact": Permission.READ_ACCOUNTS,
        "Persona": Permission.READ_ACCOUNTS,
        **dict.fromkeys(RESEARCH, Permission.READ_ACCOUNTS),
        "EngagementEvent": Permission.READ_MARKETING,
        "Content": Permission.READ_MARKETING,
        "ContentVariant": Permission.READ_MARKETING,
        "CopyTemplate": Permission.READ_MARKETING,
        "User": Permission.READ_USERS,
        "Team": Permission.READ_USERS,
        "Organization": Permission.READ_USERS,
        "ApiClient": Permission.READ_CLIENTS,
        "ApiKey": Permission.READ_CLIENTS,
        "Grant": Permission.READ_CLIENTS,
        "AuditEntry": Permission.READ_AUDIT,
        "WriterUse": Permission.READ_AUDIT,
        "Feedback": Permission.READ_FEEDBACK,
        "EndUser": Permission.READ_FEEDBACK,
        "ChurnPrediction": Permission.READ_FEEDBACK,
        "ChurnModel": Permission.READ_FEEDBACK,
        "ConversionModel": Permission.READ_LEADS,
        "WebhookEndpoint": Permission.READ_WEBHOOKS,
        "WebhookSecret": Permission.READ_WEBHOOKS,
        "WebhookDelivery": Permission.READ_WEBHOOKS,
        "WebhookAttempt": Permission.READ_WEBHOOKS,
        "Batch": Permission.READ_JOBS,
        "BatchEntry": Permission.READ_JOBS,
        **dict.fromkeys(COMPLIANCE, Permission.READ_COMPLIANCE),
        **dict.fromkeys(MARKETING, Permission.READ_MARKETING),
    }
    assert set(needed) == set(crm.ids)
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for name, permission in needed.items():
        answer = await graph(query, {"id": crm.ids[name]}, viewer=without(viewer, permission))
        assert (answer.data, answer.codes) == ({"node": None}, [Code.FORBIDDEN]), name
        only = replace(viewer, permissions=frozenset({permission}))
        assert (await graph(query, {"id": crm.ids[name]}, viewer=only)).data == {"node": {"id": crm.ids[name]}}


def calls() -> dict[str, str]:
    """A call of every mutation, with the least its input needs."""
    root = graphql_schema.type_map["Mutation"]
    assert isinstance(root, GraphQLObjectType)
    made = {}
    for name, field in root.fields.items():
        arguments = ", ".join(f"{each}: {literal(argument.type)}" for each, argument in field.args.items())
        made[name] = f"{name}({arguments}) {{ errors {{ code }} }}"
    return made


PLAIN = {"Upload": "$file", "JSON": "{}", "Boolean": "true", **dict.fromkeys(("Int", "Float", "Fraction"), "1")}
PLAIN |= dict.fromkeys(("Date", "DateTime"), '"2024-01-15"')
"""How a value of a scalar is written, where text is none."""


def literal(type_: object) -> str:
    named = get_named_type(type_)  # type: ignore[call-overload]
    if is_input_object_type(named):
        needed = {n: f.type for n, f in named.fields.items() if isinstance(f.type, GraphQLNonNull)}
        value = "{" + ", ".join(f"{name}: {literal(each)}" for name, each in needed.items()) + "}"
    elif is_enum_type(named):
        value = next(iter(named.values))
    else:
        value = PLAIN.get(named.name, '"x"')
    return f"[{value}]" if str(type_).startswith("[") else value


async def test_every_mutation_is_refused_before_anything_is_looked_up(
    graph: Graph, viewer_of: MakeViewer, count_statements: CountStatements
) -> None:
    analyst = await viewer_of(role=Role.ANALYST)
    told = {}
    for name, call in calls().items():
        # What cannot be read is refused for want of leave too, not for what it says.
        files = {"file": Upload(b"no columns at all")} if "$file" in call else {}
        query = f"mutation {'($file: Upload!)' if files else ''} {{ {call} }}"
        with count_statements() as ran:
            answer = await graph(query, files, viewer=analyst)
        anonymous = await graph(query, files, anonymous=True)
        told[name] = answer.data, answer.codes, list(ran), anonymous.codes
    assert told == dict.fromkeys(told, (None, [Code.FORBIDDEN], [], [Code.UNAUTHENTICATED]))
    assert len(told) > 0


class Upload:
    """A file as the doors hand it over."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def read(self, size: int = -1) -> bytes:
        return self.content


async def test_a_mutation_payload_is_read_with_the_viewers_permissions(graph: Graph, viewer: Viewer) -> None:
    query = (
        'mutation { createLead(input: {source: "website", email: "a@b.example.com"}) { lead { id contact { id } } } }'
    )
    answer = await graph(query, viewer=without(viewer, Permission.READ_ACCOUNTS))
    assert answer.data["createLead"]["lead"]["id"]
    assert [(e.code, e.path) for e in answer.errors] == [(Code.FORBIDDEN, "createLead.lead.contact")]
    only = replace(viewer, permissions=frozenset({Permission.WRITE_LEADS}))
    answer = await graph(query, viewer=only)
    assert answer.data == {"createLead": {"lead": None}}
    assert [(e.code, e.path) for e in answer.errors] == [(Code.FORBIDDEN, "createLead.lead")]


@pytest.mark.parametrize("query", ["{ viewer { name } }", "{ leads { totalCount } }", '{ node(id: "lead_1") { id } }'])
async def test_nobody_is_told_so(graph: Graph, query: str) -> None:
    assert (await graph(query, anonymous=True)).codes == [Code.UNAUTHENTICATED]


async def test_nobody_may_ask_what_there_is(graph: Graph) -> None:
    assert (await graph("{ __typename __schema { queryType { name } } }", anonymous=True)).errors == []


@pytest.mark.parametrize("field", ["events", 'leadEvents(leadId: "lead_1")'])
async def test_subscriptions_need_a_viewer_and_the_permission(graph: Graph, viewer: Viewer, field: str) -> None:
    asking = replace(viewer, permissions=frozenset())
    with pytest.raises(DomainError) as refused:
        async with graph.subscription(f"subscription {{ {field} {{ type }} }}", asking):
            pytest.fail("it opened")
    assert refused.value.code is Code.FORBIDDEN


@pytest.mark.parametrize("field", ["events(types: [LEAD_CREATED])", 'leadEvents(leadId: "lead_1")'])
async def test_who_may_hear_nothing_of_what_is_asked_for_is_refused(graph: Graph, viewer: Viewer, field: str) -> None:
    asking = replace(viewer, permissions=frozenset({Permission.READ_COMPLIANCE}))
    with pytest.raises(DomainError) as refused:
        async with graph.subscription(f"subscription {{ {field} {{ type }} }}", asking):
            pytest.fail("it opened")
    assert (refused.value.code, refused.value.data["permission"]) == (Code.FORBIDDEN, "read:leads")


async def test_the_log_lists_what_a_viewer_is_told_of(graph: Graph, viewer: Viewer) -> None:
    """Events of staff hold names and e-mail addresses: who may not read those reads neither the list nor its total."""
    await graph.data('mutation { createTeam(input: {name: "North"}) { team { id } } }')
    await graph.data('mutation { createLead(input: {source: "website", email: "a@b.example.com"}) { lead { id } } }')
    query = "query ($t: [EventType!]) { events(types: $t) { totalCount nodes { type } } }"
    narrow = replace(viewer, permissions=viewer.permissions - {Permission.READ_USERS})

    async def listed(asking: Viewer, *types: str) -> list[str]:
        found = (await graph.data(query, asking, t=types))["events"]
        assert found["totalCount"] == len(found["nodes"])
        return [node["type"] for node in found["nodes"]]

    assert await listed(viewer) == ["TEAM_CREATED", "LEAD_CREATED"]
    assert await listed(narrow) == ["LEAD_CREATED"]
    assert await listed(viewer, "TEAM_CREATED") == ["TEAM_CREATED"]
    assert await listed(narrow, "TEAM_CREATED") == []


async def test_a_scope_narrows_what_a_role_may(graph: Graph, viewer_of: MakeViewer) -> None:
    reader = await viewer_of(role=Role.ADMIN, scopes=("read",))
    shown = (await graph.data("{ viewer { permissions scopes user { role permissions } } }", reader))["viewer"]
    reading = [each.name for each in Permission if each.value.startswith("read:") and each not in ADMINISTRATIVE]
    assert shown["permissions"] == reading
    assert shown["scopes"] == ["read"]
    assert (shown["user"]["role"], len(shown["user"]["permissions"])) == ("ADMIN", len(Permission))
    create = 'mutation { createLead(input: {source: "website", email: "a@b.example.com"}) { lead { id } } }'
    assert (await graph(create, viewer=reader)).codes == [Code.FORBIDDEN]
