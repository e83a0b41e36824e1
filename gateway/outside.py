"""What use cases have done for them before their transaction, put together once."""

from __future__ import annotations

from domain.outside import Outside, Writer
from gateway.analyst import LightAnalyst
from gateway.reading.opening import Reading


def open_outside(writer: Writer, reading: Reading) -> Outside:
    """Every part that the settings ask for; nothing is loaded or connected yet."""
    return Outside(reading.reader, reading.fetcher, LightAnalyst(), writer)
