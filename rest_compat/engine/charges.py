"""What a call costs its client: one request, and as many items of the groups of its route as it holds (CB-09)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType

from domain.errors import Kind
from domain.limits import LimitGroup, LimitWindow
from domain.viewer import Viewer
from rest_compat.engine.faults import Fault
from rest_compat.engine.requests import Call
from rest_compat.engine.services import RateState, Services

_SPANS = {LimitWindow.MINUTE: "a minute", LimitWindow.HOUR: "an hour", LimitWindow.MONTH: "a month"}

A_REQUEST: Mapping[LimitGroup, int] = MappingProxyType({LimitGroup.API_REQUESTS: 1})


async def count(
    services: Services, viewer: Viewer, call: Call, charges: Mapping[LimitGroup, int] = A_REQUEST, amount: int = 1
) -> None:
    """Count what a call costs, by default a request, before anything is known of it.

    Raises:
        Fault: RATE_LIMITED, or QUOTA_EXCEEDED when a window is too small for so many.
    """
    state = call.rate = await services.rate(viewer, charges)
    if state.retry_after > 0:
        # To wait would not help a batch that no window can hold.
        kind, message = (Kind.QUOTA_EXCEEDED, _told(state, amount)) if amount > state.limit else (Kind.RATE_LIMITED, "")
        raise Fault(kind, message, retry_after=state.retry_after, data=state.facts)


class Charge:
    """The charge of one call. With groups of its own it is made once, when the call is understood.

    Then all of it is counted or, when one window has no room, nothing. A call that is refused for another reason has
    cost a request and no items.
    """

    def __init__(self, services: Services, viewer: Viewer, call: Call, groups: Sequence[LimitGroup]) -> None:
        self._services = services
        self._viewer = viewer
        self._call = call
        self._groups = tuple(groups)
        self._made = not groups
        self._taken = 0

    async def look(self) -> None:
        """See whether there is room for one item, so that nobody sends a long body in vain; nothing is counted.

        Raises:
            Fault: RATE_LIMITED.
        """
        looks = dict.fromkeys((LimitGroup.API_REQUESTS, *self._groups), 0)
        await count(self._services, self._viewer, self._call, looks)

    async def items(self, amount: int) -> None:
        """Count a request with so many items, unless that was done before its groups were known.

        Raises:
            Fault: RATE_LIMITED, or QUOTA_EXCEEDED when a window is too small for all of them.
        """
        if not self._made:
            self._made = True
            charges = {LimitGroup.API_REQUESTS: 1, **dict.fromkeys(self._groups, amount)}
            await count(self._services, self._viewer, self._call, charges, amount)
            self._taken = amount

    @asynccontextmanager
    async def settled(self) -> AsyncIterator[None]:
        """Around a call: one that ends before it is understood has cost a request, and what fails no items."""
        try:
            yield
        except Exception:
            if self._taken:
                await self._services.rate(self._viewer, dict.fromkeys(self._groups, -self._taken))
            raise
        finally:
            if not self._made:
                self._made = True
                self._call.rate = await self._services.rate(self._viewer, A_REQUEST)


def _told(state: RateState, amount: int) -> str:
    return (
        f"The batch has {amount} items, of which {state.limit} are allowed {_SPANS[state.window]}; send fewer at once."
    )
