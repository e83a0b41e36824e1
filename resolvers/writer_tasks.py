"""Asking a language model several things of one request together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from domain.errors import DomainError, Kind
from domain.outside import WriterAnswer, WriterTask
from resolvers.desk import Desk

TOGETHER = 4
"""Tasks of one request that are under way at the same time: others' requests find room beside them."""


async def asked(desk: Desk, tasks: Sequence[WriterTask]) -> list[WriterAnswer | DomainError]:
    """The answer to each task in their order, or why there is none.

    Raises:
        DomainError: what is not UNAVAILABLE, which no other task would be spared either.
    """
    places = asyncio.Semaphore(TOGETHER)

    async def one(task: WriterTask) -> WriterAnswer | DomainError:
        async with places:
            try:
                return await desk.outside.writer.write(desk.viewer, task)
            except DomainError as error:
                if error.kind is not Kind.UNAVAILABLE:
                    raise
                return error

    running = [asyncio.ensure_future(one(task)) for task in tasks]
    try:
        return await asyncio.gather(*running)
    finally:
        # Whoever asked may go, or one may fail: nobody waits for the others, and nothing more is spent on them.
        for each in running:
            each.cancel()
