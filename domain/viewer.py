"""On whose behalf something happens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import forbidden
from domain.permissions import Permission


class Dialect(StrEnum):
    """The three older products whose clients are served."""

    COPYCAR = "COPYCAR"
    CLICKUP_BRAIN = "CLICKUP_BRAIN"
    CRM_ULTRA = "CRM_ULTRA"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A credential resolved: one organization, perhaps a user, and what both may do."""

    organization_id: str
    client_id: str
    user_id: str | None
    team_id: str | None
    permissions: frozenset[Permission]
    scopes: tuple[str, ...]
    dialect: Dialect | None
    tier: str
    name: str

    def require(self, permission: Permission) -> None:
        """Let the viewer pass, or say what is missing.

        Raises:
            DomainError: FORBIDDEN when the permission is not granted.
        """
        if permission not in self.permissions:
            raise forbidden(permission.value)
