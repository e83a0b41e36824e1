"""Moments and days of PostgreSQL as the numbers it sends: most become nothing but the text they were the last time.

The driver would make an object of each, which takes longer than all the rest of a row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Date, DateTime, Dialect, TypeDecorator

_FLOAT: Final = 701
"""PostgreSQL's number for the type of doubles: some types are read by what the driver yields for them."""
_FIRST_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(2000, 1, 1).toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)
_ENDS_OF_TIME: Final = {2**63 - 1: datetime.max, -(2**63): datetime.min}  # noqa: DTZ901 - as the driver makes them
_ENDS_OF_DAYS: Final = {2**31 - 1: date.max, -(2**31): date.min}
"""As the driver has it: what is the last of all to Python has no end to PostgreSQL, wherever it was written."""


async def send_numbers(connection: Any) -> None:
    """Have a connection of asyncpg take and give moments and days as numbers."""
    for name, encoder in (("timestamptz", _number_of_moment), ("date", _number_of_day)):
        await connection.set_type_codec(
            name, schema="pg_catalog", format="tuple", encoder=encoder, decoder=itemgetter(0)
        )


def processor(dialect: Dialect, type_: Any) -> Callable[[Any], Any] | None:
    """What turns a raw value of a column into the value it stands for; None where they are the same."""
    usual: Callable[[Any], Any] | None = type_.dialect_impl(dialect).result_processor(dialect, _FLOAT)
    read = _reading(type_.load_dialect_impl(dialect) if isinstance(type_, TypeDecorator) else type_)
    if read is None or usual is None:
        return read or usual
    return lambda number: usual(read(number))


def _reading(stored: Any) -> Callable[[Any], Any] | None:
    """What makes of a number what the driver would have made of it; None for what is not sent as one."""
    if isinstance(stored, DateTime):
        return _moment if stored.timezone else None
    return _day if isinstance(stored, Date) else None


def _moment(number: int | None) -> datetime | None:
    """The moment so many microseconds after the first of this century.

    Raises:
        OverflowError: for one that Python has no value for.
    """
    if number is None or number in _ENDS_OF_TIME:
        return None if number is None else _ENDS_OF_TIME[number]
    return _FIRST_MOMENT + timedelta(microseconds=number)


def _day(number: int | None) -> date | None:
    if number is None or number in _ENDS_OF_DAYS:
        return None if number is None else _ENDS_OF_DAYS[number]
    return date.fromordinal(number + _FIRST_DAY)


def _number_of_moment(moment: datetime) -> tuple[int]:
    number = (moment.astimezone(UTC) - _FIRST_MOMENT) // _MICROSECOND
    return (_LAST_MOMENTS.get(number, number),)


def _number_of_day(day: date) -> tuple[int]:
    number = day.toordinal() - _FIRST_DAY
    return (_LAST_DAYS.get(number, number),)


_LAST_MOMENTS: Final = {
    (moment.replace(tzinfo=UTC) - _FIRST_MOMENT) // _MICROSECOND: end for end, moment in _ENDS_OF_TIME.items()
}
_LAST_DAYS: Final = {day.toordinal() - _FIRST_DAY: end for end, day in _ENDS_OF_DAYS.items()}
