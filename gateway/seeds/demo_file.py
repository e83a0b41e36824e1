"""`demo.json`: what a script needs to talk to the demo, keys included, readable by its owner alone."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "demo.json"


def known_keys(folder: Path) -> dict[str, str]:
    """The keys an earlier run wrote down; none when the file is gone or is not what we wrote."""
    try:
        known = json.loads((folder / NAME).read_text(encoding="utf-8"))["keys"]
        return {str(name): key for name, key in known.items() if isinstance(key, str)}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def write(folder: Path, content: Mapping[str, Any]) -> Path:
    """Put the file in place in one step, so that no reader ever sees half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it readable by its owner alone from the first moment on.
    handle, temporary = tempfile.mkstemp(prefix=f".{NAME}.", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(folder / NAME)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return folder / NAME
