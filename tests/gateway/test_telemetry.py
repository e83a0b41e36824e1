"""Traces: what reaches a collector, and what happens without one."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.types import Receive, Scope, Send

from gateway import spans
from gateway.app import create_app
from gateway.calls import CallRecord
from gateway.database import Database
from gateway.settings import InvalidSettings, load
from gateway.settings_operations import TelemetrySettings
from gateway.spans import SpanKind, missing, span, trace_headers, traced_by
from gateway.telemetry import Telemetry
from tests.clocks import SetClock
from tests.factories.credentials import make_client, make_credential
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """Takes traces, or refuses them."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.resources: list[dict[str, str]] = []
        self.status = 200
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces" and collector.status == 200:
                    collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quietly."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def take(self, request: Any) -> None:
        for each in request.resource_spans:
            self.resources.append({one.key: one.value.string_value for one in each.resource.attributes})
            self.spans += [one for scope in each.scope_spans for one in scope.spans]

    def named(self, name: str) -> Any:
        (found,) = [each for each in self.spans if each.name == name]
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, args=(0.02,))
    thread.start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenTelemetry's own variables say nothing."""
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(name, raising=False)


def facts(found: Any) -> dict[str, Any]:
    """The attributes of a span."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in found.attributes}


async def test_requests_operations_and_statements_are_one_trace(
    collector: Collector, embedded: Database, sqlite_database_url: str, clock: SetClock, tmp_path: Path
) -> None:
    organization = await make_organization(embedded)
    key = await make_credential(embedded, organization, await make_client(embedded, organization))
    lead = await make_lead(embedded, organization)
    settings = load(
        env_file=None, database_url=sqlite_database_url, data_dir=tmp_path, telemetry={"endpoint": collector.url}
    )
    app = create_app(settings, clock=clock)
    body = {"query": "query Mine($id: ID!) { lead(id: $id) { id } }", "variables": {"id": lead}}
    headers = {"X-API-Key": key, "traceparent": f"00-{TRACE}-{PARENT}-01"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://graph.test") as client,
    ):
        answer = await client.post("/graphql?access_token=hush", json=body, headers=headers)
        assert answer.json()["data"] == {"lead": {"id": lead}}
        await client.get(f"/v1/leads/{lead}", headers={"X-API-Key": key + "x"})
        await client.post("/graphql", json={"query": "{ lead(id: 3) { id nothing } }"}, headers={"X-API-Key": key})

    served = [each for each in collector.spans if each.name == "POST /graphql"]
    first = next(each for each in served if each.trace_id.hex() == TRACE)
    assert (first.parent_span_id.hex(), facts(first)["http.response.status_code"]) == (PARENT, 200)
    assert facts(first)["trigraph.request_id"] == answer.headers["x-request-id"]
    operation = collector.named("query")
    assert operation.parent_span_id == first.span_id
    assert facts(operation)["graphql.operation.type"] == "query"
    assert facts(operation)["trigraph.operation"] == "query Mine { lead }"
    assert facts(operation)["trigraph.cost"] >= 1
    statements = [each for each in collector.spans if each.parent_span_id == operation.span_id]
    assert {(each.name, facts(each)["db.system.name"]) for each in statements} == {("SELECT", "sqlite")}
    refused = collector.named("GET /v1/leads/{lead_id}")
    assert refused.trace_id.hex() != TRACE
    assert (facts(refused)["http.response.status_code"], facts(refused)["trigraph.door"]) == (401, "crm_ultra")
    assert {each["service.name"] for each in collector.resources} == {"trigraph"}
    told = str(collector.spans)
    assert [each for each in ("hush", key, lead) if each in told] == []


async def test_every_statement_of_a_mutation_is_traced(
    collector: Collector, embedded: Database, sqlite_database_url: str, clock: SetClock, tmp_path: Path
) -> None:
    organization = await make_organization(embedded)
    key = await make_credential(embedded, organization, await make_client(embedded, organization))
    # Nothing is run on the event loop: threads know nothing of the request.
    settings = load(
        env_file=None,
        database_url=sqlite_database_url,
        data_dir=tmp_path,
        telemetry={"endpoint": collector.url},
        compiled={"inline_milliseconds": 0},
    )
    app = create_app(settings, clock=clock)
    body = {"query": 'mutation { createLead(input: {source: "website", email: "a@b.example"}) { lead { id } } }'}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://graph.test") as client,
    ):
        answer = await client.post("/graphql", json=body, headers={"X-API-Key": key})
        assert answer.json()["data"]["createLead"]["lead"]["id"].startswith("lead_")
    operation = collector.named("mutation")
    names = [each.name for each in collector.spans if each.parent_span_id == operation.span_id]
    # The contact, the lead, its timeline and the event; then the lead is read as it is answered.
    assert (names.count("INSERT"), names[-1]) == (4, "SELECT")
    assert "a@b.example" not in str(collector.spans)


async def test_a_failure_is_told_by_its_kind_alone(collector: Collector) -> None:
    telemetry = Telemetry(f"{collector.url}/v1/traces", TelemetrySettings())
    with traced_by(telemetry):
        with pytest.raises(ValueError, match="hush"), span("job"):
            raise ValueError("hush")
        with span("attempt", SpanKind.CLIENT, trigraph__delivery="msg_1", trigraph__sequence=None) as noted:
            noted.failed("HTTP 500")
    await telemetry.stop()
    job, attempt = collector.named("job"), collector.named("attempt")
    assert (job.status.message, list(job.events)) == ("ValueError", [])
    assert (attempt.status.message, facts(attempt)) == ("HTTP 500", {"trigraph.delivery": "msg_1"})


async def test_a_stream_is_traced_until_it_is_open(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry(f"{collector.url}/v1/traces", TelemetrySettings())
    call = CallRecord("req_1", stays_open=True)
    scope = {"type": "http", "method": "GET", "headers": [], "state": {"call": call}}

    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("hush")

    async def nothing(*_: Any) -> Any:
        return None

    with pytest.raises(ValueError, match="hush"):
        await telemetry.serve(breaks)(scope, nothing, nothing)
    await telemetry.stop()
    assert (collector.named("GET").status.code, caplog.text) == (0, "")


@pytest.mark.parametrize("tell", [True, False])
async def test_receivers_are_told_of_the_trace_when_that_is_set(collector: Collector, tell: bool) -> None:
    telemetry = Telemetry(f"{collector.url}/v1/traces", TelemetrySettings(tell_receivers=tell))
    with traced_by(telemetry), span("attempt", SpanKind.CLIENT):
        assert list(trace_headers()) == (["traceparent"] if tell else [])
    await telemetry.stop()


async def test_a_client_does_not_decide_what_is_kept(collector: Collector) -> None:
    telemetry = Telemetry(f"{collector.url}/v1/traces", TelemetrySettings(sampled=0))
    with traced_by(telemetry), span("job"):
        pass
    await telemetry.stop()
    assert collector.spans == []


@pytest.mark.parametrize("away", [True, False])
async def test_a_collector_that_is_away_or_refuses_hurts_nobody(
    collector: Collector, away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.telemetry._EXPORT_SECONDS", 0.3)
    collector.status = 400
    endpoint = "http://127.0.0.1:1" if away else collector.url
    telemetry = Telemetry(f"{endpoint}/v1/traces", TelemetrySettings())
    with traced_by(telemetry), span("job"):
        pass
    async with asyncio.timeout(5):
        await telemetry.stop()
    assert collector.spans == []


def test_without_an_endpoint_nothing_is_noted_nor_told() -> None:
    settings = load(env_file=None)
    assert spans.open_tracing(settings) is None
    with span("job", trigraph__id="1") as noted:
        noted.note(trigraph__more=2)
        noted.failed("never")
    assert trace_headers() == {}


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/", "http://collector:4318/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector/here", "http://collector/here"),
    ],
)
def test_the_standard_variables_are_known(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert spans.endpoint(load(env_file=None)) == expected
    own = load(env_file=None, telemetry={"endpoint": "http://127.0.0.1:4318"})
    assert spans.endpoint(own) == "http://127.0.0.1:4318/v1/traces"


def test_what_is_not_installed_is_said_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(env_file=None, telemetry={"endpoint": "http://127.0.0.1:4318"})
    assert missing(settings) is None
    monkeypatch.setattr(spans, "find_spec", lambda name: None)
    with pytest.raises(InvalidSettings, match=r"TRIGRAPH_TELEMETRY_ENDPOINT.*\.\[telemetry\]"):
        spans.open_tracing(settings)
    assert missing(load(env_file=None)) is None


@pytest.mark.parametrize("endpoint", ["collector:4318", "ftp://collector", "http://"])
def test_what_is_no_address_is_refused_by_name(endpoint: str) -> None:
    with pytest.raises(InvalidSettings, match="TRIGRAPH_TELEMETRY_ENDPOINT"):
        load(env_file=None, telemetry={"endpoint": endpoint})
