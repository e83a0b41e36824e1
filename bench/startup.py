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
    """The quickest of several starts, because whatever else the machine does only adds; memory is the median."""

    seconds: float
    cpu_seconds: float
    idle_mebibytes: float

    def __str__(self) -> str:
        return (
            f"start-up {self.seconds:.2f} s ({self.cpu_seconds:.2f} s of CPU; at most {MOST_SECONDS:.0f} s), "
            f"idle {self.idle_mebibytes:.0f} MiB (at most {MOST_MEBIBYTES:.0f})"
        )

    @property
    def kept(self) -> bool:
        """Whether both promises hold."""
        return self.seconds < MOST_SECONDS and self.idle_mebibytes < MOST_MEBIBYTES


def measure(runs: int, core: int) -> Startup:
    """Start on the embedded default several times, the first time on no database at all."""
    starts, held = [], []
    with tempfile.TemporaryDirectory(prefix="trigraph-bench-") as folder:
        for _ in range(runs):
            with serving(SERVE, Path(folder), core) as server:
                starts.append((server.startup_seconds, server.cpu_seconds()))
                time.sleep(_SETTLE_SECONDS)
                held.append(server.rss_mebibytes())
    return Startup(*min(starts), median(held))


if __name__ == "__main__":
    found = measure(3, Cores.own().server)
    print(found)
    raise SystemExit(not found.kept)
