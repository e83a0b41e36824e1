"""How a client says who it is, and what a token endpoint understands."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from domain.credentials import CredentialKind
from domain.users import User
from domain.viewer import Dialect
from tests.clocks import SetClock
from tests.factories.credentials import make_credential
from tests.factories.oauth import App, make_app
from tests.factories.organizations import make_user
from tests.gateway.oauth.conftest import House, error_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def app(house: House) -> App:
    """A client of ClickUp Brain, which asks for tokens in its own name."""
    return await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN)


def basic(name: str, secret: str) -> dict[str, str]:
    """A Basic header, whatever it says."""
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


async def test_the_printed_request_works_literally(house: House, app: App):
    body = (
        f"grant_type=client_credentials&\nclient_id={app.client_id}&\nclient_secret={app.secret}&\nscope=read write\n"
    )
    answer = await house.http.post("/clickup-brain/oauth/token", content=body, headers=FORM)

    told = answer.json()
    assert answer.status_code == 200
    assert set(told) == {"access_token", "token_type", "expires_in", "scope"}
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, "read write")
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    viewer = await house.viewer(told["access_token"])
    assert viewer is not None
    assert (viewer.client_id, viewer.scopes, viewer.grant_id) == (app.client_id, ("read", "write"), None)


@pytest.mark.parametrize("scope", ["read write", "read+write", "read%20write", " read  write "])
async def test_scopes_are_separated_as_clients_write_it(house: House, app: App, scope: str):
    body = f"grant_type=client_credentials&client_id={app.client_id}&client_secret={app.secret}&scope={scope}"
    answer = await house.http.post("/oauth/token", content=body, headers=FORM)
    assert answer.json()["scope"] == "read write"


async def test_json_is_understood_whatever_its_label(house: House, app: App):
    body = {**_GRANT, **app.posted, "scope": "read", "unknown": {"ignored": [1]}, "state": None}
    assert (await house.http.post("/oauth/token", json=body)).json()["scope"] == "read"
    text = b'{"grant_type": "client_credentials", "client_id": "%s", "client_secret": "%s"}'
    unlabelled = text % (app.client_id.encode(), app.secret.encode())
    assert (await house.http.post("/oauth/token", content=unlabelled, headers=FORM)).status_code == 200


async def test_a_header_or_parameters_but_one_of_them(house: House, app: App):
    async def ask(headers: dict[str, str], **form: str) -> Any:
        return await house.http.post("/oauth/token", data={**_GRANT, **form}, headers=headers)

    own = basic(app.client_id, app.secret)
    escaped = basic(quote(app.client_id, safe=""), "".join(f"%{ord(each):02X}" for each in app.secret))
    assert (await ask(own)).status_code == 200
    assert (await ask(escaped)).status_code == 200
    assert (await ask(own, client_id=app.client_id)).status_code == 200
    assert (await ask({"Authorization": "Bearer tgat_old"}, **app.posted)).status_code == 200
    assert error_of(await ask(own, **app.posted)) == (400, "invalid_request")
    assert error_of(await ask(own, client_id="client_other")) == (400, "invalid_request")
    assert error_of(await ask({})) == (401, "invalid_client")
    assert error_of(await ask({}, client_secret=app.secret)) == (400, "invalid_request")
    twice = await house.http.post(
        "/oauth/token", data=_GRANT, headers=[("Authorization", own["Authorization"]) for _ in range(2)]
    )
    assert error_of(twice) == (400, "invalid_request")


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Basic /w==", "Basic bm9jb2xvbg==", "Basic OnNlY3JldA==", "Basic " + "A" * 8000, "Digest x"],
)
async def test_a_header_that_says_nothing_is_refused(house: House, header: str):
    answer = await house.http.post("/oauth/token", data=_GRANT, headers={"Authorization": header})
    assert error_of(answer) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith('Basic realm="')


async def test_a_wrong_secret_and_an_unknown_client_sound_the_same(house: House, app: App):
    wrong = [
        await house.token(**_GRANT, client_id=app.client_id, client_secret="tgs_wrong"),
        await house.token(**_GRANT, client_id="client_nobody", client_secret=app.secret),
        await house.token(**_GRANT, client_id=app.client_id),
        await house.token(**_GRANT, client_id="client_nobody"),
        await house.token(**_GRANT, client_id="x" * 10_000, client_secret="y"),
    ]
    assert {error_of(answer) for answer in wrong} == {(401, "invalid_client")}
    assert len({answer.content for answer in wrong}) == 1


async def test_another_kind_of_credential_is_no_secret(house: House, app: App):
    for kind in (CredentialKind.KEY, CredentialKind.ACCESS_TOKEN):
        value = await make_credential(house.database, app.organization_id, app.client_id, kind)
        answer = await house.token(**_GRANT, client_id=app.client_id, client_secret=value)
        assert error_of(answer) == (401, "invalid_client")
    foreign = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN)
    answer = await house.token(**_GRANT, client_id=app.client_id, client_secret=foreign.secret)
    assert error_of(answer) == (401, "invalid_client")


async def test_secrets_overlap_until_the_older_one_ends(house: House, app: App, clock: SetClock):
    kind, soon = CredentialKind.SECRET, clock.now() + timedelta(hours=1)
    older = await make_credential(house.database, app.organization_id, app.client_id, kind, expires_at=soon)
    gone = await make_credential(house.database, app.organization_id, app.client_id, kind, revoked_at=clock.now())

    async def status(secret: str) -> int:
        return (await house.token(**_GRANT, client_id=app.client_id, client_secret=secret)).status_code

    assert [await status(each) for each in (app.secret, older, gone)] == [200, 200, 401]
    clock.advance(hours=1)
    assert [await status(each) for each in (app.secret, older)] == [200, 401]


async def test_a_client_that_ended_or_whose_user_is_disabled_is_unknown(house: House, clock: SetClock):
    for ended in ({"revoked_at": clock.now()}, {"expires_at": clock.now()}):
        app = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN, **ended)
        assert error_of(await house.token(**_GRANT, **app.posted)) == (401, "invalid_client")

    first = await make_app(house.database)
    user = await make_user(house.database, first.organization_id)
    app = await make_app(house.database, organization=first.organization_id, user=user)
    assert (await house.token(**_GRANT, **app.posted)).status_code == 200

    async def disable(session: Any) -> None:
        (await session.get(User, user)).disabled_at = clock.now()

    await house.database.store(disable)
    assert error_of(await house.token(**_GRANT, **app.posted)) == (401, "invalid_client")


async def test_a_client_with_addresses_is_let_in_from_those(house: House):
    here = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN, allowed_ips=["127.0.0.0/8"])
    elsewhere = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN, allowed_ips=["192.0.2.1"])
    assert (await house.token(**_GRANT, **here.posted)).status_code == 200
    assert error_of(await house.token(**_GRANT, **elsewhere.posted)) == (403, "access_denied")
    stranger = await house.token(**_GRANT, client_id=elsewhere.client_id, client_secret="tgs_wrong")
    assert error_of(stranger) == (401, "invalid_client")


async def test_a_public_client_has_no_way_to_tokens_of_its_own(house: House):
    public = await make_app(house.database, public=True)
    assert error_of(await house.token(**_GRANT, client_id=public.client_id)) == (401, "invalid_client")


async def test_a_product_refuses_grants_that_it_does_not_print(house: House):
    crm = await make_app(house.database, dialect=Dialect.CRM_ULTRA)
    brain = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN)
    copycar = await make_app(house.database, dialect=Dialect.COPYCAR)
    code = {"grant_type": "authorization_code", "code": "tgac_x"}
    refresh = {"grant_type": "refresh_token", "refresh_token": "tgrt_x"}

    assert error_of(await house.token(**_GRANT, **crm.posted)) == (400, "unauthorized_client")
    for app in (brain, copycar):
        assert error_of(await house.token(**code, **app.posted)) == (400, "unauthorized_client")
        assert error_of(await house.token(**refresh, **app.posted)) == (400, "unauthorized_client")


async def test_scopes_beyond_the_clients_are_refused_and_left_out_ones_are_the_usual(house: House):
    reader = await make_app(house.database, scopes=["read", "admin"])
    for scope in ("write", "read write", "read:nonsense", "ultimate:read", "write:users write"):
        assert error_of(await house.token(**_GRANT, **reader.posted, scope=scope)) == (400, "invalid_scope")
    assert (await house.token(**_GRANT, **reader.posted)).json()["scope"] == "read"
    narrow = await house.token(**_GRANT, **reader.posted, scope="read:leads admin read:leads")
    assert narrow.json()["scope"] == "read:leads admin"
    viewer = await house.viewer(narrow.json()["access_token"])
    assert viewer is not None
    assert viewer.scopes == ("read:leads", "admin")

    bare = await make_app(house.database, scopes=[])
    assert error_of(await house.token(**_GRANT, **bare.posted)) == (400, "invalid_scope")


_NONSENSE: list[tuple[bytes, str]] = [
    (b"", "application/x-www-form-urlencoded"),
    (b"grant_type=", "application/x-www-form-urlencoded"),
    (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
    (b"grant_type=\xff\xfe", "application/x-www-form-urlencoded"),
    (b"grant_type=%ff", "application/x-www-form-urlencoded"),
    (b"grant_type=a%00b", "application/x-www-form-urlencoded"),
    (b"client_id=%00&client_secret=x&grant_type=client_credentials", "application/x-www-form-urlencoded"),
    (b"client_id=\xed\xa0\x80&client_secret=x", "application/x-www-form-urlencoded"),
    (b"&".join(b"a%d=1" % n for n in range(500)), "application/x-www-form-urlencoded"),
    (b"grant_type=client_credentials", "text/plain"),
    (b"grant_type=client_credentials", "multipart/form-data; boundary=x"),
    (b"<grant_type/>", "application/xml"),
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b'"text"', "application/json"),
    (b'{"grant_type": 1}', "application/json"),
    (b'{"grant_type": "client_credentials", "client_id": ["x"], "client_secret": "y"}', "application/json"),
    (b'{"grant_type": "client_credentials", "client_id": "\\ud800", "client_secret": "y"}', "application/json"),
    (b'{"a":' * 3000, "application/json"),
    (b"\xef\xbb\xbf{}", "application/json"),
]


@pytest.mark.parametrize("wanted", [{"failures_per_minute": 1000}], indirect=True)
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
async def test_nonsense_is_the_callers_mistake(house: House, path: str):
    for body, label in _NONSENSE:
        answer = await house.http.post(path, content=body, headers={"Content-Type": label})
        assert error_of(answer) in {(400, "invalid_request"), (401, "invalid_client")}, body[:80]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
        ({"grant_type": '"\\\u00e9\u4e2d' + "x" * 5_000}, "unsupported_grant_type"),
        ({"scope": "x" * 10_000}, "invalid_scope"),
        ({"scope": '"\\\u00e9'}, "invalid_scope"),
    ],
)
async def test_mistakes_are_told_in_the_words_of_the_protocol(
    house: House, app: App, changed: dict[str, str], error: str
):
    answer = await house.token(**(_GRANT | app.posted | changed))
    assert error_of(answer) == (400, error)
    assert len(answer.content) < 300


async def test_a_body_beyond_the_limit_is_refused(house: House, app: App):
    answer = await house.token(**_GRANT, **app.posted, scope="x" * 20_000)
    assert error_of(answer) == (413, "invalid_request")


async def test_parameters_in_the_address_are_none(house: House, app: App):
    answer = await house.http.post("/oauth/token", params=_GRANT | app.posted)
    assert error_of(answer) == (401, "invalid_client")
