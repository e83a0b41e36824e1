"""What belongs to another organization does not exist, by any door of the graph."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType

from domain.connections import ConnectionKind
from domain.errors import DomainError, Kind
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.cursors import place
from schema.graph import graphql_schema
from tests.factories.crm import Crm, make_crm
from tests.factories.marketing import hire_locales, make_memory
from tests.graphs import Graph


@pytest.fixture
async def foreign(database: Database, stranger: Viewer) -> Crm:
    """One of everything in another organization."""
    return await make_crm(database, stranger.organization_id)


@pytest.fixture
async def own(database: Database, viewer: Viewer) -> Crm:
    """One of everything in the viewer's organization."""
    return await make_crm(database, viewer.organization_id)


def node_types() -> list[str]:
    node = graphql_schema.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    return sorted(type_.name for type_ in graphql_schema.get_possible_types(node))


def root_fields(name: str) -> dict[str, Any]:
    root = graphql_schema.type_map[name]
    assert isinstance(root, GraphQLObjectType)
    return root.fields


async def test_there_is_one_of_every_kind_of_node(own: Crm) -> None:
    assert sorted(own.ids) == node_types()


async def test_every_kind_of_node_is_found_by_its_own_and_by_nobody_else(graph: Graph, own: Crm, foreign: Crm) -> None:
    for name in node_types():
        query = f"query ($id: ID!) {{ node(id: $id) {{ __typename id ... on {name} {{ createdAt }} }} }}"
        found = (await graph.data(query, id=own.ids[name]))["node"]
        assert (found["__typename"], found["id"]) == (name, own.ids[name])
        assert found["createdAt"] is not None
        assert (await graph.data(query, id=foreign.ids[name])) == {"node": None}


async def test_every_root_field_by_id_finds_only_ones_own(graph: Graph, own: Crm, foreign: Crm) -> None:
    checked = []
    for name, field in root_fields("Query").items():
        if set(field.args) == {"id"} and name != "node":
            query = f"query ($id: ID!) {{ found: {name}(id: $id) {{ id }} }}"
            other = {
                "campaign": "AbmCampaign",
                "client": "ApiClient",
                "webhook": "WebhookEndpoint",
                "engagement": "EngagementEvent",
            }
            kind = other.get(name, name[0].upper() + name[1:])
            assert (await graph.data(query, id=own.ids[kind]))["found"] == {"id": own.ids[kind]}
            assert (await graph.data(query, id=foreign.ids[kind]))["found"] is None
            checked.append(name)
    assert {"lead", "user", "team", "client", "account", "contact", "task"} <= set(checked)


async def test_every_list_holds_only_ones_own(
    graph: Graph, own: Crm, foreign: Crm, viewer: Viewer, stranger: Viewer
) -> None:
    with ExitStack() as listening:
        for each in (viewer, stranger):
            listening.enter_context(graph.connections.holding(ConnectionKind.GRAPHQL_SSE, each, None))
        await every_list_is_ones_own(graph, foreign)


async def every_list_is_ones_own(graph: Graph, foreign: Crm) -> None:
    for name, field in root_fields("Query").items():
        if "first" not in field.args:
            continue
        key = "sequence data" if name == "events" else "id"
        page = (await graph.data(f"{{ page: {name} {{ totalCount nodes {{ {key} }} }} }}"))["page"]
        assert page["totalCount"] == len(page["nodes"]) > 0, name
        assert not any(each in str(page) for each in foreign.ids.values()), name


FILTERS = {
    "leads": ["account: Account", "contact: Contact", "assignedTo: User"],
    "contacts": ["account: Account"],
    "personas": ["account: Account", "contact: Contact"],
    "engagements": ["account: Account", "contact: Contact", "email: Email"],
    "tasks": ["lead: Lead", "assignee: User"],
    "activities": ["lead: Lead"],
    "auditEntries": ["clientId: ApiClient", "userId: User"],
    "webhooks": ["client: ApiClient"],
    "adPerformance": ["campaign: AdCampaign"],
    "campaignAnalyses": ["campaign: AdCampaign"],
    "localizations": ["campaign: AdCampaign", "variant: ContentVariant"],
    "contents": ["account: Account", "persona: Persona"],
    "webhookDeliveries": ["webhook: WebhookEndpoint"],
    "researchRuns": ["account: Account"],
}


async def test_foreign_ids_in_filters_match_nothing(graph: Graph, own: Crm, foreign: Crm) -> None:
    for name, each in ((name, each) for name, filters in FILTERS.items() for each in filters):
        argument, kind = each.split(": ")
        query = f"query ($id: ID) {{ {name}(where: {{{argument}: $id}}) {{ totalCount nodes {{ id }} }} }}"
        assert (await graph.data(query, id=foreign.ids[kind]))[name] == {"totalCount": 0, "nodes": []}, (name, each)
        assert (await graph.data(query, id=own.ids[kind]))[name]["totalCount"] == 1, (name, each)


async def test_foreign_leads_have_no_events(graph: Graph, own: Crm, foreign: Crm) -> None:
    query = "query ($id: ID) { events(leadId: $id) { totalCount nodes { lead { id } } } }"
    assert (await graph.data(query, id=foreign.ids["Lead"]))["events"] == {"totalCount": 0, "nodes": []}
    assert (await graph.data(query, id=own.ids["Lead"]))["events"]["totalCount"] == 1


async def test_reports_count_only_ones_own(graph: Graph, own: Crm, foreign: Crm) -> None:
    assert (await graph.data("{ conversionReport { totalLeads } }"))["conversionReport"] == {"totalLeads": 1}
    marketing = await graph.data("{ adCampaignTotals { campaigns } adPerformanceReport { total { clicks } } }")
    assert marketing == {"adCampaignTotals": {"campaigns": 1}, "adPerformanceReport": {"total": {"clicks": 50}}}


async def test_what_others_know_of_a_text_or_a_campaign_is_not_used(
    database: Database, graph: Graph, stranger: Viewer, foreign: Crm
) -> None:
    hire_locales(database)
    await make_memory(database, stranger.organization_id)
    text = 'mutation { localizeContent(input: {content: "Buy now", markets: ["DE"]}) { results { problem { code } } } }'
    (result,) = (await graph.data(text))["localizeContent"]["results"]
    assert result["problem"] == {"code": "UNAVAILABLE"}
    analyze = """mutation ($id: ID!) { analyzeCampaign(input: {campaignId: $id, platform: "google_ads"}) {
      analysis { clicks basis campaign { id externalId } } } }"""
    analysis = (await graph.data(analyze, id=foreign.ids["AdCampaign"]))["analyzeCampaign"]["analysis"]
    assert (analysis["clicks"], analysis["basis"]) == (0, "PRIOR")
    assert analysis["campaign"]["id"] != analysis["campaign"]["externalId"] == foreign.ids["AdCampaign"]


MISSING, UNKNOWN = "NOT_FOUND", "UNKNOWN_REFERENCE"
WRITES: dict[str, tuple[str, str, str, str]] = {
    "updateLead": ("Lead", 'updateLead(input: {id: $id, city: "X"})', MISSING, "id"),
    "deleteLead": ("Lead", "deleteLead(id: $id)", MISSING, "id"),
    "assignLead": ("Lead", "assignLead(input: {leadId: $id})", MISSING, "leadId"),
    "changeLeadStatus": ("Lead", "changeLeadStatus(input: {leadId: $id, status: WON})", MISSING, "leadId"),
    "createNote": ("Lead", 'createNote(input: {leadId: $id, content: "x"})', MISSING, "leadId"),
    "createTask": ("Lead", 'createTask(input: {leadId: $id, title: "x"})', MISSING, "leadId"),
    "updateTask": ("Task", 'updateTask(input: {id: $id, title: "x"})', MISSING, "id"),
    "sendEmail": ("Lead", 'sendEmail(input: {leadId: $id, subject: "x", body: "y"})', MISSING, "leadId"),
    "updateAccount": ("Account", 'updateAccount(input: {id: $id, industry: "x"})', MISSING, "id"),
    "createContact": (
        "Account",
        'createContact(input: {email: "a@b.example.com", accountId: $id})',
        UNKNOWN,
        "accountId",
    ),
    "updateContact": ("Contact", 'updateContact(input: {id: $id, name: "x"})', MISSING, "id"),
    "createPersona": ("Account", 'createPersona(input: {accountId: $id, name: "x"})', MISSING, "accountId"),
    "updatePersona": ("Persona", 'updatePersona(input: {id: $id, role: "x"})', MISSING, "id"),
    "deletePlaybook": ("Playbook", "deletePlaybook(id: $id)", MISSING, "id"),
    "deletePersona": ("Persona", "deletePersona(id: $id)", MISSING, "id"),
    "createAbmCampaign": (
        "Account",
        'createAbmCampaign(input: {campaignName: "x", accountId: $id, channels: EMAIL, timeline: {durationWeeks: 1}})',
        MISSING,
        "accountId",
    ),
    "updateAbmCampaign": ("AbmCampaign", 'updateAbmCampaign(input: {id: $id, objective: "x"})', MISSING, "id"),
    "pauseAbmCampaign": ("AbmCampaign", "pauseAbmCampaign(id: $id)", MISSING, "id"),
    "resumeAbmCampaign": ("AbmCampaign", "resumeAbmCampaign(id: $id)", MISSING, "id"),
    "completeAbmCampaign": ("AbmCampaign", "completeAbmCampaign(id: $id)", MISSING, "id"),
    "updateScheduledContent": (
        "ScheduledContent",
        'updateScheduledContent(input: {id: $id, text: "x"})',
        MISSING,
        "id",
    ),
    "cancelScheduledContent": ("ScheduledContent", "cancelScheduledContent(id: $id)", MISSING, "id"),
    "createAutomationRule": (
        "AbmCampaign",
        "createAutomationRule(input: {campaignId: $id, trigger: EMAIL_OPEN, action: CREATE_TASK})",
        MISSING,
        "campaignId",
    ),
    "updateAutomationRule": (
        "AutomationRule",
        "updateAutomationRule(input: {id: $id, enabled: false})",
        MISSING,
        "id",
    ),
    "deleteAutomationRule": ("AutomationRule", "deleteAutomationRule(id: $id)", MISSING, "id"),
    "recordEngagement": ("Contact", "recordEngagement(input: {type: OTHER, contactId: $id})", MISSING, "contactId"),
    "recordEngagements": (
        "Contact",
        "recordEngagements(input: {items: [{type: OTHER, contactId: $id}]})",
        MISSING,
        "items.0.contactId",
    ),
    "markEmailOpened": ("Email", "markEmailOpened(id: $id)", MISSING, "id"),
    "updateEmailTemplate": ("EmailTemplate", 'updateEmailTemplate(input: {id: $id, name: "x"})', MISSING, "id"),
    "recordActivity": (
        "Lead",
        'recordActivity(input: {leadId: $id, type: CALL_MADE, description: "x"})',
        MISSING,
        "leadId",
    ),
    "createLead": (
        "User",
        'createLead(input: {source: "website", email: "a@b.example.com", assignedTo: $id})',
        UNKNOWN,
        "assignedTo",
    ),
    "correctFeedback": ("Feedback", "correctFeedback(input: {id: $id, priority: LOW})", MISSING, "id"),
    "deleteFeedback": ("Feedback", "deleteFeedback(id: $id)", MISSING, "id"),
    "updateUser": ("User", 'updateUser(input: {id: $id, name: "x"})', MISSING, "id"),
    "disableUser": ("User", "disableUser(id: $id)", MISSING, "id"),
    "enableUser": ("User", "enableUser(id: $id)", MISSING, "id"),
    "resendInvitation": ("User", "resendInvitation(userId: $id)", MISSING, "userId"),
    "resetPassword": ("User", "resetPassword(userId: $id)", MISSING, "userId"),
    "updateTeam": ("Team", 'updateTeam(input: {id: $id, name: "x"})', MISSING, "id"),
    "deleteTeam": ("Team", "deleteTeam(input: {id: $id})", MISSING, "id"),
    "updateClient": ("ApiClient", 'updateClient(input: {id: $id, name: "x"})', MISSING, "id"),
    "revokeClient": ("ApiClient", "revokeClient(id: $id)", MISSING, "id"),
    "createKey": ("ApiClient", "createKey(input: {clientId: $id})", MISSING, "clientId"),
    "rotateSecret": ("ApiClient", "rotateSecret(input: {clientId: $id})", MISSING, "clientId"),
    "rotateKey": ("ApiKey", "rotateKey(input: {keyId: $id})", MISSING, "keyId"),
    "revokeKey": ("ApiKey", "revokeKey(id: $id)", MISSING, "id"),
    "revokeAccess": ("Grant", "revokeAccess(grantId: $id)", MISSING, "grantId"),
    "updateWebhook": ("WebhookEndpoint", 'updateWebhook(input: {id: $id, description: "x"})', MISSING, "id"),
    "pauseWebhook": ("WebhookEndpoint", "pauseWebhook(id: $id)", MISSING, "id"),
    "resumeWebhook": ("WebhookEndpoint", "resumeWebhook(input: {webhookId: $id})", MISSING, "webhookId"),
    "deleteWebhook": ("WebhookEndpoint", "deleteWebhook(id: $id)", MISSING, "id"),
    "rotateWebhookSecret": (
        "WebhookEndpoint",
        "rotateWebhookSecret(input: {webhookId: $id})",
        MISSING,
        "webhookId",
    ),
    "redeliverWebhook": ("WebhookDelivery", "redeliverWebhook(id: $id)", MISSING, "id"),
    "redeliverWebhooks": (
        "WebhookEndpoint",
        "redeliverWebhooks(input: {webhookId: $id, firstSequence: 1})",
        MISSING,
        "webhookId",
    ),
    "localizeContent": (
        "AdCampaign",
        'localizeContent(input: {content: "x", markets: ["GB"], campaignId: $id})',
        UNKNOWN,
        "campaignId",
    ),
    "generateContent": (
        "Account",
        'generateContent(input: {accountId: $id, contentType: "x", targetPersona: {name: "Ann"}})',
        MISSING,
        "accountId",
    ),
    "updateContentVariant": ("ContentVariant", 'updateContentVariant(input: {id: $id, text: "x"})', MISSING, "id"),
    "deleteCopyTemplate": ("CopyTemplate", "deleteCopyTemplate(id: $id)", MISSING, "id"),
    "updateTranslation": ("TranslationUnit", 'updateTranslation(input: {id: $id, voice: "x"})', MISSING, "id"),
    "deleteTranslation": ("TranslationUnit", "deleteTranslation(id: $id)", MISSING, "id"),
    "updateGlossaryTerm": ("GlossaryTerm", 'updateGlossaryTerm(input: {id: $id, target: "x"})', MISSING, "id"),
    "deleteGlossaryTerm": ("GlossaryTerm", "deleteGlossaryTerm(id: $id)", MISSING, "id"),
    "deleteMarketProfile": ("MarketProfile", "deleteMarketProfile(id: $id)", MISSING, "id"),
    "updateAdCampaign": ("AdCampaign", 'updateAdCampaign(input: {id: $id, name: "x"})', MISSING, "id"),
    "processComplianceDocument": (
        "ComplianceDocument",
        "processComplianceDocument(input: {id: $id})",
        MISSING,
        "id",
    ),
    "updateComplianceDocument": (
        "ComplianceDocument",
        'updateComplianceDocument(input: {id: $id, title: "x"})',
        MISSING,
        "id",
    ),
    "deleteComplianceDocument": ("ComplianceDocument", "deleteComplianceDocument(input: {id: $id})", MISSING, "id"),
    "updateComplianceItem": ("ComplianceItem", 'updateComplianceItem(input: {id: $id, title: "x"})', MISSING, "id"),
    "assignComplianceItem": ("ComplianceItem", "assignComplianceItem(input: {itemId: $id})", MISSING, "itemId"),
    "changeComplianceItemStatus": (
        "ComplianceItem",
        "changeComplianceItemStatus(input: {itemId: $id, status: COMPLETED})",
        MISSING,
        "itemId",
    ),
    "triggerComplianceItem": (
        "ComplianceItem",
        'triggerComplianceItem(input: {itemId: $id, triggeredAt: "2024-01-15"})',
        MISSING,
        "itemId",
    ),
    "deleteComplianceItem": ("ComplianceItem", "deleteComplianceItem(id: $id)", MISSING, "id"),
    "acknowledgeComplianceAlert": ("ComplianceAlert", "acknowledgeComplianceAlert(id: $id)", MISSING, "id"),
    "updateRegulatoryUpdate": (
        "RegulatoryUpdate",
        'updateRegulatoryUpdate(input: {id: $id, title: "x"})',
        MISSING,
        "id",
    ),
    "deleteRegulatoryUpdate": ("RegulatoryUpdate", "deleteRegulatoryUpdate(id: $id)", MISSING, "id"),
    "retryBatchEntries": ("Batch", "retryBatchEntries(input: {batchId: $id})", MISSING, "batchId"),
    "pingWebhook": ("WebhookEndpoint", "pingWebhook(input: {webhookId: $id})", MISSING, "webhookId"),
}
NO_ID = {
    # Users go by the customer's own names for them, each organization's apart.
    "collectFeedback",
    "upsertEndUser",
    "recordChurn",
    "recordRetention",
    "recordChurnOutcomes",
    "eraseEndUser",
    "predictChurn",
    "createLeads",
    "createAccount",
    "importNews",
    "researchAccount",
    "savePlaybook",
    "importLeads",
    "createEmailTemplate",
    "updateOrganization",
    "updateWriter",
    "inviteUser",
    "createTeam",
    "createClient",
    "createWebhook",
    "createDocumentBatch",
    "createFeedbackBatch",
    "uploadComplianceDocument",
    "createComplianceItem",
    "enterRegulatoryUpdate",
    "importRegulatoryUpdates",
    "createAdCampaign",
    "importAdPerformance",
    # These know campaigns by the caller's own ids, which are each organization's own.
    "analyzeCampaign",
    "optimizeBudget",
    "createTranslation",
    "importTranslations",
    "createGlossaryTerm",
    "putMarketProfile",
    "saveCopyTemplate",
}
"""Writes whose input need name nothing that exists: their leads are made as createLead makes them."""


def test_every_write_is_tried_on_foreign_ids() -> None:
    assert set(root_fields("Mutation")) == set(WRITES) | NO_ID


async def test_writes_do_not_find_what_is_foreign(graph: Graph, foreign: Crm) -> None:
    for name, (kind, call, code, field) in WRITES.items():
        query = f"mutation ($id: ID!) {{ done: {call} {{ errors {{ code field }} }} }}"
        for missing in (foreign.ids[kind], "nothing", "", "a\x00b"):
            if name in ("createLead", "createContact") and missing in ("", "a\x00b"):
                continue
            told = (await graph.data(query, id=missing))["done"]["errors"]
            assert told == [{"code": code, "field": field}], (name, missing)
    assert (await graph.data("{ events { totalCount } }"))["events"]["totalCount"] == 0


REFERENCES = {
    "createComplianceItem": (
        'createComplianceItem(input: {title: "x", jurisdiction: "EU", assignedTo: $id})',
        "User",
        UNKNOWN,
        "assignedTo",
    ),
    "assignComplianceItem": (
        "assignComplianceItem(input: {itemId: $item, userId: $id})",
        "User",
        UNKNOWN,
        "userId",
    ),
    "assignLead": ("assignLead(input: {leadId: $own, userId: $id})", "User", UNKNOWN, "userId"),
    "createTask": ('createTask(input: {leadId: $own, title: "x", assigneeId: $id})', "User", UNKNOWN, "assigneeId"),
    "updateTask": ("updateTask(input: {id: $task, assigneeId: $id})", "User", UNKNOWN, "assigneeId"),
    "updateLead": ("updateLead(input: {id: $own, assignedTo: $id})", "User", UNKNOWN, "assignedTo"),
    "sendEmail": ("sendEmail(input: {leadId: $own, templateId: $id})", "EmailTemplate", "INVALID", "templateId"),
    "inviteUser": (
        'inviteUser(input: {email: "ada@example.com", role: ANALYST, teamId: $id})',
        "Team",
        UNKNOWN,
        "teamId",
    ),
    "updateUser": ("updateUser(input: {id: $user, teamId: $id})", "Team", UNKNOWN, "teamId"),
    "deleteTeam": ("deleteTeam(input: {id: $team, moveTo: $id})", "Team", UNKNOWN, "moveTo"),
    "createClient": ('createClient(input: {name: "x", userId: $id})', "User", UNKNOWN, "userId"),
    "updateClient": ("updateClient(input: {id: $client, userId: $id})", "User", UNKNOWN, "userId"),
}


async def test_writes_do_not_refer_to_what_is_foreign(graph: Graph, own: Crm, foreign: Crm) -> None:
    kinds = {
        "own": "Lead",
        "task": "Task",
        "user": "User",
        "team": "Team",
        "client": "ApiClient",
        "item": "ComplianceItem",
    }
    for name, (call, kind, code, field) in REFERENCES.items():
        used = {variable: own.ids[each] for variable, each in kinds.items() if f"${variable}" in call}
        declared = " ".join(f"${variable}: ID!" for variable in ["id", *used])
        query = f"mutation ({declared}) {{ done: {call} {{ errors {{ code field }} }} }}"
        told = (await graph.data(query, id=foreign.ids[kind], **used))["done"]["errors"]
        assert told == [{"code": code, "field": field}], name


async def test_one_address_is_a_contact_of_its_own_in_each_organization(
    graph: Graph, viewer: Viewer, stranger: Viewer
) -> None:
    create = """mutation { createLead(input: {source: "website", email: "ann@example.com", firstName: "%s"}) {
      lead { contact { id name } } } }"""
    made = [
        (await graph.data(create % name, who))["createLead"]["lead"]["contact"]
        for name, who in (("Ann", viewer), ("Bea", stranger))
    ]
    assert [contact["name"] for contact in made] == ["Ann", "Bea"]
    assert made[0]["id"] != made[1]["id"]


async def test_a_subscription_tells_only_ones_own(graph: Graph, stranger: Viewer) -> None:
    create = 'mutation { createLead(input: {source: "website", email: "%s"}) { lead { id } } }'
    await graph.data(create % "theirs@example.com", stranger)
    await graph.data(create % "ours@example.com")
    query = "subscription ($after: Cursor) { events(after: $after) { sequence lead { email } } }"
    async with graph.subscription(query, after=place(0)) as told:
        assert await anext(told) == {"events": {"sequence": 1, "lead": {"email": "ours@example.com"}}}


async def test_a_foreign_lead_cannot_be_followed(graph: Graph, own: Crm, foreign: Crm) -> None:
    query = "subscription ($id: ID!, $after: Cursor) { leadEvents(leadId: $id, after: $after) { sequence } }"
    async with graph.subscription(query, id=own.ids["Lead"], after=place(0)) as told:
        assert await anext(told) == {"leadEvents": {"sequence": 1}}
    for missing in (foreign.ids["Lead"], "nothing", "a\x00b"):
        with pytest.raises(DomainError) as refused:
            async with graph.subscription(query, id=missing):
                pytest.fail("it opened")
        assert refused.value.kind in (Kind.NOT_FOUND, Kind.INVALID)
