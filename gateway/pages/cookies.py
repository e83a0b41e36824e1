"""The cookies of the pages: who is signed in, whose browser this was before, which browser a form was given to."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and writes them. Where people come by HTTPS their names bind them to exactly this host (`__Host-`).

    All are out of the reach of scripts and are not sent with what another site makes a browser send, except when it
    leads the browser here. The API never looks at them.
    """

    secure: bool

    def session(self, request: Request) -> str | None:
        """The session a browser says it has."""
        return request.cookies.get(self._name("session"))

    def browser(self, request: Request) -> str | None:
        """The mark a browser was given with a form, before anybody was signed in."""
        return request.cookies.get(self._name("browser"))

    def sign_in(self, response: Response, value: str, seconds: int) -> None:
        """Give a browser its session; the mark goes, and with it every form that was made out to it."""
        self._set(response, "session", value, seconds)
        self._set(response, "browser", "", 0)

    def sign_out(self, response: Response) -> None:
        """Have a browser forget its session."""
        self._set(response, "session", "", 0)

    def known(self, request: Request) -> str | None:
        """What a browser was given for having been signed in with before."""
        return request.cookies.get(self._name("known"))

    def remember(self, response: Response, value: str, seconds: int) -> None:
        """Have a browser known again after it signed out."""
        self._set(response, "known", value, seconds)

    def mark(self, response: Response, value: str) -> None:
        """Mark a browser, until it is closed."""
        self._set(response, "browser", value, None)

    def _name(self, name: str) -> str:
        return f"__Host-trigraph-{name}" if self.secure else f"trigraph-{name}"

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            self._name(name), value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
