"""What a caller is told of a database that cannot do it now; other failures stay what they are: bugs."""

from __future__ import annotations

import errno
import sqlite3
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import DomainError, conflict, unavailable
from gateway.sqlite import Lost

BUSY = "The database is busy or out of reach; nothing was stored, try again."
_LOST_RACES = {"40001", "40P01", "23505"}
"""PostgreSQL: serialization failure, deadlock, unique violation."""
_NOT_NOW = ("08", "53", "57P")
"""PostgreSQL: connections that fail, resources that are used up (connections too), a server that stops or starts."""
_OWN_FAULTS = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE}
"""What the driver for SQLite calls operational errors though a statement of ours is to blame: those are bugs."""


def lost_race(error: Exception) -> bool:
    """Whether another transaction was quicker, so that running again may succeed."""
    if isinstance(error, IntegrityError):
        # SQLite has no codes; a unique violation is the only one that running again can mend.
        return "UNIQUE" in str(error.orig) or _state(error) in _LOST_RACES
    if isinstance(getattr(error, "orig", None), Lost):
        return True
    return _state(error) in _LOST_RACES


def refusal(error: Exception) -> Exception:
    """What to raise for a failure of a driver, or of SQLAlchemy around one; the failure itself where it is a bug."""
    if isinstance(error, IntegrityError) or lost_race(error):
        return conflict("Another request changed the same thing at the same moment; try again.")
    # The lowest byte is the kind, what is above it says more; the driver's own errors have none.
    kind = getattr(getattr(error, "orig", error), "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if kind == sqlite3.SQLITE_FULL:
        return unavailable("The database has no room left; nothing was stored.")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return unavailable("The disk has no room left; nothing was stored.")
    if isinstance(error, PoolTimeout | OSError) or getattr(error, "connection_invalidated", False):
        return unavailable(BUSY)
    if _state(error).startswith(_NOT_NOW):
        return unavailable(BUSY)
    if isinstance(error, OperationalError | sqlite3.OperationalError) and kind not in _OWN_FAULTS:
        return unavailable(BUSY)
    return error


def _state(error: Exception) -> str:
    """PostgreSQL's code of a failure, empty where there is none."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


class told:  # noqa: N801 - used as a statement
    """Says failures of the database as the domain says them."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, DomainError):
            refused = refusal(error)
            if refused is not error:
                raise refused from error
