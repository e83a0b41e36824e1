"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SetClock:
    """The domain's clock port, set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The moment the clock was set to."""
        return self.at

    def advance(self, **by: float) -> datetime:
        """Move forward by the parts of a timedelta; the new moment."""
        self.at += timedelta(**by)
        return self.at


PRINTED = datetime(2024, 1, 15, 14, 30, tzinfo=UTC)
"""The moment of the documents' printed examples."""
