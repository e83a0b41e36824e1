"""Keys and secrets in the graph: made, rotated with an overlap, revoked; each shown once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind, hash_of
from domain.errors import DomainError
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import keys
from resolvers.keys import Brought
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.factories.credentials import make_client, resolve
from tests.factories.office import Office, office

__all__ = ["office"]

MANAGERS = "permission:read:clients"
KEY = "key { id kind hint createdAt expiresAt revokedAt lastUsedAt client { id } }"


@pytest.fixture
async def client(office: Office, database: Database) -> str:
    """A client of the office without keys."""
    return await make_client(database, office.organization)


async def opens(database: Database, key: str) -> bool:
    try:
        return await resolve(database, {"x-api-key": key}) is not None
    except DomainError:
        return False


async def test_a_key_is_made_for_a_client(office: Office, database: Database, client: str) -> None:
    made = await office.done("createKey", f"{KEY} apiKey client {{ name }}", clientId=client, expiresAt="2024-02-01")
    key = made["key"]
    assert key == {
        "id": key["id"],
        "kind": "KEY",
        "hint": made["apiKey"][:9],
        "createdAt": "2024-01-15T14:30:00Z",
        "expiresAt": "2024-02-01T00:00:00Z",
        "revokedAt": None,
        "lastUsedAt": None,
        "client": {"id": client},
    }
    assert made["apiKey"].startswith("tgcu_")
    assert await opens(database, made["apiKey"])
    assert await office.told() == [("KEY_CREATED", key["id"], MANAGERS)]
    assert await office.noted() == [("createKey", key["id"])]
    assert made["apiKey"] not in str(await office.facts())
    assert await office.refused("createKey", clientId=client, expiresAt="2024-01-01") == [("INVALID", "expiresAt")]


async def test_an_old_key_works_beside_the_new_one_for_a_day(
    office: Office, database: Database, client: str, clock: SetClock
) -> None:
    old = await office.done("createKey", f"{KEY} apiKey", clientId=client)
    new = await office.done("rotateKey", f"{KEY} apiKey", keyId=old["key"]["id"])
    assert new["key"]["expiresAt"] is None
    assert await office.heard(old["key"]["id"]) == {old["key"]["id"]}
    assert await office.told() == [
        ("KEY_CREATED", old["key"]["id"], MANAGERS),
        ("KEY_ROTATED", new["key"]["id"], MANAGERS),
    ]
    assert (await office.facts())["replaces"] == [old["key"]["id"]]
    clock.advance(hours=23)
    assert [await opens(database, each["apiKey"]) for each in (old, new)] == [True, True]
    clock.advance(hours=1)
    assert [await opens(database, each["apiKey"]) for each in (old, new)] == [False, True]
    assert await office.refused("rotateKey", keyId=old["key"]["id"]) == [("CONFLICT", "keyId")]


async def test_an_overlap_never_makes_a_key_last_longer(office: Office, client: str) -> None:
    old = await office.done("createKey", f"{KEY} apiKey", clientId=client, expiresAt="2024-01-15T15:00:00Z")
    await office.done("rotateKey", keyId=old["key"]["id"], overlapSeconds=30 * 24 * 3600, expiresAt="2024-03-01")
    query = "query ($id: ID!) { client(id: $id) { keys { nodes { expiresAt } } } }"
    nodes = (await office.graph.data(query, id=client))["client"]["keys"]["nodes"]
    assert sorted(each["expiresAt"] for each in nodes) == ["2024-01-15T15:00:00Z", "2024-03-01T00:00:00Z"]


async def test_without_an_overlap_the_old_key_ends_at_once(office: Office, database: Database, client: str) -> None:
    old = await office.done("createKey", f"{KEY} apiKey", clientId=client)
    new = await office.done("rotateKey", f"{KEY} apiKey", keyId=old["key"]["id"], overlapSeconds=0)
    assert [await opens(database, each["apiKey"]) for each in (old, new)] == [False, True]


@pytest.mark.parametrize("seconds", [-1, 30 * 24 * 3600 + 1])
async def test_an_overlap_has_its_limits(office: Office, client: str, seconds: int) -> None:
    old = (await office.done("createKey", KEY, clientId=client))["key"]["id"]
    assert await office.refused("rotateKey", keyId=old, overlapSeconds=seconds) == [("INVALID", "overlapSeconds")]
    refusals = await office.refused("rotateSecret", clientId=client, overlapSeconds=seconds)
    assert refusals == [("INVALID", "overlapSeconds")]


async def test_a_revoked_key_ends_and_others_go_on(office: Office, database: Database, client: str) -> None:
    first, second = [await office.done("createKey", f"{KEY} apiKey", clientId=client) for _ in range(2)]
    revoked = await office.done("revokeKey", KEY, by={"id": first["key"]["id"]})
    assert revoked["key"]["revokedAt"] == "2024-01-15T14:30:00Z"
    assert [await opens(database, each["apiKey"]) for each in (first, second)] == [False, True]
    await office.done("revokeKey", by={"id": first["key"]["id"]})
    assert [each[0] for each in await office.told()] == ["KEY_CREATED", "KEY_CREATED", "KEY_REVOKED"]
    assert await office.heard(first["key"]["id"]) == {first["key"]["id"]}


async def both_open(database: Database, key: str, secret: str) -> bool:
    try:
        return await resolve(database, {"x-api-key": key, "x-api-secret": secret}) is not None
    except DomainError:
        return False


async def test_a_secret_is_renewed_with_an_overlap(
    office: Office, database: Database, client: str, clock: SetClock
) -> None:
    key = (await office.done("createKey", f"{KEY} apiKey", clientId=client))["apiKey"]
    fields = f"{KEY} clientSecret client {{ secrets {{ nodes {{ expiresAt }} }} }}"
    first = await office.done("rotateSecret", fields, clientId=client)
    second = await office.done("rotateSecret", fields, clientId=client, overlapSeconds=60)
    assert second["key"]["kind"] == "SECRET"
    assert [each["expiresAt"] for each in second["client"]["secrets"]["nodes"]] == [None, "2024-01-15T14:31:00Z"]
    assert await office.heard(client, first["key"]["id"]) == {client, first["key"]["id"]}
    secrets = [first["clientSecret"], second["clientSecret"]]
    assert [await both_open(database, key, each) for each in secrets] == [True, True]
    clock.advance(minutes=1)
    assert [await both_open(database, key, each) for each in secrets] == [False, True]
    assert await office.refused("rotateKey", keyId=second["key"]["id"]) == [("INVALID", "keyId")]
    await office.done("revokeKey", by={"id": second["key"]["id"]})
    assert not await both_open(database, key, second["clientSecret"])


async def test_many_at_once_leave_one_secret_in_force(office: Office, database: Database, client: str) -> None:
    await asyncio.gather(*(office.done("rotateSecret", clientId=client, overlapSeconds=0) for _ in range(5)))
    in_force = select(Credential.id).where(Credential.client_id == client, Credential.revoked_at.is_(None))
    assert len(await database.rows(in_force)) == 1


async def test_no_value_is_in_the_database(office: Office, database: Database, client: str) -> None:
    key = (await office.done("createKey", "apiKey", clientId=client))["apiKey"]
    secret = (await office.done("rotateSecret", "clientSecret", clientId=client))["clientSecret"]
    columns = select(Credential).where(Credential.client_id == client)
    stored = str([tuple(row) for row in await database.rows(columns)])
    assert key not in stored
    assert secret not in stored


async def take_over(database: Database, viewer: Viewer, **wanted: Any) -> Keys:
    async def work(unit: Unit) -> Keys:
        return await keys.take_over(unit, Brought(**wanted))

    return await database.transact(viewer, work)


async def test_a_key_of_an_older_product_is_kept_by_its_hash(
    office: Office, database: Database, client: str, viewer: Viewer
) -> None:
    value = "cu_live_4f9a1c77e2b84d21"
    taken = await take_over(database, viewer, client_id=client, value=f" {value}\n")
    columns = select(Credential.hash, Credential.hint, Credential.kind).where(Credential.id == taken["key"])
    assert await database.rows(columns) == [(hash_of(value), "cu_l", CredentialKind.KEY)]
    assert await opens(database, value)
    assert await office.told() == [("KEY_CREATED", taken["key"], MANAGERS)]
    assert await office.noted() == [("importKey", taken["key"])]
    assert value not in str(await office.facts())
    with pytest.raises(DomainError) as refused:
        await take_over(database, viewer, client_id=client, value=value)
    assert refused.value.field == "value"


async def test_a_client_that_has_ended_still_shows_its_keys(office: Office, database: Database, client: str) -> None:
    await office.done("createKey", clientId=client)

    async def work(session: AsyncSession) -> None:
        await session.execute(update(ApiClient).where(ApiClient.id == client).values(revoked_at=database.clock.now()))

    await database.store(work)
    query = "query ($id: ID!) { client(id: $id) { revokedAt keys { totalCount } } }"
    shown = (await office.graph.data(query, id=client))["client"]
    assert shown == {"revokedAt": "2024-01-15T14:30:00Z", "keys": {"totalCount": 1}}
