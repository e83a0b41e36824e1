"""Waiting for what others do, with an end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PAUSE_SECONDS = 0.05


def eventually(holds: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Ask until something holds; it is asked for once more at the end, so that the failure tells why."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(PAUSE_SECONDS)


async def until(holds: Callable[[], object], *, seconds: float = 15, pause: float = 0) -> None:
    """Let others run until something holds; with a pause where threads or another process have to have their turn."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(pause)
