"""The authorization server, called as programs call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from domain.viewer import Viewer
from gateway.calls import CallRecord
from gateway.credential_rules import Door
from gateway.database import Database
from gateway.limits.opening import open_limits
from gateway.middleware import Recorded, RequestIds
from gateway.oauth.authorization import Authorizations
from gateway.oauth.door import OAuthDoor
from gateway.oauth.opening import open_oauth
from gateway.oauth.places import Places
from gateway.settings import load
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from tests.factories.credentials import resolve
from tests.factories.oauth import ISSUER, App, asking, sent_back

SANDBOX = "sandbox-api.clickup-brain.com"


@dataclass
class House:
    """The authorization server's door over an application that has nothing, and a client of it on a neutral host.

    `calls` are the records of what was served.
    """

    database: Database
    authorizations: Authorizations
    http: httpx.AsyncClient
    calls: list[CallRecord]

    async def token(self, where: str = "", **form: str) -> httpx.Response:
        """POST /oauth/token below a mount, or on another host when `where` is an address."""
        return await self.http.post(f"{where}/oauth/token", data=form)

    async def code(self, app: App, **changed: str | None) -> str:
        """A fresh code of the app's user."""
        request = await self.authorizations.check(asking(app, **changed), None)
        return sent_back(await self.authorizations.approve(request, app.user_id))["code"]

    async def viewer(self, token: str, door: Door | None = None) -> Viewer | None:
        """Whom a bearer token stands for."""
        return await resolve(self.database, {"authorization": f"Bearer {token}"}, door)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error as RFC 6749, section 5.2 has it."""
    told = answer.json()
    assert set(told) <= {"error", "error_description"}, told
    assert all(" " <= each <= "~" and each not in '"\\' for each in told.get("error_description", ""))
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
    return answer.status_code, told["error"]


@pytest.fixture
def wanted(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of the authorization server; a test gives others by `indirect`."""
    return getattr(request, "param", {})


@pytest.fixture
async def house(database: Database, wanted: dict[str, Any]) -> AsyncIterator[House]:
    """The authorization server on each database."""
    settings = load(env_file=None, public_url=ISSUER, oauth=wanted)
    oauth = open_oauth(settings, database, open_limits(settings, database))
    places = Places([COPYCAR, replace(CLICKUP_BRAIN, sandbox_hosts=frozenset({SANDBOX})), CRM_ULTRA])
    calls: list[CallRecord] = []
    door = OAuthDoor(PlainTextResponse("elsewhere", 404), oauth.everywhere, oauth.copycars, places)
    transport = httpx.ASGITransport(app=RequestIds(Recorded(door, calls.append)))
    async with httpx.AsyncClient(transport=transport, base_url="http://graph.test") as client:
        yield House(database, oauth.authorizations, client, calls)
