"""Ending tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from gateway.logging import logger

_PATIENCE_SECONDS = 1.0

log = logger(__name__)


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """End tasks; what did not hear that it is cancelled, because a library did, is told again."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        done, running = await asyncio.wait(running, timeout=_PATIENCE_SECONDS)
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                log.error("something beside the doors had failed", task=task.get_name(), exc_info=error)
