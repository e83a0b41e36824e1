"""ClickUp Brain's printed requests about compliance, sent literally to the demo."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from gateway.database import Database
from gateway.seeds import demo
from gateway.seeds.demo_keys import Known, ensure_access
from gateway.settings_compliance import ComplianceSettings
from gateway.work.deadlines import Deadlines
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from tests.clocks import SetClock
from tests.factories.credentials import resolve
from tests.factories.law import give_library
from tests.graphs import Graph
from tests.rest_compat.asgi import call
from tests.rest_compat.clickup_brain.printed import example, fits
from tests.rest_compat.doors import served


@pytest.fixture
async def seeded(embedded: Database, clock: SetClock) -> Database:
    """The demo, some years after its printed records.

    On SQLite alone, where nobody else has seeded it at another time.
    """
    clock.at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    await demo.seed(embedded)
    give_library(embedded)
    return embedded


async def test_the_printed_requests_find_the_printed_records(seeded: Database) -> None:
    app = served(CLICKUP_BRAIN, seeded)
    key = (await ensure_access(seeded, Known())).keys["clickup_brain"]

    async def ask(method: str, path: str, route: str, **change: str) -> object:
        sent = json.dumps(example(route, "request") | change).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        answer = await call(app, method, f"/api/v1/compliance/{path}", body=sent, headers=headers)
        assert answer.status == 200, answer.body
        return answer.json()

    monitoring = example("compliance_monitoring")
    # Printed as pending, the item is overdue by now; all else is as printed, the counts too (CB-12).
    monitoring["compliance_items"][0]["status"] = "overdue"
    assert await ask("GET", "monitoring", "compliance_monitoring") == monitoring

    updates = await ask("GET", "updates", "compliance_updates")
    fits("compliance_updates", updates)
    printed = example("compliance_updates")
    assert isinstance(updates, dict)
    assert printed["updates"][0] in updates["updates"]
    assert {name: updates[name] for name in ("total_count", "high_impact_count")} == {
        name: printed[name] for name in ("total_count", "high_impact_count")
    }

    again = await ask("POST", "documents", "compliance_documents_process", document_id="doc_123456")
    assert isinstance(again, dict)
    assert (again["document_id"], again["created_at"]) == ("doc_123456", "2024-01-15T10:30:00Z")
    assert again["extracted_data"]["deadlines"] == ["2024-12-31"]


async def test_the_demo_is_lively_in_the_graph(seeded: Database) -> None:
    admin = await resolve(seeded, {"x-api-key": (await ensure_access(seeded, Known())).keys["graphql_admin"]})
    assert admin is not None
    graph = Graph(seeded, admin)
    printed = example("compliance_documents_create")
    document = """{ complianceDocument(id: "doc_123456") { document_id: id deadlines requirements penalties entities
      compliance_score: complianceScore created_at: createdAt content findings { nodes { quote start end } } } }"""
    found = (await graph.data(document))["complianceDocument"]
    assert {name: found[name] for name in printed["extracted_data"]} == printed["extracted_data"]
    assert (found["document_id"], found["compliance_score"], found["created_at"]) == (
        printed["document_id"],
        printed["compliance_score"],
        printed["created_at"],
    )
    for each in found["findings"]["nodes"]:
        assert found["content"][each["start"] : each["end"]] == each["quote"]

    await Deadlines(seeded, ComplianceSettings()).tell()
    near = """{ complianceAlerts(first: 100) { nodes { id type days } }
      complianceSummary { overdue byJurisdiction { jurisdiction } }
      complianceCalendar(dateFrom: "2026-03-01", dateTo: "2026-03-31") { total items { nodes { title } } }
      complianceItem(id: "comp_demo_open_01") { jurisdiction leads(first: 1) { totalCount } }
      account(id: "acc_123456789") { regulatoryUpdates { nodes { id } } } }"""
    told = await graph.data(near)
    assert {(each["type"], each["days"]) for each in told["complianceAlerts"]["nodes"]} == {
        ("OVERDUE", 0),
        ("DEADLINE_APPROACHING", 1),
        ("DEADLINE_APPROACHING", 7),
        ("DEADLINE_APPROACHING", 30),
        ("DEADLINE_APPROACHING", 180),
    }
    assert told["complianceSummary"]["overdue"] == 3
    assert len(told["complianceCalendar"]) >= 4
    assert told["complianceItem"]["leads"]["totalCount"] > 3
    assert "update_456" in [each["id"] for each in told["account"]["regulatoryUpdates"]["nodes"]]
    assert await demo.seed(seeded) == 0
