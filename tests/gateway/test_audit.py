"""The audit log is written in batches beside the calls, loses nothing silently, and tells no secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit import AuditEntry, Outcome
from domain.credentials import Credential
from domain.errors import DomainError, conflict, unavailable
from domain.organizations import Organization
from domain.viewer import Viewer
from gateway.audit import AuditLog
from gateway.calls import CallRecord, Holder, Recording, recognised
from gateway.database import Database
from gateway.settings_sections import AuditSettings
from tests.clocks import SetClock
from tests.conftest import CountStatements
from tests.factories.audit import make_entry
from tests.factories.credentials import make_client, make_credential
from tests.factories.organizations import make_organization
from tests.gateway.conftest import Listen
from tests.graphs import statements_of
from tests.schema.test_lists_by_index import plan_of


class Uses:
    """Credentials that were used since this was last asked."""

    def __init__(self) -> None:
        self.used: dict[str, datetime] = {}

    def take(self) -> dict[str, datetime]:
        used, self.used = self.used, {}
        return used


def log_of(database: Database, uses: Uses | None = None, **settings: Any) -> AuditLog:
    return AuditLog(database, (uses or Uses()).take, AuditSettings(**settings))


def call_of(viewer: Viewer | None, **known: Any) -> CallRecord:
    """A call that was served."""
    call = CallRecord(known.pop("request_id", "req_1"), known.pop("address", "192.0.2.1"), viewer=viewer)
    call.enter("GRAPHQL", known.pop("operation", "query { leads }"))
    for name, value in {"status": 200, **known}.items():
        setattr(call, name, value)
    return call


async def entries(database: Database, organization: str) -> list[AuditEntry]:
    """The organization's entries, oldest first."""
    table = AuditEntry.__table__
    rows = await database.rows(
        select(*table.c).where(AuditEntry.organization_id == organization).order_by(AuditEntry.id)
    )
    return [AuditEntry(**row._mapping) for row in rows]


async def test_a_call_becomes_an_entry(database: Database, viewer: Viewer, clock: SetClock) -> None:
    log = log_of(database)
    log.note(call_of(replace(viewer, credential_id="key_1"), cost=21, code="FORBIDDEN", status=403))
    await log.flush()
    (entry,) = await entries(database, viewer.organization_id)
    assert entry.id.startswith("audit_")
    assert (entry.client_id, entry.credential_id, entry.user_id) == (viewer.client_id, "key_1", viewer.user_id)
    assert (entry.door.value, entry.operation, entry.outcome) == ("GRAPHQL", "query { leads }", Outcome.REFUSED)
    assert (entry.code, entry.status, entry.cost, entry.request_id) == ("FORBIDDEN", 403, 21, "req_1")
    assert (entry.address, entry.created_at, entry.subject_id) == ("192.0.2.1", clock.at, None)
    assert entry.duration_ms is not None
    assert 0 <= entry.duration_ms < 5_000


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        ({}, Outcome.DONE),
        ({"status": 302}, Outcome.DONE),
        ({"status": None}, Outcome.DONE),
        ({"status": 404}, Outcome.REFUSED),
        ({"status": 200, "code": "RATE_LIMITED"}, Outcome.REFUSED),
        ({"status": 503}, Outcome.FAILED),
        ({"status": 200, "code": "INTERNAL_ERROR"}, Outcome.FAILED),
        ({"status": None, "code": "TIMEOUT"}, Outcome.FAILED),
    ],
)
def test_how_a_call_ended(known: dict[str, Any], outcome: Outcome) -> None:
    assert call_of(None, **known).outcome is outcome


async def test_a_sandboxs_calls_are_its_owners(database: Database, viewer: Viewer) -> None:
    sandbox = await make_organization(database, name="Sandbox")
    log = log_of(database)
    log.note(call_of(replace(viewer, organization_id=sandbox, home_organization_id=viewer.organization_id)))
    await log.flush()
    assert len(await entries(database, viewer.organization_id)) == 1
    assert await entries(database, sandbox) == []


async def test_a_refused_credential_is_its_holders_entry(database: Database, organization: str) -> None:
    log = log_of(database)
    holder = Holder(organization, "client_1", "key_1", None)
    log.note(call_of(None, holder=holder, status=401, code="UNAUTHENTICATED"))
    await log.flush()
    (entry,) = await entries(database, organization)
    assert (entry.client_id, entry.credential_id, entry.outcome) == ("client_1", "key_1", Outcome.REFUSED)


async def test_a_call_of_nobody_known_is_in_no_organizations_log(
    database: Database, count_statements: CountStatements
) -> None:
    log = log_of(database)
    with count_statements() as ran:
        log.note(call_of(None, status=401, code="UNAUTHENTICATED", operation="POST /graphql"))
        log.note(CallRecord("req_2"))
        await log.flush()
    assert ran == []


async def test_an_address_is_not_stored_at_any_length(database: Database, viewer: Viewer) -> None:
    log = log_of(database)
    log.note(call_of(viewer, address="x" * 1_000))
    log.note(call_of(viewer, address=None))
    await log.flush()
    assert [entry.address for entry in await entries(database, viewer.organization_id)] == ["x" * 64, None]


@asynccontextmanager
async def running(log: AuditLog) -> AsyncIterator[None]:
    """The log at work beside the test, then stopped as the process stops it."""
    task = asyncio.create_task(log.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await log.stop()


async def stored(database: Database, organization: str, number: int) -> None:
    """Wait until there are that many entries."""
    async with asyncio.timeout(5):
        while len(await entries(database, organization)) < number:  # noqa: ASYNC110 - nothing tells of a commit
            await asyncio.sleep(0.01)


async def test_entries_of_a_moment_are_written_together(
    database: Database, viewer: Viewer, count_statements: CountStatements
) -> None:
    log = log_of(database, flush_seconds=0.05)
    async with running(log):
        with count_statements() as ran:
            for number in range(50):
                log.note(call_of(viewer, request_id=f"req_{number}"))
            await stored(database, viewer.organization_id, 50)
    assert len([statement for statement in ran if statement.startswith("INSERT")]) == 1
    found = await entries(database, viewer.organization_id)
    assert [entry.request_id for entry in found] == [f"req_{number}" for number in range(50)]


async def test_many_entries_are_few_statements_and_none_is_lost(
    database: Database, viewer: Viewer, count_statements: CountStatements
) -> None:
    log = log_of(database, batch=1000)
    for number in range(234):
        log.note(call_of(viewer, request_id=f"req_{number}", cost=number))
    with count_statements() as ran:
        await log.flush()
    assert len(ran) == 3
    found = await entries(database, viewer.organization_id)
    assert [(entry.request_id, entry.cost) for entry in found] == [(f"req_{number}", number) for number in range(234)]


async def test_what_becomes_of_a_call_that_goes_on_does_not_change_its_entry(
    database: Database, viewer: Viewer
) -> None:
    log = log_of(database)
    call = call_of(viewer, stays_open=True)
    with Recording(call, log.note) as recording:
        recording.note()
        call.status, call.operation, call.viewer = 503, "later", None
    refused = call_of(None, holder=Holder(viewer.organization_id, "client_1", None, None), status=401)
    with Recording(refused, log.note):
        context = copy_context()
    context.run(recognised, Holder(viewer.organization_id, "client_2", None, None))
    await log.flush()
    first, second = await entries(database, viewer.organization_id)
    assert (first.status, first.operation, first.client_id) == (200, "query { leads }", viewer.client_id)
    assert (second.status, second.client_id) == (401, "client_1")


async def test_the_duration_ends_with_the_call(database: Database, viewer: Viewer) -> None:
    log = log_of(database)
    with Recording(call_of(viewer), log.note):
        pass
    await asyncio.sleep(0.1)
    await log.flush()
    (entry,) = await entries(database, viewer.organization_id)
    assert entry.duration_ms is not None
    assert entry.duration_ms < 100


async def test_a_full_batch_does_not_wait(database: Database, viewer: Viewer) -> None:
    log = log_of(database, flush_seconds=60, batch=10)
    async with running(log):
        for _ in range(10):
            log.note(call_of(viewer))
        await stored(database, viewer.organization_id, 10)


async def test_what_is_left_is_written_when_the_process_stops(database: Database, viewer: Viewer) -> None:
    log = log_of(database, flush_seconds=60)
    async with running(log):
        log.note(call_of(viewer))
    assert len(await entries(database, viewer.organization_id)) == 1


class Away:
    """A database that does not take anything for now."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.back = False
        self.tried = asyncio.Event()
        known = database.store_directly

        async def store(work: Any) -> Any:
            self.tried.set()
            if not self.back:
                raise unavailable("The database is out of reach.")
            return await known(work)

        monkeypatch.setattr(database, "store_directly", store)


async def test_entries_wait_for_a_database_that_is_away(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, listen: Listen
) -> None:
    told = listen()
    away, log = Away(database, monkeypatch), log_of(database, flush_seconds=0.01)
    async with running(log):
        log.note(call_of(viewer, request_id="req_1"))
        await away.tried.wait()
        log.note(call_of(viewer, request_id="req_2"))
        away.back = True
        await stored(database, viewer.organization_id, 2)
    found = await entries(database, viewer.organization_id)
    assert [entry.request_id for entry in found] == ["req_1", "req_2"]
    assert [line["reason"] for line in told() if line["message"] == "audit entries wait"] == [
        "The database is out of reach."
    ]


async def test_beyond_the_bound_entries_are_lines(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, listen: Listen
) -> None:
    told = listen()
    Away(database, monkeypatch)
    log = log_of(database, kept=2)
    for number in range(3):
        log.note(call_of(replace(viewer, credential_id="key_1"), request_id=f"req_{number}"))
    (line,) = [line for line in told() if line["message"] == "audit entry not stored"]
    assert (line["request_id"], line["level"]) == ("req_2", "warning")
    assert (line["organization_id"], line["client_id"]) == (viewer.organization_id, viewer.client_id)
    assert (line["key_id"], line["operation"], line["outcome"]) == ("key_1", "query { leads }", "DONE")

    await log.stop()
    lines = [line for line in told() if line["message"] == "audit entry not stored"]
    assert [line["request_id"] for line in lines] == ["req_0", "req_1"]
    await log.stop()
    assert [line for line in told() if line["message"] == "audit entry not stored"] == []


async def test_one_refused_entry_holds_no_other_back(database: Database, viewer: Viewer, listen: Listen) -> None:
    told = listen()
    gone = await make_organization(database, name="Gone")
    log = log_of(database)
    log.note(call_of(viewer, request_id="req_1"))
    log.note(call_of(replace(viewer, organization_id=gone), request_id="req_2"))
    log.note(call_of(viewer, request_id="req_3"))

    async def drop(session: AsyncSession) -> None:
        await session.execute(delete(Organization).where(Organization.id == gone))

    await database.store(drop)
    await log.flush()
    found = await entries(database, viewer.organization_id)
    assert [entry.request_id for entry in found] == ["req_1", "req_3"]
    assert [line["request_id"] for line in told() if line["message"] == "audit entry not stored"] == ["req_2"]


async def test_a_batch_whose_commit_was_not_confirmed_is_not_doubled(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, lost = database.store_directly, [True]

    async def store(work: Any) -> Any:
        await known(work)
        if lost.pop() if lost else False:
            raise unavailable("The connection was lost.")

    monkeypatch.setattr(database, "store_directly", store)
    log = log_of(database)
    log.note(call_of(viewer))
    with pytest.raises(DomainError):
        await log.flush()
    await log.flush()
    assert len(await entries(database, viewer.organization_id)) == 1


async def test_a_conflict_that_lasts_is_told_and_ends(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, listen: Listen
) -> None:
    told = listen()

    async def store(work: Any) -> Any:
        raise conflict("no")

    monkeypatch.setattr(database, "store_directly", store)
    log = log_of(database)
    for _ in range(2):
        log.note(call_of(viewer))
    await log.flush()
    assert len([line for line in told() if line["message"] == "audit entry not stored"]) == 2


async def last_use(database: Database, id: str) -> datetime | None:
    found: datetime | None = (await database.rows(select(Credential.last_used_at).where(Credential.id == id)))[0][0]
    return found


@pytest.fixture
async def key_id(database: Database, organization: str) -> str:
    client = await make_client(database, organization)
    await make_credential(database, organization, client)
    found = await database.rows(select(Credential.id).where(Credential.client_id == client))
    return str(found[0][0])


async def test_the_last_use_of_a_credential_is_written_once_a_minute(
    database: Database, key_id: str, clock: SetClock
) -> None:
    uses, began = Uses(), clock.at
    log = log_of(database, uses)

    async def use() -> datetime | None:
        uses.used[key_id] = clock.at
        await log.flush()
        return await last_use(database, key_id)

    assert await use() == began
    clock.advance(seconds=30)
    assert await use() == began
    clock.advance(seconds=29)
    assert await use() == began
    clock.advance(seconds=1)
    await log.flush()
    assert await last_use(database, key_id) == began.replace(second=59)


async def test_the_last_use_is_written_when_the_process_stops(database: Database, key_id: str, clock: SetClock) -> None:
    uses = Uses()
    log = log_of(database, uses)
    uses.used[key_id] = clock.at
    await log.flush()
    uses.used[key_id] = clock.advance(seconds=5)
    await log.stop()
    assert await last_use(database, key_id) == clock.at


async def test_an_earlier_use_does_not_undo_a_later_one(database: Database, key_id: str, clock: SetClock) -> None:
    late, early = Uses(), Uses()
    early.used[key_id] = clock.at
    late.used[key_id] = clock.advance(minutes=1)
    await log_of(database, late).flush()
    await log_of(database, early).flush()
    assert await last_use(database, key_id) == clock.at


async def test_old_entries_are_purged_a_few_at_a_time(
    database: Database, organization: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit._PURGED_AT_ONCE", 2)
    for _ in range(5):
        await make_entry(database, organization)
    other = await make_organization(database)
    for _ in range(2):
        await make_entry(database, other)
    kept = await make_entry(database, organization, clock.advance(days=1))
    clock.advance(days=90)
    assert await log_of(database, days=90).purge() >= 7
    assert [entry.id for entry in await entries(database, organization)] == [kept]
    assert await entries(database, other) == []


async def test_what_is_too_old_is_found_by_an_index(embedded: Database) -> None:
    # On SQLite alone: PostgreSQL plans by what tables hold, and these hold nothing.
    organization = await make_organization(embedded)
    await make_entry(embedded, organization, embedded.clock.now() - timedelta(days=91))
    with statements_of(embedded) as ran:
        assert await log_of(embedded, days=90).purge() == 1
    plans = [await plan_of(embedded, statement) for statement in ran if statement.startswith("SELECT")]
    assert all("ix_audit_entry_recent (organization_id=? AND created_at<?)" in plan for plan in plans), plans
    assert not any("SCAN audit_entry" in plan or "TEMP B-TREE" in plan for plan in plans), plans


async def test_entries_may_be_kept_for_ever(database: Database, organization: str, clock: SetClock) -> None:
    await make_entry(database, organization)
    clock.advance(days=10_000)
    assert await log_of(database, days=0).purge() == 0
    assert len(await entries(database, organization)) == 1
