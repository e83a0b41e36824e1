"""What it costs a request to know who calls: processor time per look-up, remembered and not."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from domain.ports import SystemClock
from domain.viewer import Dialect
from gateway import keys
from gateway.access import AccessWatch
from gateway.assembly import open_database
from gateway.credential_rules import Door
from gateway.credentials import Credentials
from gateway.members import ensure_organization
from gateway.migrations.runner import migrate
from gateway.settings import load

MOST_MICROSECONDS = 60.0
"""What a remembered credential may add to a request."""
_REMEMBERED, _COLD = 20_000, 500
_HEADERS = "accept */*, content-type application/json, host bench, user-agent bench"
_LEAST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class LookUps:
    """Microseconds of processor time per look-up; a cold one asks the database, whose thread is counted too."""

    remembered_us: float
    cold_us: float

    def __str__(self) -> str:
        return (
            f"credential look-up {self.remembered_us:.1f} µs of CPU when remembered "
            f"(at most {MOST_MICROSECONDS:.0f}), {self.cold_us:.0f} µs when not"
        )

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return self.remembered_us < MOST_MICROSECONDS


def measure() -> LookUps:
    """Look one key up again and again, as GraphQL's door does for every request."""
    with tempfile.TemporaryDirectory(prefix="trigraph-bench-") as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> LookUps:
    settings = load(env_file=None, data_dir=folder, database_url=f"sqlite:///{folder}/trigraph.db")
    database = open_database(settings, SystemClock())
    try:
        await migrate(database.engines.writing)
        organization = await ensure_organization(database, "Bench")
        issued = await keys.create(database, keys.Wanted("Bench", Dialect.CRM_ULTRA, organization.id))
        headers = dict(each.split(" ") for each in _HEADERS.split(", ")) | {"x-api-key": str(issued.key)}
        watch = AccessWatch(database, settings.access_poll_seconds)
        credentials = Credentials(database, watch, settings.remembered_credentials)
        door = Door(None, "127.0.0.1")

        async def look_up() -> None:
            await credentials.viewer(headers, door)

        # A watch that never looked lets nothing be believed: every look-up is a cold one.
        cold = await _cpu(look_up, _COLD)
        looking = asyncio.create_task(watch.run())
        await watch.look()
        remembered = await _cpu(look_up, _REMEMBERED)
        looking.cancel()
        return LookUps(remembered, cold)
    finally:
        await database.engines.dispose()


async def _cpu(work: Callable[[], Awaitable[None]], times: int) -> float:
    """Processor time of one run in microseconds; the quickest of several rounds, since other work only adds."""
    best = float("inf")
    ends = time.perf_counter() + _LEAST_SECONDS
    while time.perf_counter() < ends:
        began = time.process_time()
        for _ in range(times // 10):
            await work()
        best = min(best, (time.process_time() - began) / (times // 10))
        # The watch has its turn, or what is remembered is not believed any more.
        await asyncio.sleep(0)
    return best * 1e6


if __name__ == "__main__":
    found = measure()
    print(found)
    raise SystemExit(not found.kept)
