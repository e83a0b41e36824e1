"""How long it takes from exec to the first answer, and what an idle server holds."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.processes import Cores, serving

SERVE = ("-m", "gateway.cli", "serve")
MOST_SECONDS = 2.0
MOST_MEBIBYTES = 120.0
_SETTLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Startup:
    """The median of several starts."""

    seconds: float
    idle_mebibytes: float

    @property
    def kept(self) -> bool:
        """Whether both promises hold."""
        return self.seconds < MOST_SECONDS and self.idle_mebibytes < MOST_MEBIBYTES


def measure(runs: int, core: int) -> Startup:
    """Start on the embedded default several times, the first time on no database at all."""
    seconds, held = [], []
    with tempfile.TemporaryDirectory(prefix="trigraph-bench-") as folder:
        for _ in range(runs):
            with serving(SERVE, Path(folder), core) as server:
                time.sleep(_SETTLE_SECONDS)
                seconds.append(server.startup_seconds)
                held.append(server.rss_mebibytes())
    return Startup(median(seconds), median(held))


if __name__ == "__main__":
    found = measure(3, Cores.own().server)
    print(f"start-up {found.seconds:.2f} s (< {MOST_SECONDS} s), idle {found.idle_mebibytes:.0f} MiB")
    raise SystemExit(not found.kept)
