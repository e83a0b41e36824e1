"""Tasks are ended for certain."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway import ending


async def test_what_did_not_hear_that_it_was_cancelled_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "_PATIENCE_SECONDS", 0.01)
    heard = 0

    async def deaf() -> None:
        nonlocal heard
        while heard < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                heard += 1

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await ending.end([task])

    assert heard == 2


async def test_what_had_failed_before_is_told() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    task = asyncio.create_task(broken(), name="broken")
    await asyncio.sleep(0)

    with capture_logs() as told:
        await ending.end([task])

    assert [each["task"] for each in told] == ["broken"]
