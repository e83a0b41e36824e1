"""JSON in and out."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import json


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b" ", b"NaN", b"-Infinity", b"1e999", b"9" * 5_000, b"[1,]", b"1 2"),
        *(b"\xff", b"\xef\xbb\xbf1", b'"\\ud800"', "\ud800"),
        *(b"[" * 100_000, nested(129), nested(1_000), nested(100_000), b'{"a":' * 200 + b"1" + b"}" * 200),
    ],
)
def test_one_error_for_every_bad_text(text: bytes | str) -> None:
    with pytest.raises(json.MalformedJSON):
        json.loads(text)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert len(json.loads(b"[" + b"{},[]," * 1_000 + b"{}]")) == 2_001


def test_what_is_read_at_the_limit_can_be_written() -> None:
    assert json.dumps(json.loads(nested(128))) == nested(128)


def test_what_json_has_no_word_for_is_repaired_where_it_can_be() -> None:
    written: Any = json.loads(json.dumps({"a\ud800": ["\ud83d\ude00", "x\udfff", 2**70, True, None], 5: (1.5,)}))
    assert written == {"a\ufffd": ["😀", "x\ufffd", float(2**70), True, None], "5": [1.5]}
    assert json.dumps([10**400]) == b"[null]"
    assert json.dumps(math.nan) == b"null"


def test_what_cannot_be_written_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        json.dumps({"a": object()})


def test_times_end_in_z_and_keys_are_sorted_on_demand() -> None:
    assert json.dumps({"b": datetime(2026, 1, 2, tzinfo=UTC), "a": 1}, sort_keys=True) == (
        b'{"a":1,"b":"2026-01-02T00:00:00Z"}'
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_everything_json_can_say_is_written(value: Any) -> None:
    assert json.loads(json.dumps(value)) == value


@given(st.binary())
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with suppress(json.MalformedJSON):
        json.loads(data)
