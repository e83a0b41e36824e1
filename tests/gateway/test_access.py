"""What is remembered of credentials is forgotten as soon as access changes, here or in another process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import AccessChange
from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind, hash_of
from domain.errors import Code, DomainError, Kind
from domain.permissions import Permission, Role
from domain.users import User
from domain.viewer import Dialect, Viewer
from gateway.access import AccessWatch
from gateway.calls import CallRecord, serving
from gateway.credential_rules import Door
from gateway.credentials import Credentials
from gateway.database import Database
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.conftest import CountStatements
from tests.factories.credentials import make_client, make_credential, make_key, resolve
from tests.factories.jwts import signed
from tests.factories.organizations import make_user, make_viewer


@pytest.fixture
async def watch(database: Database) -> AsyncIterator[AccessWatch]:
    """A watch that has looked, and goes on looking."""
    watch = AccessWatch(database, 0.02)
    await watch.look()
    running = asyncio.create_task(watch.run())
    yield watch
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
def credentials(database: Database, watch: AccessWatch) -> Credentials:
    return Credentials(database, watch, 100)


async def revoke(database: Database, client_id: str) -> None:
    """Revoke a client as another process would: this one hears of it from the log alone."""

    async def work(session: AsyncSession) -> None:
        await session.execute(
            update(ApiClient).where(ApiClient.id == client_id).values(revoked_at=database.clock.now())
        )
        session.add(AccessChange(id=AccessChange.new_id(), subject_id=client_id, changed_at=database.clock.now()))

    await database.store(work)


async def test_a_remembered_credential_needs_no_statement(
    database: Database, organization: str, credentials: Credentials, count_statements: CountStatements
) -> None:
    headers = {"x-api-key": await make_key(database, organization)}
    first = await credentials.viewer(headers, Door())

    with count_statements() as statements:
        second = await credentials.viewer(headers, Door())

    assert second == first
    assert [each for each in statements if "api_client" in each] == []


async def test_another_processs_revocation_is_heard_within_a_second(
    database: Database, organization: str, credentials: Credentials, watch: AccessWatch
) -> None:
    heard = asyncio.Event()
    watch.on_change(lambda _: heard.set())
    client = await make_client(database, organization)
    headers = {"x-api-key": await make_credential(database, organization, client)}
    assert await credentials.viewer(headers, Door())

    await revoke(database, client)

    async with asyncio.timeout(1):
        await heard.wait()
    with pytest.raises(DomainError) as refused:
        await credentials.viewer(headers, Door())
    assert refused.value.kind is Kind.UNAUTHENTICATED


async def test_a_change_of_this_process_is_heard_at_once(
    database: Database, organization: str, viewer: Viewer, credentials: Credentials, watch: AccessWatch
) -> None:
    user = await make_user(database, organization, role=Role.SALES_REP)
    headers = {"x-api-key": await make_key(database, organization, user=user)}
    before = await credentials.viewer(headers, Door())
    assert before is not None
    assert Permission.READ_REPORTS not in before.permissions
    database.access_changed = watch.tell

    async def promote(unit: Unit) -> Keys:
        (await unit.load(User, user)).role = Role.SALES_MANAGER
        unit.access_changed(user)
        return {}

    await database.transact(viewer, promote)

    after = await credentials.viewer(headers, Door())
    assert after is not None
    assert Permission.READ_REPORTS in after.permissions


async def test_a_watch_that_cannot_look_makes_nothing_believed(
    database: Database, organization: str, count_statements: CountStatements
) -> None:
    blind = AccessWatch(database, 0.05)
    credentials = Credentials(database, blind, 100)
    headers = {"x-api-key": await make_key(database, organization)}
    await credentials.viewer(headers, Door())

    with count_statements() as statements:
        await credentials.viewer(headers, Door())

    assert len([each for each in statements if "api_client" in each]) == 1


async def test_what_ends_by_the_clock_ends_though_it_is_remembered(
    database: Database, organization: str, credentials: Credentials, clock: SetClock
) -> None:
    client = await make_client(database, organization)
    ends = clock.at.replace(minute=31)
    headers = {"x-api-key": await make_credential(database, organization, client, expires_at=ends)}
    assert await credentials.viewer(headers, Door())

    clock.advance(seconds=60)

    with pytest.raises(DomainError) as refused:
        await credentials.viewer(headers, Door())
    assert refused.value.kind is Kind.UNAUTHENTICATED


async def test_memory_is_bounded_and_holds_no_credential(
    database: Database, organization: str, watch: AccessWatch
) -> None:
    credentials = Credentials(database, watch, 2)
    keys = [await make_key(database, organization) for _ in range(4)]

    for key in keys:
        await credentials.viewer({"x-api-key": key}, Door())

    assert len(credentials._known) == 2
    assert not any(key in repr(credentials._known) for key in keys)


async def test_only_what_changed_is_told_and_only_once(database: Database, watch: AccessWatch) -> None:
    heard: list[frozenset[str]] = []
    told = asyncio.Event()
    watch.on_change(heard.append)
    watch.on_change(lambda _: told.set())

    async def note(session: AsyncSession) -> None:
        session.add(AccessChange(id="change_here", subject_id="user_one", changed_at=database.clock.now()))

    await database.store(note)
    async with asyncio.timeout(1):
        await told.wait()
    await watch.look()
    await watch.look()

    assert heard == [frozenset({"user_one"})]


async def test_the_log_is_forgotten_after_a_while(database: Database, clock: SetClock) -> None:
    async def note(session: AsyncSession) -> None:
        session.add(AccessChange(id="change_old", subject_id="user_one", changed_at=clock.now()))

    await database.store(note)
    clock.advance(hours=2)
    watch = AccessWatch(database, 1)

    await watch.forget()

    async def count(session: AsyncSession) -> bool:
        return await session.get(AccessChange, "change_old") is None

    assert await database.store(count)


async def test_a_used_credential_is_told_once(
    database: Database, organization: str, credentials: Credentials, clock: SetClock
) -> None:
    client = await make_client(database, organization)
    key = await make_credential(database, organization, client)
    await credentials.viewer({"x-api-key": key}, Door())

    used = credentials.take_used()

    async def stored(session: AsyncSession) -> CredentialKind:
        (only,) = used
        return (await session.get_one(Credential, only)).kind

    assert await database.store(stored) is CredentialKind.KEY
    assert set(used.values()) == {clock.at}
    assert credentials.take_used() == {}


async def test_after_a_long_blindness_everything_counts_as_changed(
    database: Database, organization: str, clock: SetClock
) -> None:
    watch = AccessWatch(database, 60)
    heard: list[frozenset[str] | None] = []
    credentials = Credentials(database, watch, 100)
    watch.on_change(heard.append)
    await watch.look()
    await credentials.viewer({"x-api-key": await make_key(database, organization)}, Door())
    assert len(credentials._known) == 1

    clock.advance(minutes=2)
    await watch.look()

    assert heard == [None]
    assert len(credentials._known) == 0


async def test_changes_are_heard_though_every_connection_is_busy(
    database: Database, organization: str, clock: SetClock
) -> None:
    watch = AccessWatch(database, 60)
    heard: list[frozenset[str] | None] = []
    watch.on_change(heard.append)
    await watch.look()
    client = await make_client(database, organization)
    async with AsyncExitStack() as busy:
        await revoke(database, client)
        for _ in range(5):
            await busy.enter_async_context(database.snapshot())

        async with asyncio.timeout(2):
            await watch.look()

    assert heard == [frozenset({client})]


async def test_a_key_with_a_secret_ends_when_the_secret_does(
    database: Database, organization: str, credentials: Credentials, clock: SetClock
) -> None:
    client = await make_client(database, organization, dialect=Dialect.COPYCAR, demands_secret=True)
    ends = clock.at.replace(minute=31)
    secret = await make_credential(database, organization, client, CredentialKind.SECRET, expires_at=ends)
    key = await make_credential(database, organization, client, dialect=Dialect.COPYCAR)
    headers = {"x-api-key": key, "x-api-secret": secret}
    viewer = await credentials.viewer(headers, Door())
    assert viewer is not None
    assert viewer.expires_at == ends

    clock.advance(seconds=60)

    with pytest.raises(DomainError) as refused:
        await credentials.viewer(headers, Door())
    assert refused.value.kind is Kind.UNAUTHENTICATED


async def test_a_key_beside_a_token_is_forgotten_when_it_alone_ends(
    database: Database, organization: str, credentials: Credentials, watch: AccessWatch
) -> None:
    client = await make_client(database, organization, dialect=Dialect.COPYCAR)
    token = await make_credential(database, organization, client, CredentialKind.ACCESS_TOKEN)
    key = await make_credential(database, organization, client, dialect=Dialect.COPYCAR)
    headers = {"authorization": f"Bearer {token}", "x-api-key": key}
    assert await credentials.viewer(headers, Door(Dialect.COPYCAR))

    async def end(unit: Unit) -> Keys:
        found = await unit.session.scalar(select(Credential).where(Credential.hash == hash_of(key)))
        assert found
        found.revoked_at = unit.now
        unit.access_changed(found.id)
        return {}

    database.access_changed = watch.tell
    await database.transact(await make_viewer(database, organization), end)

    with pytest.raises(DomainError) as refused:
        await credentials.viewer(headers, Door(Dialect.COPYCAR))
    assert refused.value.code is Code.UNAUTHENTICATED
    assert await credentials.viewer({"authorization": f"Bearer {token}"}, Door(Dialect.COPYCAR))


async def test_a_jwt_ends_when_it_says(database: Database, organization: str, clock: SetClock) -> None:
    client = await make_client(database, organization, dialect=Dialect.CLICKUP_BRAIN)
    secret = await make_credential(database, organization, client, CredentialKind.SECRET, sealed=True)
    ends = clock.at.replace(minute=40)
    token = signed({"iss": client, "exp": int(ends.timestamp())}, secret)
    viewer = await resolve(database, {"authorization": f"Bearer {token}"})
    assert viewer is not None
    assert viewer.expires_at == ends


async def test_a_refused_credential_is_put_down_to_its_holder(
    database: Database, organization: str, credentials: Credentials, clock: SetClock
) -> None:
    """Nothing that was unknown, or only claimed, is put down to anybody."""
    ended, alive = await make_client(database, organization), await make_client(database, organization)
    revoked = await make_credential(database, organization, ended, revoked_at=clock.at)
    refused_here = await make_credential(database, organization, alive)
    bound = await make_client(database, organization, allowed_ips=["192.0.2.1"])
    elsewhere = await make_credential(database, organization, bound)
    brain = await make_client(database, organization, dialect=Dialect.CLICKUP_BRAIN)
    secret = await make_credential(database, organization, brain, CredentialKind.SECRET, sealed=True)
    past = int(clock.at.timestamp()) - 10
    presented: list[tuple[dict[str, str], Dialect | None, str | None]] = [
        ({"x-api-key": revoked}, None, ended),
        ({"x-api-key": refused_here}, Dialect.COPYCAR, alive),
        ({"x-api-key": elsewhere}, None, bound),
        ({"authorization": f"Bearer {signed({'iss': brain, 'exp': past}, secret)}"}, None, brain),
        ({"authorization": f"Bearer {signed({'iss': brain, 'exp': past + 60}, 'x' * 32)}"}, None, None),
        ({"x-api-key": "tgcu_unknown"}, None, None),
        ({"x-api-key": "tgcu_unknown", "x-api-secret": secret}, None, brain),
    ]
    for headers, dialect, holder in presented:
        record = CallRecord("req_1")
        with serving(record), pytest.raises(DomainError):
            await credentials.viewer(headers, Door(dialect, "198.51.100.1"))
        assert record.viewer is None
        assert (record.by.client_id if record.by else None) == holder
        assert record.by is None or record.by.organization_id == organization
