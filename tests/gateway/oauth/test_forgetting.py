"""What is past its time goes; what is needed to notice a theft stays."""

from __future__ import annotations

from sqlalchemy import select

from domain.credentials import Credential, CredentialKind
from domain.grants import Grant
from domain.viewer import Dialect
from gateway.oauth.forgetting import forget
from tests.clocks import SetClock
from tests.factories.credentials import make_credential
from tests.factories.oauth import App, make_app
from tests.gateway.oauth.conftest import House, error_of
from tests.gateway.oauth.test_refreshing import dead, given, refresh

_DAY = 24 * 3600


async def kept(house: House, app: App) -> list[str]:
    """The kinds of what a client has left."""
    rows = await house.database.rows(select(Credential.kind).where(Credential.client_id == app.client_id))
    return sorted(row.kind for row in rows)


async def grants(house: House, app: App) -> int:
    """How many authorizations a client has left."""
    return len(await house.database.rows(select(Grant.id).where(Grant.client_id == app.client_id)))


async def test_used_ones_stay_as_long_as_their_family_lives(house: House, clock: SetClock):
    app = await make_app(house.database, dialect=Dialect.CRM_ULTRA)
    first = await given(house, app)
    clock.advance(days=29)
    second = (await refresh(house, app, first["refresh_token"])).json()
    clock.advance(days=20)
    await forget(house.database)

    assert await kept(house, app) == ["CODE", "REFRESH_TOKEN", "REFRESH_TOKEN", "SECRET"]
    third = (await refresh(house, app, second["refresh_token"])).json()
    assert error_of(await refresh(house, app, first["refresh_token"])) == (400, "invalid_grant")
    assert await dead(house, third["access_token"]), "the theft was noticed though the token had expired"

    clock.advance(days=11)
    await forget(house.database)
    assert await kept(house, app) == ["REFRESH_TOKEN", "SECRET"]
    clock.advance(days=30)
    await forget(house.database)
    assert (await kept(house, app), await grants(house, app)) == (["SECRET"], 0)


async def test_what_ran_out_goes_with_its_authorization(house: House, clock: SetClock):
    app = await make_app(house.database)
    await given(house, app)
    await house.code(app)
    await house.token(grant_type="client_credentials", **app.posted)
    key = await make_credential(house.database, app.organization_id, app.client_id, dialect=None)
    ended = {"expires_at": clock.now()}
    await make_credential(house.database, app.organization_id, app.client_id, CredentialKind.KEY, **ended)

    await forget(house.database)
    assert (len(await kept(house, app)), await grants(house, app)) == (8, 2)
    clock.advance(seconds=3600)
    await forget(house.database)
    assert (await kept(house, app), await grants(house, app)) == (
        ["CODE", "KEY", "KEY", "REFRESH_TOKEN", "SECRET"],
        1,
    )
    clock.advance(days=30)
    await forget(house.database)
    assert (await kept(house, app), await grants(house, app)) == (["KEY", "KEY", "SECRET"], 0)
    assert await house.viewer(key)
