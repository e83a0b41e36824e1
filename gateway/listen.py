"""Hearing PostgreSQL say that another process committed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


async def listen(url: str, channel: str, heard: Callable[[str | None], None]) -> None:
    """Call `heard` with the payload of every notification until cancelled; with None after each (re)connection.

    What was missed while the connection was away is made up for by that None: everybody looks.
    """
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    pause = _FIRST_PAUSE
    while True:
        try:
            await _hear(dsn, channel, heard)
            pause = _FIRST_PAUSE
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("not listening to PostgreSQL, trying again in %.1f s: %s", pause, error)
            pause = min(pause * 2, _LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _hear(dsn: str, channel: str, heard: Callable[[str | None], None]) -> None:
    connection = await asyncpg.connect(dsn)
    gone = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: gone.set())
        await connection.add_listener(channel, lambda *notified: heard(_payload(notified)))
        heard(None)
        await gone.wait()
    finally:
        await connection.close(timeout=2)


def _payload(notified: tuple[Any, ...]) -> str:
    return str(notified[3])
