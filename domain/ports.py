"""What the domain needs from outside, as protocols that the process implements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from time import time
from typing import Protocol

from domain.events import EventType
from domain.limits import Standing
from domain.receivers import Reach
from domain.viewer import Dialect, Viewer


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def __init__(self) -> None:
        self._second = (0, datetime.fromtimestamp(0, UTC))

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds."""
        second = int(time())
        # A request asks several times, and many requests share a second.
        known, moment = self._second
        if known != second:
            moment = datetime.fromtimestamp(second, UTC)
            self._second = (second, moment)
        return moment


class MailForm(StrEnum):
    """What a body is: a text that goes out as it is, a text that is sent as HTML too, or HTML."""

    PLAIN = "PLAIN"
    TEXT = "TEXT"
    HTML = "HTML"


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One message on its way out; `id` makes a second delivery recognisable. `html` is the same beside the text.

    `reader` is the contact who can stop mail of campaigns by it, `unsubscribe` the address that does so.
    """

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str
    message_id: str
    form: MailForm = MailForm.PLAIN
    html: str | None = None
    reader: str | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the server itself, such as an invitation; the mailroom knows its sender."""

    id: str
    to: str
    subject: str
    body: str


class Mailer(Protocol):
    """Hands a message over to whatever delivers it."""

    async def send(self, message: OutgoingMail) -> None:
        """Deliver, or hand over for delivery.

        Raises:
            DomainError: UNAVAILABLE when the message could not be handed over, NOT_FOUND when it never can be, because
                nobody has the address.
        """
        ...


class Vault(Protocol):
    """Keeps what has to be read again, which a hash could not be: secrets that sign JWTs (CB-06)."""

    def seal(self, text: str) -> str:
        """The text so that only this installation can read it."""
        ...

    def open(self, sealed: str) -> str | None:
        """The text again; None when it was sealed under another key."""
        ...


class Budgets(Protocol):
    """Knows where a caller stands in the limits that hold for it."""

    async def standings(self, viewer: Viewer) -> Sequence[Standing]:
        """Every window of every group, nothing charged; the groups in the order the products name them."""
        ...


class Selections(Protocol):
    """Knows which subscriptions a webhook can be given as its payload."""

    def check(self, query: str) -> None:
        """Let a document pass that can be run for each event.

        Raises:
            DomainError: INVALID naming `query`.
        """
        ...


@dataclass(frozen=True, slots=True)
class PreviewWanted:
    """What to show of a webhook that is not there yet: by a subscription, or in the words of a product or the graph.

    The event is the one at `sequence`, else the newest of these kinds.
    """

    query: str | None = None
    dialect: Dialect | None = None
    events: tuple[EventType, ...] = ()
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent: the body as text, the names of its headers, and what is wrong with it."""

    sequence: int | None
    body: str | None
    headers: tuple[str, ...]
    errors: tuple[str, ...] = ()


class Previews(Protocol):
    """Shows what webhooks would be sent."""

    async def preview(self, viewer: Viewer, wanted: PreviewWanted) -> Preview:
        """What a webhook of the viewer's own would be sent; nothing is stored, and nothing leaves.

        Raises:
            DomainError: NOT_FOUND for an event the viewer is not told of, RATE_LIMITED, UNAVAILABLE.
        """
        ...


@dataclass(frozen=True, slots=True)
class WebhookTerms:
    """What webhooks may be in this installation.

    `endpoints` is the most an organization may have, `redelivered` how many deliveries one call may put on the way
    again. `names` are the products' words for what happens. Where nothing runs but the command line, nobody checks
    selections or shows previews.
    """

    reach: Reach = field(default_factory=Reach)
    endpoints: int = 100
    redelivered: int = 1000
    names: Mapping[Dialect, Mapping[EventType, str]] = field(default_factory=dict)
    selections: Selections | None = None
    previews: Previews | None = None

    def known(self, dialect: Dialect | None) -> Sequence[EventType]:
        """The kinds of events that a dialect has a name for; its receivers are told of no others (X-27)."""
        return tuple(self.names.get(dialect, ())) if dialect else tuple(EventType)

    def name_of(self, dialect: Dialect | None, type: EventType) -> str:
        """What a kind of event is called by a dialect, or by the graph itself."""
        return self.names[dialect][type] if dialect else type.value
