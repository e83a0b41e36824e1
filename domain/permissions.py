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
    WRITE_ACCOUNTS = "write:accounts"
    READ_COMPLIANCE = "read:compliance"
    WRITE_COMPLIANCE = "write:compliance"
    READ_MARKETING = "read:marketing"
    WRITE_MARKETING = "write:marketing"
    READ_FEEDBACK = "read:feedback"
    WRITE_FEEDBACK = "write:feedback"
    READ_JOBS = "read:jobs"
    READ_WEBHOOKS = "read:webhooks"
    WRITE_WEBHOOKS = "write:webhooks"
    READ_USERS = "read:users"
    WRITE_USERS = "write:users"
    READ_CLIENTS = "read:clients"
    WRITE_CLIENTS = "write:clients"
    READ_AUDIT = "read:audit"
    ADMIN = "admin"


class Role(StrEnum):
    """What a member of staff is in the organization."""

    ADMIN = "ADMIN"
    SALES_MANAGER = "SALES_MANAGER"
    SALES_REP = "SALES_REP"
    ANALYST = "ANALYST"
    INTEGRATION = "INTEGRATION"


ADMINISTRATIVE = frozenset(
    {
        Permission.WRITE_USERS,
        Permission.READ_CLIENTS,
        Permission.WRITE_CLIENTS,
        Permission.READ_AUDIT,
        Permission.ADMIN,
    }
)
"""What decides over access itself. An administrator who lets an application `read` and `write` has not meant these:
they need the scope `admin`, or their own name."""

_SALES = frozenset(
    {
        Permission.READ_LEADS,
        Permission.WRITE_LEADS,
        Permission.READ_REPORTS,
        Permission.READ_ACCOUNTS,
        Permission.WRITE_ACCOUNTS,
        Permission.READ_COMPLIANCE,
        Permission.WRITE_COMPLIANCE,
        Permission.READ_MARKETING,
        Permission.WRITE_MARKETING,
        Permission.READ_FEEDBACK,
        Permission.WRITE_FEEDBACK,
        Permission.READ_JOBS,
        Permission.READ_WEBHOOKS,
        Permission.WRITE_WEBHOOKS,
        Permission.READ_USERS,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.SALES_MANAGER: _SALES,
    Role.SALES_REP: _SALES - {Permission.READ_REPORTS},
    Role.ANALYST: frozenset(each for each in _SALES if not each.value.startswith("write:")),
    Role.INTEGRATION: _SALES,
}

_CONTAINED = {Permission.READ_WEBHOOKS: "read:leads", Permission.WRITE_WEBHOOKS: "write:leads"}
"""Permissions that CRM-Ultra knows no name for: its scopes for leads contain them (CU-57)."""

_TOLD = frozenset({Permission.READ_USERS})
"""What documented answers tell of besides: who looks after something, or has done it."""
_TOLD_OF_WRITES = _TOLD | {Permission.READ_JOBS}
"""And the job that goes on with what was written."""

_SPELLED = {"ultimate:read": "read", "ultimate:write": "write"}
"""CopyCar's words for the two scopes every dialect has (X-14)."""


def granted(role: Role, scopes: Iterable[str]) -> frozenset[Permission]:
    """The permissions of a role, narrowed by a credential's scopes.

    A scope is `read`, `write` (all permissions of that verb except the administrative ones), `admin` (those), a
    permission by its own name or by one that contains it, or CopyCar's word for one of the first two. A scope never
    adds what the role lacks (X-14).
    """
    names = {_SPELLED.get(scope, scope) for scope in scopes}
    return frozenset(permission for permission in ROLE_PERMISSIONS[role] if names & _scopes_of(permission))


def to_be_answered(permissions: frozenset[Permission], writing: bool) -> frozenset[Permission]:
    """What must be allowed for a documented call to be answered whole, which asks for one scope.

    It tells names of staff, one's own at `/users/me` too; whoever writes is shown what may be written. It adds no right
    to write, and none over access itself.
    """
    if not writing:
        return permissions | _TOLD
    seen = {each.value.replace("write:", "read:", 1) for each in permissions}
    return permissions | _TOLD_OF_WRITES | {each for each in _SALES if each.value in seen}


def acting(
    user_id: str | None, team_id: str | None, role: Role | None, scopes: Iterable[str], sandbox: bool
) -> tuple[str | None, str | None, frozenset[Permission]]:
    """User, team and permissions by which a client acts: its user's, or its own; in a sandbox there are no users."""
    user = None if sandbox else user_id
    return user, team_id if user else None, granted(role if role and user else Role.INTEGRATION, scopes)


def _scopes_of(permission: Permission) -> set[str]:
    wide = "admin" if permission in ADMINISTRATIVE else permission.value.partition(":")[0]
    return {permission.value, wide, _CONTAINED.get(permission, wide)}
