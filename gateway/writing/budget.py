"""What one task costs: set aside before each request, charged after it, settled at the end."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from domain.values import new_id
from domain.writing import WriterOutcome, WriterTerms, WriterUse
from gateway.database import Database
from gateway.writing.replies import Completion
from resolvers import writing
from resolvers.writing import Closing


class Account:
    """The account of one task. What may have been paid for counts as paid for, at the most it can have been."""

    def __init__(self, database: Database, terms: WriterTerms, organization_id: str, purpose: str) -> None:
        self._database = database
        self._terms = terms
        self._use = WriterUse(
            id=new_id(WriterUse.prefix),
            organization_id=organization_id,
            created_at=database.clock.now(),
            purpose=purpose,
            model=terms.model,
        )
        self._began = time.perf_counter()
        self._opened = False
        self._held = 0
        self._spent = 0
        self._tokens = [0, 0]
        self._estimated = False

    @property
    def opened(self) -> bool:
        """Whether anything was set aside, so that something may have been asked."""
        return self._opened

    @property
    def cost_micros(self) -> int:
        """What it has come to so far."""
        return self._spent

    @property
    def milliseconds(self) -> int:
        """How long it has taken so far."""
        return round((time.perf_counter() - self._began) * 1000)

    @property
    def tokens(self) -> int:
        """The tokens that were read and written so far."""
        return sum(self._tokens)

    async def hold(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Set aside what a request can cost at most.

        Raises:
            DomainError: UNAVAILABLE when models are switched off, or the budget does not suffice.
        """
        needed = self._terms.prices.cost(prompt_tokens, completion_tokens)
        if self._opened and needed <= self._held:
            return
        # Said before: when it is given up half-way, nobody knows whether it was committed.
        self._opened = True
        more = needed - self._held
        await self._database.store(partial(writing.hold, use=self._use, amount=more, terms=self._terms))
        self._held = needed

    def charge(self, said: Completion, prompt_tokens: int) -> None:
        """Charge an answer with what its server says, else with the most it can be."""
        known = said.prompt_tokens is not None and said.completion_tokens is not None
        written = len(said.text.encode("utf-8", "replace"))
        self._charge(
            prompt_tokens if said.prompt_tokens is None else said.prompt_tokens,
            written if said.completion_tokens is None else said.completion_tokens,
            estimated=not known,
        )

    def charge_most(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Charge a request that may have been worked on, and told nothing."""
        self._charge(prompt_tokens, completion_tokens, estimated=True)

    def close(self, outcome: WriterOutcome) -> asyncio.Task[None] | None:
        """Note what became of it and give back the rest; whoever asked may go meanwhile."""
        if not self._opened:
            return None
        read, written = self._tokens
        closing = Closing(outcome, read, written, self._spent, self._estimated, self.milliseconds)
        return asyncio.create_task(self._database.store(partial(writing.close, use=self._use, closing=closing)))

    def _charge(self, prompt_tokens: int, completion_tokens: int, *, estimated: bool) -> None:
        cost = self._terms.prices.cost(prompt_tokens, completion_tokens)
        self._spent += cost
        self._held = max(0, self._held - cost) if estimated else 0
        self._tokens[0] += prompt_tokens
        self._tokens[1] += completion_tokens
        self._estimated = self._estimated or estimated
