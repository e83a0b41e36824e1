"""Whether this process is well: alive at all, and ready for requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.database import Database
from gateway.logging import logger
from gateway.migrations.runner import REVISION, newest, revisions

log = logger(__name__)

LIVE_PATH, READY_PATH = "/healthz", "/readyz"
_REMEMBERED_SECONDS = 1.0
_PATIENCE_SECONDS = 2.0
"""How long the database may take to answer."""
_HEADERS = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
"""Pages of other origins have no business with what operators look at."""


class State(StrEnum):
    """How one check came out; of what is not well no more is told, for anybody may ask."""

    OK = "ok"
    FAILING = "failing"


Check = Callable[[], bool]
"""Whether one part of the process is well, told without waiting."""


class Readiness:
    """Looks whether requests can be served, at most once a second, however many ask.

    `checks` are those of parts of the process, by name; the database is asked here.
    """

    def __init__(self, database: Database, checks: Mapping[str, Check]) -> None:
        self._database = database
        self._checks = checks
        self._known: dict[str, State] = {}
        self._until = 0.0
        self._asking: asyncio.Task[tuple[State, State]] | None = None
        self._was_ready: bool | None = None
        self.draining = False

    async def look(self) -> Mapping[str, State]:
        """Every check by its name."""
        if time.monotonic() >= self._until:
            database, revision = await self._asked()
            self._known = {"database": database, "revision": revision}
            self._until = time.monotonic() + _REMEMBERED_SECONDS
        own = {name: _state(check()) for name, check in self._checks.items()}
        return {**self._known, "serving": _state(not self.draining), **own}

    async def answer(self, request: Request) -> Response:
        """Answer 200 when every check is well, else 503."""
        found = await self.look()
        ready = all(state is State.OK for state in found.values())
        if ready is not self._was_ready:
            # A change is told once, not with every question.
            tell = log.info if ready or self.draining else log.warning
            tell("readiness", ready=ready, checks={name: state.value for name, state in found.items()})
            self._was_ready = ready
        body = {"status": "ready" if ready else "not_ready", "checks": found}
        return JSONResponse(body, 200 if ready else 503, headers=_HEADERS)

    async def stop(self) -> None:
        """Ask nothing any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _asked(self) -> tuple[State, State]:
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._answered)
        # Not cancelled and not waited for: a driver whose server has gone silent takes long to give up, and no second
        # question is put to it meanwhile.
        await asyncio.wait({asking := self._asking}, timeout=_PATIENCE_SECONDS)
        return asking.result() if asking.done() else (State.FAILING, State.FAILING)

    def _answered(self, asking: asyncio.Task[tuple[State, State]]) -> None:
        self._asking = None

    async def _ask(self) -> tuple[State, State]:
        try:
            # Aside: a process that is busy with requests is ready, though no connection is free this moment.
            rows = await self._database.rows(REVISION, aside=True)
        except Exception as error:
            log.debug("the database does not answer", reason=str(error))
            return State.FAILING, State.FAILING
        return State.OK, _state(_fits(rows[0][0] if rows else None))


async def alive(request: Request) -> Response:
    """Answer 200 for as long as the process serves at all; nothing else is asked."""
    return JSONResponse({"status": "ok"})


def _fits(found: str | None) -> bool:
    """Whether a database at this revision can be served: at the newest, or at one that only newer code knows.

    While a new version is rolled out its migrations run first, and processes that are still of the old one go on.
    """
    return found is not None and (found == newest() or found not in revisions())


def _state(well: bool) -> State:
    return State.OK if well else State.FAILING
