"""Node, and the packages that documented JavaScript needs, where both are installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

NODE = shutil.which("node") or ""
_MODULES = os.environ.get("TRIGRAPH_TEST_NODE_MODULES", "")

needs_node = pytest.mark.skipif(not NODE, reason="there is no node to ask")


def needs_package(name: str) -> pytest.MarkDecorator:
    """Skips a test, before anything is started for it, where the package or node itself is missing."""
    missing = not NODE or not (Path(_MODULES) / name).is_dir()
    return pytest.mark.skipif(missing, reason=f"needs node, and {name} in the folder TRIGRAPH_TEST_NODE_MODULES names")


def environment(**more: str) -> dict[str, str]:
    """The environment of a program that finds its packages."""
    return os.environ | {"NODE_PATH": _MODULES} | more
