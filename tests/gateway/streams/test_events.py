"""Server-sent events as documented, and how a client that was away goes on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator

from domain.events import EventType
from domain.viewer import Dialect
from gateway.connections import ConnectionKind
from resolvers import cursors
from tests.factories.credentials import make_client, make_credential
from tests.factories.happenings import ALERT, alert, forget, happen
from tests.gateway.streams.conftest import Serve
from tests.gateway.streams.serving import House

PATH = "/api/v1/stream/events"
_SHAPES = Path(__file__).parents[2] / "rest_compat" / "clickup_brain" / "shapes"


def bearer(house: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {house.key}"}


async def test_every_channel_is_told_as_printed_with_a_place_to_resume_after(house: House) -> None:
    async with house.events(Accept="text/event-stream") as source:
        head = source.response.headers
        assert head["content-type"] == "text/event-stream"
        assert (head["cache-control"], head["x-accel-buffering"]) == ("no-cache", "no")
        assert head["x-request-id"].startswith("req_")
        await happen(house.database, house.organization, (EventType.LEAD_UPDATED, {"id": "lead_1"}))
        await alert(house.database, house.organization)
        await happen(house.database, house.organization, (EventType.MARKETING_OPTIMIZED, {"campaign_id": "c"}))
        place, told = await source.hear()
        assert told == {"event": "compliance.alert", "data": ALERT}
        assert list(told) == ["event", "data"]
        assert place == cursors.place(2)
        shape = json.loads((_SHAPES / "stream_sse.schema.json").read_text())
        Draft202012Validator(shape).validate(told)
        assert (await source.hear())[1]["event"] == "marketing.optimization"


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(house: House) -> None:
    for number in (1, 2, 3):
        await alert(house.database, house.organization, number)
    for header in ("Last-Event-ID", "last-event-id"):
        async with house.events(**{header: cursors.place(1)}) as source:
            heard = [(await source.hear())[1]["data"]["alert_id"] for _ in range(2)]
        assert heard == ["alert_2", "alert_3"]
    query = {"lastEventId": cursors.place(2), "access_token": house.key}
    async with house.http.stream("GET", "/v1/stream/events", params=query) as response:
        text = ""
        async for chunk in response.aiter_text():
            text += chunk
            if "alert_3" in text:
                break
    assert "alert_2" not in text


async def test_a_place_the_log_has_forgotten_is_gone_and_says_where_to_resume(house: House) -> None:
    for number in (1, 2, 3):
        await alert(house.database, house.organization, number)
    await forget(house.database, house.organization, 2)
    answer = await house.http.get(PATH, headers=bearer(house) | {"Last-Event-ID": cursors.place(1)})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (410, "GONE")
    assert error["details"] == {"resume_after": cursors.place(3)}
    assert "read anew" in error["message"]
    async with house.events(last_event_id=cursors.place(2)) as source:
        assert (await source.hear())[1]["data"]["alert_id"] == "alert_3"


@pytest.mark.parametrize("cursor", ["nonsense", cursors.place(99)])
async def test_what_is_no_place_of_the_log_is_refused(house: House, cursor: str) -> None:
    answer = await house.http.get(PATH, headers=bearer(house) | {"Last-Event-ID": cursor})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


async def test_refusals_come_in_the_envelope_of_the_product(house: House) -> None:
    writer = await make_client(house.database, house.organization, dialect=Dialect.CLICKUP_BRAIN, scopes=["write"])
    key = await make_credential(house.database, house.organization, writer, dialect=Dialect.CLICKUP_BRAIN)
    ask = house.http.get
    asked: list[tuple[httpx.Response, int, str]] = [
        (await ask(PATH), 401, "UNAUTHORIZED"),
        (await ask(PATH, headers={"Authorization": "Bearer wrong"}), 401, "UNAUTHORIZED"),
        (await ask(PATH, headers=bearer(house), params={"access_token": "other"}), 401, "UNAUTHORIZED"),
        (await ask(PATH, params={"access_token": key}), 403, "FORBIDDEN"),
        (await house.http.post(PATH, headers=bearer(house)), 405, "BAD_REQUEST"),
    ]
    for answer, status, code in asked:
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert house.key not in answer.text


async def test_its_head_and_its_options_open_nothing(house: House) -> None:
    head = await house.http.head(PATH, headers=bearer(house))
    assert (head.status_code, head.headers["content-type"], head.content) == (200, "text/event-stream", b"")
    options = await house.http.options(PATH)
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert not house.parts.connections.all()


async def test_other_origins_may_listen_where_they_may_ask(serve: Serve) -> None:
    origin = "https://app.example.com"
    async with serve(cors_origins=origin) as house, house.events(Origin=origin) as source:
        assert source.response.headers["access-control-allow-origin"] == origin


async def test_it_counts_as_a_request(serve: Serve) -> None:
    async with serve(limits={"factor": 0.005}) as house, house.events():
        answer = await house.http.get(PATH, headers=bearer(house))
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert int(answer.headers["retry-after"]) >= 1


async def test_silence_is_broken_by_comments(serve: Serve) -> None:
    async with serve(streams={"keep_alive_seconds": 0.01}) as house, house.events() as source:
        assert [await source.block() for _ in range(3)] == [":", ":", ":"]


async def test_a_revoked_credential_ends_its_stream_within_a_second(house: House) -> None:
    async with house.events() as source:
        await house.revoke()
        async with asyncio.timeout(1):
            assert await source.block() is None
    assert (await house.http.get(PATH, headers=bearer(house))).status_code == 401


async def test_a_server_that_stops_ends_its_streams_whole(house: House) -> None:
    async with house.events() as source:
        await house.parts.streams.drain()
        assert await source.block() is None
    assert (await house.http.get(PATH, headers=bearer(house))).status_code == 503


async def test_who_does_not_read_is_cut_off_and_counted(serve: Serve) -> None:
    large = {"campaign_id": "camp_1", "insights": "x" * 500_000}
    kind = ConnectionKind.CLICKUP_BRAIN_SSE
    async with serve(streams={"send_timeout_seconds": 0.1}) as house, house.events():
        for _ in range(100):
            await happen(house.database, house.organization, (EventType.MARKETING_OPTIMIZED, large))
            await asyncio.sleep(0.01)
            if house.parts.connections.cut_off[kind]:
                break
        assert house.parts.connections.cut_off[kind] == 1
        await house.until_open(0)
