"""Keys: recognisable, unguessable, and kept only by their hash."""

from __future__ import annotations

import pytest

from domain.credentials import KEY_MARKS, Credential, hash_of, new_key
from domain.viewer import Dialect


@pytest.mark.parametrize("dialect", [*Dialect, None])
def test_a_key_begins_with_its_dialects_mark_and_is_long_enough(dialect: Dialect | None) -> None:
    mark, _, secret = new_key(dialect).partition("_")
    assert mark == KEY_MARKS[dialect]
    assert len(secret) >= 40
    assert new_key(dialect) != new_key(dialect)


def test_only_the_hash_and_a_hint_are_kept() -> None:
    key, credential = new_key(Dialect.CRM_ULTRA), Credential()
    credential.take(key)
    assert credential.hash == hash_of(key)
    assert key.startswith(credential.hint)
    assert len(credential.hint) < 10
    assert key not in credential.hash


@pytest.mark.parametrize("key", ["", "ü", "\ud800", "x" * 100_000])
def test_any_text_can_be_looked_up(key: str) -> None:
    assert len(hash_of(key)) == 64
