"""Documents, what they demand, and what becomes of it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import sqlalchemy as sa

from domain.compliance import ComplianceItem
from domain.events import EventType
from gateway.database import Database
from tests.factories.law import ACT, SHORTER, Library, Sent, give_library
from tests.factories.organizations import make_organization, make_user, make_viewer
from tests.graphs import Graph
from tests.schema.test_statements import plan_of

ANSWER = """complianceDocument { id title jurisdiction documentType status language riskLevel complianceScore reasons
  notes deadlines penalties fileName fileUrl mediaType publishedOn source content
  findings(kind: DEADLINE) { totalCount nodes { quote start end place date count unit trigger document { id } } }
  items { nodes { id place deadline status jurisdiction } } } errors { code message field }"""
ITEM = """complianceItem { id title deadline count unit trigger triggeredOn status completedAt droppedAt jurisdiction
  riskLevel assignedTo { id } alerts { nodes { type days severity deadline } } } errors { code message field }"""
ITEMS = "{ complianceItems { nodes { place status droppedAt } } }"


class Office:
    """Does things about compliance."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    async def do(self, mutation: str, answer: str, **input: Any) -> Any:
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = f"mutation ($i: {kind}!) {{ done: {mutation}(input: $i) {{ {answer} }} }}"
        return (await self.graph.data(query, i=input))["done"]

    async def upload(self, **input: Any) -> Any:
        done = await self.do(
            "uploadComplianceDocument", ANSWER, **{"jurisdiction": "EU", "documentType": "REGULATION"} | input
        )
        assert done["errors"] == []
        return done["complianceDocument"]

    async def refused(self, **input: Any) -> list[tuple[str, str]]:
        done = await self.do(
            "uploadComplianceDocument", ANSWER, **{"jurisdiction": "EU", "documentType": "POLICY"} | input
        )
        assert done["complianceDocument"] is None
        return [(error["code"], error["field"]) for error in done["errors"]]

    async def item(self, mutation: str, **input: Any) -> Any:
        done = await self.do(mutation, ITEM, **input)
        assert done["errors"] == []
        return done["complianceItem"]

    async def make(self, title: str, **input: Any) -> str:
        made = await self.item("createComplianceItem", **{"title": title, "jurisdiction": "EU"} | input)
        return str(made["id"])

    async def titles(self, arguments: str) -> list[str]:
        found = await self.graph.data(f"{{ complianceItems{arguments} {{ nodes {{ title }} }} }}")
        return [each["title"] for each in found["complianceItems"]["nodes"]]

    async def told(self) -> list[tuple[str, Any]]:
        nodes = (await self.graph.data("{ events(first: 100) { nodes { type data } } }"))["events"]["nodes"]
        return [(node["type"], node["data"]) for node in nodes]


@pytest.fixture
def office(graph: Graph) -> Office:
    return Office(graph)


@pytest.fixture
def library(database) -> Library:
    return give_library(database, act=ACT)


async def test_a_document_is_read_and_its_items_keep_what_people_write(office, library, database, organization, clock):
    document = await office.upload(jurisdiction="eu", text=ACT, metadata={"source": "EUR-Lex", "date": "2024-01-15"})
    assert (document["jurisdiction"], document["source"], document["publishedOn"]) == ("EU", "EUR-Lex", "2024-01-15")
    assert document["deadlines"] == ["2024-12-31"]
    assert document["title"]
    assert document["reasons"]
    deadlines = document["findings"]["nodes"]
    assert [ACT[each["start"] : each["end"]] for each in deadlines] == [each["quote"] for each in deadlines]
    assert [(each["place"], each["date"], each["count"], each["unit"]) for each in deadlines] == [
        ("Article 1", "2024-12-31", None, None),
        ("Article 2", None, 72, "HOUR"),
    ]
    assert [(each["place"], each["deadline"]) for each in document["items"]["nodes"]] == [
        ("Article 1", "2024-12-31"),
        ("Article 2", None),
    ]
    officer, notice = (each["id"] for each in document["items"]["nodes"])
    jane = await make_user(database, organization)
    await office.item("assignComplianceItem", itemId=officer, userId=jane)
    await office.item("changeComplianceItemStatus", itemId=officer, status="IN_PROGRESS")
    await office.item("updateComplianceItem", id=notice, title="Tell the authority", riskLevel="LOW")

    # Seventy-two hours from a moment are a day, which is within three days: told at once, with the item's own risk.
    known = await office.item("triggerComplianceItem", itemId=notice, triggeredAt="2024-01-15T20:00:00Z")
    assert (known["deadline"], known["triggeredOn"]) == ("2024-01-18", "2024-01-15")
    assert known["alerts"]["nodes"] == [
        {"type": "DEADLINE_APPROACHING", "days": 7, "severity": "LOW", "deadline": "2024-01-18"}
    ]
    assert (await office.told())[-1][1] == {
        "alert_id": (await office.graph.data("{ complianceAlerts { nodes { id } } }"))["complianceAlerts"]["nodes"][0][
            "id"
        ],
        "type": "DEADLINE_APPROACHING",
        "severity": "LOW",
        "compliance_item": {
            "id": notice,
            "title": "Tell the authority",
            "deadline": "2024-01-18",
            "jurisdiction": "EU",
        },
    }

    before = len(await office.told())
    again = await office.do("processComplianceDocument", ANSWER, id=document["id"], jurisdiction="Germany")
    assert again["errors"] == []
    assert [each["id"] for each in again["complianceDocument"]["items"]["nodes"]] == [notice, officer]
    assert again["complianceDocument"]["findings"]["totalCount"] == 2
    assert again["complianceDocument"]["jurisdiction"] == "DE"
    kept = await office.graph.data(
        "{ complianceItems { nodes { title status deadline jurisdiction assignedTo { id } } } }"
    )
    assert kept["complianceItems"]["nodes"] == [
        {
            "title": "Tell the authority",
            "status": "PENDING",
            "deadline": "2024-01-18",
            "jurisdiction": "DE",
            "assignedTo": None,
        },
        {
            "title": "Companies must appoint a data protection officer by 31 December 2024.",
            "status": "IN_PROGRESS",
            "deadline": "2024-12-31",
            "jurisdiction": "DE",
            "assignedTo": {"id": jane},
        },
    ]
    # One event, however many items a document demands.
    (event,) = (await office.told())[before:]
    assert event[0] == EventType.DOCUMENT_PROCESSED
    assert event[1]["items"] == {"created": 0, "changed": 2, "dropped": 0}


async def test_what_is_demanded_no_longer_goes_unless_somebody_works_on_it(office, library):
    document = await office.upload(text=ACT)
    officer, notice = (each["id"] for each in document["items"]["nodes"])
    library.instead = SHORTER
    await office.item("changeComplianceItemStatus", itemId=officer, status="COMPLETED")
    await office.do("processComplianceDocument", ANSWER, id=document["id"])
    assert (await office.graph.data(ITEMS))["complianceItems"]["nodes"] == [
        {"place": "Article 1", "status": "COMPLETED", "droppedAt": "2024-01-15T14:30:00Z"},
        {"place": "Article 2", "status": "PENDING", "droppedAt": None},
    ]
    library.instead = "Nothing at all."
    await office.do("processComplianceDocument", ANSWER, id=document["id"])
    assert await office.titles("(where: {demanded: true})") == []
    library.instead = None
    await office.do("processComplianceDocument", ANSWER, id=document["id"])
    assert [each["droppedAt"] for each in (await office.graph.data(ITEMS))["complianceItems"]["nodes"]] == [None, None]
    # What somebody has deleted does not come back, whatever the document demands.
    await office.graph.data(f'mutation {{ deleteComplianceItem(id: "{notice}") {{ deleted }} }}')
    await office.do("processComplianceDocument", ANSWER, id=document["id"])
    assert len(await office.titles("")) == 1
    await office.do("deleteComplianceDocument", "deleted errors { code }", id=document["id"])
    left = await office.graph.data(
        "{ complianceItems { nodes { document { id } } } complianceDocuments { totalCount } }"
    )
    assert left == {"complianceItems": {"nodes": [{"document": None}]}, "complianceDocuments": {"totalCount": 0}}


async def test_every_way_in(office, library):
    content = ACT.encode()
    by_file = await office.upload(file=Sent(content, "C:\\laws\\act.txt", "text/plain"), title="The Act")
    assert (by_file["title"], by_file["fileName"], by_file["mediaType"]) == ("The Act", "act.txt", "text/plain")
    by_base64 = await office.upload(base64="data:text/plain;base64," + base64.b64encode(content).decode())
    by_url = await office.upload(url="https://laws.example/act")
    assert (by_url["fileUrl"], by_url["fileName"]) == ("https://laws.example/act", "act")
    assert {each["content"] for each in (by_file, by_base64, by_url)} == {ACT}
    named = await office.upload(title="document.pdf")
    assert (named["content"], named["items"]["nodes"], named["complianceScore"]) == ("", [], 0)
    assert named["notes"] == ["Only a name was sent: nothing was read."]
    again = await office.do("processComplianceDocument", ANSWER, id=named["id"])
    assert again["complianceDocument"]["notes"] == named["notes"]

    newer = await office.upload(documentId=by_file["id"], text=SHORTER, metadata={"version": "2"})
    assert (newer["id"], newer["title"], newer["content"]) == (by_file["id"], "The Act", SHORTER)
    assert [each["place"] for each in newer["items"]["nodes"]] == ["Article 2"]
    for where, many in {
        'jurisdiction: " "': 4,
        'jurisdiction: "European Union"': 4,
        'jurisdiction: "DE"': 0,
        'search: "the act"': 1,
    }.items():
        counted = await office.graph.data(f"{{ complianceDocuments(where: {{{where}}}) {{ totalCount }} }}")
        assert counted == {"complianceDocuments": {"totalCount": many}}, where
    assert await office.refused(documentId="doc_1", text=ACT) == [("NOT_FOUND", "documentId")]
    assert await office.refused() == [("REQUIRED", "file")]
    assert await office.refused(text="x", url="https://laws.example/act") == [("INVALID", "url")]
    assert await office.refused(file=Sent(b"%PDF-broken")) == [("INVALID", "file")]
    assert await office.refused(base64=base64.b64encode(b"%PDF-broken").decode()) == [("INVALID", "base64")]
    assert await office.refused(text="a\x00b") == [("INVALID", "text")]
    assert await office.refused(base64="no!") == [("INVALID", "base64")]
    assert await office.refused(url="https://laws.example/none") == [("INVALID", "url")]
    assert await office.refused(url="http://10.0.0.1/") == [("INVALID", "url")]
    assert await office.refused(text="x", jurisdiction=" ", title="x" * 300, metadata={"source": "y" * 300}) == [
        ("REQUIRED", "jurisdiction"),
        ("INVALID", "title"),
        ("INVALID", "metadata.source"),
    ]


async def test_what_is_due_is_listed_counted_and_put_on_a_calendar(office, clock):
    for title, day, risk, where in (
        ("late", "2024-01-10", "HIGH", "EU"),
        ("soon", "2024-01-20", "CRITICAL", "EU"),
        ("june", "2024-06-30", "HIGH", "EU"),
        ("june too", "2024-06-01", "LOW", "Germany"),
        ("next year", "2025-01-01", "HIGH", "EU"),
        ("some day", None, "MEDIUM", "EU"),
        ("california", "2024-03-01", "LOW", "US-CA"),
    ):
        await office.make(title, deadline=day, riskLevel=risk, jurisdiction=where, place=f"Büro in {where}")
    done = await office.make("done", deadline="2024-01-05", status="COMPLETED")

    in_order = ["done", "late", "soon", "california", "june too", "june", "next year", "some day"]
    assert await office.titles("") == in_order
    page = "(first: 3, after: %s) { nodes { title } pageInfo { endCursor } }"
    walked, cursor = [], "null"
    while len(walked) < len(in_order):
        found = (await office.graph.data("{ complianceItems" + page % cursor + " }"))["complianceItems"]
        walked += [each["title"] for each in found["nodes"]]
        cursor = f'"{found["pageInfo"]["endCursor"]}"'
    assert walked == in_order
    for arguments, expected in {
        "(where: {status: OVERDUE})": ["late"],
        "(where: {status: COMPLETED})": ["done"],
        "(where: {status: PENDING, hasDeadline: false})": ["some day"],
        '(where: {status: ACTIVE, riskLevel: HIGH, jurisdiction: "eu", deadlineTo: "2024-12-31"})': ["late", "june"],
        '(where: {concerning: "DE", deadlineFrom: "2024-06-01"})': ["june too", "june", "next year"],
        '(where: {concerning: "California"})': ["california"],
        '(where: {search: "JUNE"}, sort: {direction: DESC})': ["june", "june too"],
        '(where: {search: "_une"})': [],
        '(where: {search: "BüRO IN us-ca"})': ["california"],
        "(sort: {field: DEADLINE, direction: DESC}, first: 2)": ["some day", "next year"],
    }.items():
        assert await office.titles(arguments) == expected, arguments

    scope = '(where: {jurisdiction: "EU", deadlineFrom: "2024-01-01", deadlineTo: "2024-12-31"})'
    counts = (
        "total active highRisk overdue withoutDeadline byStatus { status count } byJurisdiction { jurisdiction total }"
    )
    counted = (await office.graph.data(f"{{ complianceSummary{scope} {{ {counts} }} }}"))["complianceSummary"]
    assert counted == {
        "total": 4,
        "active": 3,
        "highRisk": 3,
        "overdue": 1,
        "withoutDeadline": 0,
        "byStatus": [
            {"status": "PENDING", "count": 2},
            {"status": "IN_PROGRESS", "count": 0},
            {"status": "COMPLETED", "count": 1},
            {"status": "OVERDUE", "count": 1},
        ],
        "byJurisdiction": [{"jurisdiction": "EU", "total": 4}],
    }
    # The calendar alone makes an item overdue, and a total does not outlive the day.
    many = "{ complianceItems(where: {status: OVERDUE}) { totalCount } }"
    assert (await office.graph.data(many))["complianceItems"]["totalCount"] == 1
    clock.advance(days=10)
    assert (await office.graph.data(many))["complianceItems"]["totalCount"] == 2
    await office.item("changeComplianceItemStatus", itemId=done, status="PENDING")
    assert await office.titles("(where: {status: OVERDUE})") == ["done", "late", "soon"]

    calendar = """{ complianceCalendar(dateFrom: "2024-01-08", dateTo: "2024-06-30", by: MONTH) { dateFrom dateTo total
      active highRisk overdue items(first: 5) { totalCount nodes { title } } } }"""
    january, _, june = (await office.graph.data(calendar))["complianceCalendar"]
    assert january == {
        "dateFrom": "2024-01-08",
        "dateTo": "2024-01-31",
        "total": 2,
        "active": 2,
        "highRisk": 2,
        "overdue": 2,
        "items": {"totalCount": 2, "nodes": [{"title": "late"}, {"title": "soon"}]},
    }
    assert [each["title"] for each in june["items"]["nodes"]] == ["june too", "june"]
    days = '{ complianceCalendar(dateFrom: "2024-06-01", dateTo: "2024-06-30") { dateFrom items { nodes { title } } } }'
    assert [each["dateFrom"] for each in (await office.graph.data(days))["complianceCalendar"]] == [
        "2024-06-01",
        "2024-06-30",
    ]
    await office.make("at the very end", deadline="9999-12-30")
    last = '{ complianceCalendar(dateFrom: "9999-12-01", dateTo: "9999-12-31", by: MONTH) { dateTo total } }'
    assert (await office.graph.data(last))["complianceCalendar"] == [{"dateTo": "9999-12-31", "total": 1}]
    too_long = await office.graph('{ complianceCalendar(dateFrom: "2024-01-01", dateTo: "2026-01-01") { total } }')
    assert [(error.code, error.field) for error in too_long.errors] == [("INVALID", "dateTo")]


async def test_what_cannot_be_done_with_an_item(office):
    item = await office.make("by hand", deadline="2024-06-30")
    for mutation, sent, code, field in (
        ("changeComplianceItemStatus", {"itemId": item, "status": "OVERDUE"}, "INVALID", "status"),
        ("triggerComplianceItem", {"itemId": item, "triggeredAt": "2024-01-15"}, "CONFLICT", "itemId"),
        ("updateComplianceItem", {"id": item, "title": None}, "REQUIRED", "title"),
        ("updateComplianceItem", {"id": item, "requirements": ["x"] * 51}, "INVALID", "requirements"),
        ("assignComplianceItem", {"itemId": item, "userId": "nobody"}, "UNKNOWN_REFERENCE", "userId"),
        ("updateComplianceItem", {"id": item, "deadline": "9999-12-31"}, "INVALID", "deadline"),
    ):
        (error,) = (await office.do(mutation, ITEM, **sent))["errors"]
        assert (error["code"], error["field"]) == (code, field), mutation
    assert [name for name, _ in await office.told()] == ["COMPLIANCE_ITEM_CREATED"]
    await office.item("updateComplianceItem", id=item, title="by hand")
    assert [name for name, _ in await office.told()] == ["COMPLIANCE_ITEM_CREATED"]


async def test_an_alert_is_told_once_for_a_deadline_and_acknowledged_once(office, viewer):
    item = await office.make("soon", deadline="2024-01-16", riskLevel="CRITICAL")
    await office.item("updateComplianceItem", id=item, title="very soon")
    moved = await office.item("updateComplianceItem", id=item, deadline="2024-01-10")
    assert [(each["type"], each["days"], each["severity"]) for each in moved["alerts"]["nodes"]] == [
        ("OVERDUE", 0, "CRITICAL"),
        ("DEADLINE_APPROACHING", 1, "CRITICAL"),
    ]
    alerts = "{ complianceAlerts(where: {acknowledged: false, type: OVERDUE}) { nodes { id item { title status } } } }"
    (alert,) = (await office.graph.data(alerts))["complianceAlerts"]["nodes"]
    assert alert["item"] == {"title": "very soon", "status": "OVERDUE"}
    seen = """mutation ($id: ID!) { acknowledgeComplianceAlert(id: $id) { complianceAlert { acknowledgedAt
      acknowledgedBy { id } } errors { code } } }"""
    for _ in range(2):
        done = (await office.graph.data(seen, id=alert["id"]))["acknowledgeComplianceAlert"]["complianceAlert"]
        assert done == {"acknowledgedAt": "2024-01-15T14:30:00Z", "acknowledgedBy": {"id": viewer.user_id}}
    assert (await office.graph.data(alerts))["complianceAlerts"]["nodes"] == []
    told = [name for name, _ in await office.told()]
    assert (told.count("COMPLIANCE_ALERT"), told.count("COMPLIANCE_ALERT_ACKNOWLEDGED")) == (2, 1)


async def test_a_text_that_demands_very_much_is_told_in_a_few_events(office, library, database):
    text = "\n".join(
        f"Article {n}\nCompanies must file report number {n} by {1 + n % 28} January 2024.\n" for n in range(1, 301)
    )
    document = await office.upload(text=text)
    made = await database.rows(sa.select(sa.func.count()).where(ComplianceItem.document_id == document["id"]))
    assert made[0][0] > 200
    assert len(await office.told()) <= 1 + 20


async def test_what_is_due_is_listed_by_index(embedded: Database) -> None:
    """On SQLite alone: PostgreSQL plans by statistics, which small tables have none of."""
    graph = Graph(embedded, await make_viewer(embedded, await make_organization(embedded)))
    days = 'dateFrom: "2024-01-01", dateTo: "2024-01-31"'
    for query, index in {
        "complianceItems { nodes { title status } }": "ix_compliance_item_due",
        "complianceItems(where: {status: OVERDUE}) { nodes { title } }": "ix_compliance_item_due",
        'complianceItems(where: {jurisdiction: "EU"}) { nodes { title } }': "ix_compliance_item_place",
        'complianceItems(where: {assignedTo: "user_1"}) { nodes { title } }': "ix_compliance_item_assignee",
        "complianceItems(sort: {field: CREATED_AT}) { nodes { title } }": "ix_compliance_item_recent",
        "regulatoryUpdates { nodes { title } }": "ix_regulatory_update_recent",
        "complianceDocuments { nodes { title } }": "ix_compliance_document_recent",
        "complianceAlerts { nodes { type } }": "ix_compliance_alert_recent",
    }.items():
        plan = await plan_of(graph, embedded, f"{{ {query} }}")
        assert index in plan, (query, plan)
        assert "TEMP B-TREE" not in plan, (query, plan)
    for query, index in {
        "complianceSummary { total }": "COVERING INDEX ix_compliance_item_place",
        f"complianceCalendar({days}) {{ total }}": "COVERING INDEX ix_compliance_item_due (organization_id=? AND due",
    }.items():
        assert index in await plan_of(graph, embedded, f"{{ {query} }}"), query
