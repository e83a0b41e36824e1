"""`python -m bench`: what the server does on one core, in tables and, if asked, as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from bench import campaigns, credentials, performance, research, startup, streams
from bench.compared import Plan
from bench.databases import postgres
from bench.processes import Cores


def main() -> None:
    """Measure and print; ends with 1 when a request failed or a promise was not kept."""
    chosen = _arguments()
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("The bench pins cores and reads /proc: it needs Linux.")
    cores = Cores.own()
    if cores.server == cores.client:
        print("There is only one core: server and load share it, so latencies are too long.")
    server = postgres()
    started = startup.measure(chosen.starts, cores.server)
    print(started)
    looked = credentials.measure()
    print(looked)
    compared = performance.measure(Plan(chosen.leads, chosen.seconds, chosen.rounds, chosen.connections), print, server)
    if chosen.json:
        found = {"startup": asdict(started), "credentials": asdict(looked), "compared": asdict(compared)}
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")
    streamed, reckoned = streams.measure(print, server), campaigns.measure(print, server)
    researched = research.measure(print, server)
    sys.exit(not all((started.kept, looked.kept, performance.kept(compared), streamed, reckoned, researched)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    performance.options(parser)
    parser.add_argument("--starts", type=int, default=3, help="how often start-up is measured")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
