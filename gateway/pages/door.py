"""The door of the pages: finds the page, knows who is signed in, believes only its own forms."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.audit import Door
from domain.errors import DomainError, Kind
from domain.sessions import INVITATION_PATH
from gateway.calls import CallRecord
from gateway.database import Database
from gateway.doors import Contexts
from gateway.limits.limits import Limits
from gateway.oauth.authorization import Authorizations
from gateway.oauth.places import NEUTRAL, Place, Places
from gateway.pages.account import AccountPage
from gateway.pages.answers import link, message, problem
from gateway.pages.campaign import CAMPAIGNS_PATH, CampaignPage
from gateway.pages.consent import ConsentPage
from gateway.pages.cookies import Cookies
from gateway.pages.forms import FormRefused, Signer, check_site, read_form
from gateway.pages.invitation import InvitationPage
from gateway.pages.known_browsers import KnownBrowsers
from gateway.pages.logins import Logins
from gateway.pages.sessions import Sessions
from gateway.pages.sign_in import SignIn
from gateway.pages.visit import Visit
from gateway.settings import Settings

log = logging.getLogger(__name__)

ACCOUNT_PATH = "/account"
AUTHORIZE_PATH = "/oauth/authorize"
_ALLOW = "GET, HEAD, POST"
_LONGEST_MARK = 100
_ID = re.compile("[A-Za-z0-9_-]{1,100}")
"""What an address may end with below a page; nothing that an address relative to the page would read otherwise."""
_ACTIONS = frozenset(
    {"sign-in", "choose", "sign-out", "allow", "deny", "join", "withdraw", "change-password"},
)
"""What buttons say; anything else stays out of the log."""
_STATUS = {Kind.UNAVAILABLE: 503, Kind.CONFLICT: 409, Kind.TIMEOUT: 504}


class Page(Protocol):
    """One page."""

    async def show(self, visit: Visit) -> Response:
        """The page as it is looked at."""
        ...

    async def act(self, visit: Visit) -> Response:
        """What a form of the page asks for."""
        ...


@dataclass(frozen=True)
class Pages:
    """Every page by its path, or by what its path begins with (`below`), and what all of them need."""

    by_path: Mapping[str, Page]
    below: Mapping[str, Page]
    sessions: Sessions
    cookies: Cookies
    signer: Signer
    settings: Settings


def open_pages(
    settings: Settings,
    database: Database,
    limits: Limits,
    authorizations: Authorizations,
    contexts: Contexts,
    keys: Sequence[bytes],
) -> Pages:
    """The pages of the settings; `keys` sign their forms."""
    sessions = Sessions(database, timedelta(hours=settings.login.session_hours))
    cookies = Cookies(secure=settings.https_required or settings.public_url.startswith("https://"))
    logins, signer = Logins(database, limits, settings.login), Signer(keys)
    known = KnownBrowsers(signer, database.clock, settings.login.known_days)
    sign_in, shortest = SignIn(logins, sessions, cookies, known), settings.login.password_length
    by_path: dict[str, Page] = {
        AUTHORIZE_PATH: ConsentPage(authorizations, sign_in),
        ACCOUNT_PATH: AccountPage(database, logins, sign_in, signer, shortest),
        INVITATION_PATH: InvitationPage(database, sign_in, shortest),
    }
    below: dict[str, Page] = {CAMPAIGNS_PATH: CampaignPage(database, contexts, sign_in)}
    return Pages(by_path, below, sessions, cookies, signer, settings)


class PagesDoor:
    """Middleware: answers requests for pages, on every host and, for the authorization endpoint, below every mount."""

    def __init__(self, app: ASGIApp, pages: Pages, places: Places) -> None:
        self._app = app
        self._pages = pages
        self._places = places
        self._endings = tuple(pages.by_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or hand it on."""
        found, path, place = self._find(scope) if scope["type"] == "http" else (None, "", NEUTRAL)
        if found is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        call: CallRecord = scope["state"]["call"]
        call.enter(Door.PAGE, f"{request.method} {path}")
        response = await self._safely(found, request, call, place)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[Page | None, str, Place]:
        """The page of a request, the path it is noted by, and where the request came in."""
        asked: str = scope["path"]
        for beginning, page in self._pages.below.items():
            if asked.startswith(beginning) and _ID.fullmatch(asked, len(beginning)):
                return page, beginning, NEUTRAL
        if not asked.endswith(self._endings):
            return None, "", NEUTRAL
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        place, path = self._places.find(host, asked)
        # Below a mount is the product's own: only the authorization endpoint is everybody's.
        return (self._pages.by_path.get(path) if path in (asked, AUTHORIZE_PATH) else None), path, place

    async def _safely(self, found: Page, request: Request, call: CallRecord, place: Place) -> Response:
        try:
            return await self._answer(found, request, call, place)
        except DomainError as error:
            call.code = error.code
            status = _STATUS.get(error.kind, 400)
            response = problem(request, "This does not work now", error.message, status, error.code.lower())
            response.headers["Retry-After"] = "5"
            return response
        except Exception:
            log.exception("a page failed, request %s", call.request_id, extra={"request_id": call.request_id})
            call.code = "INTERNAL_ERROR"
            text = f"Something went wrong on our side. If it stays so, tell whoever runs this server: {call.request_id}"
            return problem(request, "This did not work", text, 500, "server_error")

    async def _answer(self, found: Page, request: Request, call: CallRecord, place: Place) -> Response:
        if request.method not in ("GET", "HEAD", "POST"):
            response = problem(request, "This does not work", f"A page answers {_ALLOW}.", 405, "method_not_allowed")
            response.headers["Allow"] = _ALLOW
            return response
        visit, fresh_mark = await self._visit(request, call, place)
        try:
            if request.method == "POST":
                visit.form = await self._believed(visit)
                call.operation = f"{call.operation} {visit.action}" if visit.action in _ACTIONS else call.operation
                response = await found.act(visit)
            else:
                response = await found.show(visit)
        except FormRefused as refusal:
            call.code = "FORM_REFUSED"
            again = link(visit.here, "Open the page again")
            response = message("This form cannot be used", refusal.message, refusal.status, again)
        if found is self._pages.by_path[AUTHORIZE_PATH]:
            # An application may have opened this page as a popup, and waits for word from it afterwards.
            response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
        if fresh_mark:
            self._pages.cookies.mark(response, fresh_mark)
        return response

    async def _visit(self, request: Request, call: CallRecord, place: Place) -> tuple[Visit, str | None]:
        """Who comes, and the mark their browser has to be given, if any."""
        pages = self._pages
        signed_in = await pages.sessions.find(pages.cookies.session(request))
        mark, fresh = pages.cookies.browser(request), None
        if signed_in:
            call.viewer = signed_in.viewer()
        elif not mark or len(mark) > _LONGEST_MARK:
            mark = fresh = secrets.token_urlsafe(32)
        bound = signed_in.value if signed_in else mark or ""
        token = pages.signer.sign("form", bound, _target(request))
        return Visit(request, call, place, signed_in, bound, token), fresh

    async def _believed(self, visit: Visit) -> Mapping[str, str]:
        """The fields of a form that this server gave to this browser, on this very page.

        Raises:
            FormRefused: for every other one.
        """
        settings = self._pages.settings
        check_site(visit.request, settings.public_url)
        form = await read_form(visit.request, settings.login.form_bytes, settings.rest.body_timeout_seconds)
        if not self._pages.signer.proves(form.get("form", ""), "form", visit.bound, _target(visit.request)):
            raise FormRefused(
                403, "The form is too old, or was not made here: you may have signed in or out meanwhile."
            )
        return form


def _target(request: Request) -> str:
    """What is asked for, so that a form cannot be used for another request than the one it was shown with."""
    query: bytes = request.scope["query_string"]
    return f"{request.scope['path']}?{query.decode('latin-1')}"
