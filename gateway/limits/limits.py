"""The limits that hold for a caller: charged before the work, told to whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from domain.clients import TIERS
from domain.limits import DOCUMENTED, Allowance, LimitGroup, LimitWindow, Standing, Taken
from domain.ports import Clock
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from gateway.limits.counters import Counters, MemoryCounters, Share
from resolvers import quotas

_GREATEST = 2**31 - 1
"""What a GraphQL Int can say."""


class Limits:
    """Charges clients and tells them where they stand.

    `factor` raises or lowers the documented limits alike, `points` are those of GraphQL a minute by tier.
    """

    def __init__(self, counters: Counters, database: Database, *, factor: float = 1, points: Mapping[str, int]) -> None:
        self._counters = counters
        self._own = counters if isinstance(counters, MemoryCounters) else None
        self._database = database
        self._clock: Clock = database.clock
        self._spans: dict[LimitWindow, tuple[datetime, datetime]] = {}
        self._spans_at: datetime | None = None
        documented = {
            (dialect, tier): tuple(_scaled(each, factor) for each in allowances)
            for dialect, tiers in DOCUMENTED.items()
            for tier, allowances in tiers.items()
        }
        counted = {tier: Allowance(LimitGroup.POINTS, LimitWindow.MINUTE, limit) for tier, limit in points.items()}
        self._allowed: Mapping[tuple[Dialect | None, str], _Allowed] = {
            (dialect, tier): _Allowed.of((*(documented[dialect, tier] if dialect else ()), counted[tier]))
            for dialect, tiers in TIERS.items()
            for tier in tiers
        }

    async def charge(self, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> Taken:
        """Count a call before it runs: all of it, or nothing when one of its windows has no room.

        An amount of 0 only looks; one below gives back what was counted, as far as its window still runs.
        """
        known = [(each, charges[each.group]) for each in self._allowed_to(viewer).every if each.group in charges]
        return await self._take(viewer.counted_as, known)

    def charge_at_once(self, viewer: Viewer, group: LimitGroup, amount: int) -> Standing | None:
        """The same for an amount of a group of one window, without waiting; None, and nothing counted, where `charge`
        has to.
        """
        allowances = self._allowed_to(viewer).by_group.get(group, ())
        return self._add(viewer.counted_as, allowances[0], amount) if len(allowances) == 1 else None

    def charge_all_at_once(self, viewer: Viewer, group: LimitGroup, amount: int) -> Sequence[Standing] | None:
        """The same for a group of any windows: where the client stands in each of them."""
        allowances, own = self._allowed_to(viewer).by_group.get(group, ()), self._own
        if len(allowances) == 1:
            standing = self._add(viewer.counted_as, allowances[0], amount)
            return None if standing is None else (standing,)
        if own is None or amount < 1 or not allowances:
            return None
        now = self._clock.now()
        spans = [self._span(each.window, now) for each in allowances]
        used = own.add_all(viewer.counted_as, allowances, [starts_at for starts_at, _ in spans], amount)
        if used is None:
            return None
        return [
            Standing(each, count, ends_at) for each, count, (_, ends_at) in zip(allowances, used, spans, strict=True)
        ]

    async def attempt(self, subject: str, allowance: Allowance, amount: int = 1) -> Taken:
        """Count an attempt of somebody who is not known yet, such as a login, under any name for who tries."""
        return await self._take(_attempting(subject), [(allowance, amount)])

    def attempt_at_once(self, subject: str, allowance: Allowance, amount: int = 1) -> Standing | None:
        """The same without waiting; None, and nothing counted, where `attempt` has to."""
        return self._add(_attempting(subject), allowance, amount)

    async def standings(self, viewer: Viewer) -> Sequence[Standing]:
        """Every window of every group: as documented, the points of GraphQL, the month's tokens; nothing charged."""
        looked = await self._take(viewer.counted_as, [(each, 0) for each in self._allowed_to(viewer).every])
        now = self._clock.now()
        tokens = quotas.standing(await self._database.rows(quotas.usage(viewer, now)), now)
        return [*looked.standings, *([tokens] if tokens else [])]

    async def run(self) -> None:
        """Look after where limits are counted, beside the requests, until cancelled."""
        await self._counters.run()

    async def close(self) -> None:
        """Let go of where limits are counted."""
        await self._counters.close()

    def _allowed_to(self, viewer: Viewer) -> _Allowed:
        """What the viewer's product and tier allow; a tier that the product does not know counts as its least."""
        dialect = viewer.dialect
        known = self._allowed.get((dialect, viewer.tier))
        return self._allowed[dialect, TIERS[dialect][0]] if known is None else known

    def _add(self, subject: str, allowance: Allowance, amount: int) -> Standing | None:
        """Count in this process alone, where that is enough and room is left; None, and nothing counted, elsewhere."""
        own = self._own
        if own is None or amount < 1:
            return None
        starts_at, ends_at = self._span(allowance.window, self._clock.now())
        used = own.add(subject, allowance, starts_at, amount)
        return None if used is None else Standing(allowance, used, ends_at)

    async def _take(self, subject: str, wanted: Sequence[tuple[Allowance, int]]) -> Taken:
        now = self._clock.now()
        shares = [Share(each, amount, *self._span(each.window, now)) for each, amount in wanted]
        if not shares:
            return Taken(())
        tally = await self._counters.take(subject, shares)
        standings = tuple(
            [Standing(share.allowance, used, share.ends_at) for share, used in zip(shares, tally.used, strict=True)]
        )
        if tally.counted:
            return Taken(standings)
        pairs = zip(shares, standings, strict=True)
        refusing = [standing for share, standing in pairs if share.exceeds(standing.used)]
        return Taken(standings, max(refusing, key=lambda standing: standing.resets_at))

    def _span(self, window: LimitWindow, now: datetime) -> tuple[datetime, datetime]:
        """Where a running window begins and ends, worked out once for each."""
        if now is not self._spans_at:
            # Many calls share a second.
            self._spans = {window: span for window, span in self._spans.items() if span[0] <= now < span[1]}
            self._spans_at = now
        known = self._spans.get(window)
        if known is None:
            known = self._spans[window] = (window.start(now), window.end(now))
        return known


class _Allowed(NamedTuple):
    """The windows of a product's tier, in their order, and those of each group."""

    every: Sequence[Allowance]
    by_group: Mapping[LimitGroup, Sequence[Allowance]]

    @classmethod
    def of(cls, every: Sequence[Allowance]) -> _Allowed:
        """All of them."""
        return cls(every, {group: tuple(each for each in every if each.group is group) for group in LimitGroup})


def _scaled(allowance: Allowance, factor: float) -> Allowance:
    limit = min(_GREATEST, max(1, round(allowance.limit * factor)))
    return Allowance(allowance.group, allowance.window, limit)


def _attempting(subject: str) -> str:
    # Whatever was typed stays out of the counters: a digest is short, and tells nobody anything.
    return f"attempt_{blake2b(subject.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
