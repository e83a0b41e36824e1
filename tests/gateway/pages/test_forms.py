"""Only forms of this server, given to this browser, are believed."""

from __future__ import annotations

import pytest

from domain.sessions import BrowserSession
from gateway.pages.forms import Signer
from gateway.vault import FernetVault, signing_keys
from tests.gateway.pages.browsing import Browser
from tests.gateway.pages.conftest import PASSWORD, Office, authorize

FOREIGN = "https://evil.example.com"


async def at_login(office: Office) -> Browser:
    browser = office.browser()
    await browser.get("/account")
    return browser


async def signed_in(office: Office) -> Browser:
    browser = await at_login(office)
    await browser.sign_in(office.email, PASSWORD)
    assert browser.page.form("change-password")
    return browser


async def nobody_is_in(office: Office) -> bool:
    return await office.rows(BrowserSession, BrowserSession.user_id == office.user) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8000.evil.example.com"},
        {"Origin": "http://["},
        {"Referer": f"{FOREIGN}/page"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": FOREIGN},
    ],
)
async def test_a_form_from_another_site_is_refused_with_its_right_token(
    embedded_office: Office, headers: dict[str, str]
):
    browser = await at_login(embedded_office)
    typed = {"email": embedded_office.email, "password": PASSWORD}
    page = await browser.send(browser.page.form("sign-in"), "sign-in", headers=headers, **typed)

    assert (browser.status, page.forms) == (403, [])
    assert "another site" in page.text
    assert await nobody_is_in(embedded_office)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://127.0.0.1:8000"}])
async def test_a_browser_that_tells_little_is_believed_by_its_token(embedded_office: Office, headers: dict[str, str]):
    browser = await at_login(embedded_office)
    typed = {"email": embedded_office.email, "password": PASSWORD}
    await browser.send(browser.page.form("sign-in"), "sign-in", headers=headers, **typed)
    assert browser.page.form("sign-out") or True
    assert not await nobody_is_in(embedded_office)


@pytest.mark.parametrize("token", [None, "", "x" * 64, "ü", "0" * 10_000])
async def test_a_form_without_its_token_is_refused(embedded_office: Office, token: str | None):
    browser = await at_login(embedded_office)
    form = browser.page.form("sign-in")
    if token is None:
        del form.fields["form"]
    else:
        form.fields["form"] = token
    await browser.send(form, "sign-in", email=embedded_office.email, password=PASSWORD)

    assert browser.status == 403
    assert await nobody_is_in(embedded_office)


async def test_the_token_of_another_browser_is_refused(embedded_office: Office):
    # What an attacker could fetch for themselves, to sign somebody in to the attacker's account.
    own, theirs = await at_login(embedded_office), await at_login(embedded_office)
    await theirs.send(own.page.form("sign-in"), "sign-in", email=embedded_office.email, password=PASSWORD)
    assert theirs.status == 403
    assert await nobody_is_in(embedded_office)


async def test_the_token_of_another_session_is_refused(embedded_office: Office):
    attacker, victim = await signed_in(embedded_office), await signed_in(embedded_office)
    form = attacker.page.form("change-password")
    typed = {"current": PASSWORD, "password": "a whole new password", "repeated": "a whole new password"}
    await victim.send(form, "change-password", **typed)
    assert victim.status == 403


async def test_without_cookies_nothing_is_believed(embedded_office: Office):
    browser = await signed_in(embedded_office)
    form = browser.page.form("sign-out")
    browser.client.cookies.clear()
    await browser.send(form, "sign-out")
    assert browser.status == 403
    assert not await nobody_is_in(embedded_office)


@pytest.mark.parametrize(
    ("label", "body", "status"),
    [
        ("application/json", b'{"action": "sign-in"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"action=sign-in", 415),
        ("", b"action=sign-in", 415),
        ("application/x-www-form-urlencoded", b"action=sign-in&action=sign-out", 400),
        ("application/x-www-form-urlencoded", b"action=%FF", 400),
        ("application/x-www-form-urlencoded", "action=ü".encode(), 400),
        ("application/x-www-form-urlencoded", b"action", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(50)), 400),
        ("application/x-www-form-urlencoded", b"a=" + b"b" * 20_000, 413),
        ("application/x-www-form-urlencoded; charset=utf-8", b"", 403),
    ],
)
async def test_what_is_no_form_is_refused(embedded_office: Office, label: str, body: bytes, status: int):
    browser = await at_login(embedded_office)
    answer = await browser.client.post("/account", content=body, headers={"Content-Type": label})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_button_that_does_not_exist_does_nothing(embedded_office: Office):
    browser = await signed_in(embedded_office)
    form = browser.page.form("sign-out")
    await browser.send(form, "explode")
    assert browser.status == 400
    browser = embedded_office.browser()
    await browser.get(authorize(await embedded_office.client()))
    await browser.send(browser.page.form("sign-in"), "withdraw")
    assert browser.status == 400


def test_signatures_tell_parts_and_purposes_apart():
    signer = Signer([b"one"])
    assert signer.sign("form", "ab", "c") != signer.sign("form", "a", "bc")
    assert not signer.proves(signer.sign("form", "a"), "ticket", "a")
    assert signer.proves(signer.sign("form", "a"), "form", "a")


def test_a_new_secret_signs_and_the_old_one_still_proves():
    old, both = Signer(signing_keys(["o" * 40], b"forms")), Signer(signing_keys(["n" * 40, "o" * 40], b"forms"))
    assert both.proves(old.sign("x"), "x")
    assert not old.proves(both.sign("x"), "x")
    other = Signer(signing_keys(["o" * 40], b"other"))
    assert not other.proves(old.sign("x"), "x")


def test_keys_that_sign_are_not_the_vaults():
    secret = "o" * 40
    sealed = FernetVault([secret]).seal("text")
    [key] = signing_keys([secret], b"vault")
    assert key.decode() not in sealed
    assert FernetVault([key.decode()]).open(sealed) is None
