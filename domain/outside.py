"""What use cases need done before their transaction: texts read and analysed, files fetched, texts written.

All of it takes long, so it is never done inside a transaction; the process implements it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO, Protocol

from domain.errors import unavailable
from domain.intelligence.feedback_advice import FeedbackTerms
from domain.intelligence.feedback_findings import FeedbackFindings, FeedbackText
from domain.intelligence.law_findings import LawFindings
from domain.jobs import BatchTerms
from domain.viewer import Viewer


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent or fetched: `content` stands at its beginning, `size` is in bytes."""

    content: BinaryIO
    size: int
    name: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class LawWanted:
    """By what a text is analysed as law; `today` is the day its deadlines are seen from."""

    jurisdiction: str
    document_type: str
    today: date


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The text of a file and what it says. `digest` is the SHA-256 of the file in hex, `notes` what was left out."""

    text: str
    media_type: str
    size: int
    digest: str
    pages: int | None
    findings: LawFindings
    notes: tuple[str, ...] = ()


class Reader(Protocol):
    """Takes the text out of files and analyses it, bounded in time and memory."""

    async def read(self, file: SentFile, wanted: LawWanted) -> ReadDocument:
        """Read a PDF, DOCX, HTML or text file.

        Raises:
            DomainError: INVALID naming `file` for what cannot be read, with the reason; UNAVAILABLE when too much is
                being read at once.
        """
        ...

    async def analyze(self, text: str, wanted: LawWanted) -> ReadDocument:
        """Analyse a text that was sent as such.

        Raises:
            DomainError: as `read`.
        """
        ...


class Fetcher(Protocol):
    """Fetches files from addresses that clients have chosen."""

    def check(self, field: str, url: str) -> str:
        """Let an address pass that may be fetched.

        Raises:
            DomainError: INVALID naming the field.
        """
        ...

    async def fetch(self, url: str) -> SentFile:
        """The file at an address; whoever gets it closes it.

        Raises:
            DomainError: INVALID naming `file_url` for what can never be had there, UNAVAILABLE for what may be later.
        """
        ...


class Analyst(Protocol):
    """Analyses texts, away from the event loop."""

    @property
    def version(self) -> str:
        """The name of the models in use."""
        ...

    async def feedback(self, texts: Sequence[FeedbackText]) -> Sequence[FeedbackFindings]:
        """What each piece of feedback says, in the same order."""
        ...

    async def language(self, text: str) -> str | None:
        """The language of a text as an ISO 639-1 code; None when unsure."""
        ...


@dataclass(frozen=True, slots=True)
class WriterTask:
    """What a language model is to do: `instructions` in words, `data` to do it with, `schema` of its answer as JSON
    Schema. `purpose` is the name its cost is logged under.
    """

    purpose: str
    instructions: str
    data: Mapping[str, Any]
    schema: Mapping[str, Any]
    most_tokens: int = 1000


@dataclass(frozen=True, slots=True)
class WriterAnswer:
    """An answer that fits its schema, and which model gave it."""

    value: Any
    model: str


class Writer(Protocol):
    """A language model, where one is configured."""

    async def available(self, viewer: Viewer) -> bool:
        """Whether it may be asked on behalf of the viewer's organization."""
        ...

    async def write(self, viewer: Viewer, task: WriterTask) -> WriterAnswer:
        """The answer to a task; addresses and telephone numbers do not leave the house.

        Raises:
            DomainError: UNAVAILABLE with the reason: none is configured, it is switched off, the month's budget is
                spent, or it did not answer as it should.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """A value to be written as a market does: a `number`, a `percent` (50 for 50 %), or an `amount` in a currency.

    `digits` is how many it has behind the point; years and the like are not `grouped` by thousands.
    """

    kind: str
    value: float
    digits: int = 0
    currency: str | None = None
    grouped: bool = True


@dataclass(frozen=True, slots=True)
class MarketDays:
    """The public holidays of a market that begin within `days` of a day, the next one first, by their English names."""

    market: str
    day: date
    days: int


class Locales(Protocol):
    """Knows how numbers are written and when holidays are, away from the event loop."""

    async def write(self, language: str, market: str, values: Sequence[Written]) -> Sequence[str]:
        """The values as they are written in a language in a market, in the same order."""
        ...

    async def holidays(self, wanted: Sequence[MarketDays]) -> Sequence[Sequence[str]]:
        """The names of the holidays of each market; none where they are not known."""
        ...


@dataclass(frozen=True, slots=True)
class MarketingTerms:
    """What marketing may be in this installation: the most campaigns of a plan, rows of an import, markets of a text,
    characters of a text; from how many clicks parts of a campaign are compared; how far a plan moves a budget; the most
    weeks, personas and planned pieces of a campaign for one company; the most variants of a generated text.
    """

    plan_campaigns: int = 1000
    import_rows: int = 20_000
    import_bytes: int = 10_000_000
    markets: int = 30
    content: int = 5_000
    fewest_clicks: int = 100
    most_change: float = 0.5
    campaign_weeks: int = 52
    campaign_personas: int = 50
    campaign_items: int = 300
    content_variants: int = 10


@dataclass(frozen=True, slots=True)
class ResearchTerms:
    """What research may be in this installation: for how long a run that was taken up stays in one's hands, and for
    how many days news counts.
    """

    lease_seconds: float = 90.0
    news_days: int = 180


class Line(Protocol):
    """A line before a use case, where more of it at once would only wait for each other."""

    def place(self) -> AbstractAsyncContextManager[None]:
        """A place, as soon as there is one."""
        ...


class Missing:
    """Stands where the process has no such part: whoever needs it is told so."""

    def __getattr__(self, name: str) -> Any:
        raise unavailable("The part of the server that does this is not running.")


@dataclass(frozen=True, slots=True)
class Outside:
    """All of it; the command line brings only what its commands need."""

    reader: Reader = field(default_factory=Missing)
    fetcher: Fetcher = field(default_factory=Missing)
    analyst: Analyst = field(default_factory=Missing)
    writer: Writer = field(default_factory=Missing)
    locales: Locales = field(default_factory=Missing)
    marketing: MarketingTerms = field(default_factory=MarketingTerms)
    batches: BatchTerms = field(default_factory=BatchTerms)
    feedback: FeedbackTerms = field(default_factory=FeedbackTerms)
    research: ResearchTerms = field(default_factory=ResearchTerms)
    lines: Mapping[str, Line] = field(default_factory=dict)
