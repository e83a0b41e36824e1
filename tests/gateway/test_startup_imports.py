"""What is loaded by every process, and what only by those who use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

LAZY = ("opentelemetry", "prometheus_client", "cryptography", "httpcore", "httpx", "joserfc", "redis")


@pytest.mark.parametrize("library", LAZY)
def test_a_process_loads_only_what_it_needs_from_the_start(library: str) -> None:
    code = f"import sys, gateway.app; raise SystemExit({library!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0, library
