"""How often somebody may ask for tokens, and how often fail to prove who they are."""

from __future__ import annotations

from domain.limits import Allowance, LimitGroup, LimitWindow, Standing
from domain.ports import Clock
from gateway.limits.limits import Limits
from gateway.networks import network_of
from gateway.oauth.errors import TooManyAttempts


class Attempts:
    """Counts requests, and failures to prove who asks: those are what guessing looks like.

    Who failed too often from one address waits, whatever comes next: otherwise the limit would still tell a right
    guess from a wrong one. Failures in one client's name stop nobody who knows its secret, or a stranger could lock
    a client out by failing in its name.
    """

    def __init__(self, limits: Limits, clock: Clock, *, requests: int, failures: int) -> None:
        """Requests and failures, each a minute and address; failures a minute and client too."""
        self._limits = limits
        self._clock = clock
        self._requests = Allowance(LimitGroup.API_REQUESTS, LimitWindow.MINUTE, requests)
        self._failures = Allowance(LimitGroup.API_REQUESTS, LimitWindow.MINUTE, failures)

    async def admit(self, address: str | None) -> None:
        """Count a request.

        Raises:
            TooManyAttempts: there were too many, or too many failed.
        """
        network = network_of(address)
        failed = (await self._limits.attempt(f"oauth failures {network}", self._failures, 0)).standings[0]
        if failed.remaining == 0:
            raise self._later(failed)
        asked = (await self._limits.attempt(f"oauth requests {network}", self._requests)).exhausted
        if asked:
            raise self._later(asked)

    async def failed(self, address: str | None, client_id: str | None) -> None:
        """Count a failure.

        Raises:
            TooManyAttempts: there were too many; this is the answer, instead of what was wrong.
        """
        subjects = [f"oauth failures {network_of(address)}", *([f"oauth client {client_id}"] if client_id else [])]
        taken = [await self._limits.attempt(subject, self._failures) for subject in subjects]
        exhausted = next((each.exhausted for each in taken if each.exhausted), None)
        if exhausted:
            raise self._later(exhausted)

    def _later(self, standing: Standing) -> TooManyAttempts:
        wait = (standing.resets_at - self._clock.now()).total_seconds()
        return TooManyAttempts(max(1, int(wait)), standing)
