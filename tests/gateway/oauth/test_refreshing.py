"""Refresh tokens: exchanged at each use, kept by older clients, worthless to whoever copied one."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from domain.access import AccessChange
from domain.errors import DomainError
from domain.event_log import Event
from domain.events import EventType
from domain.grants import Grant
from domain.viewer import Dialect
from tests.clocks import SetClock
from tests.factories.oauth import CALLBACK, VERIFIER, App, make_app
from tests.gateway.oauth.conftest import House, error_of

_CODE = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
_AT_ONCE = 20


async def given(house: House, app: App, **asked: str) -> dict[str, str]:
    """The first tokens of a new authorization."""
    answer = await house.token(**_CODE, **app.posted, code=await house.code(app, **asked))
    told: dict[str, str] = answer.json()
    return told


async def refresh(house: House, app: App, token: str, **more: str):
    """The answer to a refresh."""
    return await house.token(grant_type="refresh_token", refresh_token=token, **app.posted, **more)


async def dead(house: House, token: str) -> bool:
    """Whether a bearer token opens nothing."""
    try:
        await house.viewer(token)
    except DomainError:
        return True
    return False


@pytest.fixture
async def app(house: House) -> App:
    """A new client of CRM-Ultra."""
    return await make_app(house.database, dialect=Dialect.CRM_ULTRA)


@pytest.fixture
async def older(house: House) -> App:
    """A client that came over from CRM-Ultra."""
    return await make_app(house.database, dialect=Dialect.CRM_ULTRA, legacy=True)


async def test_each_refresh_gives_another_pair(house: House, app: App):
    first = await given(house, app)
    second = (await refresh(house, app, first["refresh_token"])).json()
    third = (await refresh(house, app, second["refresh_token"])).json()

    assert set(second) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (second["expires_in"], second["scope"]) == (7200, "read write")
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert len({each["access_token"] for each in (first, second, third)}) == 3
    # An access token that was refreshed goes on until it ends by itself.
    assert not [each for each in (first, second, third) if await dead(house, each["access_token"])]


async def test_one_that_comes_again_ends_the_family(house: House, app: App):
    first = await given(house, app)
    second = (await refresh(house, app, first["refresh_token"])).json()
    other = await given(house, app)

    assert error_of(await refresh(house, app, first["refresh_token"])) == (400, "invalid_grant")

    assert await dead(house, first["access_token"])
    assert await dead(house, second["access_token"])
    assert error_of(await refresh(house, app, second["refresh_token"])) == (400, "invalid_grant")
    assert not await dead(house, other["access_token"])
    ended = await house.database.rows(
        select(Event.subject_id).where(
            Event.organization_id == app.organization_id, Event.type == EventType.ACCESS_WITHDRAWN
        )
    )
    told = await house.database.rows(select(AccessChange.subject_id).where(AccessChange.subject_id.like("grant_%")))
    assert len(ended) == 1
    assert ended[0].subject_id in {row.subject_id for row in told}


async def test_an_older_client_keeps_its_own_for_thirty_days(house: House, older: App, clock: SetClock):
    first = await given(house, older)
    clock.advance(days=29)
    second = (await refresh(house, older, first["refresh_token"])).json()
    third = (await refresh(house, older, first["refresh_token"])).json()

    assert first["refresh_token"] == second["refresh_token"] == third["refresh_token"]
    assert set(second) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert not await dead(house, third["access_token"])
    clock.advance(days=1)
    assert error_of(await refresh(house, older, first["refresh_token"])) == (400, "invalid_grant")


async def test_a_public_client_exchanges_its_token_however_old_it_is(house: House):
    app = await make_app(house.database, public=True, legacy=True)
    first = await given(house, app)
    second = (await refresh(house, app, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]


async def test_a_refresh_token_lasts_thirty_days_from_its_own_birth(house: House, app: App, clock: SetClock):
    first = await given(house, app)
    clock.advance(days=29)
    second = (await refresh(house, app, first["refresh_token"])).json()
    clock.advance(days=29)
    third = (await refresh(house, app, second["refresh_token"])).json()
    clock.advance(days=30)
    assert error_of(await refresh(house, app, third["refresh_token"])) == (400, "invalid_grant")


async def test_scopes_can_be_narrowed_for_one_access_token(house: House, app: App):
    first = await given(house, app)
    narrow = (await refresh(house, app, first["refresh_token"], scope="read")).json()
    wide = (await refresh(house, app, narrow["refresh_token"])).json()
    wider = await refresh(house, app, wide["refresh_token"], scope="read write admin")

    assert (narrow["scope"], wide["scope"]) == ("read", "read write")
    viewers = [await house.viewer(each["access_token"]) for each in (narrow, wide)]
    assert [viewer.scopes for viewer in viewers if viewer] == [("read",), ("read", "write")]
    assert error_of(wider) == (400, "invalid_scope")
    # What was refused did not use the token up.
    assert (await refresh(house, app, wide["refresh_token"])).status_code == 200


async def test_a_refresh_token_is_its_clients_own(house: House, app: App):
    thief = await make_app(house.database, dialect=Dialect.CRM_ULTRA, organization=app.organization_id)
    first = await given(house, app)
    used = (await refresh(house, app, first["refresh_token"])).json()

    for stolen in (first["refresh_token"], used["refresh_token"], used["access_token"], "tgrt_nothing", ""):
        error = "invalid_grant" if stolen else "invalid_request"
        assert error_of(await refresh(house, thief, stolen)) == (400, error)
    assert (await refresh(house, app, used["refresh_token"])).status_code == 200


async def test_a_refresh_token_opens_nothing_else(house: House, app: App):
    first = await given(house, app)
    assert await dead(house, first["refresh_token"])


async def test_of_twenty_at_once_one_gets_tokens_and_then_nobody_has_any(house: House, app: App):
    first = await given(house, app)
    answers = await asyncio.gather(*(refresh(house, app, first["refresh_token"]) for _ in range(_AT_ONCE)))

    right = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(right) == 1
    assert {error_of(answer) for answer in answers if answer.status_code != 200} == {(400, "invalid_grant")}
    assert await dead(house, right[0]["access_token"])
    assert error_of(await refresh(house, app, right[0]["refresh_token"])) == (400, "invalid_grant")
    ended = await house.database.rows(
        select(Event.subject_id).where(
            Event.organization_id == app.organization_id, Event.type == EventType.ACCESS_WITHDRAWN
        )
    )
    assert len(ended) == 1


async def test_an_older_client_may_refresh_twenty_times_at_once(house: House, older: App):
    first = await given(house, older)
    answers = await asyncio.gather(*(refresh(house, older, first["refresh_token"]) for _ in range(_AT_ONCE)))
    tokens = {answer.json()["access_token"] for answer in answers}
    assert len(tokens) == _AT_ONCE
    assert not [token for token in tokens if await dead(house, token)]


async def test_of_twenty_redemptions_at_once_one_gets_tokens_and_then_nobody_has_any(house: House, app: App):
    code = await house.code(app)
    answers = await asyncio.gather(*(house.token(**_CODE, **app.posted, code=code) for _ in range(_AT_ONCE)))

    right = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(right) == 1
    assert {error_of(answer) for answer in answers if answer.status_code != 200} == {(400, "invalid_grant")}
    assert await dead(house, right[0]["access_token"])
    grants = await house.database.rows(select(Grant.revoked_at).where(Grant.client_id == app.client_id))
    assert [row.revoked_at is not None for row in grants] == [True]
