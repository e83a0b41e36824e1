"""`demo.json`: what a script needs to talk to the demo, credentials included, readable by its owner alone."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.seeds.demo_keys import DemoAccess, Known

NAME = "demo.json"


def known(folder: Path) -> Known:
    """What an earlier run wrote down; nothing when the file is gone or is not what we wrote."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Known()
    oauth = _object(_object(content).get("oauth"))
    secrets = {name: _object(each).get("client_secret") for name, each in oauth.items()}
    password = _object(_object(content).get("user")).get("password")
    return Known(
        _texts(_object(_object(content).get("keys"))), _texts(secrets), password if isinstance(password, str) else None
    )


def content(base_url: str, access: DemoAccess) -> dict[str, Any]:
    """What a script needs to talk to the demo."""
    return {
        "base_url": base_url,
        "graphql_url": f"{base_url}/graphql",
        "keys": access.keys,
        "oauth": access.oauth,
        "user": {"email": access.email, "password": access.password},
    }


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


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in values.items() if isinstance(value, str)}
