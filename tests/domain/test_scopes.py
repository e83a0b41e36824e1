"""Scopes: which of them include which."""

from __future__ import annotations

import pytest

from domain.clients import SCOPES, covers
from domain.permissions import ADMINISTRATIVE, Permission, Role, granted


@pytest.mark.parametrize(
    ("held", "wanted", "included"),
    [
        (["read"], "read", True),
        (["read"], "read:leads", True),
        (["read:leads"], "read", False),
        (["read"], "write", False),
        (["write"], "read:leads", False),
        (["ultimate:read"], "read", True),
        (["read"], "ultimate:read", True),
        (["ultimate:write"], "ultimate:read", False),
        (["read", "write"], "write:users", False),
        (["read", "write"], "read:audit", False),
        (["admin"], "write:users", True),
        (["admin"], "read:leads", False),
        (["write:users"], "write:users", True),
        (["write:users"], "admin", False),
        (["write"], "admin", False),
        ([], "read", False),
    ],
)
def test_a_scope_includes_its_own_permissions(held: list[str], wanted: str, included: bool) -> None:
    assert covers(held, wanted) is included


@pytest.mark.parametrize("held", [["read"], ["write"], ["admin"], ["read", "write"], ["write:clients"], ["read:leads"]])
def test_what_a_scope_includes_opens_no_more_than_it(held: list[str]) -> None:
    inside = [scope for scope in SCOPES[None] if covers(held, scope)]
    assert granted(Role.ADMIN, inside) == granted(Role.ADMIN, held)


def test_reading_and_writing_do_not_decide_over_access() -> None:
    inside = {permission for permission in Permission if covers(["read", "write"], permission)}
    assert inside == set(Permission) - ADMINISTRATIVE
