"""Browsers that people signed in with before: strangers who fail do not shut anybody out of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.pages.forms import Signer
from gateway.pages.known_browsers import KnownBrowser, KnownBrowsers
from tests.clocks import SetClock
from tests.factories.organizations import make_organization
from tests.gateway.pages.browsing import Browser
from tests.gateway.pages.conftest import PASSWORD, Office, authorize, opened

_COOKIE = "trigraph-known"


@pytest.fixture
async def strict(sqlite_database_url: str, tmp_path: Path, clock: SetClock) -> AsyncIterator[Office]:
    """Three failures a minute with one e-mail address, six an hour; as many from one network address."""
    few = {"failures_per_email_minute": 3, "failures_per_email_hour": 6}
    few |= {"failures_per_address_minute": 3, "failures_per_address_hour": 6}
    async with opened(sqlite_database_url, tmp_path, clock, login=few) as office:
        yield office


async def known(office: Office, email: str | None = None) -> Browser:
    """A browser that somebody signed in with, and out again."""
    browser = office.browser()
    await browser.get("/account")
    await browser.sign_in(email or office.email, PASSWORD)
    await browser.press("sign-out")
    return browser


async def besieged(office: Office) -> None:
    """Have strangers fail in the user's name until nobody may try any more, from everywhere."""
    for place in (1, 2):
        stranger = office.browser(address=f"192.0.2.{place}")
        await stranger.get("/account")
        for _ in range(3):
            await stranger.sign_in(office.email, "wrong")
            assert stranger.status == 403
        office.clock.advance(minutes=1)


async def tried(browser: Browser, email: str, password: str = PASSWORD, path: str = "/account") -> int:
    """What comes of signing in."""
    await browser.get(path)
    await browser.sign_in(email, password)
    return browser.status


async def test_strangers_who_fail_shut_nobody_out_of_a_known_browser(strict: Office):
    browser, client = await known(strict), await strict.client()
    await besieged(strict)

    assert await tried(strict.browser(address="198.51.100.7"), strict.email) == 429
    page = await browser.get(authorize(client))
    page = await browser.sign_in(strict.email, PASSWORD)
    assert page.form("allow")
    await browser.get("/account")
    new = "marmalade lantern harbour"
    page = await browser.press("change-password", current=PASSWORD, password=new, repeated=new)
    assert "Your password is changed." in page.text


async def test_strangers_who_wait_hold_nobody_up_in_a_known_browser(strict: Office):
    browser = await known(strict)
    logins = strict.app.state.parts.pages.by_path["/account"]._logins
    async with logins._strangers.turn(), asyncio.timeout(5):
        assert await tried(browser, strict.email) == 200


async def test_a_known_browser_is_no_place_to_guess_in(strict: Office):
    browser, other = await known(strict), await known(strict)
    for _ in range(3):
        assert await tried(browser, strict.email, "wrong") == 403
    assert await tried(browser, strict.email) == 429
    await other.get("/account")
    assert (await other.sign_in(strict.email, PASSWORD)).form("sign-out")


async def test_it_is_known_for_one_user_alone(strict: Office):
    colleague = f"colleague-{strict.email}"
    await strict.person(strict.organization, colleague)
    browser = await known(strict, colleague)
    await besieged(strict)
    assert await tried(browser, strict.email) == 429


async def test_where_an_address_stands_for_several_it_is_a_stranger(strict: Office):
    # Whoever runs another organization can have a user there with anybody's address, and a password of their own.
    elsewhere = await make_organization(strict.database, name="Elsewhere")
    browser = await known(strict)
    await strict.person(elsewhere, strict.email, "quite another password")
    await besieged(strict)
    assert await tried(browser, strict.email) == 429
    # Where only one of them is meant, it is known.
    await browser.get(authorize(await strict.client()))
    assert (await browser.sign_in(strict.email, PASSWORD)).form("allow")


async def test_every_page_spends_the_same_budget(strict: Office):
    browser, consent = strict.browser(), authorize(await strict.client())
    for path in ("/account", consent, "/account"):
        assert await tried(browser, strict.email, "wrong", path) == 403
    assert await tried(strict.browser(address="192.0.2.99"), strict.email, PASSWORD, consent) == 429


@pytest.mark.parametrize("change", ["x", "{0}0", "x{0}", "a.9999999999.{1}.{2}", "{3}"])
async def test_a_mark_that_was_made_up_is_worth_nothing(strict: Office, change: str):
    browser = await known(strict)
    mark = browser.client.cookies[_COOKIE]
    nonce, ends, user, by = mark.split(".")
    made_up = change.format(mark, user, by, f"{nonce}.{int(ends) + 1}.{user}.{by}")
    await besieged(strict)
    browser.client.cookies.clear()
    browser.client.cookies.set(_COOKIE, made_up)
    assert await tried(browser, strict.email) == 429
    browser.client.cookies.clear()
    browser.client.cookies.set(_COOKIE, mark)
    assert await tried(browser, strict.email) == 200


def test_a_mark_lasts_as_long_as_it_is_set_to(clock: SetClock):
    signer = Signer((b"key",))
    browsers = KnownBrowsers(signer, clock, 2)
    mark = browsers.mark("user_1")
    found = browsers.read(mark)
    assert found == KnownBrowser("user_1", mark.partition(".")[0])
    assert browsers.mark("user_1") != mark
    for other in (None, "", "\u00e9", "...", mark + "\n", mark.replace("user_1", "user_2"), mark * 100):
        assert browsers.read(other) is None
    assert KnownBrowsers(Signer((b"other",)), clock, 2).read(mark) is None
    clock.advance(days=2)
    assert browsers.read(mark) is None
    assert KnownBrowsers(signer, clock, 0).read(KnownBrowsers(signer, clock, 0).mark("user_1")) is None
