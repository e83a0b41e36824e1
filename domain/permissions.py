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

_CONTAINED = {
    Permission.READ_WEBHOOKS: "read:leads",
    Permission.WRITE_WEBHOOKS: "write:leads",
    Permission.READ_USERS: "read:leads",
}
"""Permissions that CRM-Ultra knows no name for: its scopes for leads contain them (CU-57), as its leads tell who looks
after them."""

_SHOWN = frozenset({Permission.READ_JOBS, Permission.READ_USERS})
"""What answers to writes tell besides: the job that goes on with it, and the name of who looks after something."""

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


def to_be_answered(permissions: frozenset[Permission]) -> frozenset[Permission]:
    """What must be allowed for documented writes to be answered whole: to see what may be written, and who and what
    it hangs on. It opens no route that reads.
    """
    seen = {each.value.replace("write:", "read:", 1) for each in permissions}
    return permissions | _SHOWN | {each for each in Permission if each.value in seen and each not in ADMINISTRATIVE}


def acting(
    user_id: str | None, team_id: str | None, role: Role | None, scopes: Iterable[str], sandbox: bool
) -> tuple[str | None, str | None, frozenset[Permission]]:
    """User, team and permissions by which a client acts: its user's, or its own; in a sandbox there are no users."""
    user = None if sandbox else user_id
    return user, team_id if user else None, granted(role if role and user else Role.INTEGRATION, scopes)


def _scopes_of(permission: Permission) -> set[str]:
    wide = "admin" if permission in ADMINISTRATIVE else permission.value.partition(":")[0]
    return {permission.value, wide, _CONTAINED.get(permission, wide)}
