"""Quotas (documentation, section Rate Limits & Quotas / Quota Management)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_compat.engine.answers import closed_object, follow, shape_at
from rest_compat.engine.arguments import Given
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Many, Record
from rest_compat.engine.spelling import JsonSchema

_WHERE = "viewer.budget.requests"
_PRINTED = ("api_requests", "document_processing")
"""Two of the four documented groups are printed, by the hour (CB-10)."""
_KEYS = ("limit", "used", "remaining", "reset_time")


class HourlyQuotas:
    """Quota Management prints an object per group where the graph has a list of windows."""

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        hourly = {each["group"]: each for each in follow(data, _WHERE) if each["window"] == "HOUR"}
        return {group: {key: hourly[group][key] for key in _KEYS} for group in _PRINTED}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        standings = shape_at(result, _WHERE)
        assert isinstance(standings, Many)  # noqa: S101 - the graph has a list there
        assert isinstance(standings.item, Record)  # noqa: S101
        fields = standings.item.fields
        quota = closed_object({key: fields[key].schema for key in _KEYS})
        return closed_object(dict.fromkeys(_PRINTED, quota))


ROUTES = (
    # Reading the quotas is a request, and counted before they are read (CB-10).
    Route("GET", "/quotas", "Quotas", HourlyQuotas(), title="Quota Management", group="Quotas", example="quotas"),
)
