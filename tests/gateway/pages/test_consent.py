"""Sign in, be asked, allow or deny; and everything that must not lead anywhere."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from domain.credentials import Credential, hash_of
from domain.grants import Grant
from domain.sessions import BrowserSession
from tests.gateway.pages.browsing import Browser
from tests.gateway.pages.conftest import CALLBACK, PASSWORD, Office, authorize


async def asked(office: Office, client_id: str, **given: str) -> Browser:
    """A browser with the question on its screen."""
    browser = office.browser()
    await browser.get(authorize(client_id, **given))
    await browser.sign_in(office.email, PASSWORD)
    return browser


def answer_of(browser: Browser) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(browser.location).query).items()}


async def test_login_consent_and_code(office: Office):
    client_id = await office.client(name="Quarterly reports")
    browser = office.browser()

    login = await browser.get(authorize(client_id))
    assert "Sign in to continue to Quarterly reports." in login.text
    question = await browser.sign_in(office.email.upper(), PASSWORD)
    assert question.title.startswith("Allow Quarterly reports access?")
    for said in ("Acme Insurance", "Jane Agent", office.email, "see leads, accounts", "https://client.example.com"):
        assert said in question.text
    assert "create, change and delete" not in question.text
    await browser.press("allow")

    assert browser.status == 302
    assert browser.location.startswith(f"{CALLBACK}?")
    answer = answer_of(browser)
    assert (answer["state"], answer["iss"]) == ("xyz", "http://127.0.0.1:8000")
    [code] = await office.rows(Credential, Credential.hash == hash_of(answer["code"]))
    [grant] = await office.rows(Grant, Grant.id == code.grant_id)
    assert (grant.user_id, grant.client_id, grant.scopes) == (office.user, client_id, ["read"])


async def test_denying_says_so_and_grants_nothing(office: Office):
    client_id = await office.client()
    browser = await asked(office, client_id)
    await browser.press("deny")

    assert (browser.status, answer_of(browser)["error"], answer_of(browser)["state"]) == (302, "access_denied", "xyz")
    assert await office.rows(Grant, Grant.client_id == client_id) == []


async def test_it_asks_again_every_time_without_another_login(embedded_office: Office):
    office, client_id = embedded_office, await embedded_office.client()
    browser = await asked(office, client_id)
    await browser.press("allow")
    question = await browser.get(authorize(client_id))
    await browser.press("allow")

    assert question.form("allow").buttons == ["allow", "deny"]
    assert len(await office.rows(Grant, Grant.client_id == client_id)) == 2


@pytest.mark.parametrize("prompt", ["none", "login", "nonsense"])
async def test_words_of_other_protocols_skip_nothing(embedded_office: Office, prompt: str):
    browser = embedded_office.browser()
    address = f"{authorize(await embedded_office.client())}&prompt={prompt}&max_age=0&nonce=1"
    login = await browser.get(address)
    question = await browser.sign_in(embedded_office.email, PASSWORD)

    assert login.form("sign-in")
    assert question.form("allow")


async def test_another_organizations_session_is_no_session_here(office: Office):
    from tests.factories.organizations import make_organization

    elsewhere = await make_organization(office.database, name="Elsewhere")
    await office.person(elsewhere, f"{elsewhere}@example.com")
    browser = office.browser()
    await browser.get("/account")
    await browser.sign_in(f"{elsewhere}@example.com", PASSWORD)
    login = await browser.get(authorize(await office.client()))
    assert "You are signed in to Elsewhere" in login.text
    refused = await browser.sign_in(f"{elsewhere}@example.com", PASSWORD)
    assert "wrong" in refused.alerts[0]
    question = await browser.sign_in(office.email, PASSWORD)
    assert question.form("allow")
    assert [
        each.user_id for each in await office.rows(BrowserSession, BrowserSession.organization_id == elsewhere)
    ] == []


async def test_not_you_signs_out_and_asks_who_then(embedded_office: Office):
    browser = await asked(embedded_office, await embedded_office.client())
    login = await browser.press("sign-out")

    assert login.form("sign-in")
    assert "state=xyz" in browser.url
    assert await embedded_office.rows(BrowserSession, BrowserSession.user_id == embedded_office.user) == []


async def test_a_form_shown_before_signing_out_allows_nothing(embedded_office: Office):
    client_id = await embedded_office.client()
    browser = await asked(embedded_office, client_id)
    form = browser.page.form("allow")
    await browser.press("sign-out")
    refused = await browser.send(form, "allow")

    assert browser.status == 403
    assert "too old" in refused.text
    assert await embedded_office.rows(Grant, Grant.client_id == client_id) == []


async def test_a_form_is_good_for_the_request_it_was_shown_with_alone(embedded_office: Office):
    office = embedded_office
    browser = await asked(office, await office.client())
    form = browser.page.form("allow")
    await browser.get(authorize(await office.client(name="Another"), scope="read write"))
    await browser.send(form, "allow")

    assert browser.status == 403
    assert await office.rows(Grant, Grant.user_id == office.user) == []


@pytest.mark.parametrize("host", ["api.crm-ultra.com", "127.0.0.1:8000"])
@pytest.mark.parametrize("mount", ["", "/crm-ultra"])
async def test_every_door_has_the_page(embedded_office: Office, host: str, mount: str):
    from domain.viewer import Dialect

    office = embedded_office
    client_id = await office.client(dialect=Dialect.CRM_ULTRA, legacy=True)
    browser = office.browser(origin=f"http://{host}")
    if mount and host == "api.crm-ultra.com":
        # The product's own host has no mounts.
        await browser.get(authorize(client_id, f"{mount}/oauth/authorize"))
        assert browser.status == 404
        return
    await browser.get(authorize(client_id, f"{mount}/oauth/authorize"))
    question = await browser.sign_in(office.email, PASSWORD)
    [account] = question.links
    await browser.press("allow")
    assert browser.location.startswith(f"{CALLBACK}?code=")
    assert (await browser.get(f"{mount}/oauth/{account}")).form("withdraw")


async def test_a_product_does_not_know_the_clients_of_another(embedded_office: Office):
    browser = embedded_office.browser()
    await browser.get(authorize(await embedded_office.client(), "/copycar/oauth/authorize"))
    assert browser.status == 400


@pytest.mark.parametrize(
    "wanted",
    [
        "javascript:alert(1)",
        "//evil.example.com",
        "https://evil.example.com/",
        "https://client.example.com.evil.example.com/callback",
        "https://client.example.com/callback/../../evil",
        "https://client.example.com/callback?next=https://evil.example.com",
        "https://client.example.com@evil.example.com/callback",
        "https://client.example.com/callback#x",
        "HTTPS://client.example.com/callback",
        "https://client.example.com/callback\r\nLocation: https://evil.example.com",
        "data:text/html,<script>alert(1)</script>",
        "",
    ],
)
async def test_nothing_redirects_where_nothing_is_registered(embedded_office: Office, wanted: str):
    browser = embedded_office.browser()
    page = await browser.get(authorize(await embedded_office.client(), redirect_uri=wanted))

    assert browser.status == 400
    assert "location" not in browser.answer.headers
    assert page.text.startswith("This link does not work")


async def test_more_parameters_than_anybody_needs_lead_nowhere(embedded_office: Office):
    browser = embedded_office.browser()
    many = "&".join(f"p{n}=1" for n in range(100))
    page = await browser.get(f"{authorize(await embedded_office.client())}&{many}")
    assert (browser.status, browser.answer.headers.get("location")) == (400, None)
    assert "more than 100 parameters" in page.text


async def test_an_unknown_client_leads_nowhere(embedded_office: Office):
    for given in ({"client_id": "client_unknown"}, {"client_id": ""}, {"client_id": "\x00"}):
        browser = embedded_office.browser()
        await browser.get(authorize(await embedded_office.client()) + "&" + "client_id=other")
        assert browser.status == 400
        await browser.get(authorize(given["client_id"]))
        assert (browser.status, "location" in browser.answer.headers) == (400, False)


async def test_a_program_is_told_in_json(embedded_office: Office):
    browser = embedded_office.browser()
    answer = await browser.client.get(authorize("client_unknown"), headers={"Accept": "application/json, */*;q=0.1"})

    assert answer.status_code == 400
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"


async def test_what_else_is_wrong_is_told_to_the_client(embedded_office: Office):
    browser = embedded_office.browser()
    await browser.get(authorize(await embedded_office.client(), response_type="token"))

    assert browser.status == 302
    assert browser.location.startswith(f"{CALLBACK}?")
    assert (answer_of(browser)["error"], answer_of(browser)["state"]) == ("unsupported_response_type", "xyz")


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "</title><img src=x onerror=alert(1)>", "a\u202eb"])
async def test_names_and_states_stay_text(embedded_office: Office, text: str):
    office = embedded_office
    client_id = await office.client(name=text)
    await office.give(office.user, name=text)
    browser = office.browser()
    login = await browser.get(authorize(client_id, state=text))
    wrong = await browser.press("sign-in", email=text, password=text)
    question = await browser.sign_in(office.email, PASSWORD)
    bad = office.browser()
    refused = await bad.get(authorize(client_id, redirect_uri=text))

    for page in (login, wrong, question, refused):
        assert not {"script", "img"} & set(page.tags)
        assert page.handlers == []
        assert "\u202e" not in page.text
    assert wrong.form("sign-in").fields["email"].replace("\ufffd", "\u202e") == text
    await browser.press("allow")
    assert parse_qs(urlsplit(browser.location).query)["state"] == [text]


async def test_a_client_that_is_revoked_while_the_question_is_open_gets_nothing(embedded_office: Office):
    from domain.clients import ApiClient

    office, client_id = embedded_office, await embedded_office.client()
    browser = await asked(office, client_id)

    async def revoke(session: object) -> None:
        (await session.get(ApiClient, client_id)).revoked_at = office.clock.now()  # type: ignore[attr-defined]

    await office.database.store(revoke)
    await browser.press("allow")

    assert browser.status == 400
    assert await office.rows(Grant, Grant.client_id == client_id) == []
