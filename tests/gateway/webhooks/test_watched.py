"""Attempts to deliver are counted, logged by delivery and event, and traced; nothing of it tells too much."""

from __future__ import annotations

import json

import pytest

from domain.events import EventType
from gateway.database import Database
from gateway.logging import configure
from gateway.settings import LogFormat, LogLevel
from gateway.settings_operations import TelemetrySettings
from gateway.spans import traced_by
from gateway.telemetry import Telemetry
from tests.clocks import SetClock
from tests.factories.lead_calls import Leads
from tests.factories.organizations import make_organization, make_viewer
from tests.factories.webhooks import delivering, make_endpoint, receiving
from tests.gateway.test_telemetry import Collector, collector, facts
from tests.graphs import Graph

__all__ = ["collector"]

HIDDEN = "hush-hush"


async def test_an_attempt_is_counted_logged_and_traced(
    embedded: Database,
    clock: SetClock,
    collector: Collector,
    capsys: pytest.CaptureFixture[str],
    logging_restored: None,
) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)
    organization = await make_organization(embedded)
    graph = Graph(embedded, await make_viewer(embedded, organization))
    telemetry = Telemetry(f"{collector.url}/v1/traces", TelemetrySettings(tell_receivers=True))
    async with receiving() as receiver, delivering(embedded) as deliverer:
        url = receiver.url(f"/hook?access_token={HIDDEN}")
        endpoint = await make_endpoint(embedded, organization, url, EventType.LEAD_CREATED)
        await Leads(graph).create(email=f"{HIDDEN}@example.com")
        receiver.answers(500, 200)
        with traced_by(telemetry):
            await deliverer.dispatch(organization)
            await deliverer.sweep(organization)
            clock.advance(minutes=1)
            await deliverer.sweep(organization)
        (delivery,) = await deliverer.deliveries(endpoint)
    await telemetry.stop()

    assert dict(deliverer.webhooks.queue.attempts) == {"failed": 1, "delivered": 1}
    written = capsys.readouterr().err
    lines = [line for line in map(json.loads, written.splitlines()) if line["message"] == "webhook attempt"]
    assert [(line["result"], line["status"], line["attempt"]) for line in lines] == [
        ("failed", 500, 1),
        ("delivered", 200, 2),
    ]
    for line in lines:
        assert (line["delivery_id"], line["endpoint_id"]) == (delivery.id, endpoint)
        assert (line["event_id"], line["type"]) == (f"{organization}:1", "LEAD_CREATED")
    traced = [each for each in collector.spans if each.name == "webhook"]
    assert [facts(each)["http.response.status_code"] for each in traced] == [500, 200]
    assert {facts(each)["trigraph.delivery"] for each in traced} == {delivery.id}
    carried = {told.headers["traceparent"].split("-")[1] for told in receiver.told}
    assert carried == {each.trace_id.hex() for each in traced}
    assert HIDDEN not in written
    assert HIDDEN not in str(collector.spans)
