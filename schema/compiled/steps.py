"""What a compiled operation asks of a database, said without one: drivers answer it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from sqlalchemy import Dialect


class Asked(NamedTuple):
    """A statement in a database's own words, with its values in the driver's own form, in their places.

    SQLite's places are `?`, those of PostgreSQL `$1`, `$2` and so on.
    """

    sql: str
    values: Sequence[Any]


Steps: TypeAlias = Generator[Asked, Sequence[Sequence[Any]], Any]
"""A program: yields statements, is sent the rows of each (raw, as the driver reads them), returns its result.

It does nothing but compute between two statements, so that it may run on any thread, and be begun anew.
"""

Begin: TypeAlias = Callable[[], Steps]
"""Begins a program; called again where a driver has to start over."""

LATER: Final = object()
"""What stands for the result of a program that has to be waited for: nothing was done, and it is to be run."""


class Driver(Protocol):
    """Runs programs against a database."""

    dialect: Dialect
    """How statements are compiled for it."""

    def processor(self, type_: Any) -> Callable[[Any], Any] | None:
        """What turns raw values of a type of column into what they stand for; None where they are the same."""
        ...

    @property
    def at_once(self) -> Callable[[Begin], Any] | None:
        """Runs a program on the event loop, without waiting: its result, or `LATER`; None where no driver can.

        Raises, when called:
            DomainError: UNAVAILABLE when the database cannot be asked now.
        """
        ...

    async def run(self, begin: Begin) -> Any:
        """The result of a program, all of whose statements see one snapshot.

        Raises:
            DomainError: UNAVAILABLE when the database cannot be asked now.
        """
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
