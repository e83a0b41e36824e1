"""The language model as use cases know it: asked within a time, a budget and a number of tasks at once, or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import DomainError, unavailable
from domain.outside import WriterAnswer, WriterTask
from domain.viewer import Viewer
from domain.writing import WriterOutcome, WriterTerms
from gateway.database import Database
from gateway.json import dumps
from gateway.logging import logger
from gateway.settings_writing import WriterSettings
from gateway.spans import SpanKind, span
from gateway.tallies import Timings
from gateway.writing.budget import Account
from gateway.writing.conversation import Conversation, Manners, Refused, Shape, Unreachable, Unusable
from gateway.writing.redaction import Redaction
from gateway.writing.replies import Client
from gateway.writing.requests import Request, first
from resolvers import writing

log = logger(__name__)

_NONE = "No language model is configured on this server."
_TOLD = {
    WriterOutcome.UNREACHABLE: "The language model does not answer at the moment; try again later.",
    WriterOutcome.REFUSED: "The language model does not take this request; its log and settings say more.",
    WriterOutcome.UNUSABLE: "The language model gave no answer that can be used.",
}
_ENDED = {Unreachable: WriterOutcome.UNREACHABLE, Refused: WriterOutcome.REFUSED, Unusable: WriterOutcome.UNUSABLE}


class NoWriter:
    """Where no language model is configured."""

    def __init__(self) -> None:
        self.timings = Timings()
        self.spent_micros = 0

    async def available(self, viewer: Viewer) -> bool:
        """Never."""
        return False

    async def write(self, viewer: Viewer, task: WriterTask) -> WriterAnswer:
        """Nothing is written.

        Raises:
            DomainError: UNAVAILABLE always.
        """
        raise unavailable(_NONE)

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What takes long to load: whoever carries requests, and what holds answers against schemas."""

    client: Client
    shape: Callable[[Mapping[str, Any]], Shape]


class LanguageWriter:
    """Asks a language model."""

    def __init__(
        self, database: Database, settings: WriterSettings, terms: WriterTerms, open_tools: Callable[[], Tools]
    ) -> None:
        """`open_tools` is called in a thread when something is to be written for the first time."""
        self._database = database
        self._settings = settings
        self._terms = terms
        self._open_tools = open_tools
        self._opening: asyncio.Task[Tools] | None = None
        self._places = asyncio.Semaphore(settings.at_once)
        self._manners = Manners()
        self._settling: set[asyncio.Task[None]] = set()
        self._breaker = _Breaker(settings.breaker_failures, settings.breaker_seconds)
        self.timings = Timings()
        """Of tasks by their outcome, for operators."""
        self.spent_micros = 0
        """What this process has spent, for operators."""

    async def available(self, viewer: Viewer) -> bool:
        """Whether the organization that answers for the viewer has models switched on, and money left."""
        if self._breaker.left_alone:
            return False
        now = self._database.clock.now()
        rows = await self._database.rows(writing.standing(viewer.home_id, now))
        return writing.standing_of(rows, self._terms).open

    async def write(self, viewer: Viewer, task: WriterTask) -> WriterAnswer:
        """The answer to a task; it is noted what it cost, and of the texts nothing.

        Raises:
            DomainError: UNAVAILABLE with the reason.
        """
        if self._breaker.left_alone:
            raise unavailable(_TOLD[WriterOutcome.UNREACHABLE])
        account, ending = Account(self._database, self._terms, viewer.home_id, task.purpose), _Ending()
        with span("ask a language model", SpanKind.CLIENT, purpose=task.purpose) as noted:
            try:
                await self._try(task, account, ending)
            finally:
                noted.note(outcome=ending.outcome.value, tokens=account.tokens)
                self._told(task, account, ending)
                await self._settled(account, ending.outcome)
        if ending.outcome is not WriterOutcome.ANSWERED:
            raise unavailable(_TOLD[ending.outcome])
        return WriterAnswer(ending.value, self._terms.model)

    async def close(self) -> None:
        """Settle what is over, and close every connection."""
        await asyncio.gather(*self._settling, return_exceptions=True)
        if self._opening is not None:
            (opened,) = await asyncio.gather(self._opening, return_exceptions=True)
            if isinstance(opened, Tools):
                await opened.client.close()

    async def _try(self, task: WriterTask, account: Account, ending: _Ending) -> None:
        try:
            async with asyncio.timeout(self._settings.timeout_seconds) as limit, self._places:
                ending.value = await self._answer(task, account, limit)
            ending.so(WriterOutcome.ANSWERED)
        except TimeoutError:
            ending.so(WriterOutcome.UNREACHABLE, f"no answer within {self._settings.timeout_seconds:g} s")
        except (Unreachable, Refused, Unusable) as error:
            ending.so(_ENDED[type(error)], str(error))
        except DomainError as error:
            # Of ours. What was asked before, and could not be corrected for want of money, was of no use.
            ending.so(WriterOutcome.UNUSABLE if account.tokens else ending.outcome, error.message)
            raise unavailable(error.message) from error
        except Exception:
            # Noted as any other failure: whoever asks can do without.
            log.exception("a language model could not be asked", purpose=task.purpose)
            ending.so(WriterOutcome.UNREACHABLE, "see above")

    async def _answer(self, task: WriterTask, account: Account, limit: asyncio.Timeout) -> Any:
        request, redaction = await asyncio.to_thread(self._prepared, task)
        tools = await self._tools()
        end = limit.when() or 0
        conversation = Conversation(
            client=tools.client,
            clock=self._database.clock,
            settings=self._settings,
            account=account,
            manners=self._manners,
            redaction=redaction,
            shape=tools.shape(task.schema),
            time_left=lambda: end - asyncio.get_running_loop().time(),
        )
        return await conversation.answer(request)

    def _prepared(self, task: WriterTask) -> tuple[Request, Redaction]:
        """The question, with nothing in it that must not leave; looking for that takes a while in long texts."""
        size = len(dumps([task.instructions, task.data, task.schema]))
        if size > self._settings.task_bytes:
            most = self._settings.task_bytes
            raise unavailable(f"The text is too long for the language model: {size:,} bytes, and {most:,} are allowed.")
        redaction = Redaction(task.instructions, task.data, task.schema)
        return first(task, redaction, self._settings.max_tokens), redaction

    async def _settled(self, account: Account, outcome: WriterOutcome) -> None:
        settling = account.close(outcome)
        if settling is not None:
            self._settling.add(settling)
            settling.add_done_callback(self._settling.discard)
            try:
                await asyncio.shield(settling)
            except DomainError as error:
                # The answer is there; what was set aside for it stays spent.
                log.warning("the cost of a language model was not settled", reason=error.message)

    async def _tools(self) -> Tools:
        failed = self._opening is not None and self._opening.done() and self._opening.exception() is not None
        if self._opening is None or failed:
            self._opening = asyncio.create_task(asyncio.to_thread(self._open_tools))
        # Whoever waits may give up; the others go on waiting.
        return await asyncio.shield(self._opening)

    def _told(self, task: WriterTask, account: Account, ending: _Ending) -> None:
        facts = {
            "purpose": task.purpose,
            "model": self._terms.model,
            "outcome": ending.outcome.value,
            "tokens": account.tokens,
            "cost_micros": account.cost_micros,
            "milliseconds": account.milliseconds,
        }
        if ending.outcome in (WriterOutcome.ANSWERED, WriterOutcome.UNFINISHED):
            log.debug("language model asked", **facts)
        else:
            log.warning("language model gave no answer", reason=ending.reason, **facts)
        self.timings.note(ending.outcome.lower(), account.milliseconds / 1000)
        self.spent_micros += account.cost_micros
        if account.opened:
            self._breaker.note(ending.outcome)


@dataclass(slots=True)
class _Ending:
    """How a task ends; until it is said, whoever asked has given up."""

    outcome: WriterOutcome = WriterOutcome.UNFINISHED
    reason: str = "given up by who asked"
    value: Any = None

    def so(self, outcome: WriterOutcome, reason: str = "") -> None:
        """It has ended so."""
        self.outcome, self.reason = outcome, reason


class _Breaker:
    """Leaves a server alone for a while that has not answered several times in a row."""

    def __init__(self, failures: int, seconds: float) -> None:
        self._most = failures
        self._seconds = seconds
        self._failures = 0
        self._until = 0.0

    @property
    def left_alone(self) -> bool:
        """Whether nobody should ask at the moment."""
        return asyncio.get_running_loop().time() < self._until

    def note(self, outcome: WriterOutcome) -> None:
        """What became of a task."""
        if outcome is WriterOutcome.UNREACHABLE:
            self._failures += 1
            if self._failures >= self._most:
                self._until = asyncio.get_running_loop().time() + self._seconds
        elif outcome is not WriterOutcome.UNFINISHED:
            self._failures = 0
