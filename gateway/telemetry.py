"""Traces for OpenTelemetry by OTLP over HTTP; the one module that knows it, loaded when an endpoint is set."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import event
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.audit import Door, Outcome
from gateway.calls import CallRecord
from gateway.engines import Engines
from gateway.settings_operations import TelemetrySettings
from gateway.spans import Span, SpanKind, Value

_EXPORT_SECONDS = 5
"""How long a collector may take for a batch, and how long the process waits for the last one when it stops."""
_KINDS = {SpanKind.INTERNAL: trace.SpanKind.INTERNAL, SpanKind.CLIENT: trace.SpanKind.CLIENT}
_WORDS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
_TRACE_HEADERS = (b"traceparent", b"tracestate")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Telemetry:
    """Notes spans and sends them in batches beside the requests; what cannot be sent is dropped, as the log says."""

    def __init__(self, endpoint: str, settings: TelemetrySettings) -> None:
        """Traces to an endpoint, its path included."""
        self._settings = settings
        self._exporter = OTLPSpanExporter(endpoint, timeout=_EXPORT_SECONDS)
        # A client may continue its trace here, but cannot have more of them kept than the settings say.
        part = TraceIdRatioBased(settings.sampled)
        sampler = ParentBased(part, remote_parent_sampled=part, remote_parent_not_sampled=ALWAYS_OFF)
        self._provider = TracerProvider(
            sampler, Resource.create({SERVICE_NAME: settings.service}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("trigraph")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, kind: SpanKind, attributes: Mapping[str, Value | None]) -> Iterator[Span]:
        """A span around what is done inside."""
        started = self._tracer.start_span(name, kind=_KINDS[kind])
        noted = _Noted(started)
        noted.note(**attributes)
        with _inside(started):
            yield noted

    def statement(self, system: str, sql: str, began: int, ended: int, failure: str) -> None:
        """Note a statement that has run."""
        if started := self._statement(system, sql, began):
            if failure:
                started.set_status(StatusCode.ERROR, failure)
            started.end(ended)

    def headers(self) -> Mapping[str, str]:
        """What an outgoing request carries, when receivers are to know."""
        carried: dict[str, str] = {}
        if self._settings.tell_receivers:
            self._propagator.inject(carried)
        return carried

    def serve(self, app: ASGIApp) -> ASGIApp:
        """Middleware: a span for every HTTP request, in the trace of whoever sent it."""

        async def served(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            await self._served(app, scope, receive, send)

        return served

    def follow(self, engines: Engines) -> None:
        """Note every statement of a database inside of other spans: what kind it is and how long it took."""
        system = engines.writing.dialect.name

        def begin(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            context.trigraph_span = self._statement(system, statement)

        def end(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            if started := getattr(context, "trigraph_span", None):
                started.end()

        def fail(failure: Any) -> None:
            if started := getattr(failure.execution_context, "trigraph_span", None):
                started.set_status(StatusCode.ERROR, type(failure.original_exception).__name__)
                started.end()

        for engine in {engines.reading, engines.writing}:
            event.listen(engine.sync_engine, "before_cursor_execute", begin)
            event.listen(engine.sync_engine, "after_cursor_execute", end)
            event.listen(engine.sync_engine, "handle_error", fail)

    async def stop(self) -> None:
        """Send what is left; a collector that does not answer is waited for a few seconds."""
        await asyncio.to_thread(self._stop)

    def _statement(self, system: str, sql: str, began: int | None = None) -> OtelSpan | None:
        """A span for a statement, begun now or then; of what begins and ends transactions, or is nobody's, none."""
        word = sql.lstrip("( \n").partition(" ")[0].upper()
        if word not in _WORDS or not trace.get_current_span().is_recording():
            return None
        attributes = {"db.system.name": system, "db.operation.name": word}
        return self._tracer.start_span(word, kind=trace.SpanKind.CLIENT, attributes=attributes, start_time=began)

    def _stop(self) -> None:
        # A thread that nobody waits for at the end of the process: it tries for half a minute.
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_EXPORT_SECONDS)
        if closing.is_alive():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]

    async def _served(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        carried = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _TRACE_HEADERS}
        call: CallRecord = scope["state"]["call"]
        above = self._propagator.extract(carried)
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        started = self._tracer.start_span(method, above, trace.SpanKind.SERVER)

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                _describe(started, method, call, message["status"])
                if call.stays_open:
                    # A stream may be open for days; what is traced is how it was opened.
                    started.end()
            await send(message)

        with _inside(started):
            await app(scope, receive, watch)
            if started.is_recording() and call.status is None:
                _describe(started, method, call, None)


class _Noted:
    """A span under way, as the rest of the process knows it."""

    def __init__(self, started: OtelSpan) -> None:
        self._started = started

    def note(self, **attributes: Value | None) -> None:
        """Say more of it."""
        for name, value in attributes.items():
            if value is not None:
                self._started.set_attribute(name.replace("__", "."), value)

    def failed(self, reason: str) -> None:
        """It did not succeed."""
        self._started.set_status(StatusCode.ERROR, reason)


@contextmanager
def _inside(started: OtelSpan) -> Iterator[None]:
    """Put what is done inside below a span, which ends with it; of an error it tells the kind, as texts hold values."""
    with trace.use_span(started, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except Exception as error:
            if started.is_recording():
                started.set_status(StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            # That of a stream has ended when it was opened.
            if started.is_recording():
                started.end()


def _describe(started: OtelSpan, method: str, call: CallRecord, status: int | None) -> None:
    """Say of a request what is known when it is answered: its route, never its path."""
    route = "/graphql" if call.door is Door.GRAPHQL else call.operation.partition(" ")[2]
    started.update_name(f"{method} {route}".rstrip())
    attributes: dict[str, Value | None] = {
        "http.request.method": method,
        "http.route": route or None,
        "http.response.status_code": status,
        "trigraph.door": call.door.lower() if call.door else None,
        "trigraph.request_id": call.request_id,
        "trigraph.code": call.code,
    }
    started.set_attributes({name: value for name, value in attributes.items() if value is not None})
    if call.outcome is Outcome.FAILED:
        started.set_status(StatusCode.ERROR, call.code or "")
