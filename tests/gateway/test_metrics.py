"""Metrics: who may read them, that they can be read, and that their labels stay few."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.emails import EmailStatus
from domain.webhooks import DeliveryStatus
from gateway.app import create_app
from gateway.assembly import Parts
from gateway.calls import CallRecord
from gateway.connections import ConnectionKind
from gateway.database import Database
from gateway.depths import DepthGauge
from gateway.figures import CATALOGUE
from gateway.metrics import gather, render
from gateway.settings import InvalidSettings, load
from gateway.tallies import SECONDS, Tallies
from resolvers import operations
from tests.clocks import SetClock
from tests.conftest import CountStatements
from tests.factories.credentials import make_client, make_credential
from tests.factories.leads import email_row, make_lead
from tests.factories.organizations import make_organization, make_viewer, store
from tests.factories.queues import queue_delivery, queue_endpoint

TOKEN = "a-token-that-is-long-enough"
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"

Serving = Callable[..., AbstractAsyncContextManager[tuple[Callable[..., httpx.AsyncClient], Parts]]]
Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


@pytest.fixture
def serving(sqlite_database_url: str, clock: SetClock, tmp_path: Path) -> Serving:
    """An application with these settings, and a way to ask it from an address."""

    @asynccontextmanager
    async def served(**given: Any) -> AsyncIterator[tuple[Callable[..., httpx.AsyncClient], Parts]]:
        app = create_app(load(env_file=None, database_url=sqlite_database_url, data_dir=tmp_path, **given), clock=clock)

        def client(address: str = "127.0.0.1") -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, client=(address, 1))
            return httpx.AsyncClient(transport=transport, base_url="http://graph.test")

        yield client, app.state.parts
        await app.state.parts.observation.stop()
        await app.state.parts.audit.stop()
        await app.state.parts.database.engines.dispose()

    return served


def read(text: str) -> Samples:
    """Values by name and labels, without the label of the process."""
    return {
        family.name: {
            (sample.name, *sorted((n, v) for n, v in sample.labels.items() if n != "process")): sample.value  # type: ignore[misc]
            for sample in family.samples
        }
        for family in text_string_to_metric_families(text)
    }


async def scraped(client: httpx.AsyncClient) -> Samples:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return read(answer.text)


async def test_what_was_asked_is_counted_by_door_route_and_status(serving: Serving, embedded: Database) -> None:
    organization = await make_organization(embedded)
    client_id = await make_client(embedded, organization)
    key = {"X-API-Key": await make_credential(embedded, organization, client_id)}
    lead = await make_lead(embedded, organization)
    async with serving() as (client, _), client() as asking:
        await asking.post("/graphql", json={"query": "query Mine { leads { totalCount } }"}, headers=key)
        await asking.post("/graphql", json={"query": "mutation { deleteLead(id: 1) { errors { code } } }"}, headers=key)
        await asking.post("/graphql", json={"query": "{ nothing }"})
        for _ in range(2):
            await asking.get(f"/v1/leads/{lead}")
        await asking.get(f"/{organization}/unheard-of")
        found = await scraped(asking)

    requests = found["trigraph_http_requests"]
    name = "trigraph_http_requests_total"
    assert requests[name, ("door", "graphql"), ("route", "/graphql"), ("status", "2xx")] == 3
    assert requests[name, ("door", "crm_ultra"), ("route", "GET /v1/leads/{lead_id}"), ("status", "4xx")] == 2
    assert requests[name, ("door", "none"), ("route", "other"), ("status", "4xx")] == 1
    operations = found["trigraph_graphql_operations"]
    assert operations["trigraph_graphql_operations_total", ("outcome", "done"), ("type", "query")] == 1
    assert operations["trigraph_graphql_operations_total", ("outcome", "refused"), ("type", "mutation")] == 1
    assert operations["trigraph_graphql_operations_total", ("outcome", "refused"), ("type", "other")] == 1
    assert found["trigraph_graphql_points"]["trigraph_graphql_points_total", ("type", "query")] >= 1
    assert found["trigraph_credentials_remembered"][("trigraph_credentials_remembered",)] == 1
    assert found["trigraph_credentials_looked_up"][("trigraph_credentials_looked_up_total",)] == 2
    durations = found["trigraph_http_request_duration_seconds"]
    graph = (("door", "graphql"), ("route", "/graphql"))
    assert durations["trigraph_http_request_duration_seconds_count", *graph] == 3
    bucket = ("trigraph_http_request_duration_seconds_bucket", graph[0], ("le", "+Inf"), graph[1])
    assert durations[bucket] == 3
    for labels in (labels for values in found.values() for labels in values):
        assert not any(secret in str(labels) for secret in (organization, client_id, lead, *key.values(), "Mine"))


async def test_limits_that_were_reached_are_counted(serving: Serving, embedded: Database) -> None:
    organization = await make_organization(embedded)
    client_id = await make_client(embedded, organization, tier="Free")
    key = {"X-API-Key": await make_credential(embedded, organization, client_id)}
    async with serving(limits={"points_free": 1}) as (client, _), client() as asking:
        for _ in range(2):
            await asking.post("/graphql", json={"query": "{ leads { nodes { id } } }"}, headers=key)
        found = await scraped(asking)
    assert found["trigraph_rate_limited"]["trigraph_rate_limited_total", ("door", "graphql")] == 2


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.8.8.8", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.1", {}, 403),
        ("2001:db8::1", {}, 403),
        ("not an address", {}, 403),
        # A proxy on this machine asks from its own address, whatever it says of whom it asks for.
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Forwarded-For": ""}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 403),
        ("192.0.2.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("192.0.2.1", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("192.0.2.1", {"Authorization": f"bearer {TOKEN}", "X-Forwarded-For": "198.51.100.1"}, 200),
        ("192.0.2.1", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        ("192.0.2.1", {"Authorization": f"Basic {TOKEN}"}, 403),
        ("192.0.2.1", {"Authorization": "Bearer"}, 403),
        ("192.0.2.1", {"Authorization": "Bearer é".encode()}, 403),
    ],
)
async def test_who_may_read(serving: Serving, address: str, headers: dict[str, Any], status: int) -> None:
    async with serving(metrics={"token": TOKEN}) as (client, _), client(address) as asking:
        answer = await asking.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("trigraph_" in answer.text) == (status == 200)


async def test_without_a_token_none_opens(serving: Serving) -> None:
    async with serving() as (client, _), client("192.0.2.1") as asking:
        for value in ("Bearer", "Bearer ", f"Bearer {TOKEN}"):
            assert (await asking.get("/metrics", headers={"Authorization": value})).status_code == 403


async def test_other_networks_may_be_let_in(serving: Serving) -> None:
    async with serving(metrics={"networks": "10.0.0.0/8"}) as (client, _):
        statuses = []
        for address in ("10.1.2.3", "127.0.0.1"):
            async with client(address) as asking:
                statuses.append((await asking.get("/metrics")).status_code)
    assert statuses == [200, 403]


async def test_pages_of_other_origins_read_neither_metrics_nor_health(serving: Serving) -> None:
    async with serving(cors_origins="*") as (client, _), client() as asking:
        for path in ("/metrics", "/readyz"):
            answer = await asking.get(path, headers={"Origin": "https://evil.example.com"})
            assert not [name for name in answer.headers if name.startswith("access-control")], path


@pytest.mark.parametrize(("name", "value"), [("token", "short"), ("networks", "everywhere"), ("cached_seconds", "0")])
def test_what_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"TRIGRAPH_METRICS_{name.upper()}"):
        load(env_file=None, metrics={name: value})


def test_labels_stay_few_whatever_clients_invent() -> None:
    tallies = Tallies()
    for number in range(2_000):
        call = CallRecord(f"req_{number}")
        call.enter("PAGE", f"METHOD{number} /account")
        call.status = 200 + number % 300
        tallies.request(call)
        call.enter("GRAPHQL", f"query Q{number} {{ leads }}")
        tallies.request(call)
    assert len(tallies.requests) <= 510
    assert sum(sum(each.counts) for each in tallies.requests.values()) == 4_000
    assert set(tallies.operations) == {("query", "DONE")} | {("query", "REFUSED")}


def test_durations_fall_into_their_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    tallies = Tallies()
    for seconds in (0.001, SECONDS[0], 0.3, 99):
        call = CallRecord("req_1", began=1_000.0)
        call.enter("CRM_ULTRA", "GET /v1/leads")
        monkeypatch.setattr("gateway.tallies.time.perf_counter", lambda now=1_000.0 + seconds: now)
        tallies.request(call)
    (found,) = tallies.requests.values()
    assert (found.counts[0], found.counts[-1], sum(found.counts)) == (2, 1, 4)
    assert found.seconds == pytest.approx(0.001 + SECONDS[0] + 0.3 + 99)


async def test_streams_are_counted_by_kind(serving: Serving, embedded: Database) -> None:
    viewer = await make_viewer(embedded, await make_organization(embedded))
    async with serving() as (client, parts), client() as asking:
        with parts.connections.holding(ConnectionKind.GRAPHQL_SSE, viewer, None) as one:
            one.sent, one.waiting = 3, 2
            one.too_slow = True
            open_ = await scraped(asking)
        ended = await scraped(asking)
    kind = ("kind", "graphql_sse")
    assert open_["trigraph_streams_open"]["trigraph_streams_open", kind] == 1
    assert open_["trigraph_stream_messages_waiting"]["trigraph_stream_messages_waiting", kind] == 2
    assert ended["trigraph_streams_open"]["trigraph_streams_open", kind] == 0
    assert ended["trigraph_stream_messages"]["trigraph_stream_messages_total", kind] == 3
    assert ended["trigraph_streams_cut_off"]["trigraph_streams_cut_off_total", kind] == 1


async def test_readings_and_tasks_of_the_language_model_are_timed_by_what_became_of_them(serving: Serving) -> None:
    async with serving() as (client, parts), client() as asking:
        parts.reading.reader.timings.note("read", 0.3)
        parts.writer.timings.note("unreachable", 20)
        parts.writer.spent_micros += 1_500_000
        found = await scraped(asking)
    readings, tasks = found["trigraph_reading_duration_seconds"], found["trigraph_writer_task_duration_seconds"]
    assert readings["trigraph_reading_duration_seconds_count", ("outcome", "read")] == 1
    assert readings["trigraph_reading_duration_seconds_bucket", ("le", "0.25"), ("outcome", "read")] == 0
    assert tasks["trigraph_writer_task_duration_seconds_sum", ("outcome", "unreachable")] == 20
    assert found["trigraph_writer_spent_dollars"][("trigraph_writer_spent_dollars_total",)] == 1.5


async def test_depths_are_those_of_the_database(database: Database, clock: SetClock) -> None:
    organization = await make_organization(database)
    before = await DepthGauge(database, 5).look([organization])
    assert before is not None
    await _fill(database, clock, organization)
    after = await DepthGauge(database, 5).look([organization])
    assert after is not None
    for was, now, due, waiting in zip(
        before.queues, after.queues, (2, 1, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0, 0), strict=True
    ):
        assert (now.due - was.due, now.waiting - was.waiting) == (due, waiting), now.queue
        assert now.oldest_due_at is not None or not due
    assert after.endpoints.active - before.endpoints.active == 1
    assert after.newest == {organization: 0}


async def _fill(database: Database, clock: SetClock, organization: str) -> None:
    """Two deliveries that are due, three later; one message that is due; of each some that is done."""
    endpoint = await queue_endpoint(database, organization)
    now = clock.now()
    later, earlier = clock.at.replace(year=now.year + 1), clock.at.replace(year=now.year - 1)
    for due_at in (now, earlier, later, later, later):
        await queue_delivery(database, organization, endpoint, due_at=due_at)
    await queue_delivery(database, organization, endpoint, due_at=None, status=DeliveryStatus.DELIVERED)
    lead = await make_lead(database, organization)
    sent = {"status": EmailStatus.SENT, "due_at": None}
    waiting = {"status": EmailStatus.SCHEDULED, "due_at": earlier, "sent_at": None}
    await store(database, *(email_row(lead, organization, now, **each) for each in (sent, waiting)))


async def test_the_database_is_asked_once_however_often_metrics_are(
    database: Database, count_statements: CountStatements
) -> None:
    gauge = DepthGauge(database, 60)
    with count_statements() as ran:
        first = await gauge.look(())
        assert await gauge.look(()) is first
    assert len(ran) == 4


async def test_depths_are_read_by_index(embedded: Database) -> None:
    compiled = operations.depths(embedded.clock.now()).compile(
        dialect=embedded.engines.reading.dialect, compile_kwargs={"literal_binds": True}
    )
    async with embedded.engines.reading.connect() as connection:
        plan = str((await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")).all())
    used = set(re.findall(r"ix_\w+", plan))
    assert {"ix_webhook_delivery_due", "ix_webhook_delivery_pending", "ix_email_due"} <= used
    assert {"ix_job_entry_due", "ix_job_callback"} <= used
    assert "SCAN webhook_delivery'" not in plan


async def test_without_the_database_the_process_tells_what_it_knows(serving: Serving, sqlite_file: Path) -> None:
    async with serving() as (client, parts), client() as asking:
        await parts.database.engines.dispose()
        sqlite_file.write_text(  # noqa: ASYNC240 - the file of a test
            "this is a letter, not a database " * 100
        )
        found = await scraped(asking)
    assert found["trigraph_database_figures_known"][("trigraph_database_figures_known",)] == 0
    assert "trigraph_queue_due" not in found
    assert "trigraph_http_requests" in found


async def test_the_page_lists_what_there_is(serving: Serving) -> None:
    async with serving() as (client, _), client() as asking:
        found = await scraped(asking)
    named = {each.name.removesuffix("_total") for each in CATALOGUE}
    assert named == {name for name in found if name.startswith("trigraph_")}
    page = PAGE.read_text(encoding="utf-8")
    for each in CATALOGUE:
        kind = each.type + (", of the installation" if each.shared else "")
        labels = ", ".join(f"`{label}`" for label in each.labels) or "-"
        assert f"| `{each.name}` | {kind} | {labels} | {each.meaning} |" in page, each.name


async def test_each_process_has_a_name_of_its_own(serving: Serving) -> None:
    async with serving() as (_, parts):
        sources = replace(parts.observation.scraping._sources, process="4711")
        text = render(gather(sources, await parts.observation.depths.look(()))).decode()
    for family in text_string_to_metric_families(text):
        shared = any(each.shared for each in CATALOGUE if each.name.removesuffix("_total") == family.name)
        for sample in family.samples:
            assert sample.labels.get("process") == (None if shared else "4711"), sample
