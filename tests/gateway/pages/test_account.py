"""One's own account: what was allowed and taking it back, the password, and nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.access import AccessChange
from domain.audit import AuditEntry
from domain.credentials import CredentialKind
from domain.event_log import Event
from domain.events import EventType
from domain.grants import Grant
from domain.sessions import BrowserSession
from domain.users import User
from gateway import passwords
from tests.factories.credentials import make_credential
from tests.gateway.pages.browsing import Browser
from tests.gateway.pages.conftest import PASSWORD, Office

FRESH = "almond ferry lantern"


async def signed_in(office: Office, password: str = PASSWORD) -> Browser:
    browser = office.browser()
    await browser.get("/account")
    await browser.sign_in(office.email, password)
    return browser


async def allowed(office: Office, client_id: str, user: str | None = None, **known: Any) -> str:
    """An authorization with a token that is in force, as a program presents it; the token."""
    grant = Grant(
        id=Grant.new_id(),
        organization_id=office.organization,
        client_id=client_id,
        user_id=user or office.user,
        scopes=known.pop("scopes", ["read"]),
        created_at=office.clock.now(),
        revoked_at=known.pop("revoked_at", None),
    )
    await office.put(grant)
    kind = CredentialKind.ACCESS_TOKEN
    ending = {"expires_at": office.clock.now() + timedelta(days=2), **known}
    return await make_credential(office.database, office.organization, client_id, kind, grant_id=grant.id, **ending)


async def test_applications_are_listed_once_with_what_they_may(office: Office):
    client = await office.client(name="Reports & more")
    await allowed(office, client, scopes=["read"])
    office.clock.advance(days=1)
    await allowed(office, client, scopes=["read", "write"])
    gone = await office.client(name="Gone")
    await allowed(office, gone, revoked_at=office.clock.now())
    await allowed(office, await office.client(name="Ran out"), expires_at=office.clock.now())
    await allowed(office, await office.client(name="Used up"), used_at=office.clock.now())
    await allowed(office, await office.client(name="Revoked", revoked_at=office.clock.now()))
    colleague = await office.person(office.organization, f"other-{office.organization}@example.com")
    await allowed(office, await office.client(name="A colleague's"), colleague)
    page = await signed_in(office)

    assert page.page.text.count("Reports & more") == 1
    assert "Allowed on 2024-01-15, to: see leads, accounts" in page.page.text
    assert page.page.text.count("see leads, accounts") == 1
    assert "create, change and delete" in page.page.text
    for name in ("Gone", "Ran out", "Used up", "Revoked", "A colleague's"):
        assert name not in page.page.text


async def test_withdrawing_ends_every_token_of_the_application(office: Office):
    client, kept = await office.client(name="Reports"), await office.client(name="Kept")
    tokens = [await allowed(office, client), await allowed(office, client)]
    other = await allowed(office, kept)
    browser = await signed_in(office)

    async def statuses() -> list[int]:
        asked = {"query": "{ viewer { organization { id } } }"}
        headers = [{"Authorization": f"Bearer {token}"} for token in (*tokens, other)]
        answers = [await browser.client.post("/graphql", json=asked, headers=each) for each in headers]
        return [answer.json().get("errors") is None for answer in answers]

    assert await statuses() == [True, True, True]
    page = await browser.send(browser.page.form("withdraw", client=client), "withdraw")
    assert await statuses() == [False, False, True]

    assert "The application has no access any more." in page.text
    assert [each.fields["client"] for each in page.forms if "withdraw" in each.buttons] == [kept]
    grants = await office.rows(Grant, Grant.client_id == client)
    events = await office.rows_of_events()
    told = [each for each in events if each.type is EventType.ACCESS_WITHDRAWN]
    assert {each.subject_id for each in told} == {grant.id for grant in grants}
    assert {each.audience for each in told} == {"permission:read:clients"}
    changed = await office.rows(AccessChange, AccessChange.subject_id.in_([grant.id for grant in grants]))
    assert len(changed) == 2
    noted = await office.rows(AuditEntry, AuditEntry.operation == "withdrawAccess", AuditEntry.user_id == office.user)
    assert {each.subject_id for each in noted} == {grant.id for grant in grants}


async def test_nobody_withdraws_for_somebody_else(office: Office):
    client = await office.client()
    colleague = await office.person(office.organization, f"other-{office.organization}@example.com")
    await allowed(office, client, colleague)
    mine = await office.client(name="Mine")
    await allowed(office, mine)
    browser = await signed_in(office)
    form = browser.page.form("withdraw", client=mine)
    for wanted in (client, "client_unknown", "", "\x00"):
        page = await browser.send(form, "withdraw", client=wanted)
        assert (browser.status, len(page.alerts)) == (400, 1)
    assert [each.revoked_at for each in await office.rows(Grant, Grant.organization_id == office.organization)] == [
        None,
        None,
    ]


async def test_changing_the_password_ends_the_other_sessions(office: Office):
    here, there = await signed_in(office), await signed_in(office)
    before = here.client.cookies["trigraph-session"]
    page = await here.press("change-password", current=PASSWORD, password=FRESH, repeated=FRESH)

    assert "Your password is changed." in page.text
    assert here.client.cookies["trigraph-session"] != before
    assert (await here.get("/account")).form("sign-out")
    assert (await there.get("/account")).form("sign-in")
    assert len(await office.rows(BrowserSession, BrowserSession.user_id == office.user)) == 1
    assert (await signed_in(office)).status == 403
    assert (await signed_in(office, FRESH)).page.form("sign-out")
    [noted] = await office.rows(AuditEntry, AuditEntry.operation == "changePassword", AuditEntry.user_id == office.user)
    assert noted.subject_id == office.user
    assert noted.client_id in (None, "")


@pytest.mark.parametrize(
    ("typed", "status", "alert"),
    [
        ({"current": "wrong"}, 403, "The current password is wrong."),
        ({"repeated": "almond ferry lanterns"}, 400, "The two new passwords are not the same."),
        ({"password": "short", "repeated": "short"}, 400, "The password must have at least 12 characters."),
        ({"password": "password1234", "repeated": "password1234"}, 400, "This password is among the first"),
        (
            {"password": "Jane Agent 2024", "repeated": "Jane Agent 2024"},
            400,
            "The password must not contain your name",
        ),
    ],
)
async def test_a_password_that_cannot_be_changed_stays(
    embedded_office: Office, typed: dict[str, str], status: int, alert: str
):
    browser = await signed_in(embedded_office)
    usual = {"current": PASSWORD, "password": FRESH, "repeated": FRESH}
    page = await browser.press("change-password", **{**usual, **typed})

    assert browser.status == status
    assert page.alerts[0].startswith(alert)
    assert page.title.startswith("Error: ")
    assert FRESH not in browser.answer.text
    [user] = await embedded_office.rows(User, User.id == embedded_office.user)
    assert await passwords.matches(user.password_hash, PASSWORD)


async def test_guessing_the_current_password_is_limited_like_logins(embedded_office: Office):
    browser = await signed_in(embedded_office)
    for _ in range(10):
        await browser.press("change-password", current="wrong", password=FRESH, repeated=FRESH)
        assert browser.status == 403
    page = await browser.press("change-password", current=PASSWORD, password=FRESH, repeated=FRESH)
    assert (browser.status, page.form("sign-out").buttons) == (429, ["sign-out"])
    assert int(browser.answer.headers["retry-after"]) > 0


async def test_without_a_session_a_form_of_the_page_asks_to_sign_in(embedded_office: Office):
    browser = await signed_in(embedded_office)
    await browser.press("sign-out")
    form = browser.page.form("sign-in")
    page = await browser.send(form, "withdraw", client="client_x")
    assert (browser.status, page.alerts) == (403, ["Sign in first."])


@pytest.mark.parametrize("done", ["<script>", "unknown", "joined"])
async def test_only_known_notices_are_shown(embedded_office: Office, done: str):
    browser = await signed_in(embedded_office)
    page = await browser.get(f"/account?done={done}")
    assert ("Welcome." in page.text) == (done == "joined")
    assert "script" not in page.tags


async def test_every_field_is_labelled(embedded_office: Office):
    browser = embedded_office.browser()
    login = await browser.get("/account")
    account = await browser.sign_in(embedded_office.email, PASSWORD)
    for page in (login, account):
        assert page.named == page.labels
        assert page.named


async def test_events_of_a_person_have_no_client(embedded_office: Office):
    office, client = embedded_office, await embedded_office.client()
    await allowed(office, client)
    browser = await signed_in(office)
    await browser.send(browser.page.form("withdraw", client=client), "withdraw")
    [event] = [each for each in await office.rows_of_events() if each.type is EventType.ACCESS_WITHDRAWN]
    assert (event.actor_id, event.client_id) == (office.user, None)
    assert event.data["clientId"] == client
    assert isinstance(event, Event)
