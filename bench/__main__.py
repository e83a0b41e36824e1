"""`python -m bench`: what the server does on one core, in a table and, if asked, as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from bench import campaigns, credentials, research, startup, streams
from bench.processes import Cores
from bench.run import Loading, Measured, Plan, measure

_HEAD = f"{'':36}{'leads':>9}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>9}{'RSS MiB':>9}"


def main() -> None:
    """Measure and print; ends with 1 when a request failed or a promise was not kept."""
    chosen = _arguments()
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("The bench pins cores and reads /proc: it needs Linux.")
    plan = Plan(tuple(chosen.leads), chosen.seconds, chosen.connections)
    cores = Cores.own()
    started = startup.measure(chosen.starts, cores.server)
    looked = credentials.measure()
    loadings, measured = measure(plan, lambda line: print(line, file=sys.stderr))
    _print(started, looked, loadings, measured)
    if cores.server == cores.client:
        print("There is only one core: server and load shared it, so the figures are too low.")
    if chosen.json:
        found = {
            "startup": asdict(started),
            "credentials": asdict(looked),
            "loading": [asdict(each) for each in loadings],
        }
        found |= {"measured": [asdict(each) for each in measured]}
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")
    server = os.environ.get("TRIGRAPH_TEST_POSTGRES_URL")
    streamed, reckoned = streams.measure(print, server), campaigns.measure(print, server)
    researched = research.measure(print, server)
    kept = (started.kept, looked.kept, streamed, reckoned, researched, not any(each.failures for each in measured))
    sys.exit(not all(kept))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=[1_000, 100_000], help="sizes of database to compare")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each scenario is measured")
    parser.add_argument("--connections", type=int, default=16, help="keep-alive connections that ask at once")
    parser.add_argument("--starts", type=int, default=3, help="how often start-up is measured")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    return parser.parse_args()


def _print(
    started: startup.Startup, looked: credentials.LookUps, loadings: list[Loading], measured: list[Measured]
) -> None:
    print(started)
    print(looked)
    for each in loadings:
        print(f"{each.leads:,} leads loaded: {each.rows:,} rows in {each.seconds:.1f} s")
    print(_HEAD)
    for one in sorted(measured, key=lambda each: each.leads is not None and _order(measured, each)):
        leads = f"{one.leads:,}" if one.leads is not None else "-"
        print(
            f"{one.scenario:36}{leads:>9}{one.requests_per_second:>9,.0f}{one.p50_ms:>9.2f}{one.p99_ms:>9.2f}"
            f"{one.cpu_us:>9,.0f}{one.rss_mebibytes:>9.0f}" + (f"  {one.failures} failed" if one.failures else "")
        )


def _order(measured: list[Measured], one: Measured) -> int:
    """Sizes of the same scenario stand under each other."""
    return 1 + [each.scenario for each in measured].index(one.scenario)


if __name__ == "__main__":
    main()
