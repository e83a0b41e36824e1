from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.logging import configure
from gateway.settings import LogFormat, LogLevel

Lines = Callable[[], list[dict[str, Any]]]
Listen = Callable[..., Lines]


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Logging as it was: a process configures it for itself."""
    root, calls = logging.getLogger(), logging.getLogger("gateway.call_log")
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    calls.handlers.clear()
    calls.propagate = True


@pytest.fixture
def listen(capsys: pytest.CaptureFixture[str], logging_restored: None) -> Listen:
    """Makes the process's log readable from now on; what it makes reads the lines."""

    def listening(level: LogLevel = LogLevel.INFO) -> Lines:
        configure(level, LogFormat.JSON)
        return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return listening
