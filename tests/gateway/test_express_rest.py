"""Whichever way a call of a REST product takes, nobody can tell by what comes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from domain.audit import AuditEntry
from domain.viewer import Dialect
from gateway.app import Application, create_app
from gateway.database import Database
from gateway.settings import load
from tests.clocks import SetClock
from tests.factories.credentials import make_key
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization
from tests.rest_compat.asgi import call

_MADE = re.compile(rb"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b")
_LEAD = b'{"email": "a@b.example", "source": "website"}'


@dataclass(frozen=True)
class Ask:
    """A call; `key` is one of those the organization has."""

    target: str
    method: str = "GET"
    key: str | None = "crm"
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = (("host", "graph.test"),)
    scheme: str = "http"


@dataclass
class Doors:
    """The same process twice: one that chooses its way, one that has no choice; `chained` counts what the first one
    handed on.
    """

    short: Application
    ordinary: Application
    keys: dict[str, str]
    chained: list[str]

    async def __call__(self, ask: Ask) -> tuple[int, list[Any], bytes]:
        """What both answer, which is the same."""
        mine, theirs = await self._said(self.short, ask), await self._said(self.ordinary.ordinary, ask)
        assert mine == theirs
        return mine

    async def handed_on(self, ask: Ask) -> bool:
        """Whether the first one hands it on."""
        before = len(self.chained)
        await self(ask)
        return len(self.chained) > before

    async def _said(self, serve: Any, ask: Ask) -> tuple[int, list[Any], bytes]:
        for each in (self.short, self.ordinary):
            # What is remembered of credentials is believed only for a while.
            await each.state.parts.watch.look()
        headers = [*ask.headers, *([("x-api-key", self.keys[ask.key])] if ask.key else [])]
        head: list[Any] = []

        async def by(scope: Any, receive: Any, send: Any) -> None:
            async def noted(message: Any) -> None:
                head.extend(message.get("headers", ()))
                await send(message)

            await serve({**scope, "scheme": ask.scheme, "state": {}}, receive, noted)

        answer = await call(by, ask.method, ask.target, body=ask.body, headers=headers)
        masked = [(name, _MADE.sub(b"MADE", value)) for name, value in head]
        return answer.status, masked, _MADE.sub(b"MADE", answer.body)


Opening = Callable[..., Any]


@pytest.fixture
def opening(embedded: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Opening:
    """Opens both with these settings, each with its own memory, on one database."""

    @asynccontextmanager
    async def opened(**given: Any) -> AsyncIterator[Doors]:
        organization = await make_organization(embedded)
        keys = {
            "crm": await make_key(embedded, organization, dialect=Dialect.CRM_ULTRA, tier="Free"),
            "narrow": await make_key(embedded, organization, dialect=Dialect.CRM_ULTRA, scopes=("read:reports",)),
            "copycar": await make_key(embedded, organization, dialect=Dialect.COPYCAR, tier="Ultimate"),
            "elsewhere": await make_key(
                embedded, organization, dialect=Dialect.CRM_ULTRA, allowed_ips=["203.0.113.0/24"]
            ),
        }
        await make_lead(embedded, organization)
        url = embedded.engines.writing.url.render_as_string(hide_password=False)
        settings = load(env_file=None, database_url=url, data_dir=tmp_path, **given)
        chained, chain = [], Application.ordinary

        async def counted(self: Application, *given: Any) -> None:
            chained.append("ordinary")
            await chain(self, *given)

        with monkeypatch.context() as patch:
            # The chain is bound when an application is made.
            patch.setattr(Application, "ordinary", counted)
            short = create_app(settings, clock=clock)
        other = create_app(settings, clock=clock)
        try:
            yield Doors(short, other, keys, chained)
        finally:
            for app in (short, other):
                await app.state.parts.observation.stop()
                await app.state.parts.audit.stop()
                await app.state.parts.database.engines.dispose()

    return opened


_JSON = ("content-type", "application/json")
_HOST = ("host", "graph.test")
PLAIN = {
    "a list": Ask("/v1/leads?status=new&limit=5"),
    "only its head": Ask("/v1/leads", "HEAD"),
    "below the mount": Ask("/crm-ultra/v1/leads"),
    "at its own host": Ask("/v1/leads", headers=(("host", "api.crm-ultra.com"),)),
    "without a host": Ask("/v1/leads", headers=()),
    "by HTTPS": Ask("/v1/leads", scheme="https"),
    "of another product": Ask("/copycar/v2/ultimate/accounts", key="copycar"),
    "what is not there": Ask("/v1/leads/lead_0"),
    "encoded": Ask("/v1/leads/lead%2F0?x=%20"),
    "what cannot be read": Ask("/v1/leads?status=%ff"),
    "a wrong number": Ask("/v1/leads?limit=many&page=0"),
    "nobody": Ask("/v1/leads", key=None),
    "another's key": Ask("/v1/leads", key="copycar"),
    "a key from elsewhere": Ask("/v1/leads", key="elsewhere"),
    "without the permission": Ask("/v1/leads", key="narrow"),
    "a write": Ask("/v1/leads", "POST", body=_LEAD, headers=(_HOST, _JSON)),
    "no JSON": Ask("/v1/leads", "POST", body=b"{", headers=(_HOST, _JSON)),
    "a form": Ask("/v1/leads", "POST", body=b"a=b", headers=(_HOST, ("content-type", "text/plain"))),
    "too large a body": Ask("/v1/leads", "POST", body=b" " * 2_000_000, headers=(_HOST, _JSON)),
    "an origin that nobody asked about": Ask("/v1/leads", headers=(_HOST, ("origin", "https://a.example"))),
    "an id of its own": Ask("/v1/leads", headers=(_HOST, ("x-request-id", "mine"))),
}
ORDINARY = {
    "an unknown path": Ask("/v1/nothing"),
    "a wrong method": Ask("/v1/leads", "PATCH"),
    "what is allowed": Ask("/v1/leads", "OPTIONS"),
    "a page": Ask("/crm-ultra/openapi.json"),
    "the authorization server": Ask("/crm-ultra/oauth/token", "POST"),
    "a stream": Ask("/clickup-brain/api/v1/events", key=None),
    "what two products have": Ask("/v1/webhooks", "POST", key=None),
    "nobody's path": Ask("/nothing"),
    "a picture": Ask("/t/o/nothing.gif", key=None),
    "a very long address": Ask(f"/v1/leads/{'x' * 600}"),
}


async def test_both_ways_answer_alike_and_leave_the_same_traces(opening: Opening) -> None:
    async with opening() as doors:
        for name, ask in PLAIN.items():
            # The second time, it is known where it goes.
            assert [await doors.handed_on(ask) for _ in range(2)] == [False, False], name
        for name, ask in ORDINARY.items():
            assert await doors.handed_on(ask), name
        entries = [await _entries(app) for app in (doors.short, doors.ordinary)]
        assert len(entries[0]) > len(PLAIN)
        assert entries[0] == entries[1]


async def test_an_idempotent_write_is_answered_again(opening: Opening) -> None:
    async with opening() as doors:
        ask = Ask("/v1/leads", "POST", body=_LEAD, headers=(_HOST, _JSON, ("idempotency-key", "one")))
        first = await doors._said(doors.short, ask)
        second = await doors._said(doors.ordinary.ordinary, ask)
        assert (first[0], first[2]) == (201, second[2])
        assert (b"idempotency-replayed", b"true") in second[1]


async def test_who_has_asked_too_often_is_refused_alike(opening: Opening) -> None:
    async with opening() as doors:
        answers = [await doors(Ask("/v1/leads")) for _ in range(62)]
        assert [answers[0][0], answers[-1][0]] == [200, 429]
        assert not doors.chained


@pytest.mark.parametrize(
    ("settings", "ask", "handed_on"),
    [
        ({"https_required": True}, Ask("/v1/leads"), True),
        ({"https_required": True}, Ask("/v1/leads", scheme="https"), False),
        ({"cors_origins": "https://a.example"}, Ask("/v1/leads"), False),
        (
            {"cors_origins": "https://a.example"},
            Ask("/v1/leads", headers=(_HOST, ("origin", "https://a.example"))),
            True,
        ),
        ({"crm_ultra": {"hosts": "crm.test"}}, Ask("/leads", headers=(("host", "crm.test:80"),)), True),
        ({"crm_ultra": {"hosts": "crm.test"}}, Ask("/v1/leads", headers=(("host", "crm.test:80"),)), False),
    ],
)
async def test_what_settings_ask_for_is_done_for_every_call(
    opening: Opening, settings: Any, ask: Ask, handed_on: bool
) -> None:
    async with opening(**settings) as doors:
        assert await doors.handed_on(ask) is handed_on
        assert await doors.handed_on(replace(ask)) is handed_on


async def _entries(app: Application) -> list[dict[str, Any]]:
    """What the audit log holds of the calls of one process."""
    parts = app.state.parts
    known = {row.id for row in await parts.database.rows(select(AuditEntry.id))}
    await parts.audit.flush()
    rows = await parts.database.rows(select(*AuditEntry.__table__.c).order_by(AuditEntry.id))
    own = ("id", "created_at", "request_id", "duration_ms")
    return [
        {name: value for name, value in row._mapping.items() if name not in own} for row in rows if row.id not in known
    ]
