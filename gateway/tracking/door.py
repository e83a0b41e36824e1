"""Where pictures and links of messages lead: open to everybody, the same answer to whoever guesses."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.texts import storable
from gateway.graphql.identity import address
from gateway.pages.answers import message
from gateway.tracking.dressing import FOLLOWED_PATH, OPENED_PATH, PICTURE, UNSUBSCRIBE_PATH
from gateway.tracking.recorder import Recorder
from gateway.tracking.tokens import Tokens, leads
from gateway.tracking.unsubscribing import METHODS, Unsubscribing
from resolvers.tracking import Reading
from rest_compat.copycar.tracking import GIF, GIF_HEADERS, MESSAGE, PIXEL
from rest_compat.engine.responses import Response as Answer
from rest_compat.engine.served import Handler, Visit

_METHODS = ("GET", "HEAD")
_CAMPAIGN = re.compile(r"cmp_[0-9A-Za-z]{1,40}")
_LONGEST_PROGRAM = 500
_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")
"""Headers by which programs say that they load something before anybody has asked for it."""
_ROBOT = re.compile(r"bot[/-]|crawler|spider|externalhit|linkexpand|urlscan", re.IGNORECASE)
"""Words by which programs say that they read for nobody: searching, or showing what a link leads to."""
_NOT_FOUND = "This link is not one of ours, or not any more. It leads nowhere."
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


class Tracking:
    """What is tracked, and the answers."""

    def __init__(self, tokens: Tokens, recorder: Recorder, unsubscribing: Unsubscribing) -> None:
        self._tokens = tokens
        self.recorder = recorder
        self.unsubscribing = unsubscribing

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Who answers which documented call."""
        return {PIXEL.id: self._campaign_pixel}

    async def picture(self, request: Request) -> Response:
        """The same picture for everybody."""
        if request.method == "GET" and not _unread(request.headers):
            by = _reading(request.headers, address(request.scope))
            self._opened(request.url.path.removeprefix(OPENED_PATH).removesuffix(PICTURE), by)
        return Response(GIF, headers=dict(GIF_HEADERS))

    async def link(self, request: Request) -> Response:
        """On to the address that was signed, and to no other."""
        followed = self._tokens.followed(request.url.path.removeprefix(FOLLOWED_PATH))
        if followed is None or not leads(followed.url):
            return message("Not found", _NOT_FOUND, 404)
        if request.method == "GET" and not _unread(request.headers):
            by = _reading(request.headers, address(request.scope))
            self.recorder.saw(followed.email_id, followed.url, by)
        # What is no ASCII is encoded as browsers do it; everything else was an address already.
        target = quote(followed.url, safe="!#$%&'()*+,/:;=?@[]~")
        return Response(status_code=302, headers=_HEADERS | {"Location": target})

    async def _campaign_pixel(self, visit: Visit) -> Answer:
        if visit.call.method == "GET" and not _unread(visit.call.headers):
            by = _reading(visit.call.headers, visit.call.address)
            tokens = visit.call.query().get(MESSAGE, ())
            for token in tokens[:1]:
                self._opened(token, by)
            campaign = visit.captured["campaign_id"]
            # What can be no campaign's id is not looked for; nobody waits for what is.
            if not tokens and _CAMPAIGN.fullmatch(campaign):
                self.recorder.saw_campaign(campaign, by)
        return Answer(200, list(GIF_HEADERS), GIF)

    def _opened(self, token: str, by: Reading) -> None:
        email_id = self._tokens.opened(token)
        if email_id is not None:
            self.recorder.saw(email_id, by=by)


def _reading(headers: Mapping[str, str], address: str | None) -> Reading:
    """Who reads: a program, and an address, which behind trusted proxies is the one they tell (CC-44)."""
    program = headers.get("user-agent", "")[:_LONGEST_PROGRAM].strip()
    return Reading(program if program and storable(program) else None, address)


def _unread(headers: Mapping[str, str]) -> bool:
    """Whether a program asks by itself: before somebody reads, or for nobody."""
    said = " ".join(headers.get(name, "").lower() for name in _AHEAD)
    early = "prefetch" in said or "prerender" in said or "preview" in said
    return early or _ROBOT.search(headers.get("user-agent", "")) is not None


class TrackingDoor:
    """Middleware: answers the three paths on every host, and hands everything else on."""

    def __init__(self, app: ASGIApp, tracking: Tracking) -> None:
        self._otherwise = app
        self._tracking = tracking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one ASGI connection."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith((OPENED_PATH, FOLLOWED_PATH, UNSUBSCRIBE_PATH)):
            await self._otherwise(scope, receive, send)
            return
        answer, methods = self._answer(path)
        request = Request(scope, receive)
        if request.method not in methods:
            response = Response(status_code=405, headers={"Allow": ", ".join(methods)})
        else:
            response = await answer(request)
        await response(scope, receive, send)

    def _answer(self, path: str) -> tuple[Callable[[Request], Awaitable[Response]], tuple[str, ...]]:
        if path.startswith(UNSUBSCRIBE_PATH):
            return self._tracking.unsubscribing.answer, METHODS
        return (self._tracking.picture if path.startswith(OPENED_PATH) else self._tracking.link), _METHODS
