"""A client's own web server on the loopback interface: it hears what browsers are sent to it with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_HEAD = '<!doctype html><title>The client</title><link rel="icon" href="data:,">'
"""With an icon in it, so that no browser asks for one while the site is being closed."""


@dataclass
class Site:
    """A site at an origin of its own; `pages` are what it serves by path, `heard` what it was asked for."""

    origin: str
    pages: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def answer(self) -> dict[str, str]:
        """The parameters of the one callback it got."""
        [callback] = [each for each in self.heard if each.startswith("/callback")]
        return {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}


@contextmanager
def site() -> Iterator[Site]:
    """A running site."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            served.heard.append(self.path)
            to = served.redirects.get(path)
            self.send_response(302 if to else 200)
            self.send_header("Location", to) if to else self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((_HEAD + served.pages.get(path, "")).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
