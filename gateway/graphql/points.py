"""What operations cost is paid in points: by their client, or by the address of whoever has none."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Protocol

from domain.errors import Code, DomainError, refuse
from domain.limits import Allowance, LimitGroup, LimitWindow, Standing, Taken
from domain.ports import Clock
from domain.viewer import Viewer
from gateway.networks import network_of


class Limits(Protocol):
    """Counts what is used, for the whole installation."""

    async def charge(self, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> Taken:
        """Charge a client, or tell what has no room."""
        ...

    def charge_at_once(self, viewer: Viewer, group: LimitGroup, amount: int) -> Standing | None:
        """The same for an amount of one group, without waiting; None, and nothing counted, where `charge` has to."""
        ...

    async def attempt(self, subject: str, allowance: Allowance, amount: int = 1) -> Taken:
        """Charge somebody who is no client, under any name."""
        ...

    def attempt_at_once(self, subject: str, allowance: Allowance, amount: int = 1) -> Standing | None:
        """The same without waiting; None, and nothing counted, where `attempt` has to."""
        ...


class Points:
    """Takes the price of an operation before it runs."""

    def __init__(self, limits: Limits, clock: Clock, anonymous: int) -> None:
        """Points by these limits; without a credential, one address has `anonymous` points a minute."""
        self._limits = limits
        self._clock = clock
        self._anonymous = Allowance(LimitGroup.POINTS, LimitWindow.MINUTE, anonymous)

    async def spend(self, viewer: Viewer | None, address: str | None, points: int) -> Standing:
        """Charge an operation, at least one point; where its payer stands now.

        Raises:
            DomainError: RATE_LIMITED when not enough is left.
        """
        standing = self.spend_at_once(viewer, address, points)
        if standing is not None:
            return standing
        price = points if points > 0 else 1
        if viewer is None:
            taken = await self._limits.attempt(_stranger(address), self._anonymous, price)
        else:
            taken = await self._limits.charge(viewer, {LimitGroup.POINTS: price})
        if taken.exhausted:
            raise self._refusal(taken.exhausted, price)
        return taken.standings[0]

    def spend_at_once(self, viewer: Viewer | None, address: str | None, points: int) -> Standing | None:
        """The same without waiting; None, and nothing charged, where `spend` has to wait, or may refuse."""
        price = points if points > 0 else 1
        if viewer is None:
            return self._limits.attempt_at_once(_stranger(address), self._anonymous, price)
        return self._limits.charge_at_once(viewer, LimitGroup.POINTS, price)

    def _refusal(self, standing: Standing, price: int) -> DomainError:
        wait = ceil((standing.resets_at - self._clock.now()).total_seconds())
        limit, left = standing.allowance.limit, standing.remaining
        return refuse(
            Code.RATE_LIMITED,
            f"The operation costs {price} points, and {left} of {limit} are left until the minute is over.",
            limit=limit,
            remaining=left,
            reset_at=standing.resets_at,
            retry_after=max(1, wait),
        )


def _stranger(address: str | None) -> str:
    """Under which name somebody without a credential is charged."""
    return f"graphql {network_of(address)}"
