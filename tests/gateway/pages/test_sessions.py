"""Sessions: their cookies, their life and their ends. The API knows nothing of them."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from domain.credentials import hash_of
from domain.sessions import BrowserSession
from tests.clocks import SetClock
from tests.factories.credentials import make_key
from tests.gateway.pages.browsing import Browser
from tests.gateway.pages.conftest import PASSWORD, Office, authorize, opened


async def signed_in(office: Office, **options: str) -> Browser:
    browser = office.browser(**options)
    await browser.get("/account")
    await browser.sign_in(office.email, PASSWORD)
    assert browser.page.form("sign-out")
    return browser


def session_of(browser: Browser) -> str:
    return browser.client.cookies["trigraph-session"]


async def test_a_session_is_kept_by_its_hash_and_ends_after_its_time(office: Office):
    browser = await signed_in(office)
    [session] = await office.rows(BrowserSession, BrowserSession.user_id == office.user)
    assert session.hash == hash_of(session_of(browser))
    assert (session.expires_at - office.clock.now()).total_seconds() == 12 * 3600

    office.clock.advance(hours=11, minutes=59, seconds=59)
    assert (await browser.get("/account")).form("sign-out")
    office.clock.advance(seconds=1)
    assert (await browser.get("/account")).form("sign-in")
    await office.app.state.parts.pages.sessions.forget()
    assert await office.rows(BrowserSession, BrowserSession.user_id == office.user) == []


async def test_a_login_gets_a_value_nobody_has_seen(office: Office):
    # Fixation: the value somebody planted beforehand is not the one that is signed in.
    browser = office.browser()
    browser.client.cookies.set("trigraph-session", "planted", domain="127.0.0.1")
    await browser.get("/account")
    browser.client.cookies.clear()
    await browser.get("/account")
    browser.client.cookies.set("trigraph-session", "planted", domain="127.0.0.1", path="/")
    await browser.sign_in(office.email, PASSWORD)
    first = session_of(browser)
    await browser.get("/account")

    assert first != "planted"
    thief = office.browser()
    thief.client.cookies.set("trigraph-session", "planted")
    assert (await thief.get("/account")).form("sign-in")


async def test_a_second_login_in_one_browser_ends_the_first_session(office: Office):
    client_id = await office.client()
    from tests.factories.organizations import make_organization

    elsewhere = await make_organization(office.database)
    await office.person(elsewhere, f"{elsewhere}@example.com")
    browser = office.browser()
    await browser.get("/account")
    await browser.sign_in(f"{elsewhere}@example.com", PASSWORD)
    first = session_of(browser)
    await browser.get(authorize(client_id))
    await browser.sign_in(office.email, PASSWORD)

    assert session_of(browser) != first
    assert await office.rows(BrowserSession, BrowserSession.hash == hash_of(first)) == []


async def test_signing_out_ends_it_for_every_copy(office: Office):
    browser = await signed_in(office)
    copy = office.browser()
    copy.client.cookies.set("trigraph-session", session_of(browser))
    page = await browser.press("sign-out")

    assert page.form("sign-in")
    assert "trigraph-session" not in browser.client.cookies
    assert (await copy.get("/account")).form("sign-in")


async def test_a_disabled_user_is_out_and_stays_out(office: Office):
    browser = await signed_in(office)
    await office.give(office.user, disabled_at=office.clock.now())
    assert (await browser.get("/account")).form("sign-in")


@pytest.mark.parametrize("value", ["", "x", "x" * 101, "\x7f", "ü"])
async def test_a_value_that_was_never_given_is_nobody(embedded_office: Office, value: str):
    answer = await embedded_office.browser().client.get(
        "/account", headers={b"Cookie": f"trigraph-session={value}".encode()}
    )
    assert (answer.status_code, "Sign in" in answer.text) == (200, True)


def flags(answer_cookies: list[str]) -> dict[str, dict[str, str]]:
    parsed = SimpleCookie()
    for each in answer_cookies:
        parsed.load(each)
    return {name: {key: str(value) for key, value in morsel.items() if value} for name, morsel in parsed.items()}


async def test_cookies_over_http(embedded_office: Office):
    browser = embedded_office.browser()
    page = await browser.client.get("/account")
    assert flags(page.headers.get_list("set-cookie")) == {
        "trigraph-browser": {"path": "/", "httponly": "True", "samesite": "lax"}
    }
    await browser.get("/account")
    form = browser.page.form("sign-in")
    data = {**form.fields, "email": embedded_office.email, "password": PASSWORD, "action": "sign-in"}
    answer = await browser.client.post("/account", data=data)
    assert flags(answer.headers.get_list("set-cookie")) == {
        "trigraph-session": {"path": "/", "httponly": "True", "samesite": "lax", "max-age": "43200"},
        "trigraph-browser": {"path": "/", "httponly": "True", "samesite": "lax", "max-age": "0"},
        "trigraph-known": {"path": "/", "httponly": "True", "samesite": "lax", "max-age": "7776000"},
    }
    assert (answer.status_code, answer.headers["location"]) == (303, "account")


async def test_cookies_over_https_belong_to_this_host_alone(sqlite_database_url: str, tmp_path: Path, clock: SetClock):
    wanted = {"public_url": "https://graph.example.com", "login": {"session_hours": 1}}
    async with opened(sqlite_database_url, tmp_path, clock, **wanted) as office:
        browser = office.browser(origin="https://graph.example.com")
        page = await browser.client.get("/account")
        await browser.get("/account")
        form = browser.page.form("sign-in")
        data = {**form.fields, "email": office.email, "password": PASSWORD, "action": "sign-in"}
        answer = await browser.client.post("/account", data=data, headers={"Origin": "https://graph.example.com"})
    expected = {"path": "/", "httponly": "True", "samesite": "lax", "secure": "True"}
    assert flags(page.headers.get_list("set-cookie")) == {"__Host-trigraph-browser": expected}
    assert flags(answer.headers.get_list("set-cookie")) == {
        "__Host-trigraph-session": {**expected, "max-age": "3600"},
        "__Host-trigraph-browser": {**expected, "max-age": "0"},
        "__Host-trigraph-known": {**expected, "max-age": "7776000"},
    }
    assert "domain" not in str(answer.headers).lower()


async def test_the_api_never_reads_cookies(embedded_office: Office):
    office = embedded_office
    browser = await signed_in(office)
    assert browser.client.cookies["trigraph-session"]
    graphql = await browser.client.post("/graphql", json={"query": "{ viewer { user { id } } }"})
    rest = await browser.client.get("/v1/leads")
    assert graphql.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert rest.status_code == 401
    # The same requests are answered with a key, so it is the cookie that opened nothing.
    key = await make_key(office.database, office.organization)
    assert (await browser.client.get("/v1/leads", headers={"X-API-Key": key})).status_code == 200


async def test_what_a_browser_was_given_before_a_login_is_worth_nothing_after(embedded_office: Office):
    browser = embedded_office.browser()
    form = (await browser.get("/account")).form("sign-in")
    mark = browser.client.cookies["trigraph-browser"]
    await browser.sign_in(embedded_office.email, PASSWORD)
    await browser.press("sign-out")

    assert browser.client.cookies["trigraph-browser"] != mark
    await browser.send(form, "sign-in", email=embedded_office.email, password=PASSWORD)
    assert browser.status == 403
