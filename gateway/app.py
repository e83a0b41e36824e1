"""The process, top to bottom: what is mounted where, what runs beside it, what an answer goes through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.ports import Clock
from gateway.assembly import Parts, assemble
from gateway.cors import cross_origin
from gateway.express import Express, Terms
from gateway.express_rest import RestExpress
from gateway.graphiql.page import graphiql_routes
from gateway.heads import HEADS, Heads
from gateway.health import LIVE_PATH, READY_PATH, alive
from gateway.logging import configure
from gateway.middleware import HttpsOnly, Recorded, RequestIds
from gateway.oauth import copycar
from gateway.oauth.door import OAuthDoor
from gateway.pages.door import PagesDoor
from gateway.running import running
from gateway.scraping import METRICS_PATH
from gateway.security_headers import SecurityHeaders
from gateway.server import DRAIN
from gateway.settings import Settings, load
from gateway.tracking.door import TrackingDoor
from gateway.tracking.dressing import FOLLOWED_PATH, OPENED_PATH, UNSUBSCRIBE_PATH
from rest_compat.engine.door import DialectDoor


class Application(Starlette):
    """The ordinary chain, and in front of it the shortest way, where there is one."""

    express: Express | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if self.express is None or scope["type"] != "http":
            await self.ordinary(scope, receive, send)
        else:
            await self.express(scope, receive, send)

    async def ordinary(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection by the chain."""
        await super().__call__(scope, receive, send)


def create_app(settings: Settings, demo_key: str | None = None, clock: Clock | None = None) -> Application:
    """The ASGI application; `demo_key` is what GraphiQL's header editor begins with."""
    parts = assemble(settings, demo_key, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with running(parts, works=settings.work.inside):
            yield {DRAIN: partial(drain, parts), HEADS: Heads()}
            await drain(parts)

    middleware = [
        Middleware(SecurityHeaders, settings.hsts_seconds),
        *cross_origin(settings),
        Middleware(RequestIds),
        Middleware(Recorded, parts.observation.request),
        *([Middleware(tracing.serve)] if (tracing := parts.observation.tracing) else []),
        *([Middleware(HttpsOnly)] if settings.https_required else []),
        Middleware(TrackingDoor, parts.tracking),
        Middleware(PagesDoor, parts.pages, parts.places),
        Middleware(OAuthDoor, parts.oauth.everywhere, parts.oauth.copycars, parts.places),
        Middleware(_dialects, parts),
    ]
    refusals = {404: _refuse, 405: _refuse}
    app = Application(routes=_routes(parts), middleware=middleware, exception_handlers=refusals, lifespan=lifespan)
    app.state.parts = parts
    # What is traced is traced by the chain.
    app.express = None if parts.observation.tracing else _express(app.ordinary, parts)
    return app


def from_environment() -> Application:
    """The application of one of several worker processes."""
    settings = load()
    configure(settings.log_level, settings.log_format)
    return create_app(settings)


async def drain(parts: Parts) -> None:
    """Tell everyone who listens to reconnect, so that the process can stop."""
    parts.observation.readiness.draining = True
    parts.endpoint.drain()
    # At the same time: a client that takes no farewell keeps nobody else waiting.
    await asyncio.gather(parts.socket.drain(), parts.streams.drain())


def _routes(parts: Parts) -> list[BaseRoute]:
    async def root(request: Request) -> Response:
        return RedirectResponse("graphiql")

    pages = graphiql_routes(parts.graphiql) if parts.settings.introspection else []
    return [
        Route("/graphql", parts.endpoint),
        WebSocketRoute("/graphql", parts.socket),
        Route(LIVE_PATH, alive),
        Route(READY_PATH, parts.observation.readiness.answer),
        Route(METRICS_PATH, parts.observation.scraping.answer),
        *([Route("/", root)] if pages else []),
        *pages,
    ]


def _express(chain: ASGIApp, parts: Parts) -> Express:
    settings = parts.settings
    terms = Terms(
        [each.dialect for each in parts.dialects],
        https_required=settings.https_required,
        hsts_seconds=settings.hsts_seconds,
        cross_origin=bool(settings.cors_origins),
    )
    note = parts.observation.request
    # What the doors before those of the dialects answer.
    beginnings = (OPENED_PATH, FOLLOWED_PATH, UNSUBSCRIBE_PATH, *parts.pages.below)
    endings = (*parts.pages.by_path, *parts.oauth.everywhere, copycar.PATH)
    rest = RestExpress(chain, parts.dialects, terms, note, beginnings, endings)
    return Express(rest, parts.endpoint.door, parts.credentials, terms, note)


async def _refuse(request: Request, error: Exception) -> Response:
    """What no route answers, said as the REST doors say it."""
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    if error.status_code == 404:
        code, message = "not_found", f"There is nothing at {path}."
    else:
        code, message = "method_not_allowed", f"{path} does not answer {request.method}."
    return JSONResponse({"error": {"code": code, "message": message}}, error.status_code, error.headers)


def _dialects(app: ASGIApp, parts: Parts) -> DialectDoor:
    return DialectDoor(parts.dialects, app)
