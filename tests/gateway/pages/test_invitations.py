"""Accepting an invitation: once, in time, with a password worth its name."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from domain.audit import AuditEntry
from domain.credentials import hash_of
from domain.events import EventType
from domain.permissions import Role
from domain.sessions import BrowserSession, Invitation, invitation_link, new_invitation
from domain.users import User
from resolvers import user_writes
from resolvers.unit import Keys, Unit
from tests.factories.organizations import make_user, make_viewer
from tests.gateway.pages.conftest import PASSWORD, Office

FRESH = "almond ferry lantern"


async def invited(office: Office, name: str = "New Colleague") -> tuple[str, str]:
    """An administrator invites somebody; the user, and the path of the link."""
    admin = await make_viewer(office.database, office.organization, role=Role.ADMIN)
    invitee = user_writes.Invitee(email=f"new-{office.organization}@example.com", role=Role.ANALYST, name=name)

    async def work(unit: Unit) -> Keys:
        return await user_writes.invite(unit, invitee)

    keys = await office.database.transact(admin, work)
    link = urlsplit(str(keys["invitation_url"]))
    return keys["user"], f"{link.path}?{link.query}"


async def test_accepting_sets_the_password_and_signs_in(office: Office):
    user_id, link = await invited(office)
    browser = office.browser()
    form = await browser.get(link)
    assert "You were invited to Acme Insurance , New Colleague" in form.text
    assert form.named == form.labels
    page = await browser.press("join", password=FRESH, repeated=FRESH)

    assert "Welcome. Your password is set" in page.text
    assert browser.url == "http://127.0.0.1:8000/account?done=joined"
    [event] = [each for each in await office.rows_of_events() if each.type is EventType.USER_JOINED]
    assert (event.subject_id, event.actor_id, event.client_id) == (user_id, user_id, None)
    [noted] = await office.rows(AuditEntry, AuditEntry.operation == "acceptInvitation", AuditEntry.user_id == user_id)
    assert (noted.door, noted.subject_id) == ("PAGE", user_id)
    [invitation] = await office.rows(Invitation, Invitation.user_id == user_id)
    assert invitation.used_at == office.clock.now()

    other = office.browser()
    await other.get("/account")
    assert (await other.sign_in(f"new-{office.organization}@example.com", FRESH)).form("sign-out")


async def test_a_link_works_once(office: Office):
    _, link = await invited(office)
    first, second = office.browser(), office.browser()
    await first.get(link)
    await second.get(link)
    await asyncio.gather(
        first.press("join", password=FRESH, repeated=FRESH),
        second.press("join", password=FRESH + "s", repeated=FRESH + "s"),
    )
    assert sorted((first.status, second.status)) == [200, 410]
    late = office.browser()
    page = await late.get(link)
    assert (late.status, page.forms) == (410, [])


async def test_what_does_not_work_looks_alike(office: Office):
    user_id, link = await invited(office)
    path, pages = link.partition("?")[0], []
    office.clock.advance(days=7)
    useless = ("?token=tgin_unknown", "", "?token=", f"?token={'x' * 300}", "?token=%00", "?token=%ff")
    for address in (link, *(f"{path}{each}" for each in useless)):
        browser = office.browser()
        pages.append(((await browser.get(address)).text, browser.status))
    assert len(set(pages)) == 1
    assert pages[0][1] == 410
    office.clock.advance(days=-7, seconds=1)
    await office.give(user_id, disabled_at=office.clock.now())
    browser = office.browser()
    assert ((await browser.get(link)).text, browser.status) == pages[0]


@pytest.mark.parametrize(
    ("password", "repeated", "alert"),
    [
        (FRESH, FRESH + "s", "The two new passwords are not the same."),
        ("", "", "The password must have at least 12 characters."),
        ("new colleague 1", "new colleague 1", "The password must not contain your name"),
        ("qwertyuiopqwertyuiop", "qwertyuiopqwertyuiop", "This password is among the first"),
        ("x" * 300, "x" * 300, "The password must have at most 256 characters."),
    ],
)
async def test_a_poor_password_is_refused_and_the_link_still_works(
    embedded_office: Office, password: str, repeated: str, alert: str
):
    user_id, link = await invited(embedded_office)
    browser = embedded_office.browser()
    await browser.get(link)
    page = await browser.press("join", password=password, repeated=repeated)
    assert browser.status == 400
    assert page.alerts[0].startswith(alert)
    assert [each.password_hash for each in await embedded_office.rows(User, User.id == user_id)] == [None]
    await browser.press("join", password=FRESH, repeated=FRESH)
    assert browser.page.form("sign-out")


async def test_accepting_takes_over_from_whoever_was_signed_in(office: Office):
    user_id, link = await invited(office)
    browser = office.browser()
    await browser.get("/account")
    await browser.sign_in(office.email, PASSWORD)
    before = browser.client.cookies["trigraph-session"]
    await browser.get(link)
    page = await browser.press("join", password=FRESH, repeated=FRESH)
    assert "New Colleague" in page.text
    assert await office.rows(BrowserSession, BrowserSession.hash == hash_of(before)) == []
    [session] = await office.rows(BrowserSession, BrowserSession.organization_id == office.organization)
    assert session.user_id == user_id


async def test_a_reset_password_is_no_second_joining(office: Office):
    user_id, link = await invited(office)
    browser = office.browser()
    await browser.get(link)
    await browser.press("join", password=FRESH, repeated=FRESH)
    admin = await make_viewer(office.database, office.organization, role=Role.ADMIN)

    async def reset(unit: Unit) -> Keys:
        return await user_writes.reset_password(unit, user_id)

    again = urlsplit(str((await office.database.transact(admin, reset))["invitation_url"]))
    assert (await browser.get("/account")).form("sign-in")
    await browser.get(f"{again.path}?{again.query}")
    await browser.press("join", password=PASSWORD, repeated=PASSWORD)
    assert browser.page.form("sign-out")
    types = [each.type for each in await office.rows_of_events()]
    assert types.count(EventType.USER_JOINED) == 1
    assert types[-1] is EventType.USER_UPDATED


async def test_another_persons_link_in_the_form_is_refused(embedded_office: Office):
    office = embedded_office
    _, link = await invited(office)
    stranger = await make_user(office.database, office.organization, email="second@example.com")
    token = new_invitation()
    ends = office.clock.now() + timedelta(days=1)
    known = {"organization_id": office.organization, "user_id": stranger, "created_at": office.clock.now()}
    await office.put(Invitation(id=Invitation.new_id(), hash=hash_of(token), expires_at=ends, **known))
    browser = office.browser()
    form = (await browser.get(link)).form("join")
    await browser.get(urlsplit(invitation_link("", token)).path + f"?token={token}")
    await browser.send(form, "join", password=FRESH, repeated=FRESH)
    assert browser.status == 403
