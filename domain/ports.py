"""What the domain needs from outside, as protocols that the process implements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from domain.values import whole_second


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds."""
        return whole_second(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One message on its way out; `id` makes a second delivery recognisable."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str
    message_id: str


class Mailer(Protocol):
    """Hands a message over to whatever delivers it."""

    async def send(self, message: OutgoingMail) -> None:
        """Deliver, or hand over for delivery.

        Raises:
            DomainError: UNAVAILABLE when the message could not be handed over.
        """
        ...
