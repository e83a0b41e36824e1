"""As whom webhooks are told: what each may see at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select

from domain.clients import ApiClient, covers
from domain.grants import Grant
from domain.permissions import Permission, Role, acting
from domain.users import User
from domain.viewer import Dialect, Viewer
from domain.visibility import audiences_of
from domain.webhooks import WebhookEndpoint
from resolvers.reads import Statement

WHO: Final = (
    Grant.scopes,
    Grant.revoked_at,
    ApiClient.id,
    ApiClient.name,
    ApiClient.organization_id,
    ApiClient.dialect,
    ApiClient.tier,
    ApiClient.scopes,
    ApiClient.sandbox,
    ApiClient.expires_at,
    ApiClient.revoked_at,
    User.id,
    User.team_id,
    User.role,
    User.disabled_at,
)
"""The last columns of `Standing`: authorization, client and user. Before them are id, organization, scopes and grant of
what hangs on these.
"""

# Built once: it is read before every attempt, and building it anew takes longer than running it.
_STANDINGS: Statement = (
    select(
        WebhookEndpoint.id,
        WebhookEndpoint.organization_id,
        WebhookEndpoint.scopes,
        WebhookEndpoint.grant_id,
        *WHO,
    )
    .join(ApiClient, ApiClient.id == WebhookEndpoint.client_id)
    .outerjoin(Grant, Grant.id == WebhookEndpoint.grant_id)
    .outerjoin(User, User.id == func.coalesce(WebhookEndpoint.user_id, ApiClient.user_id))
    .where(WebhookEndpoint.id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A webhook with what it hangs on, a row of `standings`."""

    endpoint_id: str
    organization_id: str
    scopes: list[str] | None
    grant_id: str | None
    grant_scopes: list[str] | None
    grant_revoked_at: datetime | None
    client_id: str
    client_name: str
    home_id: str
    dialect: Dialect | None
    tier: str
    client_scopes: list[str]
    sandbox: bool
    client_expires_at: datetime | None
    client_revoked_at: datetime | None
    user_id: str | None
    team_id: str | None
    role: Role | None
    user_disabled_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether its client, its authorization and its user are all in force."""
        # An authorization whose tokens have all run out is forgotten: what was registered under it ends with it.
        lapsed = self.grant_id is not None and self.grant_scopes is None
        ended = any((lapsed, self.client_revoked_at, self.grant_revoked_at, self.user_disabled_at))
        return not ended and (self.client_expires_at is None or now < self.client_expires_at)

    @property
    def viewer(self) -> Viewer:
        """Who it sees as, whether or not that is in force."""
        wanted = self.client_scopes if self.scopes is None else self.scopes
        scopes = [each for each in wanted if covers(self.client_scopes, each)]
        if self.grant_scopes is not None:
            scopes = [each for each in scopes if covers(self.grant_scopes, each)]
        user_id, team_id, permissions = acting(self.user_id, self.team_id, self.role, scopes, self.sandbox)
        return Viewer(
            organization_id=self.organization_id,
            client_id=self.client_id,
            user_id=user_id,
            team_id=team_id,
            permissions=permissions,
            scopes=tuple(scopes),
            dialect=self.dialect,
            tier=self.tier,
            name=self.client_name,
            grant_id=self.grant_id,
            home_organization_id=self.home_id,
            expires_at=self.client_expires_at,
        )


def standings(endpoint_ids: Sequence[str]) -> Statement:
    """What these webhooks hang on: rows for `Standing`."""
    return _STANDINGS.params(ids=list(endpoint_ids))


def check_sight(viewer: Viewer, seen: Viewer) -> None:
    """Let a viewer pass who sees at least what another one does; `admin` decides over all access anyway.

    Raises:
        DomainError: FORBIDDEN naming what is missing.
    """
    if Permission.ADMIN in viewer.permissions:
        return
    for permission in sorted(seen.permissions):
        viewer.require(permission)
    if not set(audiences_of(seen)) <= set(audiences_of(viewer)):
        viewer.require(Permission.ADMIN)
