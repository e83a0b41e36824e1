"""Researches: what they find in the graph, how they are told, and what becomes of those that fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from domain.accounts import Account
from domain.clients import ApiClient
from domain.event_log import Event
from domain.events import EventType
from domain.outside import Fetcher, SentFile, WriterAnswer, WriterTask
from domain.permissions import Permission, Role
from domain.research import ResearchRun
from domain.viewer import Viewer
from gateway.database import Database
from gateway.research.queue import ResearchQueue
from resolvers.unit import Keys
from rest_compat.copycar.telling import TELLING
from tests.clocks import SetClock
from tests.conftest import MakeViewer, opened
from tests.factories.credentials import make_client
from tests.factories.organizations import make_organization, make_viewer, store
from tests.factories.research import RESEARCH, hire_research, news_row, researches_over
from tests.graphs import Graph

PRINTED = {
    "name": "TechCorp Solutions",
    "domain": "techcorp.com",
    "industry": "Software Development",
    "size": "200-500 employees",
    "revenue": "$10M-$50M",
    "location": "San Francisco, CA",
    "technologies": ["AWS", "React", "Node.js"],
}
BLIND = frozenset({Permission.READ_ACCOUNTS, Permission.WRITE_ACCOUNTS})
COMPANIES, AT_ONCE = 10, 4
"""How many are called for here, and worked on at once; `python -m bench.research` asks for fifty."""
STATE = """query ($id: ID!) { researchRun(id: $id) { status stage failureCode failure decisionMakersFound tokensUsed
  painPoints { totalCount } account { painPoints { totalCount } lastResearch { id } } } }"""


@pytest.fixture
async def viewer(database: Database, viewer_of: MakeViewer) -> Viewer:
    """An administrator with a client, whose tokens are counted."""
    viewer = await viewer_of(role=Role.ADMIN)
    return replace(viewer, client_id=await make_client(database, viewer.organization_id))


@pytest.fixture
def queue(database: Database) -> ResearchQueue:
    return hire_research(database)


async def researched(graph: Graph, company: dict[str, Any], **given: Any) -> Any:
    payload = (await graph.data(RESEARCH, input={"company": company, **given}))["researchAccount"]
    assert payload["errors"] == []
    return payload


async def told(database: Database, organization: str) -> list[Event]:
    rows = select(Event).where(Event.organization_id == organization).order_by(Event.sequence)
    return [each for each in await database.rows(rows) if each.type.startswith("RESEARCH")]


async def known_company(graph: Graph) -> str:
    """A company whose people, leads, feedback, law and news are known; its id."""
    first = await researched(graph, {"name": "TechCorp", "domain": "techcorp.com"})
    account: str = first["account"]["id"]
    made = await graph.data(
        """mutation ($a: ID!) {
          createPersona(input: {accountId: $a, name: "Sarah Johnson", title: "CTO", email: "sarah@techcorp.com",
            influence: 0.95, painPoints: ["Infrastructure scaling"]}) { errors { code } }
          createContact(input: {email: "bo@techcorp.com", name: "Bo Lee", title: "Head of Finance"}) { errors { code } }
          createLead(input: {email: "bo@techcorp.com", source: "website", insuranceType: COMMERCIAL}) {
            errors { code field } }
        }""",
        a=account,
    )
    assert [each["errors"] for each in made.values()] == [[], [], []]
    return account


async def test_what_is_known_is_found_with_its_evidence(
    database: Database, graph: Graph, viewer: Viewer, queue: ResearchQueue, clock: SetClock
) -> None:
    account, organization = await known_company(graph), viewer.organization_id
    title = "TechCorp raises $50M Series B, a great success"
    entries = [
        news_row(
            organization, clock.now(), title, date(2024, 1, 10), summary="Wonderful growth.", url="https://n.example/1"
        ),
        news_row(organization, clock.now(), "Techcorporation fails", date(2024, 1, 11)),
        news_row(organization, clock.now(), "TechCorp of old", date(2022, 1, 11)),
        news_row(organization, clock.now(), "TechCorp of a wrong date", date(2099, 1, 11)),
    ]
    await store(database, *entries)
    rivals = [{"name": "CloudScale Inc", "relationship": "Current vendor", "strengths": ["Pricing"]}]
    payload = await researched(graph, {**PRINTED, "competitors": rivals})
    assert payload["account"] == {"id": account, "name": "TechCorp"}
    assert payload["quota"]["remaining"] == 100_000 - payload["quota"]["used"] < 100_000
    found = (
        await graph.data(
            """query ($id: ID!) { account(id: $id) { industry technologies researchRuns { totalCount }
              lastResearch { status stage confidence engagementScore conversion { value basis cases }
                decisionMakers { name title email linkedin influenceScore preferredChannels preferredTone }
                sources { kind source read facts reason } insightsGenerated tokensUsed }
              painPoints { nodes { category evidence { kind source text } } }
              opportunities { nodes { type description } }
              competitors { nodes { name relationship strengths evidence { kind } } }
              news { nodes { title date relevance impact url entry { source } } } } }""",
            id=account,
        )
    )["account"]
    assert (found["industry"], found["technologies"]) == ("Software Development", ["AWS", "React", "Node.js"])
    assert found["researchRuns"]["totalCount"] == 2
    assert found["painPoints"]["nodes"][0]["category"] == "Infrastructure scaling"
    assert all(each["evidence"] for each in found["painPoints"]["nodes"])
    assert found["opportunities"]["nodes"][0] == {
        "type": "Open Demand",
        "description": "1 lead of its people open, 0 qualified (commercial)",
    }
    assert found["competitors"]["nodes"] == [{**rivals[0], "evidence": [{"kind": "REQUEST"}]}]
    assert found["news"]["nodes"] == [
        {
            "title": title,
            "date": "2024-01-10",
            "relevance": "HIGH",
            "impact": "positive",
            "url": "https://n.example/1",
            "entry": {"source": "wire"},
        }
    ]
    run = found["lastResearch"]
    assert [(each["name"], each["influenceScore"], each["linkedin"]) for each in run["decisionMakers"]] == [
        ("Sarah Johnson", 0.95, None),
        ("Bo Lee", 0.8, None),
    ]
    assert (run["status"], run["stage"], run["conversion"]["basis"]) == ("COMPLETED", None, "PRIOR")
    assert {"kind": "GRAPH", "source": "leads", "read": True, "facts": 1, "reason": None} in run["sources"]
    assert [each["read"] for each in run["sources"] if each["kind"] in ("SOCIAL", "WEBSITE")] == [False, False]
    events = await told(database, organization)
    assert [each.type for each in events[2:]] == [EventType.RESEARCH_STARTED, EventType.RESEARCH_COMPLETED]
    body: Any = TELLING.write(events[-1])
    assert body["data"]["decision_makers_found"] == 2
    assert body["data"]["insights_generated"] == run["insightsGenerated"]
    assert body["data"]["research_score"] == round(100 * run["confidence"])
    assert body["next_actions"][0]["action_type"] == "create_personalized_campaign"


async def test_the_asker_is_told_nothing_that_it_may_not_read(
    graph: Graph, viewer: Viewer, queue: ResearchQueue
) -> None:
    await known_company(graph)
    blind = replace(viewer, permissions=BLIND)
    run = (await graph.data(RESEARCH, viewer=blind, input={"company": PRINTED}))["researchAccount"]["run"]
    query = """query ($id: ID!) { researchRun(id: $id) { opportunities { nodes { type } }
      sources { kind source read facts reason } } }"""
    found = (await graph.data(query, id=run["id"]))["researchRun"]
    assert "Open Demand" not in {each["type"] for each in found["opportunities"]["nodes"]}
    leads = next(each for each in found["sources"] if each["source"] == "leads")
    assert (leads["read"], leads["facts"], leads["reason"]) == (False, 0, "Whoever asked may not read this.")


async def test_findings_that_quote_are_shown_to_whoever_may_read_what_they_quote(
    graph: Graph, viewer: Viewer, queue: ResearchQueue
) -> None:
    await known_company(graph)
    (lead,) = (await graph.data("{ leads { nodes { id } } }"))["leads"]["nodes"]
    written = await graph.data(
        """mutation ($lead: ID!) {
          createNote(input: {leadId: $lead, content: "They switched from Zorbex Systems.", visibility: PUBLIC}) {
            errors { code } }
          createComplianceItem(input: {title: "Send notices", jurisdiction: "California", riskLevel: HIGH}) {
            errors { code } } }""",
        lead=lead["id"],
    )
    assert [each["errors"] for each in written.values()] == [[], []]
    run = (await researched(graph, PRINTED))["run"]["id"]
    query = """query ($id: ID!) { researchRun(id: $id) { competitors { totalCount nodes { id name } }
      painPoints { totalCount nodes { description } } account { competitors { nodes { name } } } } }"""

    async def found(*lacking: Permission) -> tuple[int, bool, bool]:
        seen = replace(viewer, permissions=viewer.permissions - set(lacking))
        data = (await graph.data(query, seen, id=run))["researchRun"]
        assert data["competitors"]["totalCount"] == len(data["account"]["competitors"]["nodes"])
        assert data["painPoints"]["totalCount"] == len(data["painPoints"]["nodes"])
        return data["competitors"]["totalCount"], "Zorbex" in str(data), "Send notices" in str(data)

    assert await found() == (1, True, True)
    assert await found(Permission.READ_COMPLIANCE) == (1, True, False)
    assert await found(Permission.READ_LEADS) == (0, False, True)
    (rival,) = (await graph.data(query, id=run))["researchRun"]["competitors"]["nodes"]
    blind = replace(viewer, permissions=BLIND)
    assert await graph.data("query ($id: ID!) { node(id: $id) { id } }", blind, id=rival["id"]) == {"node": None}


async def test_who_was_read_of_is_no_surer_by_being_read_of_again(
    database: Database, graph: Graph, viewer: Viewer, queue: ResearchQueue
) -> None:
    await known_company(graph)
    lead = (await graph.data("{ leads { nodes { id } } }"))["leads"]["nodes"][0]["id"]
    note = """mutation ($l: ID!) { createNote(input: {leadId: $l, content: "They switched from Acme Cloud.",
      visibility: PUBLIC}) { note { id } } }"""
    noted = (await graph.data(note, l=lead))["createNote"]["note"]["id"]
    query = "query ($id: ID!) { account(id: $id) { competitors { nodes { name confidence evidence { source } } } } }"
    company = {**PRINTED, "competitors": [{"name": "CloudScale"}]}
    for said, viewed in ((company, viewer), (PRINTED, viewer), (PRINTED, replace(viewer, permissions=BLIND))):
        payload = (await graph.data(RESEARCH, viewer=viewed, input={"company": said}))["researchAccount"]
        found = (await graph.data(query, id=payload["account"]["id"]))["account"]["competitors"]["nodes"]
        named = {"name": "CloudScale", "confidence": 0.9, "evidence": [{"source": None}]}
        read_of = {"name": "Acme Cloud", "confidence": 0.4, "evidence": [{"source": noted}]}
        # Who may not read notes is not told what somebody else's research has read there.
        assert found == ([named, read_of] if viewed is viewer else [named])


async def test_own_playbooks_stand_in_place_of_those_that_are_carried(graph: Graph, queue: ResearchQueue) -> None:
    save = """mutation ($input: SavePlaybookInput!) { savePlaybook(input: $input) {
      playbook { id key painPoints { category urgency } } errors { code field } } }"""
    pain = {"category": "Own", "description": "Our own words", "impact": "financial", "urgency": "CRITICAL"}
    own = {"kind": "INDUSTRY", "key": "  Software  DEVELOPMENT ", "painPoints": [pain], "approaches": ["Our way"]}
    bad = {"kind": "SIZE", "key": "huge", "painPoints": [pain]}
    assert (await graph.data(save, input=bad))["savePlaybook"]["errors"] == [{"code": "INVALID", "field": "key"}]
    bad = {**own, "painPoints": [pain, {**pain, "category": " "}], "approaches": [""]}
    errors = (await graph.data(save, input=bad))["savePlaybook"]["errors"]
    assert [each["field"] for each in errors] == ["painPoints.1.category", "approaches"]
    saved = (await graph.data(save, input=own))["savePlaybook"]["playbook"]
    assert saved == {**saved, "key": "software development", "painPoints": [{"category": "Own", "urgency": "CRITICAL"}]}
    assert (await graph.data(save, input=own))["savePlaybook"]["playbook"]["id"] == saved["id"]

    run = (await researched(graph, {**PRINTED, "technologies": []}))["run"]["id"]
    query = """query ($id: ID!) { researchRun(id: $id) { optimalApproach
      painPoints { nodes { description evidence { source } } } } }"""
    found = (await graph.data(query, id=run))["researchRun"]
    assert found["optimalApproach"] == "Our way"
    assert found["painPoints"]["nodes"][0] == {"description": "Our own words", "evidence": [{"source": saved["id"]}]}
    shown = await graph.data("{ playbooks(where: {kind: INDUSTRY}) { key own playbookId } }")
    assert [each for each in shown["playbooks"] if each["own"]] == [
        {"key": "software development", "own": True, "playbookId": saved["id"]}
    ]
    assert len(shown["playbooks"]) > 14
    gone = "mutation ($id: ID!) { deletePlaybook(id: $id) { deleted } }"
    assert (await graph.data(gone, id=saved["id"]))["deletePlaybook"] == {"deleted": True}
    again = (await researched(graph, PRINTED))["run"]["id"]
    assert (await graph.data(query, id=again))["researchRun"]["optimalApproach"] == "Technical consultation"


async def test_the_quota_is_kept(database: Database, graph: Graph, viewer: Viewer, queue: ResearchQueue) -> None:
    async def allow(tokens: int) -> None:
        change = update(ApiClient).where(ApiClient.id == viewer.client_id).values(monthly_tokens=tokens)
        await database.store(lambda session: session.execute(change))

    await allow(1)
    payload = await researched(graph, PRINTED)
    assert payload["run"]["status"] == "FAILED"
    state = (await graph.data(STATE, id=payload["run"]["id"]))["researchRun"]
    assert (state["failureCode"], state["painPoints"]["totalCount"]) == ("QUOTA_EXCEEDED", 0)
    assert payload["quota"]["used"] == 0
    await allow(0)
    assert (await graph(RESEARCH, {"input": {"company": PRINTED}})).codes == ["QUOTA_EXCEEDED"]
    assert (await told(database, viewer.organization_id))[-1].type is EventType.RESEARCH_FAILED


async def test_input_is_refused_by_its_place(graph: Graph, queue: ResearchQueue) -> None:
    bad = {"company": {"name": " ", "domain": "no domain", "website": "x"}}
    errors = (await graph.data(RESEARCH, input=bad))["researchAccount"]["errors"]
    assert errors[0]["field"] == "company.name"
    rival = {"company": {"name": "A", "competitors": [{"name": "B"}, {"name": ""}]}}
    errors = (await graph.data(RESEARCH, input=rival))["researchAccount"]["errors"]
    assert [(each["code"], each["field"]) for each in errors] == [("REQUIRED", "company.competitors.1.name")]


async def test_what_a_killed_process_left_is_done_when_its_lease_is_over(
    database: Database, graph: Graph, viewer: Viewer, queue: ResearchQueue, clock: SetClock
) -> None:
    begin, database.begin = database.begin, None
    run = (await researched(graph, PRINTED))["run"]
    assert run["status"] == "RUNNING"
    assert [job for job in await queue.take(10) if job.id == run["id"]] == []
    clock.advance(minutes=2)
    (job,) = [job for job in await queue.take(10) if job.id == run["id"]]
    assert job.attempt == 2
    await asyncio.gather(queue.run(replace(job, attempt=1)), queue.run(job), queue.run(job))
    state = (await graph.data(STATE, id=run["id"]))["researchRun"]
    assert (state["status"], state["account"]["lastResearch"]["id"]) == ("COMPLETED", run["id"])
    assert state["painPoints"]["totalCount"] == state["account"]["painPoints"]["totalCount"] == 6
    kinds = Counter(each.type for each in await told(database, viewer.organization_id))
    assert kinds[EventType.RESEARCH_COMPLETED] == 1
    database.begin = begin
    waiting = (await researched(graph, PRINTED, wait=False))["run"]["status"]
    assert waiting in ("RUNNING", "COMPLETED")
    await researches_over(database)


async def test_a_failure_is_tried_again_and_told_at_last(
    database: Database, graph: Graph, viewer: Viewer, clock: SetClock
) -> None:
    class Broken:
        async def feedback(self, texts: Any) -> Any:
            raise ValueError("broken")

    queue = hire_research(database, attempts=2, retry_seconds=10, outside={"analyst": Broken()})
    row = news_row(viewer.organization_id, clock.now(), "TechCorp raises", date(2024, 1, 10))
    await store(database, row)
    run = (await researched(graph, PRINTED))["run"]
    assert run["status"] == "RUNNING"
    clock.advance(seconds=10)
    for job in await queue.take(10):
        await queue.run(job)
    state = (await graph.data(STATE, id=run["id"]))["researchRun"]
    assert (state["status"], state["failureCode"], state["stage"]) == ("FAILED", "PROCESSING_FAILED", None)
    assert state["account"]["lastResearch"] is None


def counted(database: Database) -> list[int]:
    """How many transactions of clients, with the work they began, were under way at each beginning."""
    transact, now, found = database.transact, set[object](), list[int]()

    async def counting(viewer: Viewer, *given: Any) -> Keys:
        me = object()
        if viewer.client_id:
            now.add(me)
            found.append(len(now))
        try:
            return await transact(viewer, *given)
        finally:
            now.discard(me)

    setattr(database, "transact", counting)  # noqa: B010 - a method is no attribute to be set for the type checker
    return found


async def test_four_calls_for_each_of_many_companies_at_once_make_each_once(database_url: str, clock: SetClock) -> None:
    companies = [
        {"name": f"Company {n} {case}", "domain": f"company{n}.example"} if n % 2 else {"name": name}
        for n in range(COMPANIES)
        for case, name in (("a", f"Firm {n}"), ("b", f"FIRM  {n}"), ("c", f"firm {n}"), ("d", f"Firm {n} "))
    ]
    # On PostgreSQL two processes are called, each with its own connections, locks and places.
    many = 1 if database_url.startswith("sqlite") else 2
    async with AsyncExitStack() as stack:
        opening = [opened(database_url, clock, pool_timeout=60 + number) for number in range(many)]
        databases = [await stack.enter_async_context(each) for each in opening]
        database = databases[0]
        own = await make_organization(database)
        client = await make_client(database, own)
        viewer = replace(await make_viewer(database, own, role=Role.ADMIN), client_id=client)
        for each in databases:
            hire_research(each, at_once=AT_ONCE)
        under_way = [counted(each) for each in databases]
        graphs = [Graph(each, viewer) for each in databases]
        brief = {"researchConfig": {"depth": "basic"}}
        calls = (researched(graphs[place % many], each, **brief) for place, each in enumerate(companies))
        payloads = await asyncio.gather(*calls)
        assert {each["run"]["status"] for each in payloads} == {"COMPLETED"}
        accounts = await database.rows(select(Account.id).where(Account.organization_id == own))
        runs = await database.rows(select(ResearchRun.account_id).where(ResearchRun.organization_id == own))
        assert len(accounts) == len({each["account"]["id"] for each in payloads}) == COMPANIES
        assert set(Counter(row[0] for row in runs).values()) == {4}
        kinds = Counter(each.type for each in await told(database, own))
        assert kinds == {EventType.RESEARCH_STARTED: 4 * COMPANIES, EventType.RESEARCH_COMPLETED: 4 * COMPANIES}
        # The others waited in line, and not for a connection.
        assert [max(each) for each in under_way] == [2 * AT_ONCE] * many
        # Of the usual quota 200 such calls are paid.
        assert 200 / len(companies) * max(each["quota"]["used"] for each in payloads) < 100_000


async def test_slow_stages_are_told_while_they_last(
    database: Database, graph: Graph, viewer: Viewer, clock: SetClock
) -> None:
    class Pages:
        async def fetch(self, url: str) -> SentFile:
            said = b"User-agent: *\nDisallow: /private" if url.endswith("robots.txt") else b"<title>TechCorp</title>"
            return SentFile(BytesIO(said), len(said))

    class Model:
        async def available(self, viewer: Viewer) -> bool:
            return True

        async def write(self, viewer: Viewer, task: WriterTask) -> WriterAnswer:
            first = task.data["findings"][0]
            said = {
                "numbers": [0],
                "description": "It is hard to say who causes costs.",
                "quotes": [first["description"]],
            }
            lie = {"numbers": [1], "description": "It lost 99 customers.", "quotes": [first["description"]]}
            return WriterAnswer({"findings": [said, lie]}, "m1")

    hire_research(database, cast(Fetcher, Pages()), website=True, outside={"writer": Model()})
    query = """subscription { events(types: [RESEARCH_STARTED, RESEARCH_PROGRESSED, RESEARCH_COMPLETED]) {
      type data } }"""
    async with graph.subscription(query) as events:
        run = (await researched(graph, PRINTED))["run"]["id"]
        heard = [(await anext(events))["events"] for _ in range(4)]
    assert [(each["type"], each["data"]["stage"]) for each in heard] == [
        ("RESEARCH_STARTED", "FACTS"),
        ("RESEARCH_PROGRESSED", "WEBSITE"),
        ("RESEARCH_PROGRESSED", "WRITING"),
        ("RESEARCH_COMPLETED", None),
    ]
    found = (
        await graph.data(
            """query ($id: ID!) { researchRun(id: $id) { sources { kind source read facts reason }
              painPoints(first: 1) { nodes { description evidence { kind source } } } } }""",
            id=run,
        )
    )["researchRun"]
    sources = {each["kind"]: each for each in found["sources"]}
    assert (sources["WEBSITE"]["read"], sources["WEBSITE"]["facts"]) == (True, 1)
    assert (sources["MODEL"]["source"], sources["MODEL"]["facts"]) == ("m1", 1)
    assert sources["MODEL"]["reason"] == "1 sentences were not borne by the facts."
    (pain,) = found["painPoints"]["nodes"]
    assert pain["description"] == "It is hard to say who causes costs."
    assert {"kind": "MODEL", "source": "m1"} in pain["evidence"]
