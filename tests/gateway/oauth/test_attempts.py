"""How often may be asked and failed, and what is known of a call afterwards."""

from __future__ import annotations

import pytest

from domain.audit import Door, Outcome
from domain.viewer import Dialect
from tests.clocks import SetClock
from tests.factories.oauth import App, make_app
from tests.gateway.oauth.conftest import House, error_of

_GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def app(house: House) -> App:
    """A client of ClickUp Brain."""
    return await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN)


@pytest.mark.parametrize("wanted", [{"failures_per_minute": 5}], indirect=True)
async def test_who_fails_too_often_waits_even_with_the_right_secret(house: House, app: App, clock: SetClock):
    clock.advance(seconds=20)
    wrong = [await house.token(**_GRANT, client_id=app.client_id, client_secret="wrong") for _ in range(7)]
    right = await house.token(**_GRANT, **app.posted)

    assert [error_of(answer) for answer in wrong] == [(401, "invalid_client")] * 5 + [(429, "slow_down")] * 2
    assert error_of(right) == (429, "slow_down")
    assert right.headers["retry-after"] == "40"
    assert error_of(await house.http.post("/oauth/introspect", data={})) == (429, "slow_down")
    clock.advance(seconds=40)
    assert (await house.token(**_GRANT, **app.posted)).status_code == 200


@pytest.mark.parametrize("wanted", [{"failures_per_minute": 5}], indirect=True)
async def test_nobody_can_lock_a_client_out_from_elsewhere(house: House, app: App):
    for number in range(8):
        transport = house.http._transport
        transport.client = (f"192.0.2.{number}", 123)  # type: ignore[attr-defined]
        answer = await house.token(**_GRANT, client_id=app.client_id, client_secret="wrong")
        assert answer.status_code == (401 if number < 5 else 429)
    assert (await house.token(**_GRANT, **app.posted)).status_code == 200


@pytest.mark.parametrize("wanted", [{"failures_per_minute": 2}], indirect=True)
async def test_an_ipv6_network_counts_as_one(house: House, app: App):
    for last in range(3):
        house.http._transport.client = (f"2001:db8::{last}", 123)  # type: ignore[attr-defined]
        answer = await house.token(**_GRANT, client_id=app.client_id, client_secret="wrong")
    assert answer.status_code == 429
    house.http._transport.client = ("2001:db8:0:1::1", 123)  # type: ignore[attr-defined]
    assert (await house.token(**_GRANT, **app.posted)).status_code == 200


@pytest.mark.parametrize("wanted", [{"failures_per_minute": 2}], indirect=True)
async def test_mistakes_of_a_client_that_proved_itself_stop_nobody(house: House):
    app = await make_app(house.database)
    ended = {"grant_type": "refresh_token", "refresh_token": "tgrt_that-ran-out"}
    for mistake in (ended, {"grant_type": "password"}, {**_GRANT, "scope": "nonsense"}, {}):
        assert [(await house.token(**mistake, **app.posted)).status_code for _ in range(3)] == [400] * 3
    assert (await house.token(**_GRANT, **app.posted)).status_code == 200


@pytest.mark.parametrize("wanted", [{"requests_per_minute": 3}], indirect=True)
async def test_successes_have_a_limit_of_their_own(house: House, app: App):
    answers = [await house.token(**_GRANT, **app.posted) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_a_call_is_put_down_to_its_client(house: House, app: App):
    await house.token("/clickup-brain", **_GRANT, **app.posted)
    await house.token(**_GRANT, client_id=app.client_id, client_secret="wrong")
    await house.token(**_GRANT, client_id="client_nobody", client_secret="wrong")
    right, wrong, nobody = house.calls

    assert {(call.door, call.operation) for call in house.calls} == {(Door.OAUTH, "POST /oauth/token")}
    assert [(call.status, call.code) for call in house.calls] == [
        (200, None),
        (401, "invalid_client"),
        (401, "invalid_client"),
    ]
    for call, outcome in ((right, Outcome.DONE), (wrong, Outcome.REFUSED)):
        assert call.by is not None
        assert (call.by.organization_id, call.by.client_id) == (app.organization_id, app.client_id)
        assert (call.outcome, call.viewer) == (outcome, None)
    assert nobody.by is None


async def test_a_call_with_a_code_is_put_down_to_its_user(house: House):
    app = await make_app(house.database)
    code = await house.code(app)
    answer = await house.token(
        grant_type="authorization_code",
        code=code,
        redirect_uri="https://app.example.com/callback",
        code_verifier="a-verifier-of-the-least-length-that-is-allowed-by-rfc-7636",
        **app.posted,
    )
    assert answer.status_code == 200
    assert house.calls[-1].by is not None
    assert house.calls[-1].by.user_id == app.user_id
