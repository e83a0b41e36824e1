"""Signing in and allowing an application, on the real server in a real browser, without any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsers import CHROMIUM, chromium
from tests.gateway.pages.conftest import VERIFIER, authorize
from tests.live.callbacks import Site, site
from tests.live.conftest import LiveServer
from tests.live.doors import graphql

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the PATH"),
]

_CREATE = """mutation ($input: CreateClientInput!) {
  createClient(input: $input) { client { id } errors { field message } }
}"""
_STATUSES = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d .*")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module."""
    with chromium() as running:
        yield running


@pytest.fixture
def client() -> Iterator[Site]:
    """The site of an application that sends people here."""
    with site() as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile that runs no scripts; nothing may be complained of but statuses."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text))
    yield context
    context.close()
    assert [each for each in complaints if not _STATUSES.fullmatch(each)] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def registered(server: LiveServer, redirect_uri: str, name: str = "Quarterly reports", **more: object) -> str:
    """A public client; its id."""
    wanted = {"name": name, "public": True, "redirectUris": [redirect_uri], "scopes": ["read", "write"], **more}
    made = graphql(server, _CREATE, input=wanted)["createClient"]
    assert made["errors"] == []
    return str(made["client"]["id"])


def ask(page: Page, server: LiveServer, client_id: str, redirect_uri: str) -> None:
    """Come from a client."""
    page.goto(server.base_url + authorize(client_id, redirect_uri=redirect_uri, scope="read write"))


def sign_in(page: Page, server: LiveServer, password: str | None = None) -> None:
    """Type with the keyboard alone: the order of the focus is the order of the page."""
    user = server.demo["user"]
    page.get_by_label("E-mail address").fill(user["email"])
    page.get_by_label("E-mail address").press("Tab")
    page.keyboard.type(password or user["password"])
    page.keyboard.press("Enter")


def fits(page: Page) -> bool:
    """Whether nothing sticks out of a narrow screen."""
    box = page.locator("html").bounding_box()
    widest = max(
        (found["x"] + found["width"]) for each in page.locator("body *").all() if (found := each.bounding_box())
    )
    return box is not None and widest <= 320


def test_login_consent_code_token_and_withdrawal(page: Page, context: BrowserContext, server: LiveServer, client: Site):
    callback = f"{client.origin}/callback"
    client_id = registered(server, callback)
    ask(page, server, client_id, callback)
    assert fits(page)
    sign_in(page, server)

    expect(page.get_by_role("heading", level=1)).to_have_text("Allow Quarterly reports access?")
    expect(page.locator("main")).to_contain_text(f"Your answer is sent to {client.origin}, a program on this device.")
    assert fits(page)
    [session] = [each for each in context.cookies() if each["name"] == "trigraph-session"]
    assert (session["httpOnly"], session["sameSite"], session["secure"], session["path"]) == (True, "Lax", False, "/")
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{callback}?*")

    answer = client.answer()
    assert (answer["state"], answer["iss"]) == ("xyz", server.base_url)
    exchanged = httpx.post(
        f"{server.base_url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": answer["code"],
            "redirect_uri": callback,
            "code_verifier": VERIFIER,
        },
    )
    bearer = {"Authorization": f"Bearer {exchanged.json()['access_token']}"}
    query = {"query": "{ viewer { user { email } } }"}
    told = httpx.post(server.demo["graphql_url"], json=query, headers=bearer).json()
    assert told["data"]["viewer"]["user"]["email"] == server.demo["user"]["email"]

    page.goto(f"{server.base_url}/account")
    assert fits(page)
    page.get_by_role("button", name="Withdraw access of Quarterly reports").click()
    expect(page.get_by_role("status")).to_contain_text("no access any more")
    told = httpx.post(server.demo["graphql_url"], json=query, headers=bearer).json()
    assert told["errors"][0]["extensions"]["code"] == "INVALID_TOKEN"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "trigraph-session" not in {each["name"] for each in context.cookies()}


def test_wrong_password_then_right_then_deny(page: Page, server: LiveServer, client: Site):
    callback = f"{client.origin}/callback"
    ask(page, server, registered(server, callback), callback)
    sign_in(page, server, "a wrong password")
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("Password")).to_have_value("")
    sign_in(page, server)
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{callback}?*")
    assert client.answer().keys() == {"error", "error_description", "state", "iss"}
    assert client.answer()["error"] == "access_denied"


def test_a_client_may_send_the_browser_on(page: Page, server: LiveServer, client: Site):
    # Chromium holds the client's own redirects to the policy of the page whose form began the journey.
    with site() as elsewhere:
        client.redirects["/callback"] = f"{elsewhere.origin}/welcome"
        callback = f"{client.origin}/callback"
        ask(page, server, registered(server, callback), callback)
        sign_in(page, server)
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{elsewhere.origin}/welcome")


def test_an_application_with_a_scheme_of_its_own(page: Page, server: LiveServer):
    callback = "com.example.reports:/callback"
    ask(page, server, registered(server, callback), callback)
    sign_in(page, server)
    expect(page.locator("main")).to_contain_text("com.example.reports:, an application on this device.")
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        page.get_by_role("button", name="Allow").click()
    # No program answers to the scheme here; that the browser did not hold it back is what the context checks.
    assert answered.value.headers["location"].startswith(f"{callback}?code=")


def test_a_name_full_of_markup_is_a_name(browser: Browser, server: LiveServer, client: Site):
    name = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    callback = f"{client.origin}/callback"
    client_id = registered(server, callback, name=name)
    context = browser.new_context()
    page = context.new_page()
    ask(page, server, client_id, callback)
    sign_in(page, server)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Allow {name} access?")
    assert page.locator("img, script").count() == 0
    assert page.title() == f"Allow {name} access? · Trigraph"
    assert page.evaluate("document.cookie") == ""
    context.close()


def test_another_sites_page_can_neither_send_a_form_nor_frame_ours(browser: Browser, server: LiveServer, client: Site):
    # Another port of one machine is another origin but the same site: its requests carry our cookies.
    account = f"{server.base_url}/account"
    client.pages["/attack"] = (
        f'<form method="post" action="{account}"><button name="action" value="sign-out">x</button></form>'
    )
    client.pages["/frame"] = f'<iframe src="{account}" width="300" height="300"></iframe>'
    context = browser.new_context()
    page = context.new_page()
    page.goto(account)
    sign_in(page, server)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    page.goto(f"{client.origin}/attack")
    with page.expect_request(account) as sent:
        page.get_by_role("button").click()
    assert "trigraph-session" in sent.value.all_headers()["cookie"]
    expect(page.locator("main")).to_contain_text("This form was sent by a page of another site.")
    page.goto(f"{client.origin}/frame")
    assert page.frames[1].get_by_text("Your account").count() == 0
    page.goto(account)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    context.close()


def test_an_invitation_to_the_end(page: Page, server: LiveServer):
    invite = (
        'mutation { inviteUser(input: {email: "lea@company.com", role: ANALYST, name: "Lea Novak"}) { invitationUrl } }'
    )
    link = graphql(server, invite)["inviteUser"]["invitationUrl"]
    page.goto(link)
    assert fits(page)
    page.get_by_label("New password", exact=True).fill("almond ferry lantern")
    page.get_by_label("New password again").fill("almond ferry lantern")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("status")).to_contain_text("Welcome.")
    assert urlsplit(page.url).path == "/account"
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This invitation does not work")
