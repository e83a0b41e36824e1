"""`python -m bench.performance`: our doors beside others, printed and written to docs/performance.md.

What is measured and how is in `bench.compared`; here stands what is said of it.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.compared import Compared, Measured, Plan, Say, Target
from bench.compared import measure as compare
from bench.databases import postgres
from bench.doors import CORE, FLOOR, HELLO, MERCURIUS, OURS

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_DOORS = (OURS, CORE, FLOOR, MERCURIUS)


def measure(plan: Plan, say: Say, server: str | None = None) -> Compared:
    """Measure and say everything; the page is written where it was measured as long as the page promises."""
    found = compare(plan, say, server)
    for line in lines(found):
        say(line)
    whole = Plan()
    if plan.leads >= whole.leads and plan.seconds * plan.rounds >= whole.seconds * whole.rounds:
        write(found)
        say(f"written to {PAGE.relative_to(PAGE.parents[1])}")
    else:
        say(f"{PAGE.relative_to(PAGE.parents[1])} stays as it is: less was measured than it tells of")
    return found


def options(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    whole = Plan()
    parser.add_argument("--leads", type=int, default=whole.leads, help="how many leads there are")
    parser.add_argument("--seconds", type=float, default=whole.seconds, help="how long each door is asked in a round")
    parser.add_argument("--rounds", type=int, default=whole.rounds, help="how often each door has its turn")
    parser.add_argument("--connections", type=int, default=whole.connections, help="keep-alive connections at once")


def kept(found: Compared) -> bool:
    """Whether every request was answered and every target is reached."""
    return all(target.kept for target in found.targets()) and not any(one.failures for one in found.measured)


def lines(found: Compared) -> Iterator[str]:
    """The figures as a terminal shows them."""
    yield f"{'':11}{'':34}{'':14}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>8}{'RSS MiB':>9}"
    for one in found.measured:
        told = (
            f"{one.database:11}{one.scenario:34}{one.door:14}{one.requests_per_second:>8,.0f}{one.p50_ms:>9.2f}"
            f"{one.p99_ms:>9.2f}{one.cpu_us:>8,.0f}{one.rss_mebibytes:>9.0f}"
        )
        yield told + (f"  {one.failures} failed" if one.failures else "") + _fell_back(one)
    for target in found.targets():
        yield str(target)


def write(found: Compared, page: Path = PAGE) -> None:
    """Put the figures between the marks of the page; the words around them are written by hand."""
    text = page.read_text()
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n\n{_figures(found)}\n\n{_END}{after}")


def _figures(found: Compared) -> str:
    parts = [_machine(found)]
    for database in dict.fromkeys(one.database for one in found.measured):
        own = [one for one in found.measured if one.database == database]
        parts += [f"### {database}, {found.plan.leads:,} leads", _times(own), _latencies(own)]
    parts += ["### Targets", _targets(found.targets())]
    return "\n\n".join(parts)


def _machine(found: Compared) -> str:
    facts = [
        f"Measured {datetime.now(UTC).date().isoformat()}, {found.plan.rounds} rounds of {found.plan.seconds:g} s for "
        f"each question and door, {found.plan.connections} connections, medians.",
        "",
        f"* {_processor()}, {os.cpu_count()} cores, of which one served and another one asked; "
        f"{platform.system()} {platform.machine()}",
        f"* {platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        f"* {found.mercurius or 'mercurius was not measured: it could not be installed'}",
    ]
    return "\n".join(facts)


def _processor() -> str:
    """The model as the kernel tells it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _times(own: Sequence[Measured]) -> str:
    doors = [door for door in _DOORS if any(one.door == door for one in own)]
    rows = [["CPU µs per request", *doors, f"{OURS} / {FLOOR}"]]
    for key in dict.fromkeys(one.key for one in own if one.door != HELLO):
        known = {one.door: one for one in own if one.key == key}
        ratio = known[OURS].cpu_us / known[FLOOR].cpu_us
        rows.append([_name(known[OURS]), *(f"{known[door].cpu_us:,.0f}" for door in doors), f"{ratio:.2f}"])
    said = _table(rows)
    hello = next((one for one in own if one.door == HELLO), None)
    if hello:
        said += f"\n\nAn ASGI application that answers with a constant takes {hello.cpu_us:,.0f} µs on the same server."
    told = [f"* {_name(one)}: {text}" for one in own if one.door == OURS and (text := _fell_back(one).strip(" ;"))]
    return said + ("\n\n" + "\n".join(told) if told else "")


def _latencies(own: Sequence[Measured]) -> str:
    rows = [["", "door", "requests/s", "p50 ms", "p99 ms", "memory MiB"]]
    for one in own:
        figures = (f"{one.requests_per_second:,.0f}", f"{one.p50_ms:.2f}", f"{one.p99_ms:.2f}")
        rows.append([_name(one), one.door, *figures, f"{one.rss_mebibytes:.0f}"])
    return _table(rows)


def _targets(targets: Sequence[Target]) -> str:
    rows = [["", "beside", "reached", "asked for", ""]]
    for one in targets:
        reached, most = f"{one.ratio:.2f}", f"at most {one.most:.2f}"
        if one.beside == CORE:
            reached, most = f"1/{1 / one.ratio:.1f}", f"at most 1/{1 / one.most:.0f}"
        rows.append([f"{one.database} {one.key}", one.beside, reached, most, "kept" if one.kept else "**not kept**"])
    return _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    marks = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *body))


def _name(one: Measured) -> str:
    return one.scenario if one.door == HELLO else f"{one.key}: {one.scenario}"


def _fell_back(one: Measured) -> str:
    """What share of the answers graphql-core gave after all, and why."""
    return "".join(f"; graphql-core answered {share:.0%}: {reason}" for reason, share in one.fell_back.items())


def main() -> None:
    """Ends with 1 when a request failed or a target was not reached."""
    parser = argparse.ArgumentParser(prog="bench.performance", description=__doc__)
    options(parser)
    plan = Plan(**vars(parser.parse_args()))
    sys.exit(not kept(measure(plan, print, postgres())))


if __name__ == "__main__":
    main()
