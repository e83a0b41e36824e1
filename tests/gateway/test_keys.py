"""Credentials as whoever runs the server makes them."""

from __future__ import annotations

import pytest

from domain.credentials import hash_of
from domain.errors import DomainError, Kind
from domain.permissions import Permission, Role
from domain.viewer import Dialect
from gateway import keys
from gateway.credential_rules import Door
from gateway.database import Database
from gateway.keys import Wanted
from tests.factories.credentials import resolve
from tests.factories.organizations import make_user


async def test_a_new_key_opens_its_door_as_its_user(database: Database, organization: str):
    user = await make_user(database, organization, role=Role.SALES_REP, email="sam@example.com")
    wanted = Wanted("Form", Dialect.CRM_ULTRA, organization, "Sam@Example.com", "basic", ("read",))

    issued = await keys.create(database, wanted)

    viewer = await resolve(database, {"x-api-key": issued.key}, Door(Dialect.CRM_ULTRA))
    assert viewer is not None
    assert (viewer.organization_id, viewer.user_id, viewer.tier) == (organization, user, "Basic")
    assert Permission.READ_LEADS in viewer.permissions
    assert Permission.WRITE_LEADS not in viewer.permissions


async def test_only_the_hash_is_stored(database: Database, organization: str):
    issued = await keys.create(database, Wanted("Form", organization=organization))

    (stored,) = await keys.listed(database, organization)

    assert stored.key.hash == hash_of(issued.key)
    assert issued.key not in map(str, (vars(stored.client) | vars(stored.key)).values())


async def test_a_rotated_key_replaces_the_old_one(database: Database, organization: str):
    old = await keys.create(database, Wanted("Form", organization=organization))

    new = await keys.rotate(database, old.client.id)

    found = await resolve(database, {"x-api-key": new.key})
    assert found is not None
    assert found.client_id == old.client.id
    with pytest.raises(DomainError) as refused:
        await resolve(database, {"x-api-key": old.key})
    assert refused.value.kind is Kind.UNAUTHENTICATED


async def test_a_revoked_key_opens_nothing(database: Database, organization: str):
    issued = await keys.create(database, Wanted("Form", organization=organization))

    await keys.revoke(database, issued.client.id)

    with pytest.raises(DomainError) as refused:
        await resolve(database, {"x-api-key": issued.key})
    assert refused.value.kind is Kind.UNAUTHENTICATED


async def test_a_user_of_another_organization_is_not_found(database: Database, organization: str, stranger: object):
    await make_user(database, stranger.organization_id, email="elsewhere@example.com")  # type: ignore[attr-defined]

    with pytest.raises(DomainError) as refused:
        await keys.create(database, Wanted("Form", organization=organization, user="elsewhere@example.com"))

    assert (refused.value.kind, refused.value.field) == (Kind.NOT_FOUND, "user")
