"""The process, top to bottom: what is mounted where, what runs beside it, what an answer goes through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from domain.errors import DomainError
from domain.ports import Clock
from gateway.assembly import Parts, assemble
from gateway.cors import cross_origin
from gateway.database import ACCESS, CHANNEL
from gateway.graphiql.page import graphiql_routes
from gateway.listen import listen
from gateway.logging import configure, logger
from gateway.middleware import HttpsOnly, Recorded, RequestIds
from gateway.migrations.runner import migrate, newest, revision
from gateway.oauth import forgetting as oauth
from gateway.oauth.door import OAuthDoor
from gateway.pages.door import PagesDoor
from gateway.security_headers import SecurityHeaders
from gateway.server import DRAIN
from gateway.settings import Settings, load
from rest_compat.engine.app import DialectDoor

_FORGET_SECONDS = 3600
_PATIENCE_SECONDS = 1.0

log = logger(__name__)


class NotMigrated(Exception):
    """The database is not at the revision this code needs."""


def create_app(settings: Settings, demo_key: str | None = None, clock: Clock | None = None) -> Starlette:
    """The ASGI application; `demo_key` is what GraphiQL's header editor begins with."""
    parts = assemble(settings, demo_key, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with _running(parts):
            yield {DRAIN: partial(drain, parts)}
            await drain(parts)

    middleware = [
        Middleware(SecurityHeaders, settings.hsts_seconds),
        *cross_origin(settings),
        Middleware(RequestIds),
        Middleware(Recorded, parts.audit.note),
        *([Middleware(HttpsOnly)] if settings.https_required else []),
        Middleware(PagesDoor, parts.pages, parts.places),
        Middleware(OAuthDoor, parts.oauth.everywhere, parts.oauth.copycars, parts.places),
        Middleware(_dialects, parts),
    ]
    refusals = {404: _refuse, 405: _refuse}
    app = Starlette(routes=_routes(parts), middleware=middleware, exception_handlers=refusals, lifespan=lifespan)
    app.state.parts = parts
    return app


def from_environment() -> Starlette:
    """The application of one of several worker processes."""
    settings = load()
    configure(settings.log_level, settings.log_format)
    return create_app(settings)


async def drain(parts: Parts) -> None:
    """Tell everyone who listens to reconnect, so that the process can stop."""
    parts.endpoint.drain()
    await parts.socket.drain()


def _routes(parts: Parts) -> list[BaseRoute]:
    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def root(request: Request) -> Response:
        return RedirectResponse("graphiql")

    pages = graphiql_routes(parts.graphiql) if parts.settings.introspection else []
    return [
        Route("/healthz", health),
        *([Route("/", root)] if pages else []),
        *pages,
        Route("/graphql", parts.endpoint),
        WebSocketRoute("/graphql", parts.socket),
    ]


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


@asynccontextmanager
async def _running(parts: Parts) -> AsyncIterator[None]:
    """The database at its revision, and everything that runs beside the doors."""
    async with AsyncExitStack() as stack:
        database = parts.database
        stack.push_async_callback(database.engines.dispose)
        if database.engines.embedded:
            await migrate(database.engines.writing)
        elif await revision(database.engines.writing) != newest():
            raise NotMigrated("The database is not at the newest revision; run `trigraph migrate` first.")
        database.deliver, database.post = parts.mailroom.deliver, parts.mailroom.post
        stack.push_async_callback(parts.mailroom.stop)
        database.access_changed, database.feeds.certain = parts.watch.tell, parts.watch.certain
        stack.push_async_callback(parts.limits.close)
        stack.push_async_callback(parts.audit.stop)
        stack.push_async_callback(parts.guard.stop)
        beside = [parts.mailroom.run(), parts.watch.run(), parts.limits.run(), parts.audit.run(), _forget(parts)]
        if not database.engines.embedded:
            beside.append(listen(parts.settings.database_url, CHANNEL, partial(_heard, parts)))
        tasks = [asyncio.create_task(each) for each in beside]
        stack.push_async_callback(_stop, tasks)
        yield


def _heard(parts: Parts, said: str | None) -> None:
    """Another process committed: events of an organization, or a change of access; None: something was missed."""
    if said in (ACCESS, None):
        parts.watch.stir()
    if said != ACCESS:
        parts.database.feeds.wake(said)


async def _forget(parts: Parts) -> None:
    while True:
        try:
            await parts.replays.forget()
            await parts.watch.forget()
            await oauth.forget(parts.database)
            await parts.pages.sessions.forget()
            await parts.audit.purge()
        except DomainError as error:
            log.warning("what is past its time was not forgotten", reason=error.message)
        except Exception:
            log.exception("forgetting what is past its time failed")
        await asyncio.sleep(_FORGET_SECONDS)


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    """End what runs beside the doors; what did not hear that it is cancelled, because a library did, is told again."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        ended, running = await asyncio.wait(running, timeout=_PATIENCE_SECONDS)
        for task in ended:
            if not task.cancelled() and (error := task.exception()):
                log.error("something beside the doors had failed", exc_info=error)
