"""What runs beside the doors ends with the process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.assembly import assemble
from gateway.graphql.pipeline import Pipeline
from gateway.running import running
from gateway.settings import load


async def test_nothing_is_looked_at_again_once_the_process_has_ended(
    sqlite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, told = asyncio.Event(), []

    async def again(*_: object, **__: object) -> bytes:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            told.append("ended")
        return b""

    monkeypatch.setattr(Pipeline, "_again", again)
    settings = load(
        env_file=None, data_dir=tmp_path, database_url=f"sqlite:///{sqlite_file}", compiled={"shadow_share": 1}
    )
    parts = assemble(settings)
    nothing: Any = None
    assert parts.shadow
    async with running(parts, works=False), asyncio.timeout(30):
        parts.shadow.look(nothing, nothing, nothing, b'{"data": null}')
        await begun.wait()
        assert not told
    assert told == ["ended"]
