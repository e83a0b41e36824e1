"""Who may do what: permissions, and the roles that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """A right checked by reads and use cases, written `verb:thing`."""

    READ_LEADS = "read:leads"
    WRITE_LEADS = "write:leads"
    READ_REPORTS = "read:reports"
    READ_ACCOUNTS = "read:accounts"
    READ_USERS = "read:users"
    ADMIN = "admin"


class Role(StrEnum):
    """What a member of staff is in the organization."""

    ADMIN = "ADMIN"
    SALES_MANAGER = "SALES_MANAGER"
    SALES_REP = "SALES_REP"
    ANALYST = "ANALYST"
    INTEGRATION = "INTEGRATION"


_SALES = frozenset(
    {
        Permission.READ_LEADS,
        Permission.WRITE_LEADS,
        Permission.READ_REPORTS,
        Permission.READ_ACCOUNTS,
        Permission.READ_USERS,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.SALES_MANAGER: _SALES,
    Role.SALES_REP: _SALES - {Permission.READ_REPORTS},
    Role.ANALYST: _SALES - {Permission.WRITE_LEADS},
    Role.INTEGRATION: _SALES,
}


def granted(role: Role, scopes: Iterable[str]) -> frozenset[Permission]:
    """The permissions of a role, narrowed by a credential's scopes.

    A scope is `read`, `write` (all permissions of that verb), `admin`, or a permission by its own name.
    A scope never adds what the role lacks (X-14).
    """
    names = set(scopes)
    return frozenset(
        permission
        for permission in ROLE_PERMISSIONS[role]
        if permission.value in names or permission.value.partition(":")[0] in names
    )
