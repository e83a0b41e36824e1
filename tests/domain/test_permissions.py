"""Roles carry permissions; scopes only take away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Code, DomainError
from domain.permissions import ADMINISTRATIVE, ROLE_PERMISSIONS, Permission, Role, granted, to_be_answered
from domain.users import permissions_of
from domain.viewer import Viewer

scopes = st.lists(st.sampled_from(["read", "write", "admin", "nonsense", *(p.value for p in Permission)]))


@given(st.sampled_from(Role), scopes)
def test_a_scope_never_adds_what_the_role_lacks(role: Role, names: list[str]) -> None:
    assert granted(role, names) <= ROLE_PERMISSIONS[role]


@pytest.mark.parametrize(
    ("role", "names", "permissions"),
    [
        (Role.ADMIN, ["read", "write", "admin"], set(Permission)),
        (Role.SALES_REP, ["write:feedback"], {Permission.WRITE_FEEDBACK}),
        (Role.ANALYST, ["write"], set()),
        (Role.ADMIN, ["read:leads"], {Permission.READ_LEADS, Permission.READ_WEBHOOKS}),
        (Role.ADMIN, ["write:webhooks"], {Permission.WRITE_WEBHOOKS}),
        (Role.SALES_MANAGER, ["admin"], set()),
        (Role.ADMIN, [], set()),
    ],
)
def test_scopes_narrow_a_role(role: Role, names: list[str], permissions: set[Permission]) -> None:
    assert granted(role, names) == permissions


@given(st.frozensets(st.sampled_from(Permission)), st.booleans())
def test_what_is_told_besides_is_no_right_to_write_and_none_over_access(
    held: frozenset[Permission], writing: bool
) -> None:
    told = to_be_answered(held, writing)
    added = {each.value for each in told - held}
    written = {f"read:{each.value.removeprefix('write:')}" for each in held if each.value.startswith("write:")}
    assert held <= told
    assert not (told - held) & ADMINISTRATIVE
    assert added <= {"read:users"} | ({"read:jobs"} | written if writing else set())


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_its_permissions_in_the_declared_order(role: Role) -> None:
    listed = permissions_of(role)
    assert set(listed) == ROLE_PERMISSIONS[role]
    assert listed == sorted(listed, key=list(Permission).index)


def test_a_viewer_says_which_permission_is_missing() -> None:
    viewer = Viewer("org_1", "client_1", None, None, frozenset({Permission.READ_LEADS}), (), None, "Free", "key")
    viewer.require(Permission.READ_LEADS)
    with pytest.raises(DomainError, match="write:leads") as refused:
        viewer.require(Permission.WRITE_LEADS)
    assert refused.value.code is Code.FORBIDDEN
