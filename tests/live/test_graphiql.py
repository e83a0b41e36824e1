"""GraphiQL on the real server in a real browser with every other host blocked: query, mutate, watch."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as OutOfPatience

from tests.browsers import CHROMIUM, Witness, chromium, open_tab, opened, run, text_of, wait_for_text
from tests.live.conftest import LiveServer
from tests.live.doors import crm_ultra

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the PATH"),
]

_TRIES = 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: LiveServer) -> Iterator[Page]:
    """GraphiQL as `make run` serves it; nothing may be asked of another host."""
    witness = Witness()
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    witness.watch(context, server.base_url)
    yield opened(context, f"{server.base_url}/graphiql")
    context.close()
    assert witness.elsewhere == []


def heard(page: Page, text: str) -> bool:
    """Whether the response pane shows a text within a second."""
    try:
        wait_for_text(page, "response.json", text, patience_ms=1000)
    except OutOfPatience:
        return False
    return True


def test_every_tab_answers_with_the_demo_key(page: Page) -> None:
    leads = run(page)
    open_tab(page, "CreateLead")
    made = run(page)
    open_tab(page, "Accounts")
    accounts = run(page)

    assert leads["data"]["leads"]["nodes"]
    assert made["data"]["createLead"]["errors"] == []
    assert accounts["data"]["accounts"]["nodes"]


def test_subscription_shows_a_lead_made_by_an_old_client(page: Page, server: LiveServer) -> None:
    open_tab(page, "Events")
    page.get_by_role("button", name="Execute query").click()

    # The protocol does not tell when a subscription listens, so leads come until one is heard.
    for _ in range(_TRIES):
        crm_ultra(server, "POST", "/leads", {"source": "website", "email": "watched@example.com", "firstName": "Grace"})
        if heard(page, "Grace"):
            break

    assert json.loads(text_of(page, "response.json"))["data"]["events"]["type"] == "LEAD_CREATED"
