"""Every figure operators can watch: its name and meaning, and where it is read when somebody asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.writing import dollars
from gateway.audit import AuditLog
from gateway.connections import ConnectionKind, Connections
from gateway.credentials import Credentials
from gateway.database import Database
from gateway.depths import Depths
from gateway.graphql.outcomes import Outcomes
from gateway.reading.reader import ProcessReader
from gateway.tallies import Durations, Tallies
from gateway.webhooks.queue import WebhookQueue
from gateway.work.opening import Work
from gateway.writing.writer import LanguageWriter, NoWriter


@dataclass(frozen=True, slots=True)
class Family:
    """Figures of one name. `shared` ones are the same whichever process is asked; the others are its own."""

    name: str
    type: str
    labels: tuple[str, ...]
    meaning: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures of a process are read; `process` is its name among those that serve together."""

    process: str
    tallies: Tallies
    connections: Connections
    audit: AuditLog
    database: Database
    credentials: Credentials
    work: Work
    webhooks: WebhookQueue
    reader: ProcessReader
    writer: LanguageWriter | NoWriter
    compiled: Outcomes


Values = Iterable[tuple[tuple[str, ...], float]]
"""Values by their labels, in the family's order."""
Spread = Iterable[tuple[tuple[str, ...], Durations]]
"""Durations by their labels."""

REQUESTS = Family(
    "trigraph_http_requests_total",
    "counter",
    ("door", "route", "status"),
    "HTTP requests that were answered, and streams that were opened; status is a class such as 2xx, "
    "or none where the client did not wait.",
)
DURATIONS = Family(
    "trigraph_http_request_duration_seconds",
    "histogram",
    ("door", "route"),
    "Time from a request to its answer, or to the opening of its stream.",
)
OPERATIONS = Family(
    "trigraph_graphql_operations_total",
    "counter",
    ("type", "outcome"),
    "GraphQL operations by HTTP and websocket; the type is other where none could be read.",
)
POINTS = Family("trigraph_graphql_points_total", "counter", ("type",), "Points that GraphQL operations were charged.")
COMPILED = Family(
    "trigraph_compiled_operations_total",
    "counter",
    ("outcome",),
    "Operations by how they were run: compiled, or the reason why graphql-core ran them.",
)
SHADOWS = Family(
    "trigraph_compiled_shadows_total",
    "counter",
    ("outcome",),
    "Compiled answers that graphql-core was asked for as well: same, different, changing where others kept writing, "
    "skipped where too many were being looked at, or failed.",
)
LIMITED = Family(
    "trigraph_rate_limited_total", "counter", ("door",), "Calls that were refused because a limit was reached."
)
OPEN = Family("trigraph_streams_open", "gauge", ("kind",), "Streams that are open.")
SENT = Family("trigraph_stream_messages_total", "counter", ("kind",), "Messages that streams have sent.")
WAITING = Family(
    "trigraph_stream_messages_waiting", "gauge", ("kind",), "Messages that are made but not taken by their clients."
)
CUT_OFF = Family(
    "trigraph_streams_cut_off_total", "counter", ("kind",), "Streams that were ended because they did not keep up."
)
WORK_UNDER_WAY = Family("trigraph_work_under_way", "gauge", ("queue",), "Durable jobs that are being worked on.")
WORK = Family(
    "trigraph_work_total",
    "counter",
    ("queue", "result"),
    "Durable jobs that are over; failed ones did not even note what became of them, and are taken up again.",
)
ATTEMPTS = Family(
    "trigraph_webhook_attempts_total",
    "counter",
    ("result",),
    "Attempts to deliver: delivered, failed, or gone where the receiver answered 410.",
)
READINGS = Family(
    "trigraph_reading_duration_seconds",
    "histogram",
    ("outcome",),
    "Time from a file or text to what it says, waiting included: read; refused for what it is; broke_off for memory or "
    "a fault; too_slow; busy where too many were being read; given_up by who sent it.",
)
WRITER_TASKS = Family(
    "trigraph_writer_task_duration_seconds",
    "histogram",
    ("outcome",),
    "Time of a task for the language model, waiting and repeating included: answered, unusable, unreachable, refused, "
    "or unfinished where nobody waited or the budget did not suffice.",
)
WRITER_SPENT = Family(
    "trigraph_writer_spent_dollars_total",
    "counter",
    (),
    "US dollars that language models have cost, as prices are set.",
)
FEEDS = Family("trigraph_event_feeds", "gauge", (), "Organizations whose events somebody listens to.")
LAG = Family(
    "trigraph_event_feed_lag",
    "gauge",
    (),
    "Events the feed that is furthest behind has not read yet, as of the last look at the database.",
)
POOL = Family(
    "trigraph_database_connections",
    "gauge",
    ("pool", "state"),
    "Connections of a pool that are in use, and how many it may have.",
)
CREDENTIALS = Family("trigraph_credentials_remembered", "gauge", (), "Resolved credentials in memory.")
LOOKED_UP = Family(
    "trigraph_credentials_looked_up_total", "counter", (), "Credentials that were not in memory, and were looked up."
)
AUDIT_PENDING = Family("trigraph_audit_entries_pending", "gauge", (), "Entries of the audit log not written yet.")
AUDIT_TOLD = Family(
    "trigraph_audit_entries_told_total",
    "counter",
    (),
    "Entries of the audit log that are in no table, but lines of the process's log.",
)
BUILD = Family("trigraph_build_info", "gauge", ("version", "python", "database"), "What is running; always 1.")
EVENTS = Family("trigraph_events_recorded_total", "counter", (), "Events in the logs of all organizations.", True)
DUE = Family("trigraph_queue_due", "gauge", ("queue",), "Work that is due and not begun.", True)
PLANNED = Family(
    "trigraph_queue_waiting", "gauge", ("queue",), "Work that is due later, under way, or behind other work.", True
)
OLDEST = Family(
    "trigraph_queue_oldest_due_seconds", "gauge", ("queue",), "How long the oldest due work has waited.", True
)
ENDPOINTS = Family(
    "trigraph_webhook_endpoints",
    "gauge",
    ("status",),
    "Endpoints by status; broken ones are active, but left alone for a while.",
    True,
)
TASK_FAILED = Family(
    "trigraph_periodic_task_failed", "gauge", ("task",), "Whether a periodic task failed the last time it ran.", True
)
TASK_FINISHED = Family(
    "trigraph_periodic_task_finished_timestamp_seconds", "gauge", ("task",), "When it finished last.", True
)
DEPTHS_KNOWN = Family(
    "trigraph_database_figures_known",
    "gauge",
    (),
    "Whether the database told its figures: while it is 0, those of the whole installation are missing.",
)


def durations(sources: Sources) -> Iterator[tuple[Family, Spread]]:
    """Every histogram."""
    together: dict[tuple[str, ...], Durations] = defaultdict(Durations)
    for (door, route, _), each in tuple(sources.tallies.requests.items()):
        total = together[_door(door), route]
        total.seconds += each.seconds
        total.counts = [mine + its for mine, its in zip(total.counts, each.counts, strict=True)]
    yield DURATIONS, together.items()
    for family, timings in ((READINGS, sources.reader.timings), (WRITER_TASKS, sources.writer.timings)):
        yield family, [((outcome,), each) for outcome, each in tuple(timings.by_outcome.items())]


def of_process(sources: Sources) -> Iterator[tuple[Family, Values]]:
    """What the process counts for itself."""
    tallies, audit, credentials = sources.tallies, sources.audit, sources.credentials
    yield (
        REQUESTS,
        [
            ((_door(door), route, f"{status}xx" if status else "none"), sum(each.counts))
            for (door, route, status), each in tallies.requests.items()
        ],
    )
    yield OPERATIONS, [((kind, outcome.lower()), n) for (kind, outcome), n in tallies.operations.items()]
    yield POINTS, [((kind,), n) for kind, n in tallies.points.items()]
    yield COMPILED, [((outcome,), n) for outcome, n in sources.compiled.operations.items()]
    yield SHADOWS, [((outcome,), n) for outcome, n in sources.compiled.shadows.items()]
    yield LIMITED, [((_door(door),), n) for door, n in tallies.limited.items()]
    yield from _streams(sources.connections)
    yield from _work(sources.work)
    yield ATTEMPTS, [((result,), sources.webhooks.attempts[result]) for result in ("delivered", "failed", "gone")]
    yield WRITER_SPENT, _one(dollars(sources.writer.spent_micros))
    yield POOL, _pools(sources.database)
    yield CREDENTIALS, _one(credentials.remembered)
    yield LOOKED_UP, _one(credentials.looked_up)
    yield AUDIT_PENDING, _one(audit.pending)
    yield AUDIT_TOLD, _one(audit.told)
    yield FEEDS, _one(len(sources.database.feeds.positions()))
    yield BUILD, [((_release(), python_version(), sources.database.engines.reading.dialect.name), 1)]


def of_installation(sources: Sources, depths: Depths | None) -> Iterator[tuple[Family, Values]]:
    """What the database counts for all processes, and how far the process's feeds are behind it."""
    yield DEPTHS_KNOWN, _one(depths is not None)
    if depths is None:
        return
    yield EVENTS, _one(depths.events)
    yield LAG, _one(_lag(sources.database.feeds.positions(), depths.newest))
    yield DUE, [((each.queue.lower(),), each.due) for each in depths.queues]
    yield PLANNED, [((each.queue.lower(),), each.waiting) for each in depths.queues]
    yield OLDEST, [((each.queue.lower(),), _age(each.oldest_due_at, depths.at)) for each in depths.queues]
    counts = depths.endpoints
    yield ENDPOINTS, [((name,), getattr(counts, name)) for name in ("active", "paused", "disabled", "broken")]
    yield TASK_FAILED, [((task.name,), task.failed) for task in depths.periodic]
    yield TASK_FINISHED, [((task.name,), task.finished_at.timestamp()) for task in depths.periodic if task.finished_at]


def _streams(connections: Connections) -> Iterator[tuple[Family, Values]]:
    number, sent, waiting = (dict.fromkeys(ConnectionKind, 0) for _ in range(3))
    for each in connections.all():
        number[each.kind] += 1
        sent[each.kind] += each.sent
        waiting[each.kind] += each.waiting
    for kind, before in connections.sent.items():
        sent[kind] += before
    for family, values in ((OPEN, number), (SENT, sent), (WAITING, waiting), (CUT_OFF, connections.cut_off)):
        yield family, [((kind.lower(),), n) for kind, n in values.items()]


def _work(work: Work) -> Iterator[tuple[Family, Values]]:
    tallies = work.tallies.items()
    yield WORK_UNDER_WAY, [((queue,), tally.under_way) for queue, tally in tallies]
    yield (
        WORK,
        [((queue, result), getattr(tally, result)) for queue, tally in tallies for result in ("done", "failed")],
    )


def _pools(database: Database) -> Values:
    engines = database.engines
    named: dict[str, AsyncEngine] = {"reading": engines.reading, "writing": engines.writing, "aside": engines.aside}
    if engines.reading is engines.writing:
        named = {"main": engines.reading, "aside": engines.aside}
    for name, engine in named.items():
        pool: Any = engine.pool
        # The pools of the embedded and of the server engines alike tell both.
        yield (name, "in_use"), pool.checkedout()
        yield (name, "most"), pool.size()


def _lag(positions: Mapping[str, int], newest: Mapping[str, int]) -> int:
    """A feed may have read on since the database was asked; then it is not behind."""
    behind = [newest[organization] - place for organization, place in positions.items() if organization in newest]
    return max([0, *behind])


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


@cache
def _release() -> str:
    try:
        return version("trigraph")
    except PackageNotFoundError:
        # Run from a folder that nobody installed.
        return "unknown"


def _one(value: float) -> Values:
    return [((), value)]


def _door(door: str | None) -> str:
    return door.lower() if door else "none"


CATALOGUE: tuple[Family, ...] = tuple(each for each in tuple(globals().values()) if isinstance(each, Family))
"""Every family, in the order of the code."""
