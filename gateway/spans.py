"""Where time goes, told to whoever traces: without OpenTelemetry configured, nothing is noted and nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from os import environ
from types import TracebackType
from typing import Protocol

from starlette.types import ASGIApp

from gateway.engines import Engines
from gateway.settings import InvalidSettings, Settings, variable

Value = str | int | float | bool
_STANDARD = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class SpanKind(Enum):
    """On which side of a conversation a span is."""

    INTERNAL = "INTERNAL"
    CLIENT = "CLIENT"


class Span(Protocol):
    """A piece of work while it is done."""

    def note(self, **attributes: Value | None) -> None:
        """Say more of it; what is None is not said. Never a secret, a body or a variable."""
        ...

    def failed(self, reason: str) -> None:
        """It did not succeed, for a reason of few words."""
        ...


class Tracer(Protocol):
    """Notes spans, each below the one that is under way."""

    def span(self, name: str, kind: SpanKind, attributes: Mapping[str, Value | None]) -> AbstractContextManager[Span]:
        """A span around what is done inside."""
        ...

    def statement(self, system: str, sql: str, began: int, ended: int, failure: str) -> None:
        """Note a statement of a database that has run, below the span that is under way; of nobody's, nothing."""
        ...

    def headers(self) -> Mapping[str, str]:
        """What an outgoing request carries so that its receiver continues the trace; nothing unless that is set."""
        ...


class Tracing(Tracer, Protocol):
    """A tracer, and what it has to do with the rest of the process."""

    def serve(self, app: ASGIApp) -> ASGIApp:
        """Middleware: a span for every HTTP request."""
        ...

    def follow(self, engines: Engines) -> None:
        """Note the statements of a database."""
        ...

    async def stop(self) -> None:
        """Send what is left."""
        ...


class _Nothing:
    """The span of a process that nobody traces."""

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def note(self, **attributes: Value | None) -> None:
        """Nothing is noted."""

    def failed(self, reason: str) -> None:
        """Nothing is noted."""


@dataclass(slots=True)
class _Place:
    tracer: Tracer | None = None


_NOTHING = _Nothing()
# Of the process, as its log is: what is traced does not know by whom.
_place = _Place()


def span(name: str, kind: SpanKind = SpanKind.INTERNAL, **attributes: Value | None) -> AbstractContextManager[Span]:
    """A span around what is done inside; a name is one of few, in an attribute `__` stands for a dot."""
    tracer = _place.tracer
    return _NOTHING if tracer is None else tracer.span(name, kind, attributes)


def note_statement(system: str, sql: str, began: int, ended: int, failure: str = "") -> None:
    """Tell of a statement that has run on a database, from one nanosecond since 1970 to another; never its values.

    `failure` is the kind of error it ended with, empty if it did not.
    """
    if _place.tracer is not None:
        _place.tracer.statement(system, sql, began, ended, failure)


def traced() -> bool:
    """Whether anybody is told of spans."""
    return _place.tracer is not None


def trace_headers() -> Mapping[str, str]:
    """What a request to somebody else carries of the trace, if the settings let it."""
    return {} if _place.tracer is None else _place.tracer.headers()


@contextmanager
def traced_by(tracer: Tracer | None) -> Iterator[None]:
    """Have spans noted by this tracer, for as long as it lasts."""
    before, _place.tracer = _place.tracer, tracer
    try:
        yield
    finally:
        _place.tracer = before


def endpoint(settings: Settings) -> str | None:
    """Where traces go: the setting, or what OpenTelemetry's own variables say."""
    own = settings.telemetry.endpoint
    return f"{own.rstrip('/')}/v1/traces" if own else _standard_endpoint()


def missing(settings: Settings) -> str | None:
    """What has to be installed for the settings to work, in words."""
    if endpoint(settings) is None or _installed():
        return None
    named = variable("telemetry", "endpoint") if settings.telemetry.endpoint else _STANDARD[1]
    return f"{named} is set, and traces need the extra `telemetry`: pip install -e '.[telemetry]'"


def open_tracing(settings: Settings) -> Tracing | None:
    """What traces as the settings say; None when they say nothing.

    Raises:
        InvalidSettings: when it is not installed.
    """
    where = endpoint(settings)
    if where is None:
        return None
    if words := missing(settings):
        raise InvalidSettings((words,))
    # OpenTelemetry takes 4 MiB and 0.2 seconds to load, which only those pay who trace.
    made: Tracing = import_module("gateway.telemetry").Telemetry(where, settings.telemetry)
    return made


def _standard_endpoint() -> str | None:
    traces, base = (environ.get(name) for name in _STANDARD)
    return traces or (f"{base.rstrip('/')}/v1/traces" if base else None)


def _installed() -> bool:
    try:
        return all(find_spec(name) for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"))
    except ModuleNotFoundError:
        return False
