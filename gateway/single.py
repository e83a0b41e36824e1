"""One serving process per SQLite file: a lock beside the database, held as long as the process lives."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

if sys.platform != "win32":
    import fcntl


class AlreadyServed(Exception):
    """Another process serves this database file."""


@contextmanager
def alone(database_url: str) -> Iterator[None]:
    """Hold the embedded database for this process; a database on a server is shared freely.

    The kernel gives the lock back when the process ends, however it ends; the lock file stays.

    Raises:
        AlreadyServed: another process holds it.
    """
    file = _embedded_file(database_url)
    lock = _opened(file.with_name(f"{file.name}.lock")) if file else None
    if lock is None:
        yield
        return
    with lock:
        if not _taken(lock):
            raise AlreadyServed(
                f"Another `trigraph serve` uses {file}: on SQLite one process serves. Stop it first, give this one "
                "another TRIGRAPH_DATA_DIR, or use PostgreSQL (TRIGRAPH_DATABASE_URL)."
            )
        yield


def _embedded_file(database_url: str) -> Path | None:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).resolve()


def _opened(file: Path) -> IO[bytes] | None:
    """The lock file, or None where none can be made: opening the database there says better what is wrong."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("ab")
    except OSError:
        return None


def _taken(lock: IO[bytes]) -> bool:
    """Whether nobody else has it; systems and file systems without locks keep nobody away."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True
