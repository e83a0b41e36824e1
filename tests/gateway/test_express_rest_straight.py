"""Reads of the REST products whose head is known: nobody can tell them from those that take the ordinary way."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit import AuditEntry
from domain.clients import ApiClient
from domain.organizations import Organization
from domain.viewer import Dialect
from gateway.app import Application, create_app
from gateway.database import Database
from gateway.heads import LEARN, Known, Later
from gateway.settings import load
from rest_compat.engine.requests import Call
from rest_compat.engine.ways import Ways
from schema.compiled.operations import Compiled, FallBack
from schema.compiled.steps import LATER
from tests.clocks import SetClock
from tests.factories.credentials import make_client, make_credential, make_key
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization, store

_MADE = re.compile(rb"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b")
_BEFORE = b"HTTP/1.1 200 OK\r\ndate: NOW\r\n"
_LIST = "/v1/leads?status=new&limit=5"
Told = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True)
class Ask:
    """A request without a body."""

    target: str = _LIST
    method: str = "GET"
    key: str = "crm"
    host: str = "graph.test"
    bearer: bool = False
    scheme: str = "http"


@dataclass
class Process:
    """One process, and the keys of its clients."""

    app: Application
    keys: dict[str, str]

    @property
    def parts(self) -> Any:
        return self.app.state.parts

    async def ordinary(self, ask: Ask) -> Told:
        """What the chain answers."""
        return await self._answered(self.app.ordinary, ask, {})

    async def learned(self, ask: Ask) -> Known | None:
        """What is remembered of a request's head once it was answered."""
        found: list[Known] = []
        await self._answered(self.app, ask, {LEARN: found.append})
        return found[-1] if found else None

    async def straight(self, known: Known, left: Callable[[], Any] | None = None) -> Told:
        """What comes of the next request with a known head."""
        await self.parts.watch.look()
        answer = known.answer(b"", _BEFORE)
        if isinstance(answer, Later):
            found = await answer.respond(left or asyncio.Event().wait)
            assert found is not None
            status, said = found
        else:
            assert isinstance(answer, bytes)
            assert answer.startswith(_BEFORE)
            status, said = 200, answer.removeprefix(_BEFORE)
        head, _, body = said.partition(b"\r\n\r\n")
        headers = [(name, value) for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n"))]
        assert dict(headers)[b"content-length"] == b"%d" % len(body)
        return _masked(status, headers, body)

    async def _answered(self, serve: Any, ask: Ask, extensions: dict[str, Any]) -> Told:
        # What is remembered of credentials is believed only for a while.
        await self.parts.watch.look()
        path, _, query = ask.target.partition("?")
        key = self.keys[ask.key]
        headers = [("host", ask.host), ("authorization", f"Bearer {key}") if ask.bearer else ("x-api-key", key)]
        said: list[Any] = []
        coming = iter([{"type": "http.request", "body": b""}])

        async def receive() -> Any:
            for message in coming:
                return message
            return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": ask.method,
            "scheme": ask.scheme,
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "client": ("198.51.100.7", 4000),
            "state": {},
            "extensions": extensions,
        }
        await serve(scope, receive, send)
        return _masked(said[0]["status"], said[0]["headers"], said[1]["body"])

    async def entries(self) -> list[dict[str, Any]]:
        """What the audit log holds of its calls, which is written now."""
        ids = select(AuditEntry.id)
        before = {row.id for row in await self.parts.database.rows(ids)}
        await self.parts.audit.flush()
        rows = await self.parts.database.rows(select(*AuditEntry.__table__.c).order_by(AuditEntry.id))
        own = ("id", "created_at", "request_id", "duration_ms")
        fresh = [row._mapping for row in rows if row.id not in before]
        assert len({row["request_id"] for row in fresh}) == len(fresh)
        return [{name: value for name, value in row.items() if name not in own} for row in fresh]

    def figures(self) -> dict[str, Any]:
        """What was counted of its calls."""
        tallies = self.parts.observation.tallies
        return {
            "requests": {route: sum(known.counts) for route, known in tallies.requests.items()},
            "limited": dict(tallies.limited),
            "compiled": dict(self.parts.compiling.outcomes.operations) if self.parts.compiling else {},
        }


def _masked(status: int, headers: Any, body: bytes) -> Told:
    return status, [(name, _MADE.sub(b"MADE", value)) for name, value in headers], _MADE.sub(b"MADE", body)


@dataclass
class World:
    """The same process twice over one database, each with a memory of its own."""

    straight: Process
    ordinary: Process
    database: Database
    client: str
    leads: list[str]

    async def both(self, ask: Ask, times: int = 3) -> list[Told]:
        """What both answer when they are asked so often, and once more before; it is the same."""
        known = await self.straight.learned(ask)
        assert known is not None
        await self.ordinary.ordinary(ask)
        mine = [await self.straight.straight(known) for _ in range(times)]
        theirs = [await self.ordinary.ordinary(ask) for _ in range(times)]
        assert mine == theirs
        return mine

    async def change(self, entity: type[Any], id_: str, **values: Any) -> None:
        """Change a row; both hear of it as of a change of access."""

        async def work(session: AsyncSession) -> None:
            await session.execute(update(entity).where(entity.id == id_).values(**values))

        await self.database.store(work)
        for each in (self.straight, self.ordinary):
            each.parts.watch.tell([id_])

    async def same_traces(self) -> list[dict[str, Any]]:
        """The audit entries of both, which are the same, as are their figures."""
        mine, theirs = await self.straight.entries(), await self.ordinary.entries()
        assert mine == theirs
        assert self.straight.figures() == self.ordinary.figures()
        return mine


@pytest.fixture
def opening(embedded: Database, clock: SetClock, tmp_path: Any) -> Any:
    """Opens both with these settings."""

    @asynccontextmanager
    async def opened(**given: Any) -> AsyncIterator[World]:
        organization = await make_organization(embedded)
        await _make_sandbox(embedded, organization)
        crm = await make_client(embedded, organization, tier="Free")
        brain = {"dialect": Dialect.CLICKUP_BRAIN, "tier": "Standard"}
        keys = {
            "crm": await make_credential(embedded, organization, crm),
            "copycar": await make_key(embedded, organization, dialect=Dialect.COPYCAR, tier="Ultimate"),
            "brain": await make_key(embedded, organization, **brain),
            "tester": await make_key(embedded, organization, sandbox=True, **brain),
            "passing": await make_credential(
                embedded, organization, crm, expires_at=clock.now() + timedelta(minutes=1)
            ),
        }
        leads = [await make_lead(embedded, organization, email=f"{n}@a.example") for n in range(3)]
        url = embedded.engines.writing.url.render_as_string(hide_password=False)
        settings = load(env_file=None, database_url=url, data_dir=tmp_path, **given)
        apps = [create_app(settings, clock=clock) for _ in range(2)]
        try:
            yield World(*(Process(app, keys) for app in apps), embedded, crm, leads)
        finally:
            for app in apps:
                await app.state.parts.observation.stop()
                await app.state.parts.audit.stop()
                await app.state.parts.database.engines.dispose()

    return opened


async def _make_sandbox(database: Database, organization: str) -> None:
    sandbox = Organization(
        id=Organization.new_id(),
        name="Sandbox",
        approved_lead_sources=[],
        event_sequence=0,
        sandbox_of_id=organization,
        created_at=database.clock.now(),
    )
    await store(database, sandbox)


_BRAIN = "/api/v1/quotas"
READS = {
    "a list": Ask(),
    "one of them": Ask("/v1/leads/{lead}"),
    "below the mount": Ask("/crm-ultra/v1/leads?page=2&limit=1"),
    "at its own host": Ask("/v1/leads", host="api.crm-ultra.com"),
    "by a bearer": Ask("/v1/leads", bearer=True),
    "by HTTPS": Ask(scheme="https"),
    "of another product": Ask("/copycar/v2/ultimate/accounts", key="copycar"),
    "what is not compiled": Ask(_BRAIN, key="brain", bearer=True, host="api.clickup-brain.com"),
    "in a sandbox": Ask(_BRAIN, key="tester", bearer=True, host="sandbox-api.clickup-brain.com"),
    "in a sandbox at any host": Ask("/clickup-brain" + _BRAIN, key="tester", bearer=True),
    "something encoded": Ask("/v1/leads?status=n%65w&nothing=%20"),
}
OTHERS = {
    "only its head": Ask(method="HEAD"),
    "what is not there": Ask("/v1/leads/lead_0"),
    "a wrong number": Ask("/v1/leads?limit=many"),
    "another product's key": Ask(key="copycar"),
    "a sandbox's key at another host": Ask(_BRAIN, key="tester", bearer=True, host="api.clickup-brain.com"),
    "a write": Ask("/v1/leads/{lead}", "DELETE"),
    "an unknown path": Ask("/v1/nothing"),
    "a page": Ask("/crm-ultra/openapi.json"),
    "what is allowed": Ask("/v1/leads", "OPTIONS"),
}


async def test_what_is_known_is_answered_alike_and_leaves_the_same_traces(opening: Any) -> None:
    async with opening(hsts_seconds=600) as world:
        for name, ask in READS.items():
            answers = await world.both(replace(ask, target=ask.target.format(lead=world.leads[0])))
            assert [status for status, _, _ in answers] == [200, 200, 200], name
        assert len(await world.same_traces()) == len(READS) * 4


async def test_what_is_usual_needs_no_waiting(opening: Any) -> None:
    async with opening() as world:
        for target in (_LIST, f"/v1/leads/{world.leads[0]}"):
            known = await world.straight.learned(Ask(target))
            assert isinstance(known.answer(b"", _BEFORE), bytes)


async def test_nothing_else_is_learned(opening: Any) -> None:
    async with opening() as world:
        for name, ask in OTHERS.items():
            known = await world.straight.learned(replace(ask, target=ask.target.format(lead=world.leads[0])))
            assert known is None, name


@pytest.mark.parametrize(
    ("settings", "ask", "learned"),
    [
        ({"https_required": True}, Ask(), False),
        ({"https_required": True, "hsts_seconds": 600}, Ask(scheme="https"), True),
        ({"cors_origins": "https://a.example"}, Ask(), True),
        ({"compiled": {"enabled": False}}, Ask(), True),
        ({"compiled": {"inline_milliseconds": 0}}, Ask(), True),
    ],
)
async def test_what_settings_ask_for_is_done(opening: Any, settings: Any, ask: Ask, learned: bool) -> None:
    async with opening(**settings) as world:
        if not learned:
            assert await world.straight.learned(ask) is None
            return
        ((status, headers, _),) = await world.both(ask, times=1)
        assert status == 200
        assert ((b"vary", b"Origin") in headers) is ("cors_origins" in settings)
        assert ((b"strict-transport-security", b"max-age=600") in headers) is ("hsts_seconds" in settings)
        await world.same_traces()


async def test_who_has_asked_too_often_is_refused_alike(opening: Any) -> None:
    async with opening() as world:
        answers = await world.both(Ask(), times=62)
        assert [status for status, _, _ in answers] == [200] * 59 + [429] * 3
        left = [int(dict(headers)[b"x-ratelimit-remaining"]) for _, headers, _ in answers]
        assert left == [*range(58, -1, -1), 0, 0, 0]
        await world.same_traces()


async def test_a_credential_is_looked_at_each_time(opening: Any) -> None:
    async with opening() as world:
        known = await world.straight.learned(Ask())
        await world.change(ApiClient, world.client, revoked_at=world.database.clock.now())
        assert known.answer(b"", _BEFORE) is None
        assert (await world.straight.ordinary(Ask()))[0] == 401
        assert known.answer(b"", _BEFORE) is None


async def test_a_credential_that_ends_by_itself_ends_here(opening: Any, clock: SetClock) -> None:
    async with opening() as world:
        known = await world.straight.learned(Ask(key="passing"))
        assert known.answer(b"", _BEFORE) is not None
        clock.advance(minutes=2)
        await world.straight.parts.watch.look()
        assert known.answer(b"", _BEFORE) is None


async def test_what_is_remembered_is_not_believed_for_long(opening: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opening() as world:
        known = await world.straight.learned(Ask())
        monkeypatch.setattr(type(world.straight.parts.watch), "up_to_date", False)
        assert known.answer(b"", _BEFORE) is None


async def test_no_credential_is_kept(opening: Any) -> None:
    async with opening() as world:
        known = await world.straight.learned(Ask(bearer=True))
        seen, around = set(), [known]
        # What belongs to this head alone, as far as it is ours: the rest is the process.
        while around:
            each = around.pop()
            assert world.straight.keys["crm"] not in repr(each)
            own = isinstance(each, (type(known), type(known._who), type(known._read), Call, dict, tuple, list))
            if own and id(each) not in seen:
                seen.add(id(each))
                around += gc.get_referents(each)


async def test_who_may_read_no_longer_is_told_what_is_missing(opening: Any) -> None:
    async with opening() as world:
        ask = Ask(bearer=True)
        known = await world.straight.learned(ask)
        await world.ordinary.ordinary(ask)
        await world.change(ApiClient, world.client, scopes=["read:reports"])
        await world.straight.ordinary(ask)
        await world.ordinary.ordinary(ask)
        told = await world.straight.straight(known)
        assert (told[0], told) == (403, await world.ordinary.ordinary(ask))
        assert b'error="insufficient_scope"' in dict(told[1])[b"www-authenticate"]


@pytest.mark.parametrize(
    "outcome", [LATER, FallBack("anomaly"), RuntimeError("a mistake")], ids=["later", "left", "broken"]
)
async def test_what_cannot_be_had_at_once_is_waited_for_and_counted_once(
    opening: Any, monkeypatch: pytest.MonkeyPatch, outcome: Any
) -> None:
    def at_once(*_: object) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(Compiled, "at_once", at_once)
    async with opening() as world:
        answers = await world.both(Ask())
        assert [dict(headers)[b"x-ratelimit-remaining"] for _, headers, _ in answers] == [b"58", b"57", b"56"]
        known = await world.straight.learned(Ask())
        later = known.answer(b"", _BEFORE)
        assert isinstance(later, Later)
        await later.respond(asyncio.Event().wait)
        for _ in range(2):
            await world.ordinary.ordinary(Ask())
        await world.same_traces()


async def test_what_is_gone_meanwhile_is_not_found(opening: Any) -> None:
    async with opening() as world:
        ask = Ask(f"/v1/leads/{world.leads[0]}")
        known = await world.straight.learned(ask)
        await world.ordinary.ordinary(ask)
        await world.straight.ordinary(replace(ask, method="DELETE"))
        await world.ordinary.ordinary(replace(ask, method="DELETE"))
        told = await world.straight.straight(known)
        assert told[0] == 404
        assert told == await world.ordinary.ordinary(ask)


async def test_a_client_that_leaves_is_noted(opening: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is not waited for by what asks whether somebody is left."""

    async def run(_: Ways, __: object, ___: object, context: Any) -> object:
        return await context.unless_left(asyncio.Event().wait())

    async with opening(compiled={"enabled": False}) as world:
        known = await world.straight.learned(Ask())
        monkeypatch.setattr(Ways, "run", run)
        left = asyncio.Event()
        later = known.answer(b"", _BEFORE)
        waiting = asyncio.create_task(later.respond(left.wait))
        await asyncio.sleep(0)
        left.set()
        assert await waiting is None
        cancelled = asyncio.create_task(known.answer(b"", _BEFORE).respond(asyncio.Event().wait))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.wait((cancelled,))
        entries = await world.straight.entries()
        assert [(each["code"], each["status"]) for each in entries] == [(None, 200), *[("NOT_ANSWERED", None)] * 2]
