"""The door of the authorization server: on every host and below every mount it answers its own paths, and no others."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.viewer import Dialect
from gateway.oauth import copycar
from gateway.oauth.endpoints import Handler
from gateway.oauth.places import Place, Places


class OAuthDoor:
    """Middleware before the products' doors: one of them would claim all of `/oauth`, and answers there whatever is
    unknown (X-04). Handlers find where a request came in by `place_of`.
    """

    def __init__(self, app: ASGIApp, everywhere: Mapping[str, Handler], copycars: Handler, places: Places) -> None:
        """`everywhere` are the handlers by path, `copycars` is that of CopyCar's own endpoint."""
        self._otherwise = app
        self._everywhere = everywhere
        self._copycars = copycars
        self._places = places
        self._endings = (*everywhere, copycar.PATH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one ASGI connection."""
        handler = None
        # Most requests are none of ours; they are spared the search.
        if scope["type"] == "http" and scope["path"].endswith(self._endings):
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
            place, path = self._places.find(host, scope["path"])
            handler = self._handler(place, path)
            below = {**scope, "path": path, "raw_path": None, "state": {**scope["state"], "place": place}}
        if handler is None:
            await self._otherwise(scope, receive, send)
            return
        response = await handler(Request(below, receive))
        await response(below, receive, send)

    def _handler(self, place: Place, path: str) -> Handler | None:
        if path == copycar.PATH:
            return self._copycars if place.dialect in (None, Dialect.COPYCAR) else None
        return self._everywhere.get(path)
