"""Cursors say what they always said, however they are written: clients keep them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from resolvers import cursors


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, 0),
        (-(2**31), -(2**31)),
        ("plain", "plain"),
        ('ünï"quote\\ \x1f', 'ünï"quote\\ \x1f'),
        (True, True),
        (1.5, 1.5),
        (None, None),
        (datetime(2024, 1, 15, 14, 30, tzinfo=UTC), "2024-01-15T14:30:00Z"),
    ],
)
@pytest.mark.parametrize("id", ["lead_01m80zp87amchvkaym2r27zd89", 'odd"\\\né~~~???'])
def test_a_row_is_named_by_what_it_is_sorted_by_and_its_id(value: Any, shown: Any, id: str) -> None:
    written = "c1:" + json.dumps(["score:desc", shown, id], separators=(",", ":"))
    expected = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
    assert cursors.keys("score:desc", value, id) == expected


def test_a_cursor_leads_back_to_its_row() -> None:
    cursor = cursors.keys("score:desc", 42, "lead_1")
    assert cursors.keys_of(cursor, "score:desc", int, "after") == (42, "lead_1")
    assert cursors.sequence_of(cursors.place(7)) == 7
