"""The conversion report: leads made in a range, and how many of them are won now (CU-34)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.leads import InsuranceType
from domain.viewer import Viewer
from gateway.database import Database
from tests.clocks import PRINTED
from tests.factories.leads import lead_row
from tests.factories.organizations import store
from tests.graphs import Graph

REPORT = """query ($g: ReportDimension, $f: DateTime, $t: DateTime) {
  conversionReport(groupBy: $g, dateFrom: $f, dateTo: $t) { dateFrom dateTo groupBy totalLeads convertedLeads
    conversionRate avgTimeToConversion groups { key total converted rate } } }"""


@pytest.fixture
async def sales(database: Database, viewer: Viewer) -> None:
    def lead(days: int, status: str, converted_after: float | None = None, **fields: Any) -> Any:
        at = PRINTED + timedelta(days=days)
        row = lead_row(viewer.organization_id, at, status=status, **fields)
        row.converted_at = at + timedelta(days=converted_after) if converted_after is not None else None
        return row

    await store(
        database,
        lead(0, "WON", 2, insurance_type=InsuranceType.AUTO, assigned_to_id=viewer.user_id),
        lead(1, "WON", 3.5),
        lead(2, "new", source="facebook_ads"),
        lead(3, "LOST", insurance_type=InsuranceType.AUTO),
        lead(4, "Nurturing"),
        lead(0, "WON", 1, deleted_at=PRINTED),
    )


async def report(graph: Graph, **arguments: Any) -> Any:
    return (await graph.data(REPORT, **arguments))["conversionReport"]


async def test_the_whole_report(graph: Graph, sales: None) -> None:
    assert await report(graph) == {
        "dateFrom": None,
        "dateTo": None,
        "groupBy": "SOURCE",
        "totalLeads": 5,
        "convertedLeads": 2,
        "conversionRate": 0.4,
        "avgTimeToConversion": pytest.approx(2.75),
        "groups": [
            {"key": "website", "total": 4, "converted": 2, "rate": 0.5},
            {"key": "facebook_ads", "total": 1, "converted": 0, "rate": 0.0},
        ],
    }


async def test_other_dimensions(graph: Graph, sales: None, viewer: Viewer) -> None:
    groups = (await report(graph, g="ASSIGNED_TO"))["groups"]
    assert [(group["key"], group["total"], group["converted"]) for group in groups] == [
        (None, 4, 1),
        (viewer.user_id, 1, 1),
    ]
    groups = (await report(graph, g="INSURANCE_TYPE"))["groups"]
    assert [(group["key"], group["total"], group["converted"]) for group in groups] == [(None, 3, 1), ("AUTO", 2, 1)]


async def test_a_range_of_days(graph: Graph, sales: None) -> None:
    found = await report(graph, f="2024-01-16", t="2024-01-17")
    assert (found["totalLeads"], found["convertedLeads"], found["avgTimeToConversion"]) == (2, 1, pytest.approx(3.5))
    assert (found["dateFrom"], found["dateTo"]) == ("2024-01-16T00:00:00Z", "2024-01-17T23:59:59Z")


async def test_nothing_to_report(graph: Graph, sales: None) -> None:
    found = await report(graph, f="2024-02-01", t="2024-01-01")
    assert found["groups"] == []
    assert (found["totalLeads"], found["conversionRate"], found["avgTimeToConversion"]) == (0, 0.0, None)
