"""Pages and ranges the way every list of CRM-Ultra takes and prints them."""

from __future__ import annotations

from rest_compat.engine.arguments import Argument, Paging, query

PAGING = Paging(number="page", size="limit")
LARGEST_PAGE = 100
"""Documentation, List Leads: "max: 100"; a larger limit is cut, not refused (CU-22)."""

SIX_FACTS = (
    ("page", "number"),
    ("limit", "size"),
    ("total", "total"),
    ("totalPages", "pages"),
    ("hasNext", "has_next"),
    ("hasPrev", "has_previous"),
)
"""Keys of `pagination` under List Leads and List Notes."""
THREE_FACTS = SIX_FACTS[:3]
"""Keys of `pagination` under Get Activity Timeline (CU-23)."""


def pages(default: int) -> tuple[Argument, Argument]:
    """`page` and `limit`."""
    return PAGING.arguments(default, LARGEST_PAGE)


def created_between(under: str) -> tuple[Argument, Argument]:
    """`dateFrom` and `dateTo`, inclusive; a date covers its whole UTC day (CU-43)."""
    return (
        query("dateFrom", f"{under}.createdFrom", note="Created at or after; a date-time or a date."),
        query("dateTo", f"{under}.createdTo", note="Created at or before; a date covers its whole UTC day."),
    )
