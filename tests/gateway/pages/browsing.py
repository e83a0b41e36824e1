"""A browser without scripts over ASGI: it keeps cookies, reads forms and sends them as a real one does."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

VOID = {"meta", "link", "input", "br"}


@dataclass
class Form:
    """A form of a page: its fields as they are filled in, and its buttons."""

    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    method: str = "get"
    action: str = ""


class Reader(HTMLParser):
    """What a page says: its forms, its text, what is announced, what it may not have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.alerts: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.labels: set[str] = set()
        self.named: set[str] = set()
        self.handlers: list[str] = []
        self.title = ""
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()
        assert self._open == [], "every element that was opened is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.handlers += [name for name in known if name.startswith("on") or known[name].startswith("javascript:")]
        if tag == "form":
            self.forms.append(Form(method=known.get("method", "get"), action=known.get("action", "")))
        elif tag == "input" and "name" in known and known.get("type") != "radio":
            self.forms[-1].fields[known["name"]] = known.get("value", "")
        elif tag == "button":
            self.forms[-1].buttons.append(known["value"])
        elif tag == "a":
            self.links.append(known["href"])
        elif tag == "label":
            self.labels.add(known.get("for", ""))
        if tag == "input" and known.get("type") not in ("hidden", "radio") and "hidden" not in known:
            self.named.add(known["id"])
        if tag not in VOID:
            self._open.append((tag, known))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        tag, known = self._open[-1] if self._open else ("", {})
        if tag == "title":
            self.title += data
        elif known.get("role") == "alert":
            self.alerts.append(data)
        if tag not in ("style", "title") and data.strip():
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def form(self, action: str, **holding: str) -> Form:
        """The form with this button, and with these hidden fields."""
        found = [each for each in self.forms if action in each.buttons and holding.items() <= each.fields.items()]
        assert len(found) == 1, f"{len(found)} forms to {action} in: {self.text}"
        return found[0]


class Browser:
    """One browser with its cookies."""

    def __init__(self, app: Any, origin: str = "http://127.0.0.1:8000", address: str = "192.0.2.1") -> None:
        self.origin = origin
        transport = httpx.ASGITransport(app, client=(address, 5000))
        self.client = httpx.AsyncClient(transport=transport, base_url=origin)
        self.url = origin
        self.answer = httpx.Response(204)

    async def get(self, path: str, **headers: str) -> Reader:
        """Open an address, following redirects on this server."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._take(
            await self.client.get(urljoin(self.url, path), headers={"Accept": "text/html", **named})
        )

    async def send(self, form: Form, action: str, *, headers: dict[str, str] | None = None, **typed: str) -> Reader:
        """Press a button of a form of the page that is open, with what was typed."""
        assert form.method == "post"
        own = {"Accept": "text/html", "Origin": self.origin, "Referer": self.url, "Sec-Fetch-Site": "same-origin"}
        data = {**form.fields, **typed, "action": action}
        sent = own if headers is None else {"Accept": "text/html", **headers}
        return await self._take(await self.client.post(urljoin(self.url, form.action), data=data, headers=sent))

    async def press(self, action: str, **typed: str) -> Reader:
        """Press the only button of that name on the page that is open."""
        return await self.send(self.page.form(action), action, **typed)

    async def sign_in(self, email: str, password: str) -> Reader:
        """Fill in the form that is open."""
        return await self.press("sign-in", email=email, password=password)

    @property
    def page(self) -> Reader:
        return Reader(self.answer.text)

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def location(self) -> str:
        """Where the last answer redirects to, away from this server."""
        return self.answer.headers["location"]

    async def _take(self, answer: httpx.Response) -> Reader:
        self.url, self.answer = str(answer.url), answer
        while answer.is_redirect:
            to = urljoin(self.url, answer.headers["location"])
            if urlsplit(to)[:2] != urlsplit(self.origin)[:2]:
                return Reader("")
            answer = await self.client.get(to, headers={"Accept": "text/html"})
            self.url, self.answer = str(answer.url), answer
        return self.page
