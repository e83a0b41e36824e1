"""One SQL statement per level and relation, however many rows, and of the asked columns alone."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from domain.leads import Lead
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.feedback_reports import FeedbackDimension
from tests.conftest import CountStatements
from tests.factories.crm import make_crm
from tests.factories.leads import make_account
from tests.factories.organizations import make_organization, make_viewer
from tests.graphs import Graph

LEADS = """{ leads(first: 100) { nodes { id email notesCount lastActivityAt
  assignedTo { name team { name } assignedLeads(first: 3) { nodes { id notes(first: 2) { nodes { content } } } } }
  contact { email account { name } leads(first: 2) { nodes { id assignedTo { name } } } }
  account { name contacts(first: 2) { nodes { email account { name } } } leads(first: 2) { nodes { id } } }
  notes(first: 2) { nodes { content createdBy { name } lead { id } } }
  tasks(first: 2) { nodes { title assignee { name } createdBy { name } lead { id } } }
  emails(first: 2) { nodes { subject template { name } createdBy { name } lead { id } } }
  activities(first: 2) { nodes { type createdBy { name } lead { id } } } } } }"""

QUERIES = {
    "leads with every relation": (LEADS, 27),
    "accounts, leads, notes": (
        "{ accounts(first: 100) { nodes { leads(first: 5) { nodes { id notes(first: 5) { nodes { content } } } } } } }",
        3,
    ),
    "users": ("{ users(first: 100) { nodes { name team { name } tasks { nodes { title lead { id } } } } } }", 4),
    "events": (
        "{ events(first: 100) { nodes { type actor { name } lead { id notes { nodes { id } } } subject { id } } } }",
        5,
    ),
    "teams": ("{ teams(first: 100) { nodes { name members { nodes { status } } } } }", 2),
    "clients": (
        """{ clients(first: 100) { nodes { name user { name } keys { nodes { hint client { name } } }
          secrets { nodes { id } } grants { nodes { user { name } client { name } } } } } }""",
        8,
    ),
    "the audit log": (
        "{ auditEntries(first: 100) { nodes { client { name } user { name } key { hint } subject { id } } } }",
        4,
    ),
    "webhooks": (
        """{ webhooks(first: 100) { nodes { pending health { failures } client { name } user { name }
          secrets { nodes { hint } } deliveries { nodes { body event { sequence } endpoint { url }
          attemptLog { nodes { number } } } } } } }""",
        8,
    ),
    "documents and what they demand": (
        """{ complianceDocuments(first: 100) { nodes { findings(first: 2) { nodes { quote document { title } } }
          items(first: 2) { nodes { status assignedTo { name } document { title } alerts { nodes { type
          acknowledgedBy { name } item { title } } } } } } } }""",
        9,
    ),
    "whom law concerns": (
        """{ complianceItems(first: 100) { nodes { leads(first: 2) { nodes { email
          complianceItems(first: 2) { nodes { title assignedTo { name } } } } }
          campaigns(first: 2) { totalCount nodes { name complianceItems(first: 2) { nodes { title } } } } } } }""",
        7,
    ),
    "news and companies": (
        """{ regulatoryUpdates(first: 100) { nodes { affectedAccounts(first: 2) { nodes { name
          regulatoryUpdates(first: 2) { nodes { title } } } } } }
          accounts(first: 100) { nodes { regulatoryUpdates(first: 2) { totalCount nodes { title } } } } }""",
        6,
    ),
    "campaigns": (
        """{ adCampaigns(first: 100) { nodes { name leadCount wonLeads leads { nodes { email campaign { id } } }
          performance(first: 2) { nodes { day campaign { name } } } allocations { nodes { reasoning } }
          analyses(first: 2) { nodes { roi regions { region } } } localizations { nodes { method } } } } }""",
        7,
    ),
    "campaigns for one company": (
        """{ abmCampaigns(first: 100) { nodes { name trackingPixelUrl webhookUrl account { name }
          expected { roi { value } } strategy { channels }
          personas(first: 2) { nodes { name campaigns(first: 1) { nodes { id } } } }
          schedule(first: 2) { nodes { localId variants { key } campaign { id } content { id } emails { nodes { id } }
          tasks { nodes { id } } } } automationRules(first: 2) { nodes { delay triggeredActions(first: 2) { nodes {
          status contact { email } engagement { type content { localId } triggeredActions { nodes { id } } }
          content { localId } email { subject } task { title } } } } }
          engagements(first: 2) { nodes { campaign { id } } } emails(first: 2) { nodes { subject } }
          tasks(first: 2) { nodes { title } } leads(first: 2) { nodes { email } } } } }""",
        22,
    ),
    "generated texts": (
        """{ contents(first: 100) { nodes { facts { value } account { name contents(first: 2) { nodes { id } } }
          persona { name } variants(first: 2) { nodes { conversion { low } content { id } localizations(first: 2) {
          nodes { market: targetMarket } } } } localizations(first: 2) { nodes { variant { channel } } } } }
          copyTemplates(first: 100) { nodes { text } } carriedCopyTemplates { name } }""",
        11,
    ),
    "researches": (
        """{ accounts(first: 100) { nodes { lastResearch { conversion { low } } researchRuns(first: 2) { nodes { status
          painPoints { nodes { category research { depth } account { name } } }
          opportunities { nodes { estimate { low } } } competitors { nodes { name } }
          news { nodes { title entry { source } } } } }
          painPoints(first: 2) { nodes { category } } opportunities(first: 2) { totalCount nodes { type } }
          competitors { nodes { name } } news { nodes { title } } } } }""",
        15,
    ),
    "plans": ("{ budgetPlans(first: 100) { nodes { allocations { nodes { name campaign { name } } } } } }", 3),
    "totals of relations": (
        "{ leads(first: 100) { nodes { notes { totalCount } tasks { totalCount nodes { id } } } } }",
        4,
    ),
    "one lead": ("{ leads(first: 1) { nodes { id notes { nodes { id createdBy { name } } } } } }", 3),
    "feedback with every relation": (
        """{ feedbackItems(first: 100) { nodes { content correctedBy { name } contact { email churn { probability } }
          lead { email feedback(first: 2) { nodes { id } } endUsers(first: 2) { nodes { externalId } } }
          endUser { totalFeedback churn { probability model { auc } } feedback(first: 2) { nodes { id } }
          churnPredictions(first: 2) { nodes { low } } contact { email } lead { email } } } } }""",
        14,
    ),
    "a page's rows under both names": (
        "{ leads(first: 100) { nodes { assignedTo { name } } edges { cursor node { email assignedTo { email } } } } }",
        3,
    ),
}


async def test_statements_do_not_grow_with_rows(
    database: Database, graph: Graph, viewer: Viewer, count_statements: CountStatements
) -> None:
    for more in (1, 9, 50):
        await make_crm(database, viewer.organization_id, more)
        counts = {}
        for name, (query, _) in QUERIES.items():
            with count_statements() as ran:
                await graph.data(query)
            counts[name] = len(ran)
        assert counts == {name: expected for name, (_, expected) in QUERIES.items()}, more


@pytest.fixture
async def crm(database: Database, viewer: Viewer) -> dict[str, str]:
    return (await make_crm(database, viewer.organization_id, 2)).ids


def selected(statement: str) -> set[str]:
    """The columns a statement answers."""
    columns = statement.split("FROM", maxsplit=1)[0].replace("SELECT ", "")
    return {part.rpartition(" AS ")[2].strip() for part in columns.split(",")}


async def test_only_asked_columns_and_keys_are_selected(
    graph: Graph, crm: dict[str, str], count_statements: CountStatements
) -> None:
    with count_statements() as ran:
        await graph.data("query ($id: ID!) { lead(id: $id) { firstName } }", id=crm["Lead"])
    assert [selected(one) for one in ran] == [{"id", "first_name"}]

    with count_statements() as ran:
        await graph.data("{ leads { nodes { __typename score } } }")
    assert [selected(one) for one in ran] == [{"id", "score"}]

    with count_statements() as ran:
        await graph.data("{ leads(sort: {field: SCORE}) { nodes { assignedTo { email } } } }")
    assert [selected(one) for one in ran] == [{"id", "assigned_to_id"}, {"id", "email"}]


async def test_heavy_columns_stay_where_they_are(
    graph: Graph, crm: dict[str, str], count_statements: CountStatements
) -> None:
    with count_statements() as ran:
        await graph.data("{ leads { nodes { notes { nodes { createdAt } } emails { nodes { subject } } } } }")
    everything = " ".join(ran)
    for heavy in ("content", "body", "custom_fields", "search_text", "score_reasons"):
        assert heavy not in everything


@pytest.mark.parametrize(
    "query",
    ["{ __typename }", "{ viewer { name permissions } }", "{ leads(first: 0) { pageInfo { hasNextPage } } }"],
)
async def test_what_is_known_already_is_not_looked_up(
    graph: Graph, count_statements: CountStatements, query: str
) -> None:
    with count_statements() as ran:
        await graph.data(query)
    assert len(ran) == ("leads" in query)


async def test_no_rows_need_no_relations(graph: Graph, count_statements: CountStatements) -> None:
    with count_statements() as ran:
        await graph.data("{ leads { nodes { assignedTo { name } notes { nodes { id } totalCount } contact { id } } } }")
    assert len(ran) == 1


async def test_one_operation_sees_one_state(graph: Graph, database: Database, crm: dict[str, str]) -> None:
    """What another writer commits between two statements of an operation is not seen by its second half."""
    query = "{ first: leads { totalCount } second: leads { nodes { id notes { nodes { id } } } } }"
    meanwhile = sa.delete(Lead).where(Lead.organization_id == crm["Organization"])
    async with database.snapshot() as reader:
        before = await reader.rows(sa.select(Lead.id).where(Lead.organization_id == crm["Organization"]))

        async def work(session: object) -> None:
            await session.execute(meanwhile)  # type: ignore[attr-defined]

        await database.store(work)
        after = await reader.rows(sa.select(Lead.id).where(Lead.organization_id == crm["Organization"]))
    assert len(before) == len(after) == 2
    assert (await graph.data(query))["second"]["nodes"] == []


async def test_lists_are_read_by_index(embedded: Database) -> None:
    """The plans of the usual lists name an index of their order, so nothing is sorted.

    On SQLite alone: PostgreSQL plans by statistics, which small tables have none of.
    """
    viewer = await make_viewer(embedded, await make_organization(embedded))
    graph = Graph(embedded, viewer)
    for where, index in {
        "": "ix_lead_recent",
        "(where: {status: NEW})": "ix_lead_status",
        "(where: {status: NEW}, sort: {field: SCORE})": "ix_lead_status_score",
        "(sort: {field: UPDATED_AT})": "ix_lead_changed",
        "(sort: {field: SCORE})": "ix_lead_score",
        '(where: {source: "website"})': "ix_lead_source",
        '(where: {assignedTo: "user_1"})': "ix_lead_assignee",
        '(where: {campaignId: "c"})': "ix_lead_campaign",
    }.items():
        plan = await plan_of(graph, embedded, f"{{ leads{where} {{ nodes {{ id email }} }} }}")
        assert index in plan, (where, plan)
        assert "TEMP B-TREE" not in plan, (where, plan)


async def test_feedback_is_found_sorted_and_counted_by_index(embedded: Database) -> None:
    """As above; and reports read what they count from two indexes, and no row."""
    graph = Graph(embedded, await make_viewer(embedded, await make_organization(embedded)))
    for arguments, index in {
        "": "ix_feedback_recent",
        "(where: {category: BUG_REPORT})": "ix_feedback_category",
        "(sort: {field: SENTIMENT})": "ix_feedback_sentiment",
        "(sort: {field: PRIORITY})": "ix_feedback_urgency",
        '(where: {theme: "login"})': "ix_feedback_theme_theme",
        '(where: {userId: "u"})': "ix_feedback_user",
        '(where: {batch: "job_1"})': "ix_feedback_batch",
    }.items():
        plan = await plan_of(graph, embedded, f"{{ feedbackItems{arguments} {{ nodes {{ id content }} }} }}")
        assert index in plan, (arguments, plan)
    for dimension in FeedbackDimension:
        report = f"{{ feedbackReport(groupBy: {dimension.name}) {{ totalFeedback groups {{ key count top }} }} }}"
        plan = await plan_of(graph, embedded, report)
        read = re.findall(r"(?:SEARCH|SCAN) feedback\w* [^']*", plan)
        assert {each.split()[1] for each in read} == {"feedback", "feedback_theme"}, plan
        assert all("USING COVERING INDEX" in each for each in read), (dimension, plan)


async def test_engagement_of_a_company_is_counted_from_an_index(embedded: Database) -> None:
    """From the rows of 100,000 events it takes five times as long."""
    viewer = await make_viewer(embedded, await make_organization(embedded))
    await make_account(embedded, viewer.organization_id)
    query = "{ accounts { nodes { conversion { points } } } }"
    plan = await plan_of(Graph(embedded, viewer), embedded, query, place=-1)
    assert re.findall(r"(?:SEARCH|SCAN) engagement_event ([^(]*)", plan) == [
        "USING COVERING INDEX ix_engagement_pieces "
    ]


async def test_performance_by_day_is_added_up_from_an_index(embedded: Database) -> None:
    """Days that came campaign by campaign are all over the table: from its rows, a million take eight times as long."""
    graph = Graph(embedded, await make_viewer(embedded, await make_organization(embedded)))
    for where in ("", '(where: {dayFrom: "2024-01-01"})'):
        plan = await plan_of(graph, embedded, f"{{ adPerformanceReport{where} {{ total {{ clicks roi }} }} }}")
        assert "USING COVERING INDEX ix_ad_performance_day" in plan, (where, plan)
        assert "TEMP B-TREE" not in plan, (where, plan)


async def plan_of(graph: Graph, database: Database, query: str, place: int = 0) -> str:
    explained: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        if re.match("SELECT|WITH", statement):
            explained.append((statement, parameters))

    engine = database.engines.reading.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        await graph.data(query)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    statement, parameters = explained[place]
    async with database.engines.reading.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        return " ".join(str(row) for row in plan)
