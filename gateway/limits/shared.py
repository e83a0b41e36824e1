"""One count for every process, in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from domain.limits import LimitWindow
from gateway.limits.counters import Share, Tally, Unreachable

# Every counter of a charge is looked at before one of them is raised, and nothing runs in between: a script is one
# command to Redis. KEYS are the counters; ARGV holds amount, limit and life in seconds of each.
_SCRIPT = """
local used = redis.call('MGET', unpack(KEYS))
for i = 1, #KEYS do
  used[i] = tonumber(used[i] or 0)
end
for i = 1, #KEYS do
  local amount = tonumber(ARGV[3 * i - 2])
  if amount > 0 and used[i] + amount > tonumber(ARGV[3 * i - 1]) then
    return {0, unpack(used)}
  end
end
for i = 1, #KEYS do
  local amount = tonumber(ARGV[3 * i - 2])
  if amount > 0 then
    if used[i] == 0 then
      redis.call('SET', KEYS[i], amount, 'EX', ARGV[3 * i])
    else
      redis.call('INCRBY', KEYS[i], amount)
    end
    used[i] = used[i] + amount
  elseif amount < 0 and used[i] > 0 then
    amount = math.max(amount, -used[i])
    redis.call('INCRBY', KEYS[i], amount)
    used[i] = used[i] + amount
  end
end
return {1, unpack(used)}
"""
_DIGEST = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

_LONGEST_SECONDS = {LimitWindow.MINUTE: 60, LimitWindow.HOUR: 3600, LimitWindow.MONTH: 31 * 24 * 3600}
_GRACE_SECONDS = 60
"""How far the clocks of processes may be apart: a counter outlives its window by that."""
_PROBE = ("trigraph:limits:{probe}", 1, 2**31, _GRACE_SECONDS)


class RedisCounters:
    """Counts in Redis. The subject is the hash tag of every key, so that a charge lies on one node of a cluster."""

    def __init__(self, url: str, *, cluster: bool, connections: int, timeout_seconds: float) -> None:
        """Nothing is connected yet; no charge takes longer than the timeout, connecting included."""
        self._client = _client(url, cluster, connections, timeout_seconds)
        # Who finds no free connection waits for one; the client itself would refuse.
        self._free = asyncio.Semaphore(connections)
        self._timeout_seconds = timeout_seconds

    async def take(self, subject: str, shares: Sequence[Share]) -> Tally:
        """Count every share at once, or none of them when one does not fit.

        Raises:
            Unreachable: it may have been counted all the same.
        """
        keys = [_key(subject, share) for share in shares]
        numbers: list[int] = []
        for share in shares:
            life = _LONGEST_SECONDS[share.allowance.window] + _GRACE_SECONDS
            numbers += (share.amount, share.allowance.limit, life)
        counted, *used = await self._run(len(keys), *keys, *numbers)
        return Tally(bool(counted), tuple(used))

    async def probe(self) -> None:
        """Count something nobody asks for: a Redis that answers may still refuse to write.

        Raises:
            Unreachable: with the reason.
        """
        await self._run(1, *_PROBE)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _run(self, keys: int, *values: str | int) -> list[int]:
        try:
            async with asyncio.timeout(self._timeout_seconds), self._free:
                try:
                    return await self._client.evalsha(_DIGEST, keys, *values)  # type: ignore[no-any-return]
                except NoScriptError:
                    return await self._client.eval(_SCRIPT, keys, *values)  # type: ignore[no-any-return]
        except TimeoutError:
            await self._drop_idle()
            raise Unreachable(f"no answer within {self._timeout_seconds:g} s") from None
        except (RedisError, OSError) as error:
            await self._drop_idle()
            raise Unreachable(" ".join(str(error).split()) or type(error).__name__) from error

    async def _drop_idle(self) -> None:
        """Close the connections nobody uses: if one is dead they all may be, and each would cost another failure."""
        # The client of a cluster does so by itself.
        if isinstance(self._client, Redis):
            with suppress(RedisError, OSError):
                await self._client.connection_pool.disconnect(inuse_connections=False)


def _client(url: str, cluster: bool, connections: int, timeout_seconds: float) -> Redis | RedisCluster:
    """A client that tries nothing twice: a charge whose answer was lost may have been counted."""
    options: dict[str, Any] = {
        "max_connections": connections,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
    }
    return RedisCluster.from_url(url, **options) if cluster else Redis.from_url(url, **options)


def _key(subject: str, share: Share) -> str:
    group, window = share.allowance.group.value, share.allowance.window.value.lower()
    return f"trigraph:limits:{{{subject}}}:{group}:{window}:{int(share.starts_at.timestamp())}"
