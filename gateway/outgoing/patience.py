"""How long a server asks to be left alone."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(value: str, now: datetime) -> float:
    """Seconds that a server asks to be left alone, said as a number or as a moment (RFC 9110, 10.2.3)."""
    text = value.strip()
    if text.isascii() and text.isdecimal():
        # Longer numbers are longer than anybody waits.
        return float(text) if len(text) < 12 else math.inf
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return 0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
