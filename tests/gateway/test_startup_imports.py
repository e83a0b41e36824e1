"""What is loaded by every process, and what only by those who use it."""

from __future__ import annotations

import json
import subprocess
import sys

LAZY = {
    "alembic",
    "asyncpg",
    "cryptography",
    "httpcore",
    "httpx",
    "httpx2",
    "joserfc",
    "jsonschema",
    "openai",
    "opentelemetry",
    "prometheus_client",
    "redis",
    "rich",
}


def test_a_process_loads_only_what_it_needs_from_the_start() -> None:
    code = "import json, sys, gateway.app; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert "starlette" in json.loads(loaded)
    assert LAZY & set(json.loads(loaded)) == set()
