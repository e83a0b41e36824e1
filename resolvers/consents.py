"""What people have allowed applications to do in their name, and taking it back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, or_, select

from domain.clients import ApiClient
from domain.credentials import Credential
from domain.errors import not_found
from domain.events import EventType
from domain.grants import Grant
from domain.permissions import Permission
from domain.texts import storable
from domain.visibility import holders_of
from resolvers.reads import Statement, visible_to
from resolvers.unit import Keys, Unit


def allowed_by(user_id: str, now: datetime) -> Statement:
    """What a user allows that is in force: the client's id and name, the scopes, since when; oldest first.

    An authorization without a code or token that still opens something has run out by itself.
    """
    opens = exists().where(
        Credential.grant_id == Grant.id,
        Credential.revoked_at.is_(None),
        Credential.used_at.is_(None),
        or_(Credential.expires_at.is_(None), Credential.expires_at > now),
    )
    return (
        select(ApiClient.id, ApiClient.name, Grant.scopes, Grant.created_at)
        .join(ApiClient, ApiClient.id == Grant.client_id)
        .where(Grant.user_id == user_id, Grant.revoked_at.is_(None), ApiClient.revoked_at.is_(None), opens)
        .order_by(Grant.created_at, Grant.id)
    )


async def withdraw(unit: Unit, client_id: str) -> Keys:
    """Take back whatever the viewer has allowed a client: its tokens end at once. It needs no permission: it is theirs.

    Raises:
        DomainError: NOT_FOUND when the viewer allows that client nothing.
    """
    own = (Grant.client_id == client_id, Grant.user_id == unit.viewer.user_id, Grant.revoked_at.is_(None))
    statement = visible_to(unit.viewer, Grant).where(*own).order_by(Grant.id).with_for_update()
    grants = list(await unit.session.scalars(statement)) if storable(client_id) else []
    if not grants:
        raise not_found(ApiClient.label, client_id, "client")
    for grant in grants:
        grant.revoked_at = unit.now
        unit.record(EventType.ACCESS_WITHDRAWN, grant, grant.facts(), audience=holders_of(Permission.READ_CLIENTS))
        unit.audit("withdrawAccess", grant.id)
        unit.access_changed(grant.id)
    return {"grants": [grant.id for grant in grants]}
