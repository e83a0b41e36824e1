"""Driving GraphiQL in an installed Chromium that reaches nothing but loopback, and noticing what it tries."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE_MS = 30_000


@dataclass
class Witness:
    """What a page asked of other hosts, and what it complained of."""

    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext, origin: str) -> None:
        host = urlsplit(origin).netloc

        def pass_or_block(route: Route) -> None:
            url = urlsplit(route.request.url)
            if url.netloc == host or url.scheme in {"data", "blob"}:
                route.continue_()
            else:
                self.elsewhere.append(route.request.url)
                route.abort()

        context.route("**/*", pass_or_block)
        context.on("page", lambda page: page.on("websocket", lambda opened: self.see_socket(opened.url, host)))
        context.on(
            "console", lambda message: message.type in {"error", "warning"} and self.complaints.append(message.text)
        )
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def see_socket(self, url: str, host: str) -> None:
        if urlsplit(url).netloc != host:
            self.elsewhere.append(url)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url, wait_until="commit", timeout=PATIENCE_MS)
    expect(page.locator("html")).to_have_attribute("data-graphiql", "ready", timeout=PATIENCE_MS)
    expect(page.locator(".graphiql-query-editor .view-line").first).to_be_visible(timeout=PATIENCE_MS)
    return page


MODEL = "__MONACO.editor.getModels().find(model => model.uri.path.endsWith(name)).getValue()"


def text_of(page: Page, model: str) -> str:
    """The whole text of an editor; the DOM holds only the lines in view."""
    return str(page.evaluate(f"name => {MODEL}", model))


def wait_for_text(page: Page, model: str, part: str, *, there: bool = True, patience_ms: int = PATIENCE_MS) -> None:
    """Wait until an editor holds a text, or holds it no more."""
    script = f"([name, part, there]) => {MODEL}.includes(part) === there"
    page.wait_for_function(script, arg=[model, part, there], timeout=patience_ms)


def write(page: Page, editor: str, text: str) -> None:
    """Replace an editor's text as a reader would: click, select all, paste."""
    page.locator(f"{editor} .graphiql-editor:not(.hidden) .view-lines").click()
    page.keyboard.press("Control+A")
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def run(page: Page) -> dict[str, Any]:
    """Press play and read the answer."""
    page.get_by_role("button", name="Execute query").click()
    wait_for_text(page, "response.json", "}")
    answer: dict[str, Any] = json.loads(text_of(page, "response.json"))
    return answer


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    wait_for_text(page, "operation.graphql", f" {name} {{")
