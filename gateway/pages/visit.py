"""One request for a page, with what is known of who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from domain.viewer import Dialect
from gateway.calls import CallRecord
from gateway.oauth.places import Place
from gateway.pages.sessions import SignedIn


@dataclass
class Visit:
    """A request for a page, or a form of it that was believed.

    `bound` is what ties forms to this browser: its session's value, or the mark it was given before there was one.
    `token` is what a form of this page has to bring back.
    """

    request: Request
    call: CallRecord
    place: Place
    signed_in: SignedIn | None
    bound: str
    token: str
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """Which button was pressed."""
        return self.form.get("action", "")

    @property
    def dialect(self) -> Dialect | None:
        """The product at whose door the page is seen, if it is one's."""
        return self.place.dialect

    @property
    def query(self) -> str:
        """The query string as it came."""
        return str(self.request.scope["query_string"].decode("latin-1"))

    @property
    def here(self) -> str:
        """This very page, relative to itself: it works under prefixes that only a proxy knows."""
        return f"?{self.query}" if self.query else str(self.request.scope["path"]).rpartition("/")[2]

    @property
    def root(self) -> str:
        """The way from this page to the root of the server."""
        return "../" * (str(self.request.scope["path"]).count("/") - 1) or "./"
