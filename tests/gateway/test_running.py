"""What runs beside the doors ends with the process."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from gateway.assembly import assemble
from gateway.graphql.pipeline import Pipeline
from gateway.running import running
from gateway.settings import load


async def test_what_is_compiled_is_told_by_the_metrics(sqlite_file: Path, tmp_path: Path) -> None:
    parts = assemble(load(env_file=None, data_dir=tmp_path, database_url=f"sqlite:///{sqlite_file}"))
    assert parts.compiling
    async with running(parts, works=False):
        parts.compiling.outcomes.note()
        parts.compiling.outcomes.note("anomaly")
        request = Request(
            {"type": "http", "method": "GET", "path": "/metrics", "headers": [], "client": ("127.0.0.1", 1)}
        )
        text = bytes((await parts.observation.scraping.answer(request)).body).decode()
    for outcome in ("compiled", "anomaly"):
        assert re.search(rf'trigraph_compiled_operations_total{{[^}}]*outcome="{outcome}"[^}}]*}} 1', text), text[
            -3000:
        ]


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
