"""Invitations by their secret alone, without a page in front of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.credentials import hash_of
from domain.errors import Code, DomainError
from domain.sessions import Invitation, new_invitation
from domain.users import User
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import own_passwords
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.factories.organizations import make_user, store


async def accept(database: Database, viewer: Viewer, token: str) -> Keys:
    async def work(unit: Unit) -> Keys:
        return await own_passwords.accept(unit, token, "a hash")

    return await database.transact(viewer, work)


async def invited(database: Database, organization: str) -> tuple[str, str]:
    user_id, token = await make_user(database, organization), new_invitation()
    now = database.clock.now()
    known: dict[str, Any] = {"organization_id": organization, "user_id": user_id, "created_at": now}
    ends = now + timedelta(days=7)
    await store(database, Invitation(id=Invitation.new_id(), hash=hash_of(token), expires_at=ends, **known))
    return user_id, token


async def refused(database: Database, viewer: Viewer, token: str) -> bool:
    with pytest.raises(DomainError) as caught:
        await accept(database, viewer, token)
    return caught.value.code is Code.NOT_FOUND


async def test_an_invitation_is_good_until_it_ends(
    database: Database, organization: str, viewer: Viewer, clock: SetClock
):
    user_id, token = await invited(database, organization)
    _, late = await invited(database, organization)
    clock.advance(days=7, seconds=-1)
    assert await accept(database, viewer, token) == {"user": user_id}
    assert await refused(database, viewer, token)
    clock.advance(seconds=1)
    assert await refused(database, viewer, late)


async def test_nobody_accepts_for_a_disabled_user_or_in_another_organization(
    database: Database, organization: str, viewer: Viewer, stranger: Viewer
):
    user_id, token = await invited(database, organization)
    assert await refused(database, stranger, token)
    assert await refused(database, viewer, "tgin_unknown")

    async def disable(session: Any) -> None:
        (await session.get(User, user_id)).disabled_at = database.clock.now()

    await database.store(disable)
    assert await refused(database, viewer, token)
