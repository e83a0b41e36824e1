"""Whether an embedded process left work behind that it had begun, seen without loading what knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_BEGUN = "SELECT 1 FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED') LIMIT 1"


def left_behind(file: Path) -> bool:
    """Whether DBOS's own database knows of work that is not over; also when that cannot be told."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(_BEGUN).fetchone() is not None
    except sqlite3.Error:
        return True
