"""Whichever way a request takes, the shortest or the ordinary one: nobody can tell by what comes of it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from starlette.types import Message

from domain.audit import AuditEntry
from domain.viewer import Dialect
from gateway import express
from gateway.app import Application, create_app
from gateway.database import Database
from gateway.settings import load
from tests.clocks import SetClock
from tests.factories.credentials import make_client, make_credential, make_key
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization
from tests.gateway.conftest import Listen

_MADE = re.compile(r"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b")
_JSON = ("content-type", "application/json")
_GRAPHQL = ("accept", "application/graphql-response+json")
_LEAD = "query Lead($id: ID!) { lead(id: $id) { id email createdAt } }"
_CREATE = (
    'mutation { createLead(input: {email: "a@b.example", source: "website"}) { lead { id email } errors { code } } }'
)
_PAST = "query { leads(first: 1000) { nodes { id } } }"


@dataclass
class Ask:
    """A request as a server hands it to an application; `key` is sent unless it is None."""

    query: str | None = "{ __typename }"
    variables: dict[str, Any] | None = None
    method: str = "POST"
    headers: Sequence[tuple[str, str]] = (_JSON,)
    body: bytes | None = None
    chunks: int = 1
    scheme: str = "http"
    host: str = "graph.test"
    parameters: dict[str, str] | None = None
    key: str | None = "good"
    leaves: bool = False

    def sent(self) -> bytes:
        """The body."""
        if self.body is not None or self.method != "POST":
            return self.body or b""
        return json.dumps({"query": self.query, "variables": self.variables}).encode()


Answered = tuple[int | None, list[tuple[bytes, bytes]], str]


@dataclass
class Door:
    """One application and how it is asked: by its own choice of ways, or by the ordinary one alone."""

    app: Application
    keys: dict[str, str]
    ordinary: bool
    taken: list[str] = field(default_factory=list)

    async def __call__(self, ask: Ask, receive: Callable[[], Awaitable[Message]] | None = None) -> Answered:
        """Status, headers and body, ids made meanwhile masked."""
        # What is remembered of credentials is believed only for a while.
        await self.app.state.parts.watch.look()
        said: list[Message] = []

        async def send(message: Message) -> None:
            said.append(message)

        serve = self.app.ordinary if self.ordinary else self.app
        await serve(self._scope(ask), receive or _arriving(ask), send)
        start = next((each for each in said if each["type"] == "http.response.start"), {})
        body = b"".join(each.get("body", b"") for each in said).decode()
        headers = [
            (name, _MADE.sub(b"MADE".decode(), value.decode()).encode()) for name, value in start.get("headers", ())
        ]
        return start.get("status"), headers, _MADE.sub("MADE", body)

    def _scope(self, ask: Ask) -> dict[str, Any]:
        sent = [("host", ask.host), *ask.headers]
        if ask.key is not None:
            sent.append(("x-api-key", self.keys.get(ask.key, ask.key)))
        if ask.method == "POST" and not any(name == "content-length" for name, _ in ask.headers):
            sent.append(("content-length", str(len(ask.sent()))))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": ask.method,
            "scheme": ask.scheme,
            "path": "/graphql",
            "raw_path": b"/graphql",
            "root_path": "",
            "query_string": urlencode(ask.parameters or {}).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent],
            "client": ("192.0.2.7", 4000),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }


def _arriving(ask: Ask) -> Callable[[], Awaitable[Message]]:
    body, waiting = ask.sent(), asyncio.Event()
    step = -(-len(body) // ask.chunks) or 1
    parts = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
    coming = [
        {"type": "http.request", "body": part, "more_body": number < len(parts)} for number, part in enumerate(parts, 1)
    ]
    if ask.leaves:
        coming = [*coming[:-1], {"type": "http.disconnect"}]

    async def receive() -> Message:
        if not coming:
            await waiting.wait()
        return coming.pop(0)

    return receive


@dataclass
class Doors:
    """The same process twice: one that chooses its way, one that has no choice."""

    short: Door
    ordinary: Door
    lead: str

    async def __call__(self, ask: Ask) -> Answered:
        """What both answer, which is the same."""
        before = len(self.short.taken)
        mine, theirs = await self.short(ask), await self.ordinary(ask)
        assert mine == theirs
        self.handed_on = len(self.short.taken) > before
        return mine

    handed_on = False


Opening = Callable[..., Any]


@pytest.fixture
def opening(embedded: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Opening:
    """Opens both with these settings, each with its own memory, on one database."""

    @asynccontextmanager
    async def opened(**given: Any) -> AsyncIterator[Doors]:
        url = embedded.engines.writing.url.render_as_string(hide_password=False)
        organization = await make_organization(embedded)
        client = await make_client(embedded, organization, tier="Free")
        reader = await make_client(embedded, organization, scopes=["accounts:read"])
        keys = {
            "good": await make_credential(embedded, organization, client),
            "narrow": await make_credential(embedded, organization, reader),
            "brain": await make_key(embedded, organization, dialect=Dialect.CLICKUP_BRAIN, tier="Standard"),
            "elsewhere": await make_key(embedded, organization, allowed_ips=["198.51.100.0/24"]),
        }
        lead = await make_lead(embedded, organization)
        settings = load(env_file=None, database_url=url, data_dir=tmp_path, **given)
        taken, chain = [], Application.ordinary

        async def counted(self: Application, *given: Any) -> None:
            taken.append("ordinary")
            await chain(self, *given)

        with monkeypatch.context() as patch:
            # The chain is bound when an application is made.
            patch.setattr(Application, "ordinary", counted)
            short = Door(create_app(settings, clock=clock), keys, False, taken)
        doors = short, Door(create_app(settings, clock=clock), keys, True)
        both = Doors(*doors, lead)
        try:
            # What has been seen before is remembered.
            for query in ("{ __typename }", _LEAD, _CREATE):
                for key in keys:
                    await both(Ask(query, {"id": "lead_0"}, key=key))
            yield both
        finally:
            for door in doors:
                parts = door.app.state.parts
                await parts.observation.stop()
                await parts.audit.stop()
                await parts.database.engines.dispose()

    return opened


def _get(query: str, **more: str) -> Ask:
    return Ask(method="GET", headers=(("accept", "*/*"),), parameters={"query": query, **more})


PLAIN = {
    "the least": Ask(),
    "with an Accept header": Ask(headers=(_JSON, ("accept", "application/json"))),
    "the newer media type": Ask(headers=(_JSON, _GRAPHQL)),
    "a charset": Ask(headers=(("content-type", "Application/JSON; charset=UTF-8"), ("accept", "*/*"))),
    "by HTTPS": Ask(scheme="https"),
    "a bearer": Ask(headers=(_JSON, ("authorization", "Bearer good")), key=None),
    "a body in pieces": Ask(chunks=5),
    "an origin that nobody asked about": Ask(headers=(_JSON, ("origin", "https://a.example"))),
    "a lead that is not there": Ask(_LEAD, {"id": "lead_0"}),
    "a variable that is missing": Ask(_LEAD),
    "a variable of a wrong kind": Ask(_LEAD, {"id": ["x"]}, headers=(_JSON, _GRAPHQL)),
    "without the permission": Ask(_LEAD, {"id": "lead_0"}, key="narrow"),
    "of another product": Ask(key="brain"),
    "a mutation": Ask(_CREATE),
    "a mutation without the permission": Ask(_CREATE, key="narrow"),
    "what does not parse": Ask("{ leads("),
    "what is not valid": Ask("{ nothing }", headers=(_JSON, _GRAPHQL)),
    "a page too large": Ask(_PAST, headers=(_JSON, _GRAPHQL)),
    "no body": Ask(body=b""),
    "no JSON": Ask(body=b"{"),
    "a list": Ask(body=b"[]"),
    "no query": Ask(body=b"{}", headers=(_JSON, _GRAPHQL)),
    "an operation that is not there": Ask(body=b'{"query": "query A { __typename }", "operationName": "B"}'),
    "a document that is named": Ask(body=b'{"documentId": "unheard-of"}'),
    "by GET": _get("{ __typename }"),
    "by GET with variables": _get(_LEAD, variables='{"id": "lead_0"}'),
    "by GET with unreadable variables": _get(_LEAD, variables="{"),
    "by GET without a query": Ask(method="GET", headers=(), parameters={}),
}
ORDINARY = {
    "nobody": Ask(key=None),
    "a wrong key": Ask(key="wrong"),
    "a key from elsewhere": Ask(key="elsewhere"),
    "two keys": Ask(headers=(_JSON, ("x-api-key", "other"))),
    "an idempotency key": Ask(headers=(_JSON, ("idempotency-key", "one"))),
    "an encoding": Ask(headers=(_JSON, ("content-encoding", "gzip"))),
    "a form": Ask(headers=(("content-type", "text/plain"),)),
    "no type": Ask(headers=()),
    "a charset nobody reads": Ask(headers=(("content-type", "application/json; charset=latin-1"),)),
    "nothing acceptable": Ask(headers=(_JSON, ("accept", "image/png"))),
    "a stream": Ask(headers=(_JSON, ("accept", "text/event-stream"))),
    "a length that is none": Ask(headers=(_JSON, ("content-length", "many"))),
    "too large a length": Ask(headers=(_JSON, ("content-length", "99999999"))),
    "too large a body": Ask(headers=(_JSON, ("content-length", "5")), body=b" " * 2_000_000, chunks=4),
    "a subscription": Ask("subscription { events { cursor } }"),
    "a mutation by GET": _get(_CREATE),
    "a browser": Ask(method="GET", headers=(("accept", "text/html"),)),
    "only the head": Ask(method="HEAD", headers=(), parameters={"query": "{ __typename }"}),
    "what is allowed": Ask(method="OPTIONS", headers=()),
    "an unknown method": Ask(method="PUT"),
    "who leaves meanwhile": Ask(chunks=2, leaves=True),
}


async def test_both_ways_answer_alike_and_leave_the_same_traces(opening: Opening, listen: Listen) -> None:
    async with opening(log_calls=True, introspection=False) as doors:
        lines = listen()
        by_key = {"Bearer good": f"Bearer {doors.short.keys['good']}"}
        for expected, asks in ((False, PLAIN), (True, ORDINARY)):
            for name, ask in asks.items():
                ask.headers = tuple((each, by_key.get(value, value)) for each, value in ask.headers)
                for _ in range(2):
                    # The second time it is known whose credential it is.
                    await doors(ask)
                assert doors.handed_on is expected, name
        lead = await doors(Ask(_LEAD, {"id": doors.lead}))
        assert (lead[0], json.loads(lead[2])["data"]["lead"]["email"]) == (200, "john@example.com")

        mine, theirs = _pairs([_comparable(line) for line in lines() if "door" in line])
        assert mine == theirs
        entries = [await _entries(door) for door in (doors.short, doors.ordinary)]
        assert len(entries[0]) > len(PLAIN)
        assert entries[0] == entries[1]
        figures = [await _figures(door) for door in (doors.short, doors.ordinary)]
        assert figures[0] == figures[1]


async def test_who_has_spent_everything_is_refused_alike(opening: Opening) -> None:
    async with opening(limits={"points_free": 45}) as doors:
        answers = [await doors(Ask(_LEAD, {"id": "lead_0"}, headers=(_JSON, _GRAPHQL))) for _ in range(50)]
        assert not doors.handed_on
        assert (answers[0][0], answers[-1][0]) == (200, 429)
        assert dict(answers[-1][1])[b"retry-after"] == b"60"


async def test_what_takes_too_long_is_refused_alike(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opening(graphql={"operation_timeout_seconds": 1}, compiled={"enabled": False}) as doors:
        for door in (doors.short, doors.ordinary):
            monkeypatch.setattr(door.app.state.parts.database, "snapshot", _staying(door.app.state.parts.database))
        status, _, body = await doors(Ask(_LEAD, {"id": doors.lead}))
        assert not doors.handed_on
        assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (504, "TIMEOUT")


def _staying(database: Database) -> Callable[..., Any]:
    """Snapshots of a database that nobody gets, but for what hears of changes of access."""
    snapshot = database.snapshot

    @asynccontextmanager
    async def stays(*, aside: bool = False) -> AsyncIterator[Any]:
        if not aside:
            await asyncio.sleep(30)
        async with snapshot(aside=aside) as reader:
            yield reader

    return stays


@pytest.mark.parametrize(
    ("settings", "ask"),
    [
        ({"https_required": True}, Ask()),
        ({"cors_origins": "https://a.example"}, Ask(headers=(_JSON, ("origin", "https://a.example")))),
        ({"cors_origins": "https://a.example"}, Ask(headers=(_JSON, ("origin", "https://b.example")))),
        ({"copycar": {"hosts": "api.copycar.test"}}, Ask(host="api.copycar.test:80")),
        ({"documents": {"trusted_only": True}}, Ask(method="OPTIONS")),
    ],
)
async def test_what_settings_ask_for_is_done_for_every_request(opening: Opening, settings: Any, ask: Ask) -> None:
    async with opening(**settings) as doors:
        await doors(ask)
        assert doors.handed_on


async def test_where_origins_are_let_in_answers_say_that_they_depend_on_them(opening: Opening) -> None:
    async with opening(cors_origins="https://a.example") as doors:
        _, headers, _ = await doors(Ask())
        assert not doors.handed_on
        assert dict(headers)[b"vary"] == b"Accept, Origin"


async def test_by_https_alone_is_said_by_https(opening: Opening) -> None:
    async with opening(https_required=True, hsts_seconds=600) as doors:
        await doors(Ask(scheme="https"))
        _, headers, _ = await doors(Ask(scheme="https"))
        assert not doors.handed_on
        assert dict(headers)[b"strict-transport-security"] == b"max-age=600"


async def test_only_trusted_documents_are_run_where_that_is_set(opening: Opening) -> None:
    async with opening(documents={"trusted_only": True}) as doors:
        status, _, body = await doors(Ask(headers=(_JSON, _GRAPHQL)))
        assert not doors.handed_on
        assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (403, "DOCUMENT_NOT_TRUSTED")


async def test_a_body_that_is_late_is_read_to_its_end_by_the_chain(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(express, "_PATIENCE_SECONDS", 0.01)
    async with opening() as doors:
        arriving = _arriving(Ask(chunks=3))

        async def slowly() -> Message:
            await asyncio.sleep(0.008)
            return await arriving()

        status, _, body = await doors.short(Ask(), slowly)
        assert doors.short.taken[-1:] == ["ordinary"]
        assert (status, json.loads(body)["data"]) == (200, {"__typename": "Query"})


async def test_a_credential_is_taken_away_from_both_ways(opening: Opening, embedded: Database) -> None:
    async with opening() as doors:
        for door in (doors.short, doors.ordinary):
            parts = door.app.state.parts
            parts.watch.tell(parts.credentials.take_used())
        before = doors.short.app.state.parts.credentials.looked_up
        await doors(Ask())
        assert doors.handed_on
        assert doors.short.app.state.parts.credentials.looked_up == before + 1


async def test_a_mistake_of_ours_is_told_alike(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opening() as doors:

        def fails(*_: object) -> None:
            raise RuntimeError("a mistake")

        for door in (doors.short, doors.ordinary):
            monkeypatch.setattr(door.app.state.parts.endpoint.door.pipeline, "operation", fails)
        status, _, body = await doors(Ask(headers=(_JSON, _GRAPHQL)))
        assert not doors.handed_on
        assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (500, "INTERNAL_ERROR")


def _pairs(lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return lines[0::2], lines[1::2]


def _comparable(line: dict[str, Any]) -> dict[str, Any]:
    assert re.fullmatch(r"req_[0-9a-z]{26}", line["request_id"])
    return {name: value for name, value in line.items() if name not in ("duration_ms", "request_id", "timestamp")}


async def _entries(door: Door) -> list[dict[str, Any]]:
    """What the door's calls have become in the audit log."""
    parts = door.app.state.parts
    ids = select(AuditEntry.id)
    before = {row.id for row in await parts.database.rows(ids)}
    await parts.audit.flush()
    rows = await parts.database.rows(select(*AuditEntry.__table__.c).order_by(AuditEntry.id))
    own = ("id", "created_at", "request_id", "duration_ms")
    return [
        {name: value for name, value in row._mapping.items() if name not in own} for row in rows if row.id not in before
    ]


async def _figures(door: Door) -> dict[str, Any]:
    tallies = door.app.state.parts.observation.tallies
    return {
        "requests": {route: sum(known.counts) for route, known in tallies.requests.items()},
        "operations": dict(tallies.operations),
        "points": dict(tallies.points),
        "limited": dict(tallies.limited),
    }
