"""Revocation and introspection: ending tokens, and asking whether they have ended."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import select

from domain.access import AccessChange
from domain.audit import AuditEntry
from domain.credentials import CredentialKind
from domain.viewer import Dialect
from tests.clocks import SetClock
from tests.factories.credentials import make_client, make_credential
from tests.factories.oauth import ISSUER, App, make_app
from tests.gateway.oauth.conftest import SANDBOX, House, error_of
from tests.gateway.oauth.test_refreshing import dead, given, refresh

_OWN = {"grant_type": "client_credentials"}


@pytest.fixture
async def app(house: House) -> App:
    """A new client of CRM-Ultra."""
    return await make_app(house.database, dialect=Dialect.CRM_ULTRA)


async def revoke(house: House, app: App, token: str, **more: str) -> httpx.Response:
    """The answer to a revocation."""
    return await house.http.post("/oauth/revoke", data={"token": token, **app.posted, **more})


async def introspect(house: House, app: App, token: str, where: str = "", **more: str) -> httpx.Response:
    """The answer to a question about a token."""
    return await house.http.post(f"{where}/oauth/introspect", data={"token": token, **more}, auth=app.basic)


async def test_an_access_token_ends_alone(house: House, app: App):
    first = await given(house, app)
    answer = await revoke(house, app, first["access_token"])

    assert (answer.status_code, answer.json(), answer.headers["cache-control"]) == (200, {}, "no-store")
    assert await dead(house, first["access_token"])
    assert (await refresh(house, app, first["refresh_token"])).status_code == 200
    changes = await house.database.rows(
        select(AuditEntry.operation, AccessChange.id)
        .join(AccessChange, AccessChange.subject_id == AuditEntry.subject_id)
        .where(AuditEntry.organization_id == app.organization_id, AuditEntry.operation == "revokeToken")
    )
    assert len(changes) == 1


async def test_a_refresh_token_takes_its_family_along(house: House, app: App):
    first, other = await given(house, app), await given(house, app)
    second = (await refresh(house, app, first["refresh_token"])).json()
    assert (await revoke(house, app, second["refresh_token"], token_type_hint="access_token")).status_code == 200
    assert [await dead(house, each["access_token"]) for each in (first, second, other)] == [True, True, False]
    assert error_of(await refresh(house, app, second["refresh_token"])) == (400, "invalid_grant")
    assert (await revoke(house, app, second["refresh_token"])).status_code == 200


async def test_what_is_not_ones_own_stays_and_nobody_learns_that_it_is(house: House, app: App):
    thief = await make_app(house.database, dialect=Dialect.CRM_ULTRA, organization=app.organization_id)
    first = await given(house, app)
    key = await make_credential(house.database, app.organization_id, app.client_id)
    theirs = (first["access_token"], first["refresh_token"], "tgat_nothing", "\u00e9" * 500)
    answers = [await revoke(house, thief, token, token_type_hint="whatever") for token in theirs]
    answers += [await revoke(house, app, value) for value in (key, app.secret)]

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"{}")}
    assert not await dead(house, first["access_token"])
    assert await house.viewer(key)
    assert (await refresh(house, app, first["refresh_token"])).status_code == 200


async def test_public_clients_revoke_but_do_not_ask(house: House):
    app = await make_app(house.database, public=True)
    first = await given(house, app)
    asked = await house.http.post("/oauth/introspect", data={"token": first["access_token"], **app.posted})
    assert error_of(asked) == (401, "invalid_client")
    assert (await revoke(house, app, first["access_token"])).status_code == 200
    assert await dead(house, first["access_token"])


async def test_both_need_a_client_and_a_token(house: House, app: App):
    for path in ("/oauth/revoke", "/oauth/introspect"):
        assert error_of(await house.http.post(path, data={"token": "x"})) == (401, "invalid_client")
        assert error_of(await house.http.post(path, data=app.posted)) == (400, "invalid_request")
        wrong = await house.http.post(path, data={"token": "x"}, auth=(app.client_id, "wrong"))
        assert error_of(wrong) == (401, "invalid_client")


async def test_a_token_is_told_with_what_it_opens(house: House, app: App, clock: SetClock):
    first = await given(house, app, scope="read")
    now = int(clock.now().timestamp())
    access = (await introspect(house, app, first["access_token"])).json()
    later = (await introspect(house, app, first["refresh_token"], token_type_hint="nonsense")).json()

    email = access.pop("username")
    assert email.endswith("@agency.example.com")
    assert access == {
        "active": True,
        "scope": "read",
        "client_id": app.client_id,
        "token_type": "Bearer",
        "exp": now + 7200,
        "iat": now,
        "sub": app.user_id,
        "iss": ISSUER,
    }
    assert (later["active"], later["exp"]) == (True, now + 30 * 24 * 3600)
    assert "token_type" not in later


async def test_a_token_of_a_client_has_no_user(house: House):
    brain = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN)
    token = (await house.token(**_OWN, **brain.posted)).json()["access_token"]
    told = (await introspect(house, brain, token)).json()
    assert told["sub"] == told["client_id"] == brain.client_id
    assert "username" not in told


async def test_what_ended_is_not_active(house: House, app: App, clock: SetClock):
    first = await given(house, app)
    second = (await refresh(house, app, first["refresh_token"])).json()
    key = await make_credential(house.database, app.organization_id, app.client_id)
    code = await house.code(app)
    ended = [first["refresh_token"], key, code, app.secret, "tgat_nothing", "\u00e9"]
    for value in ended:
        answer = await introspect(house, app, value)
        assert (answer.status_code, answer.json()) == (200, {"active": False}), value
    clock.advance(seconds=7200)
    assert (await introspect(house, app, second["access_token"])).json() == {"active": False}
    assert (await introspect(house, app, second["refresh_token"])).json()["active"]
    await revoke(house, app, second["refresh_token"])
    assert (await introspect(house, app, second["refresh_token"])).json() == {"active": False}


async def test_who_may_know_of_a_token(house: House, app: App):
    service = await make_app(house.database, organization=app.organization_id)
    stranger = await make_app(house.database)
    first = await given(house, app)

    assert (await introspect(house, service, first["access_token"])).json()["active"]
    assert (await introspect(house, service, first["refresh_token"])).json() == {"active": False}
    assert (await introspect(house, stranger, first["access_token"])).json() == {"active": False}


async def test_a_token_is_active_where_it_opens_something(house: House):
    organization = (await make_app(house.database)).organization_id
    brain = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN, organization=organization)
    crm = await make_app(house.database, dialect=Dialect.CRM_ULTRA, organization=organization)
    token = (await house.token(**_OWN, **brain.posted)).json()["access_token"]

    assert (await introspect(house, brain, token, "/clickup-brain")).json()["active"]
    assert (await introspect(house, crm, token)).json()["active"]
    assert (await introspect(house, crm, token, "/crm-ultra")).json() == {"active": False}
    assert error_of(await introspect(house, brain, token, f"http://{SANDBOX}")) == (401, "invalid_client")


async def test_revoking_and_refreshing_at_once_leaves_nothing_alive(house: House, app: App):
    first = await given(house, app)
    refreshed, _ = await asyncio.gather(
        refresh(house, app, first["refresh_token"]), revoke(house, app, first["refresh_token"])
    )
    tokens = [first["access_token"], *([refreshed.json()["access_token"]] if refreshed.status_code == 200 else [])]
    assert all([await dead(house, token) for token in tokens])


async def test_a_key_of_the_client_does_not_prove_who_it_is(house: House):
    organization = (await make_app(house.database)).organization_id
    client = await make_client(house.database, organization)
    key = await make_credential(house.database, organization, client, CredentialKind.KEY)
    answer = await house.http.post("/oauth/introspect", data={"token": key}, auth=(client, key))
    assert error_of(answer) == (401, "invalid_client")
