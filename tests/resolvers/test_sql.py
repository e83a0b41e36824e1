"""SQL said once."""

from __future__ import annotations

from resolvers.sql import padded


def test_lists_of_many_lengths_make_few_statements() -> None:
    assert padded([]) == []
    assert padded("abc") == ["a", "b", "c", "c"]
    assert {len(padded(range(1, length + 1))) for length in range(1, 500)} == {2**power for power in range(10)}
    assert set(padded(range(500))) == set(range(500))
