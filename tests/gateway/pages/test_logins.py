"""Passwords: who is let in, who is told what, and how often may be guessed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from domain.audit import AuditEntry
from domain.sessions import BrowserSession
from domain.users import User
from gateway import passwords
from tests.clocks import SetClock
from tests.factories.organizations import make_organization
from tests.gateway.pages.browsing import Browser
from tests.gateway.pages.conftest import DEAR, PASSWORD, Office, authorize, opened

WRONG = "The e-mail address or the password is wrong."


@pytest.fixture
async def strict(sqlite_database_url: str, tmp_path: Path, clock: SetClock) -> AsyncIterator[Office]:
    """Three failures a minute with one e-mail address, five from one network address."""
    limits = {"failures_per_email_minute": 3, "failures_per_address_minute": 5, "failures_per_email_hour": 6}
    async with opened(sqlite_database_url, tmp_path, clock, login=limits) as office:
        yield office


async def attempt(office: Office, email: str, password: str, address: str = "192.0.2.1") -> Browser:
    browser = office.browser(address=address)
    await browser.get("/account")
    await browser.sign_in(email, password)
    return browser


async def test_wrong_unknown_disabled_and_without_a_password_are_told_alike(office: Office):
    here = office.organization
    await office.person(here, f"off-{here}@example.com")
    [off] = await office.rows(User, User.email == f"off-{here}@example.com")
    await office.give(off.id, disabled_at=office.clock.now())
    await office.person(here, f"new-{here}@example.com", None)
    client = await office.client()
    cases = [
        (office.email, "wrong password 1"),
        (f"nobody-{here}@example.com", PASSWORD),
        (f"off-{here}@example.com", PASSWORD),
        (f"new-{here}@example.com", PASSWORD),
        (f"new-{here}@example.com", ""),
        (office.email, PASSWORD + "x" * 300),
        (office.email, PASSWORD + "\x00"),
        ("\x00", PASSWORD),
        ("x" * 400, PASSWORD),
    ]
    for path in ("/account", authorize(client)):
        for email, password in cases:
            browser = office.browser(address="192.0.2.9" if path == "/account" else "192.0.2.10")
            await browser.get(path)
            page = await browser.sign_in(email, password)
            assert (browser.status, page.alerts) == (403, [WRONG])
            assert password == "" or password not in browser.answer.text


async def test_they_take_about_the_same_time(embedded_office: Office, monkeypatch: pytest.MonkeyPatch):
    office, checked = embedded_office, []
    matches = passwords.matches

    async def counted(stored: str | None, password: str) -> bool:
        checked.append(stored is None)
        return await matches(stored, password)

    monkeypatch.setattr(passwords, "_hasher", DEAR)
    passwords._nobodys.cache_clear()
    await office.give(office.user, password_hash=await passwords.hashed(PASSWORD))
    # The hash that stands in for a missing one is made once in the life of a process.
    await passwords.matches(None, PASSWORD)
    monkeypatch.setattr(passwords, "matches", counted)
    durations = []
    for email in (office.email, "nobody@example.com"):
        began = time.perf_counter()
        await attempt(office, email, "wrong password 1")
        durations.append(time.perf_counter() - began)

    # The work is the same: one hash each; the clock is a machine's, so it is only asked for its order of magnitude.
    assert checked == [False, True]
    assert max(durations) < 5 * min(durations)


async def test_after_too_many_failures_the_right_password_waits_too(strict: Office):
    for _ in range(3):
        assert (await attempt(strict, strict.email, "wrong")).status == 403
    strict.clock.at = strict.clock.at.replace(second=20)
    browser = await attempt(strict, strict.email.upper(), PASSWORD, address="192.0.2.77")

    assert (browser.status, browser.answer.headers["retry-after"]) == (429, "40")
    assert browser.page.alerts == [
        "Too many attempts have failed. Try again in a minute; until then the right password does not help either."
    ]
    strict.clock.at = strict.clock.at.replace(second=59)
    assert (await attempt(strict, strict.email, PASSWORD)).status == 429
    strict.clock.advance(seconds=1)
    assert (await attempt(strict, strict.email, PASSWORD)).page.form("sign-out")


async def test_the_hour_has_a_limit_of_its_own(strict: Office):
    for minute in range(2):
        for _ in range(3):
            assert (await attempt(strict, strict.email, "wrong", address=f"192.0.2.{minute + 1}")).status == 403
        strict.clock.advance(minutes=1)
    browser = await attempt(strict, strict.email, PASSWORD)
    assert (browser.status, int(browser.answer.headers["retry-after"])) == (429, 28 * 60)
    assert "28 minutes" in browser.page.alerts[0]


async def test_one_network_address_guesses_at_few_people(strict: Office):
    for n in range(5):
        assert (await attempt(strict, f"{n}@example.com", "wrong", address=f"2001:db8::{n}")).status == 403
    assert (await attempt(strict, strict.email, PASSWORD, address="2001:db8::ffff")).status == 429
    assert (await attempt(strict, strict.email, PASSWORD, address="2001:db8:1::1")).page.form("sign-out")


async def test_logins_that_succeed_cost_nothing(strict: Office):
    for _ in range(8):
        assert (await attempt(strict, strict.email, PASSWORD)).page.form("sign-out")


async def test_guessing_at_once_gains_nothing(strict: Office):
    browsers = [strict.browser(address=f"192.0.2.{n}") for n in range(12)]
    for browser in browsers:
        await browser.get("/account")
    guesses = [f"guess number {n}" for n in range(11)]
    await asyncio.gather(*(b.sign_in(strict.email, p) for b, p in zip(browsers, [*guesses, PASSWORD], strict=True)))

    statuses = sorted(browser.status for browser in browsers)
    assert statuses == [403] * 3 + [429] * 9


async def test_who_failed_too_often_does_not_wait_for_a_turn(strict: Office):
    for _ in range(3):
        await attempt(strict, strict.email, "wrong")
    browser = strict.browser()
    await browser.get("/account")
    logins = strict.app.state.parts.pages.by_path["/account"]._logins
    async with logins._strangers.turn(), asyncio.timeout(5):
        await browser.sign_in(strict.email, PASSWORD)
    assert browser.status == 429


async def test_too_many_who_wait_are_sent_away(sqlite_database_url: str, tmp_path: Path, clock: SetClock):
    async with opened(sqlite_database_url, tmp_path, clock, login={"waiting": 2}) as office:
        browsers = [office.browser() for _ in range(6)]
        for browser in browsers:
            await browser.get("/account")
        await asyncio.gather(*(each.sign_in(office.email, PASSWORD) for each in browsers))
        statuses = sorted(browser.status for browser in browsers)
    assert set(statuses) == {200, 503}
    assert statuses.count(200) >= 2
    busy = next(browser for browser in browsers if browser.status == 503)
    assert busy.answer.headers["retry-after"] == "5"


async def test_an_outdated_hash_is_renewed_by_a_right_login(office: Office):
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await office.give(office.user, password_hash=cheap)
    assert (await attempt(office, office.email, "wrong")).status == 403
    [user] = await office.rows(User, User.id == office.user)
    assert user.password_hash == cheap
    assert (await attempt(office, office.email, PASSWORD)).page.form("sign-out")
    [user] = await office.rows(User, User.id == office.user)
    assert user.password_hash != cheap
    assert not passwords.outdated(user.password_hash)
    assert await passwords.matches(user.password_hash, PASSWORD)


async def test_accents_match_however_a_keyboard_sends_them(embedded_office: Office):
    await embedded_office.give(embedded_office.user, password_hash=await passwords.hashed("caf\u00e9 au lait, deux"))
    assert (await attempt(embedded_office, embedded_office.email, "cafe\u0301 au lait, deux")).page.form("sign-out")


async def test_several_organizations_know_one_address(office: Office):
    email = office.email
    other = await make_organization(office.database, name="Beta Brokers")
    third = await make_organization(office.database, name="Gamma")
    wanted = await office.person(other, email, name="Jane at Beta")
    stranger = await office.person(third, email, "quite another password")
    browser = await attempt(office, email, PASSWORD)

    assert browser.page.title.startswith("Choose an organization")
    assert "Acme Insurance Beta Brokers" in browser.page.text
    assert "Gamma" not in browser.page.text
    form = browser.page.form("choose")
    await browser.send(form, "choose", user=office.user, ticket=form.fields["ticket"].replace(wanted, "user_other"))
    assert browser.status == 403
    for other_user in ("user_other", stranger, ""):
        await browser.send(form, "choose", user=other_user)
        assert browser.status == 403
    assert await office.rows(BrowserSession, BrowserSession.user_id == stranger) == []
    page = await browser.send(form, "choose", user=wanted)
    assert "Jane at Beta" in page.text
    assert [each.user_id for each in await office.rows(BrowserSession, BrowserSession.organization_id == other)] == [
        wanted
    ]


async def test_choosing_takes_at_most_five_minutes_and_this_browser(office: Office):
    other = await make_organization(office.database, name="Beta Brokers")
    await office.person(other, office.email)
    browser, thief = await attempt(office, office.email, PASSWORD), office.browser()
    ticket = browser.page.form("choose").fields["ticket"]
    page = await thief.get("/account")
    await thief.send(page.form("sign-in"), "choose", ticket=ticket, user=office.user)
    assert thief.status == 403
    office.clock.advance(minutes=5)
    page = await browser.press("choose", user=office.user)
    assert (browser.status, page.alerts) == (403, ["That took too long. Sign in again."])


async def test_the_audit_log_knows_who_and_never_what_was_typed(embedded_office: Office):
    office = embedded_office
    client_id = await office.client()
    browser = office.browser(address="192.0.2.5")
    await browser.get(authorize(client_id))
    await browser.sign_in(office.email, "wrong password 1")
    await browser.sign_in("stranger@example.com", "wrong password 2")
    await browser.sign_in(office.email, PASSWORD)
    await browser.press("allow")
    await office.app.state.parts.audit.flush()
    entries = await office.rows(AuditEntry, AuditEntry.organization_id == office.organization)

    told = [(each.operation, each.outcome, each.code, each.user_id) for each in entries if each.status]
    assert told == [
        ("POST /oauth/authorize sign-in", "REFUSED", "WRONG_PASSWORD", office.user),
        ("POST /oauth/authorize sign-in", "REFUSED", "WRONG_PASSWORD", None),
        ("POST /oauth/authorize sign-in", "DONE", None, office.user),
        ("GET /oauth/authorize", "DONE", None, office.user),
        ("POST /oauth/authorize allow", "DONE", None, office.user),
    ]
    assert {each.address for each in entries} == {"192.0.2.5"}
    assert {each.door for each in entries} == {"PAGE"}
    assert "grantAccess" in {each.operation for each in entries}
    written = " ".join(str(vars(each)) for each in entries)
    assert "wrong password" not in written
    assert "stranger" not in written
    assert "xyz" not in written
