"""Waiting for what another process does, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.05


def eventually(holds: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Ask until something holds; it is asked for once more at the end, so that the failure tells why."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(PAUSE_SECONDS)
