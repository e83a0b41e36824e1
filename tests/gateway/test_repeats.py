"""Idempotency keys: whose they are, and what the second of two at once is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from domain.permissions import Role
from domain.users import User
from domain.viewer import Viewer
from gateway.database import Database
from gateway.replays import Replays
from resolvers import user_writes
from resolvers.unit import Claim, Keys, Unit
from resolvers.user_writes import Invitee
from rest_compat.engine.services import StoredAnswer

KEYED = Claim("key-1", "fingerprint-1")


def inviting(email: str) -> Invitee:
    """Somebody new."""
    return Invitee(email=email, role=Role.ANALYST)


async def invite(database: Database, viewer: Viewer, email: str) -> Keys:
    """Invite somebody under the key of this module."""

    async def work(unit: Unit) -> Keys:
        return await user_writes.invite(unit, inviting(email))

    return await database.transact(viewer, work, KEYED, "inviteUser")


async def invited(database: Database, viewer: Viewer, email: str) -> list[str]:
    """The ids of users with an address."""
    found = select(User.id).where(User.organization_id == viewer.organization_id, User.email == email)
    return [row[0] for row in await database.rows(found)]


async def test_all_of_many_at_once_get_what_the_first_one_made(database: Database, viewer: Viewer) -> None:
    answers = await asyncio.gather(*(invite(database, viewer, "ada@example.com") for _ in range(10)))
    assert {answer["user"] for answer in answers} == set(await invited(database, viewer, "ada@example.com"))
    assert [bool(answer["invitation_url"]) for answer in answers].count(True) == 1


async def test_people_who_use_one_application_have_keys_of_their_own(database: Database, viewer: Viewer) -> None:
    ann = replace(viewer, grant_id="grant_ann")
    bob = replace(viewer, grant_id="grant_bob", user_id="user_bob")
    first = await invite(database, ann, "ada@example.com")
    second = await invite(database, bob, "bea@example.com")
    assert first["user"] != second["user"]
    replays = Replays(database, timedelta(hours=24))
    await replays.after(ann, "key-1", "fingerprint-1", StoredAnswer(200, (), b"{}"))
    assert await replays.before(ann, "key-1", "fingerprint-1") is not None
    # Not even as a conflict: what others send is nobody's business.
    assert await replays.before(bob, "key-1", "fingerprint-2") is None
