"""The page in a real browser with every other host out of reach; what the page asks of other hosts is counted."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gateway.graphiql import GraphiQLConfig
from tests.browsers import (
    CHROMIUM,
    PATIENCE_MS,
    Witness,
    chromium,
    open_tab,
    opened,
    run,
    text_of,
    wait_for_text,
    write,
)
from tests.gateway.graphiql.small_graph import SmallGraph, application

PREFIX = "/office/trigraph"
KEY = "demo-key-<&>"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the PATH"),
]


@dataclass
class Server:
    graph: SmallGraph
    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    graph = SmallGraph()
    app = application(graph, GraphiQLConfig(default_headers={"X-API-Key": KEY}), PREFIX)
    server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_config=None, lifespan="off"))
    # It listens from here on, so whoever connects before the server runs waits in the queue.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Server(graph, listening.getsockname()[1])
        server.should_exit = True
        thread.join()


@pytest.fixture
def server(running: Server) -> Server:
    """The module's server, with nothing remembered."""
    running.graph.forget()
    return running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def context(browser: Browser, server: Server, witness: Witness) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.origin)
    witness.watch(context, server.origin)
    yield context
    context.close()
    assert witness.elsewhere == []


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    return opened(context, server.origin + "/graphql")


def test_the_first_tab_runs_as_it_stands_with_the_demo_key(page: Page, server: Server, witness: Witness):
    assert text_of(page, "operation.graphql").startswith("# Welcome to Trigraph")
    assert json.loads(text_of(page, "request-headers.json")) == {"X-API-Key": KEY}
    answer = run(page)
    assert "errors" not in answer
    assert answer["data"]["leads"]["nodes"][0]["account"]["name"] == "TechCorp"
    assert server.graph.http_headers[-1]["x-api-key"] == KEY
    assert witness.complaints == []


def test_the_other_tabs_run_too(page: Page):
    open_tab(page, "CreateLead")
    created = run(page)["data"]["createLead"]
    assert (created["lead"]["id"], created["errors"]) == ("lead_ada", [])
    open_tab(page, "Accounts")
    assert run(page)["data"]["accounts"]["nodes"][0]["leads"]["nodes"][0]["firstName"] == "Ada"


def test_the_header_editor_is_sent(page: Page, server: Server):
    write(page, ".graphiql-editor-tool", '{"X-API-Key": "other", "X-Trace": "7"}')
    run(page)
    sent = server.graph.http_headers[-1]
    assert (sent["x-api-key"], sent["x-trace"]) == ("other", "7")


def test_the_schema_is_read_by_introspection(page: Page, server: Server):
    page.get_by_role("button", name="Show Documentation Explorer").click()
    page.get_by_role("link", name="Query", exact=True).click()
    expect(page.get_by_text("Leads of the organization, newest first.")).to_be_visible(timeout=PATIENCE_MS)
    assert "IntrospectionQuery" in server.graph.operations
    assert server.graph.http_headers[0]["x-api-key"] == KEY


def test_the_query_can_be_built_by_clicking(page: Page):
    page.get_by_role("button", name="Show GraphiQL Explorer").click()
    explorer = page.locator(".graphiql-explorer-root")
    expect(explorer).to_contain_text("leads", timeout=PATIENCE_MS)
    explorer.locator('[data-field-name="hasNextPage"]').click()
    wait_for_text(page, "operation.graphql", "hasNextPage", there=False)


def test_the_workers_are_local_files_that_work(page: Page, server: Server, witness: Witness):
    write(page, ".graphiql-query-editor", "{ leads { nodes { shoeSize } } }")
    expect(page.locator(".graphiql-query-editor .squiggly-error").first).to_be_visible(timeout=PATIENCE_MS)
    write(page, ".graphiql-editor-tool", '{"X-API-Key": }')
    expect(page.locator(".graphiql-editor-tool .squiggly-error").first).to_be_visible(timeout=PATIENCE_MS)
    urls = [worker.url for worker in page.workers]
    assert all(url.startswith(server.origin + "/graphiql/static/") for url in urls)
    assert {url.rpartition("/")[2].rpartition("-")[0] for url in urls} >= {
        "graphql-worker",
        "json-worker",
        "editor-worker",
    }
    assert witness.complaints == []


def test_prettify_keeps_comments(page: Page):
    write(page, ".graphiql-query-editor", "# mine\n{leads{nodes{id}}}")
    write(page, ".graphiql-editor-tool", '{"a":1} // yours')
    page.get_by_role("button", name="Prettify query").click()
    wait_for_text(page, "operation.graphql", "# mine\n{\n  leads {\n    nodes {\n      id\n")
    assert text_of(page, "request-headers.json") == '{\n  "a": 1\n} // yours'


@pytest.mark.parametrize("path", ["/graphql", f"{PREFIX}/graphql", f"{PREFIX}/graphiql"])
def test_a_subscription_delivers_over_the_websocket(context: BrowserContext, server: Server, path: str):
    page = opened(context, server.origin + path)
    open_tab(page, "Events")
    with page.expect_websocket() as opening:
        page.get_by_role("button", name="Execute query").click()
    assert opening.value.url == f"ws://127.0.0.1:{server.port}{path.rpartition('/')[0]}/graphql"
    assert server.graph.someone_listens.wait(PATIENCE_MS / 1000)
    mutation = (
        'mutation { createLead(input: { source: "website", firstName: "Grace", lastName: "Hopper" }) { lead { id } } }'
    )
    httpx.post(server.origin + "/graphql", json={"query": mutation}, trust_env=False).raise_for_status()
    wait_for_text(page, "response.json", "LEAD_CREATED")
    assert json.loads(text_of(page, "response.json"))["data"]["events"]["lead"]["firstName"] == "Grace"
    assert server.graph.socket_payloads == [{"X-API-Key": KEY}]
    page.get_by_role("button", name="Stop query").click()
    assert server.graph.someone_left.wait(PATIENCE_MS / 1000)


def test_headers_survive_a_reload_without_being_stored(page: Page):
    open_tab(page, "CreateLead")
    page.wait_for_function(
        "() => localStorage.getItem('graphiql:tabState')?.includes('CreateLead')", timeout=PATIENCE_MS
    )
    assert KEY not in page.evaluate("JSON.stringify(localStorage)")
    page.reload(wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-graphiql", "ready", timeout=PATIENCE_MS)
    open_tab(page, "Leads")
    assert json.loads(text_of(page, "request-headers.json")) == {"X-API-Key": KEY}


def test_the_browser_refuses_other_hosts_even_when_asked(page: Page):
    load = "url => fetch(url).then(() => 'loaded', () => 'refused')"
    assert page.evaluate(load, "http://elsewhere.example/") == "refused"
    assert page.evaluate(load, "/graphql") == "loaded"


def test_an_answer_that_is_no_json_is_told(page: Page):
    page.route(
        "**/graphql", lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")
    )
    assert run(page)["errors"][0]["message"] == "The server answered 502 without JSON: <h1>Bad gateway</h1>"


@pytest.mark.parametrize("file", ["main-*.js", "boot-*.js", "main-*.css"])
def test_a_file_that_fails_is_told_instead_of_loading_for_ever(context: BrowserContext, server: Server, file: str):
    page = context.new_page()
    page.route(f"**/static/{file}", lambda route: route.fulfill(status=503))
    page.goto(server.origin + "/graphql")
    if file.startswith("boot"):
        # Without the file that tells, GraphiQL itself still starts.
        expect(page.locator("html")).to_have_attribute("data-graphiql", "ready", timeout=PATIENCE_MS)
    else:
        expect(page.get_by_role("alert")).to_contain_text("GraphiQL could not start: the file", timeout=PATIENCE_MS)
        expect(page.locator(".graphiql-container")).to_have_count(0)
