"""Reports (documentation, section API Endpoints / Reports)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_compat.engine.answers import closed_object, follow, shape_at
from rest_compat.engine.arguments import Given, query
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Record
from rest_compat.engine.spelling import JsonSchema

SUMMARY = ("totalLeads", "convertedLeads", "conversionRate", "avgTimeToConversion")
LISTS = {"source": "bySource", "assignedTo": "byAssignedTo", "insuranceType": "byInsuranceType"}
"""Key of the list for each `groupBy`; only the first is printed (CU-34)."""


class ConversionReport:
    """The section Lead Conversion Report names the list, and the key of its items, after the dimension."""

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        report = follow(data, "conversionReport")
        dimension = report["groupBy"]
        groups = [
            {dimension: each["key"], "total": each["total"], "converted": each["converted"], "rate": each["rate"]}
            for each in report["groups"]
        ]
        return {"summary": {key: report[key] for key in SUMMARY}, LISTS[dimension]: groups}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        report = shape_at(result, "conversionReport")
        summary = closed_object({key: shape_at(result, f"conversionReport.{key}").schema for key in SUMMARY})
        assert isinstance(report, Record)  # noqa: S101 - its fields were just looked up
        group: Any = report.fields["groups"].schema["items"]
        numbers = {key: group["properties"][key] for key in ("total", "converted", "rate")}
        lists: dict[str, JsonSchema] = {
            key: {"type": "array", "items": closed_object({dimension: group["properties"]["key"], **numbers})}
            for dimension, key in LISTS.items()
        }
        return {
            "type": "object",
            "properties": {"summary": summary, **lists},
            "required": ["summary"],
            "additionalProperties": False,
        }


ROUTES = (
    Route(
        "GET",
        "/reports/conversion",
        "ConversionReport",
        ConversionReport(),
        (
            query("dateFrom", "dateFrom", note="Leads created at or after; a date-time or a date."),
            query("dateTo", "dateTo", note="Leads created at or before; a date covers its whole UTC day."),
            query("groupBy", "groupBy", default="source", note="Dimension."),
        ),
        title="Lead Conversion Report",
        group="Reports",
        example="reports_conversion",
    ),
)
