"""Whether a process says rightly that it is alive, and that it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gateway import engines, health
from gateway.app import create_app, drain
from gateway.assembly import Parts
from gateway.calls import CallRecord
from gateway.database import Database
from gateway.health import Readiness, State
from gateway.settings import load
from tests.clocks import SetClock
from tests.conftest import CountStatements, opened
from tests.factories.organizations import make_organization, make_viewer
from tests.gateway.test_silent_database import Line, line

__all__ = ["line"]

Serving = Callable[..., AbstractAsyncContextManager[tuple[httpx.AsyncClient, Parts]]]
READY = {"database": "ok", "revision": "ok", "serving": "ok", "audit": "ok"}


@pytest.fixture
def serving(clock: SetClock, tmp_path: Path) -> Serving:
    """An application on a database, asked without its lifespan."""

    @asynccontextmanager
    async def served(url: str, **given: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
        given = {"work": {"inside": False}} | given
        app = create_app(load(env_file=None, database_url=url, data_dir=tmp_path, **given), clock=clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://graph.test") as client:
            yield client, app.state.parts
        await app.state.parts.observation.stop()
        await app.state.parts.audit.stop()
        await app.state.parts.database.engines.dispose()

    return served


@pytest.fixture(autouse=True)
def always_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered, so that each question finds the state of the moment."""
    monkeypatch.setattr(health, "_REMEMBERED_SECONDS", 0)


def failing(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 503
    assert answer.json()["status"] == "not_ready"
    return {name for name, state in answer.json()["checks"].items() if state != "ok"}


async def test_a_process_with_its_database_is_ready(serving: Serving, database_url: str) -> None:
    async with serving(database_url, https_required=True) as (client, _):
        answer = await client.get("/readyz")
        head = await client.head("/readyz")
        alive = await client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert READY.items() <= answer.json()["checks"].items()
    assert answer.headers["cache-control"] == "no-store"
    assert (head.status_code, head.content) == (200, b"")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})


async def test_a_database_that_is_gone_is_told_by_name_alone(serving: Serving, tmp_path: Path) -> None:
    url = "postgresql://me:hushhush@127.0.0.1:1/none"
    async with serving(url) as (client, _):
        answer = await client.get("/readyz")
        assert failing(answer) == {"database", "revision"}
        assert (await client.head("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
    assert not [word for word in ("hushhush", "127.0.0.1", "none", "Error") if word in answer.text]


@pytest.mark.parametrize(("found", "ready"), [("0001", False), (None, False), ("9999", True)])
async def test_a_database_behind_the_code_is_not_served_one_ahead_of_it_is(
    serving: Serving, embedded: Database, found: str | None, ready: bool
) -> None:
    async with embedded.engines.writing.begin() as connection:
        await connection.execute(text("DELETE FROM alembic_version"))
        if found:
            await connection.execute(text("INSERT INTO alembic_version VALUES (:found)"), {"found": found})
    async with serving(embedded.engines.writing.url.render_as_string(hide_password=False)) as (client, _):
        answer = await client.get("/readyz")
    if ready:
        assert answer.status_code == 200
    else:
        assert failing(answer) == {"revision"}


async def test_an_empty_database_is_not_ready(serving: Serving, tmp_path: Path) -> None:
    async with serving(f"sqlite:///{tmp_path}/empty.db") as (client, _):
        assert "revision" in failing(await client.get("/readyz"))


async def test_a_process_that_drains_takes_no_more(serving: Serving, sqlite_database_url: str) -> None:
    async with serving(sqlite_database_url) as (client, parts):
        await drain(parts)
        answer = await client.get("/readyz")
        assert failing(answer) == {"serving"}
        assert (await client.get("/healthz")).status_code == 200


async def test_an_audit_log_that_overflows_is_not_ready(serving: Serving, embedded: Database) -> None:
    url = embedded.engines.writing.url.render_as_string(hide_password=False)
    viewer = await make_viewer(embedded, await make_organization(embedded))
    async with serving(url, audit={"kept": 1}) as (client, parts):
        call = CallRecord("req_1", viewer=viewer)
        call.enter("GRAPHQL", "query { leads }")
        parts.audit.note(call)
        assert failing(await client.get("/readyz")) == {"audit"}
        await parts.audit.flush()
        assert (await client.get("/readyz")).status_code == 200


async def test_work_that_should_run_inside_has_to(
    serving: Serving, sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(sqlite_database_url, work={"inside": True}) as (client, parts):
        assert failing(await client.get("/readyz")) == {"work"}
        monkeypatch.setattr(type(parts.work), "ready", property(lambda _: True))
        assert (await client.get("/readyz")).json()["checks"]["work"] == "ok"


@pytest.mark.postgres
async def test_a_silent_database_is_not_waited_for_long(
    line: Line, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_ASIDE_SECONDS", 60)
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", 0.1)
    async with opened(line.url, clock) as database:
        readiness = Readiness(database, {})
        assert (await readiness.look())["database"] is State.OK
        line.fall_silent()
        async with asyncio.timeout(2):
            asked = [readiness.look() for _ in range(20)]
            found = [await each for each in asked[:1]] + list(await asyncio.gather(*asked[1:]))
        assert {each["database"] for each in found} == {State.FAILING}
        await asyncio.wait_for(readiness.stop(), 15)


async def test_the_database_is_asked_once_a_second_however_many_ask(
    database: Database, count_statements: CountStatements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_REMEMBERED_SECONDS", 60)
    asked = 0
    rows = database.rows

    async def counted(*given: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        return await rows(*given, **named)

    monkeypatch.setattr(database, "rows", counted)
    readiness = Readiness(database, {})
    await asyncio.gather(*(readiness.look() for _ in range(50)))
    await readiness.look()
    assert asked == 1
    await readiness.stop()


async def test_a_busy_process_is_ready(database_url: str, clock: SetClock) -> None:
    async with opened(database_url, clock, pool_size=1) as database, database.snapshot() as reader:
        await reader.rows(text("SELECT 1"))  # type: ignore[arg-type]
        readiness = Readiness(database, {})
        async with asyncio.timeout(5):
            assert (await readiness.look())["database"] is State.OK
        await readiness.stop()
