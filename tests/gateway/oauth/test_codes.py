"""Codes: redeemed once, by whom they were given to, with the proof they were asked for with."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from domain.audit import AuditEntry
from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind
from domain.errors import DomainError
from domain.event_log import Event
from domain.events import EventType
from domain.grants import Grant
from domain.users import User
from domain.viewer import Dialect
from gateway.credential_rules import Door
from tests.clocks import SetClock
from tests.factories.oauth import CALLBACK, VERIFIER, App, challenge_of, make_app
from tests.gateway.oauth.conftest import House, error_of

_GRANT = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
_PROVEN = _GRANT | {"code_verifier": VERIFIER}


@pytest.fixture
async def app(house: House) -> App:
    """A new client of CRM-Ultra."""
    return await make_app(house.database, dialect=Dialect.CRM_ULTRA)


async def test_a_code_becomes_tokens_of_the_user(house: House, app: App):
    code = await house.code(app, scope="read write")
    answer = await house.token("/crm-ultra", **_PROVEN, **app.posted, code=code)

    told = answer.json()
    assert answer.status_code == 200
    assert set(told) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 7200, "read write")
    viewer = await house.viewer(told["access_token"], Door(Dialect.CRM_ULTRA))
    assert viewer is not None
    assert (viewer.client_id, viewer.user_id) == (app.client_id, app.user_id)
    assert viewer.organization_id == app.organization_id


async def test_an_older_client_needs_no_proof_but_keeps_to_one_it_gave(house: House):
    app = await make_app(house.database, dialect=Dialect.CRM_ULTRA, legacy=True)
    bare: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}

    printed = await house.token(**app.posted, code=await house.code(app, **bare), **_GRANT)
    unasked = await house.token(**app.posted, code=await house.code(app, **bare), **_PROVEN)
    missing = await house.token(**app.posted, code=await house.code(app), **_GRANT)
    proven = await house.token(**app.posted, code=await house.code(app), **_PROVEN)

    assert (printed.status_code, proven.status_code) == (200, 200)
    assert error_of(unasked) == (400, "invalid_request")
    assert error_of(missing) == (400, "invalid_request")


async def test_an_address_left_out_then_may_be_left_out_now(house: House):
    app = await make_app(house.database, dialect=Dialect.CRM_ULTRA, legacy=True)
    code = await house.code(app, redirect_uri=None)
    answer = await house.token(grant_type="authorization_code", code=code, code_verifier=VERIFIER, **app.posted)
    assert answer.status_code == 200


async def test_a_public_client_proves_itself_by_the_verifier(house: House):
    app = await make_app(house.database, public=True)
    code = await house.code(app)
    assert error_of(await house.token(**_GRANT, client_id=app.client_id, code=code)) == (400, "invalid_request")
    answer = await house.token(**_PROVEN, client_id=app.client_id, code=code)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 3600)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": ""}, "invalid_request"),
        ({"code": "tgac_nothing"}, "invalid_grant"),
        ({"code": "\u00e9" * 1_000}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "\u00e9" * 43}, "invalid_request"),
        ({"code_verifier": "x" * 129}, "invalid_request"),
        ({"code_verifier": VERIFIER + "x"}, "invalid_grant"),
        ({"code_verifier": challenge_of()}, "invalid_grant"),
    ],
)
async def test_a_mistake_gives_no_token_and_leaves_the_code(
    house: House, app: App, changed: dict[str, str], error: str
):
    code = await house.code(app)
    answer = await house.token(**({"code": code} | _PROVEN | app.posted | changed))
    assert error_of(answer) == (400, error)
    assert (await house.token(**_PROVEN, **app.posted, code=code)).status_code == 200


async def test_a_code_is_for_the_client_it_was_given_to(house: House, app: App):
    thief = await make_app(house.database, dialect=Dialect.CRM_ULTRA, organization=app.organization_id)
    code = await house.code(app)
    assert error_of(await house.token(**_PROVEN, **thief.posted, code=code)) == (400, "invalid_grant")
    first = await house.token(**_PROVEN, **app.posted, code=code)
    # Not even when it was redeemed: a stranger cannot end an authorization.
    assert error_of(await house.token(**_PROVEN, **thief.posted, code=code)) == (400, "invalid_grant")
    assert await house.viewer(first.json()["access_token"])


async def test_another_kind_of_credential_is_no_code(house: House, app: App):
    first = (await house.token(**_PROVEN, **app.posted, code=await house.code(app))).json()
    for value in (first["access_token"], first["refresh_token"], app.secret):
        assert error_of(await house.token(**_PROVEN, **app.posted, code=value)) == (400, "invalid_grant")


async def test_a_code_lasts_ten_minutes(house: House, app: App, clock: SetClock):
    late, right = await house.code(app), await house.code(app)
    clock.advance(seconds=599)
    assert (await house.token(**_PROVEN, **app.posted, code=right)).status_code == 200
    clock.advance(seconds=1)
    assert error_of(await house.token(**_PROVEN, **app.posted, code=late)) == (400, "invalid_grant")


async def test_a_code_that_comes_again_ends_what_it_gave(house: House, app: App):
    code = await house.code(app)
    first = (await house.token(**_PROVEN, **app.posted, code=code)).json()
    other = (await house.token(**_PROVEN, **app.posted, code=await house.code(app))).json()

    assert error_of(await house.token(**_PROVEN, **app.posted, code=code)) == (400, "invalid_grant")

    with pytest.raises(DomainError):
        await house.viewer(first["access_token"])
    refreshed = await house.token(grant_type="refresh_token", refresh_token=first["refresh_token"], **app.posted)
    assert error_of(refreshed) == (400, "invalid_grant")
    assert await house.viewer(other["access_token"]), "another authorization of the same client is not concerned"

    events = await house.database.rows(
        select(Event.type, Event.subject_id).where(
            Event.organization_id == app.organization_id, Event.type == EventType.ACCESS_WITHDRAWN
        )
    )
    revoked = await house.database.rows(
        select(Grant.id).where(Grant.client_id == app.client_id, Grant.revoked_at.is_not(None))
    )
    audit = await house.database.rows(
        select(AuditEntry.operation, AuditEntry.subject_id).where(
            AuditEntry.organization_id == app.organization_id, AuditEntry.operation == "stopReuse"
        )
    )
    assert [row.subject_id for row in events] == [row.id for row in revoked] == [row.subject_id for row in audit]
    assert len(revoked) == 1


async def test_who_was_disabled_meanwhile_gives_nothing(house: House, app: App):
    code = await house.code(app)
    first = (await house.token(**_PROVEN, **app.posted, code=await house.code(app))).json()

    async def disable(session: Any) -> None:
        (await session.get(User, app.user_id)).disabled_at = house.database.clock.now()

    await house.database.store(disable)
    assert error_of(await house.token(**_PROVEN, **app.posted, code=code)) == (400, "invalid_grant")
    refreshed = await house.token(grant_type="refresh_token", refresh_token=first["refresh_token"], **app.posted)
    assert error_of(refreshed) == (400, "invalid_grant")


async def test_what_the_client_lost_meanwhile_is_not_given(house: House, app: App):
    code, nothing = await house.code(app, scope="read write"), await house.code(app, scope="write")

    async def narrow(session: Any) -> None:
        await session.execute(update(ApiClient).where(ApiClient.id == app.client_id).values(scopes=["read"]))

    await house.database.store(narrow)
    answer = await house.token(**_PROVEN, **app.posted, code=code)
    assert answer.json()["scope"] == "read"
    assert error_of(await house.token(**_PROVEN, **app.posted, code=nothing)) == (400, "invalid_grant")


async def test_tokens_shrink_with_their_client(house: House, app: App):
    given = (await house.token(**_PROVEN, **app.posted, code=await house.code(app))).json()

    async def narrow(session: Any) -> None:
        await session.execute(update(ApiClient).where(ApiClient.id == app.client_id).values(scopes=["read:leads"]))

    await house.database.store(narrow)
    viewer = await house.viewer(given["access_token"])
    assert viewer is not None
    assert viewer.scopes == ()
    assert not viewer.permissions


async def test_only_hashes_are_kept(house: House, app: App):
    code = await house.code(app)
    told = (await house.token(**_PROVEN, **app.posted, code=code)).json()
    rows = await house.database.rows(
        select(Credential.kind, Credential.hash, Credential.hint, Credential.sealed, Credential.grant_id).where(
            Credential.client_id == app.client_id
        )
    )
    written = repr([tuple(row) for row in rows])
    kinds = {CredentialKind.CODE, CredentialKind.ACCESS_TOKEN, CredentialKind.REFRESH_TOKEN, CredentialKind.SECRET}
    assert {row.kind for row in rows} == kinds
    assert not [value for value in (code, told["access_token"], told["refresh_token"]) if value in written]
    assert len({row.grant_id for row in rows if row.grant_id}) == 1
