"""One task from the question to an answer that fits: retries, what a server does not take, one correction."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.ports import Clock
from domain.texts import storable
from gateway.json import MalformedJSON
from gateway.outgoing.patience import retry_after
from gateway.settings_writing import WriterSettings
from gateway.writing.budget import Account
from gateway.writing.redaction import Redaction
from gateway.writing.replies import Broken, Client, Completion, NotSent, Reply, Unreadable, complaint, completion
from gateway.writing.requests import Manner, Request

_DONE, _BUSY = 200, 429
_NOT_TAKEN = (400, 422)
"""What servers answer to a parameter they do not know."""
_SAID = 8000
"""Characters of an answer that are sent back to be corrected."""


class Unreachable(Exception):
    """There was no answer; the text says why, for the log."""


class Refused(Exception):
    """The server does not take such a request; the text says why, for the log."""


class Unusable(Exception):
    """There were answers, and none fits; the text says why, for the log."""


class Shape(Protocol):
    """What an answer has to look like."""

    def misfit(self, value: Any) -> str | None:
        """What is wrong with a value; None when it fits."""
        ...


@dataclass(slots=True)
class Manners:
    """How the server wants to be asked, by purpose: a schema it refuses says nothing about others."""

    known: dict[str, Manner] = field(default_factory=dict)

    def of(self, name: str) -> Manner:
        """What is known of it."""
        return self.known.get(name) or Manner()


@dataclass(slots=True)
class Conversation:
    """The requests of one task; how long all of it may take is for the caller to say."""

    client: Client
    clock: Clock
    settings: WriterSettings
    account: Account
    manners: Manners
    redaction: Redaction
    shape: Shape
    time_left: Callable[[], float]
    _repeated: int = 0

    async def answer(self, request: Request) -> Any:
        """A value that fits, with what its placeholders stand for.

        Raises:
            Unreachable: there was no answer.
            Refused: the server does not take the request.
            Unusable: neither the answer nor its correction fits.
            DomainError: UNAVAILABLE when the budget does not suffice.
        """
        said = await self._ask(request)
        value, misfit = self._read(said)
        if misfit:
            hidden = self.redaction.hide([said.text[:_SAID], misfit])
            value, misfit = self._read(await self._ask(request.corrected(*hidden)))
        if misfit:
            # Where it does not fit is told, not what stands there.
            raise Unusable(misfit.partition(":")[0])
        return value

    def _read(self, said: Completion) -> tuple[Any, str | None]:
        try:
            written = said.value()
        except MalformedJSON as error:
            return None, f"as JSON: {error}"
        stray = self.redaction.invented(written)
        if stray:
            return None, f"by a placeholder: {stray} was not in the task"
        value = self.redaction.show(written)
        if not _storable(value):
            return None, "by its text: it must not contain NUL characters"
        return value, self.shape.misfit(value)

    async def _ask(self, request: Request) -> Completion:
        """One answer, however often it has to be asked for."""
        manner, most = self.manners.of(request.name), request.prompt_tokens
        while True:
            await self.account.hold(most, request.most_tokens)
            try:
                reply = await self.client.complete(request.body(self.settings.model or "", manner))
            except NotSent as error:
                await self._pause(f"no connection: {error}", 0)
                continue
            except (Broken, asyncio.CancelledError) as error:
                self.account.charge_most(most, request.most_tokens)
                if isinstance(error, asyncio.CancelledError):
                    raise
                if isinstance(error, Unreadable):
                    raise Unusable(str(error)) from None
                await self._pause(f"no whole answer: {error}", 0)
                continue
            if reply.status == _DONE:
                self.manners.known[request.name] = manner
                return self._completion(reply, request, most)
            if reply.status in _NOT_TAKEN and (other := manner.after(reply.body)):
                manner = other
                continue
            await self._refused(reply)

    def _completion(self, reply: Reply, request: Request, most: int) -> Completion:
        try:
            said = completion(reply.body)
        except MalformedJSON:
            self.account.charge_most(most, request.most_tokens)
            return Completion("", None, None)
        self.account.charge(said, most)
        return said

    async def _refused(self, reply: Reply) -> None:
        """Wait before asking again, where that can help."""
        reason = f"{reply.status} {complaint(reply.body)}".rstrip()
        if reply.status != _BUSY and reply.status < 500:
            raise Refused(reason)
        wanted = retry_after(reply.headers.get("retry-after", ""), self.clock.now())
        if wanted > self.settings.retry_after_seconds:
            raise Unreachable(f"{reason}, and not to be asked again for {wanted:g} seconds")
        await self._pause(reason, wanted)

    async def _pause(self, reason: str, wanted: float) -> None:
        if self._repeated >= self.settings.retries:
            raise Unreachable(reason)
        pause = max(wanted, self.settings.retry_seconds * 2**self._repeated)
        pause += pause * random.random() / 2  # noqa: S311 - so that not all come at once
        if pause >= self.time_left():
            raise Unreachable(f"{reason}, and no time to ask again")
        self._repeated += 1
        await asyncio.sleep(pause)


def _storable(value: Any) -> bool:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return all(storable(key) and _storable(each) for key, each in value.items())
    return all(map(_storable, value)) if isinstance(value, list) else True
