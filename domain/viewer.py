"""On whose behalf something happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import forbidden
from domain.permissions import Permission, to_be_answered


class Dialect(StrEnum):
    """The three older products whose clients are served."""

    COPYCAR = "COPYCAR"
    CLICKUP_BRAIN = "CLICKUP_BRAIN"
    CRM_ULTRA = "CRM_ULTRA"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A credential resolved: one organization, perhaps a user, and what both may do.

    `organization_id` is whose data is seen; `home_id` whose credential it is, another one for a sandbox (CB-45).
    `credential_id` is the key or token that was presented, `grant_id` the authorization behind a token; `expires_at`
    when it ends by itself. A person on the server's own pages has no `client_id`: it is empty.
    """

    organization_id: str
    client_id: str
    user_id: str | None
    team_id: str | None
    permissions: frozenset[Permission]
    scopes: tuple[str, ...]
    dialect: Dialect | None
    tier: str
    name: str
    credential_id: str | None = None
    grant_id: str | None = None
    home_organization_id: str | None = None
    expires_at: datetime | None = None

    @classmethod
    def nobody(cls, organization_id: str, name: str = "Trigraph") -> Viewer:
        """For what happens on nobody's behalf: no client, no user, no permission."""
        return cls(organization_id, "", None, None, frozenset(), (), None, "none", name)

    @property
    def home_id(self) -> str:
        """The organization that answers for the credential."""
        return self.home_organization_id or self.organization_id

    @property
    def counted_as(self) -> str:
        """Whose limits and idempotency keys these are: the client's, or its for the user who authorized it."""
        return f"{self.client_id}:{self.user_id}" if self.grant_id and self.user_id else self.client_id

    @property
    def subjects(self) -> frozenset[str]:
        """Everything whose change takes access away or alters it (see `domain.access`)."""
        known = (self.client_id, self.user_id, self.credential_id, self.grant_id, self.home_id)
        return frozenset(each for each in known if each)

    def to_be_answered(self, *, writing: bool) -> Viewer:
        """The same viewer, who is also shown what a documented call answers."""
        return replace(self, permissions=to_be_answered(self.permissions, writing))

    def require(self, permission: Permission) -> None:
        """Let the viewer pass, or say what is missing.

        Raises:
            DomainError: FORBIDDEN when the permission is not granted.
        """
        if permission not in self.permissions:
            raise forbidden(permission.value)
