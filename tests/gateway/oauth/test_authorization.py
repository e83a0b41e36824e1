"""Authorization requests: who is answered where, and what a yes leaves behind."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select

from domain.audit import AuditEntry
from domain.credentials import Credential, CredentialKind, hash_of
from domain.event_log import Event
from domain.events import EventType
from domain.grants import Grant
from domain.permissions import Permission
from domain.users import User
from domain.viewer import Dialect
from domain.visibility import holders_of
from gateway.database import Database
from gateway.oauth.authorization import Authorizations, CannotRedirect, RedirectError
from gateway.oauth.clients import Clients
from gateway.oauth.rules import OAuthRules
from tests.clocks import SetClock
from tests.factories.oauth import CALLBACK, ISSUER, App, asking, challenge_of, make_app, sent_back
from tests.factories.organizations import make_user


@pytest.fixture
def authorizations(database: Database) -> Authorizations:
    """The authorization endpoint without its pages."""
    return Authorizations(database, Clients(database), OAuthRules(ISSUER))


@pytest.fixture
async def app(database: Database) -> App:
    """An OAuth client of GraphQL."""
    return await make_app(database)


async def test_a_request_tells_who_asks_for_what(authorizations: Authorizations, app: App):
    request = await authorizations.check(asking(app, scope="read"), None)

    assert (request.client_id, request.client_name) == (app.client_id, "Test")
    assert (request.organization_id, request.redirect_uri) == (app.organization_id, CALLBACK)
    assert (request.scopes, request.state, request.code_challenge) == (("read",), "xyz", challenge_of())
    assert await authorizations.check(request.parameters, None) == request


async def test_a_yes_stores_a_grant_with_a_code_and_tells_it(
    database: Database, authorizations: Authorizations, app: App, clock: SetClock
):
    request = await authorizations.check(asking(app), None)
    back = sent_back(await authorizations.approve(request, app.user_id))

    grants = await database.rows(
        select(Grant.id, Grant.user_id, Grant.scopes, Grant.redirect_uri, Grant.code_challenge).where(
            Grant.client_id == app.client_id
        )
    )
    codes = await database.rows(
        select(Credential.kind, Credential.hash, Credential.grant_id, Credential.expires_at).where(
            Credential.client_id == app.client_id, Credential.kind == CredentialKind.CODE
        )
    )
    events = await database.rows(
        select(Event.type, Event.subject_id, Event.actor_id, Event.audience, Event.data).where(
            Event.organization_id == app.organization_id
        )
    )
    audit = await database.rows(
        select(AuditEntry.operation, AuditEntry.subject_id, AuditEntry.user_id, AuditEntry.client_id).where(
            AuditEntry.organization_id == app.organization_id
        )
    )
    grant_id = grants[0].id
    assert set(back) == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == ("xyz", ISSUER)
    assert [tuple(row)[1:] for row in grants] == [(app.user_id, ["read", "write"], CALLBACK, challenge_of())]
    assert [tuple(row) for row in codes] == [
        (CredentialKind.CODE, hash_of(back["code"]), grant_id, clock.now().replace(minute=clock.now().minute + 10))
    ]
    facts = {"clientId": app.client_id, "userId": app.user_id, "scopes": ["read", "write"]}
    told = holders_of(Permission.READ_CLIENTS)
    assert [tuple(row) for row in events] == [(EventType.ACCESS_GRANTED, grant_id, app.user_id, told, facts)]
    assert [tuple(row) for row in audit] == [("grantAccess", grant_id, app.user_id, app.client_id)]


async def test_a_no_is_told_the_client(database: Database, authorizations: Authorizations, app: App):
    back = sent_back(authorizations.deny(await authorizations.check(asking(app), None)))

    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "xyz", ISSUER)
    assert not await database.rows(select(Grant.id).where(Grant.client_id == app.client_id))


async def test_only_the_clients_own_people_can_say_yes(database: Database, authorizations: Authorizations, app: App):
    foreigner = (await make_app(database)).user_id
    gone = await make_user(database, app.organization_id)

    async def disable(session) -> None:
        (await session.get(User, gone)).disabled_at = database.clock.now()

    await database.store(disable)
    request = await authorizations.check(asking(app), None)

    for user_id in (foreigner, gone, "user_nobody"):
        with pytest.raises(RedirectError) as refused:
            await authorizations.approve(request, user_id)
        assert sent_back(refused.value.url)["error"] == "access_denied"
    assert not await database.rows(select(Grant.id).where(Grant.client_id == app.client_id))


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None},
        {"client_id": ""},
        {"client_id": "client_nobody"},
        {"client_id": "client_\x00"},
        {"redirect_uri": None},
        {"redirect_uri": ""},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?more=1"},
        {"redirect_uri": CALLBACK.upper()},
        {"redirect_uri": "https://evil.example.com/"},
        {"redirect_uri": 'https://evil.example.com/"\\\u00e9\x00'},
        {"redirect_uri": "http://[::1"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
async def test_who_cannot_be_trusted_is_not_answered_by_redirect(
    authorizations: Authorizations, app: App, changed: dict[str, str | None]
):
    with pytest.raises(CannotRedirect) as refused:
        await authorizations.check(asking(app, **changed), None)
    assert refused.value.error in {"invalid_request", "invalid_client"}
    assert refused.value.description


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
async def test_a_decisive_parameter_twice_is_not_answered_by_redirect(
    authorizations: Authorizations, app: App, name: str
):
    pairs = asking(app)
    with pytest.raises(CannotRedirect):
        await authorizations.check([*pairs, (name, dict(pairs)[name])], None)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": '"\\\u00e9'}, "unsupported_response_type"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "write:users"}, "invalid_scope"),
        ({"scope": "read nonsense"}, "invalid_scope"),
        ({"scope": "x " * 50_000}, "invalid_scope"),
        ({"scope": "read\x00"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": challenge_of() + "\n"}, "invalid_request"),
        ({"code_challenge": "a" * 44}, "invalid_request"),
    ],
)
async def test_other_mistakes_are_told_the_client(
    authorizations: Authorizations, app: App, changed: dict[str, str | None], error: str
):
    with pytest.raises(RedirectError) as refused:
        await authorizations.check(asking(app, **changed), None)
    back = sent_back(refused.value.url)
    assert refused.value.url.startswith(CALLBACK + "?")
    assert (back["error"], back["state"], back["iss"]) == (error, "xyz", ISSUER)
    assert refused.value.error == error


async def test_a_repeated_parameter_is_told_the_client(authorizations: Authorizations, app: App):
    for name, value in [("scope", "read"), ("state", "other"), ("response_type", "code"), ("code_challenge", "x")]:
        with pytest.raises(RedirectError) as refused:
            await authorizations.check([*asking(app, scope="read"), (name, value)], None)
        back = sent_back(refused.value.url)
        assert (back["error"], back.get("state")) == ("invalid_request", None if name == "state" else "xyz")


async def test_parameters_nobody_knows_are_ignored_even_twice(authorizations: Authorizations, app: App):
    more = [("resource", "https://a.example.com"), ("resource", "https://b.example.com"), ("prompt", "login")]
    assert (await authorizations.check([*asking(app), *more], None)).client_id == app.client_id


@pytest.mark.parametrize("state", ["a b+c%20", "\u00e9\u4e2d", "&iss=https://evil.example.com", "x" * 5_000, "1=2"])
async def test_state_comes_back_as_it_was(authorizations: Authorizations, app: App, state: str):
    request = await authorizations.check(asking(app, state=state), None)
    assert sent_back(authorizations.deny(request))["state"] == state
    assert sent_back(await authorizations.approve(request, app.user_id))["state"] == state


@pytest.mark.parametrize(
    ("uri", "joint"),
    [
        ("https://app.example.com/cb?tenant=1&tenant=2", "&"),
        ("https://app.example.com/cb?flag&next=/a%20b&raw=%ff&&x=", "&"),
        ("https://App.example.com/cb?", ""),
        ("com.example.app:///cb", "?"),
        ("com.example.app:/cb;v=1", "?"),
    ],
)
async def test_a_redirect_uri_stays_as_it_was_registered(
    database: Database, authorizations: Authorizations, uri: str, joint: str
):
    app = await make_app(database, redirect_uris=[uri, CALLBACK])
    request = await authorizations.check(asking(app, redirect_uri=uri, state="a=1&b"), None)
    assert (await authorizations.approve(request, app.user_id)).startswith(f"{uri}{joint}code=")
    denied = authorizations.deny(request)
    assert denied.startswith(f"{uri}{joint}error=access_denied&")
    assert dict(parse_qsl(denied.removeprefix(uri + joint)))["state"] == "a=1&b"
    with pytest.raises(RedirectError) as refused:
        await authorizations.check(asking(app, redirect_uri=uri, scope="nonsense"), None)
    assert refused.value.url.startswith(f"{uri}{joint}error=invalid_scope&")


async def test_an_older_client_may_leave_out_proof_and_address(database: Database, authorizations: Authorizations):
    older = await make_app(database, dialect=Dialect.CRM_ULTRA, legacy=True)
    bare = asking(older, redirect_uri=None, code_challenge=None, code_challenge_method=None)
    request = await authorizations.check(bare, Dialect.CRM_ULTRA)
    assert (request.redirect_uri, request.code_challenge) == (CALLBACK, None)
    with pytest.raises(RedirectError):
        await authorizations.check(asking(older, code_challenge_method="plain"), Dialect.CRM_ULTRA)

    several = await make_app(database, dialect=Dialect.CRM_ULTRA, legacy=True, redirect_uris=[CALLBACK, "https://b/"])
    with pytest.raises(CannotRedirect):
        await authorizations.check(asking(several, redirect_uri=None), Dialect.CRM_ULTRA)
    unsecret = await make_app(database, dialect=Dialect.CRM_ULTRA, legacy=True, public=True)
    with pytest.raises(RedirectError):
        await authorizations.check(asking(unsecret, code_challenge=None, code_challenge_method=None), None)


async def test_a_native_app_listens_on_any_port_of_a_loopback_address(
    database: Database, authorizations: Authorizations
):
    registered = ["http://127.0.0.1/cb", "http://[::1]/cb", "http://127.0.0.1:9000/fixed", "http://localhost/cb"]
    native = await make_app(database, public=True, redirect_uris=registered)
    website = await make_app(database, redirect_uris=registered)

    for uri in ("http://127.0.0.1:51004/cb", "http://[::1]:61023/cb", "http://127.0.0.1:9000/fixed"):
        assert (await authorizations.check(asking(native, redirect_uri=uri), None)).redirect_uri == uri
    strange = (
        "http://127.0.0.1:9001/fixed",
        "http://127.0.0.1:1/other",
        "https://127.0.0.1:1/cb",
        "http://localhost:1/cb",
        "http://user@127.0.0.1:1/cb",
        "http://127.0.0.1:1@evil.example.com/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:5\t1/cb",
        "http://127.0.0.1:5\r\n1/cb",
        " http://127.0.0.1:51/cb",
        "HTTP://127.0.0.1:51/cb",
        "http://127.0.0.1:51/cb?",
        "http://127.0.0.1:51/cb#",
        "http://127.0.0.1:51\\@evil.example.com/cb",
    )
    for app, uri in [(website, "http://127.0.0.1:51004/cb"), *((native, each) for each in strange)]:
        with pytest.raises(CannotRedirect):
            await authorizations.check(asking(app, redirect_uri=uri), None)


async def test_a_client_is_known_at_its_own_product_and_at_neutral_doors(
    database: Database, authorizations: Authorizations
):
    app = await make_app(database, dialect=Dialect.CRM_ULTRA)
    for dialect in (None, Dialect.CRM_ULTRA):
        assert (await authorizations.check(asking(app), dialect)).dialect is Dialect.CRM_ULTRA
    with pytest.raises(CannotRedirect):
        await authorizations.check(asking(app), Dialect.CLICKUP_BRAIN)


async def test_a_product_without_this_grant_refuses_it(database: Database, authorizations: Authorizations):
    app = await make_app(database, dialect=Dialect.CLICKUP_BRAIN)
    with pytest.raises(RedirectError) as refused:
        await authorizations.check(asking(app), Dialect.CLICKUP_BRAIN)
    assert sent_back(refused.value.url)["error"] == "unauthorized_client"


@pytest.mark.parametrize("when", ["revoked_at", "expires_at"])
async def test_a_client_that_ended_is_unknown(database: Database, authorizations: Authorizations, when: str):
    app = await make_app(database, **{when: database.clock.now()})
    with pytest.raises(CannotRedirect):
        await authorizations.check(asking(app), None)


async def test_a_narrow_client_asks_for_what_it_has(database: Database, authorizations: Authorizations):
    reader = await make_app(database, scopes=["read"])
    narrow = await make_app(database, scopes=["read:leads"])
    assert (await authorizations.check(asking(reader), None)).scopes == ("read",)
    assert (await authorizations.check(asking(reader, scope="read:leads read:leads"), None)).scopes == ("read:leads",)
    assert (await authorizations.check(asking(narrow), None)).scopes == ("read:leads",)
    with pytest.raises(RedirectError):
        await authorizations.check(asking(reader, scope="read write"), None)
