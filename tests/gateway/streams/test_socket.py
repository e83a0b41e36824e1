"""The websocket as documented: what is told on which channel, what is ignored, and how it ends."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select
from websockets.exceptions import ConnectionClosed, InvalidStatus

from domain.audit import AuditEntry, Door
from domain.events import EventType
from domain.viewer import Dialect
from gateway.connections import ConnectionKind
from resolvers import cursors
from tests.factories.credentials import make_client, make_credential
from tests.factories.happenings import ALERT, alert, forget, happen
from tests.gateway.streams.conftest import Serve
from tests.gateway.streams.serving import SUBSCRIBE, House, Listener, insiders

BOTH = (EventType.MARKETING_OPTIMIZED, {"campaign_id": "camp_1"}), (EventType.FEEDBACK_ANALYZED, {"feedback_id": "f"})
_SHAPES = Path(__file__).parents[2] / "rest_compat" / "clickup_brain" / "shapes"


async def refused(house: House, path: str = "/v1/stream", **more: Any) -> Any:
    """The answer to a handshake that is not accepted."""
    with pytest.raises(InvalidStatus) as error:
        async with house.socket(path, **more):
            pass
    return error.value.response


async def test_a_handshake_that_cannot_be_read_is_refused_at_once(house: House) -> None:
    async with asyncio.timeout(5):
        assert (await refused(house, "/v1/stream?access_token=" + "a" * 9_000, key=None)).status_code == 414
        headers = {"X-Long": "a" * 9_000}
        assert (await refused(house, additional_headers=headers)).status_code == 431


async def test_a_refused_handshake_is_no_failure_of_the_server(house: House, caplog: pytest.LogCaptureFixture) -> None:
    assert (await refused(house, key="wrong")).status_code == 401
    await asyncio.sleep(0.05)
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


async def next_names(listener: Listener, count: int) -> list[str]:
    return [str((await listener.hear())["event"]) for _ in range(count)]


async def test_the_printed_subscription_is_told_every_event_in_the_documented_form(house: House) -> None:
    async with house.socket() as listener:
        await listener.subscribe(*SUBSCRIBE["channels"])
        await alert(house.database, house.organization)
        await happen(house.database, house.organization, *BOTH)
        first = await listener.hear()
        assert (first["event"], first["data"]) == ("compliance.alert", ALERT)
        assert list(first) == ["event", "timestamp", "data"]
        shape = json.loads((_SHAPES / "stream_ws.schema.json").read_text())
        Draft202012Validator(shape).validate(first)
        assert await next_names(listener, 2) == ["marketing.optimization", "feedback.analysis"]


async def test_channels_add_up_and_events_are_channels_too(house: House) -> None:
    async with house.socket() as listener:
        await listener.subscribe("compliance.alert")
        await happen(house.database, house.organization, *BOTH)
        await alert(house.database, house.organization, 1)
        assert (await listener.hear())["data"]["alert_id"] == "alert_1"
        await listener.subscribe("feedback.analysis")
        await happen(house.database, house.organization, *BOTH)
        await alert(house.database, house.organization, 2)
        assert await next_names(listener, 2) == ["feedback.analysis", "compliance.alert"]


async def test_what_the_document_does_not_know_is_ignored(house: House) -> None:
    async with house.socket() as listener:
        for message in (
            "",
            "no JSON",
            "[" * 5000,
            "null",
            "[]",
            '{"action": "unsubscribe", "channels": ["compliance.alerts"]}',
            '{"action": "subscribe"}',
            '{"action": "subscribe", "channels": "feedback.analysis"}',
            '{"action": "subscribe", "channels": [1, null, {}, ["feedback.analysis"], "leads"]}',
            '{"action": "subscribe", "channels": ["feedback.analysis"], "after": 7}',
            b'{"action": "subscribe", "channels": ["feedback.analysis"]}',
        ):
            await listener.say(message)
        await listener.subscribe("compliance.alerts")
        await happen(house.database, house.organization, *BOTH)
        await alert(house.database, house.organization)
        assert (await listener.hear())["event"] == "compliance.alert"


async def test_nobody_hears_of_another_organization_or_without_permission(house: House) -> None:
    elsewhere, _, _ = await insiders(house.database)
    async with house.socket() as listener:
        await listener.subscribe("compliance.alerts")
        await alert(house.database, elsewhere, 1)
        await alert(house.database, house.organization, 2)
        assert (await listener.hear())["data"]["alert_id"] == "alert_2"


async def test_every_address_of_the_product_opens_it(house: House) -> None:
    for path in ("/v1/stream", "/api/v1/stream", "/clickup-brain/v1/stream", "/clickup-brain/api/v1/stream"):
        async with house.socket(f"{path}?access_token={house.key}", key=None) as listener:
            await listener.subscribe("compliance.alerts")
            await alert(house.database, house.organization)
            assert (await listener.hear())["event"] == "compliance.alert"


async def test_the_documented_hosts_open_it_to_credentials_of_their_own(house: House) -> None:
    async with house.socket(name="api.clickup-brain.com") as listener:
        await listener.say(SUBSCRIBE)
    assert (await refused(house, name="sandbox-api.clickup-brain.com")).status_code == 401


async def test_without_a_credential_or_with_two_there_is_no_upgrade(house: House) -> None:
    for path, key in (
        ("/v1/stream", None),
        ("/v1/stream?access_token=", None),
        ("/v1/stream?access_token=wrong", None),
        ("/v1/stream?access_token=wrong", house.key),
        (f"/v1/stream?access_token={house.key}&access_token=other", None),
    ):
        answer = await refused(house, path, key=key)
        told = json.loads(answer.body)["error"]
        assert (answer.status_code, told["code"]) == (401, "UNAUTHORIZED"), path
        assert told["request_id"].startswith("req_")
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    async with house.socket(f"/v1/stream?access_token={house.key}") as listener:
        await listener.say(SUBSCRIBE)


async def test_who_may_hear_nothing_is_refused(house: House) -> None:
    client = await make_client(house.database, house.organization, dialect=Dialect.CLICKUP_BRAIN, scopes=["write"])
    key = await make_credential(house.database, house.organization, client, dialect=Dialect.CLICKUP_BRAIN)
    answer = await refused(house, key=key)
    assert (answer.status_code, json.loads(answer.body)["error"]["code"]) == (403, "FORBIDDEN")


async def test_opening_counts_as_a_request_and_has_the_limits_of_one(serve: Serve) -> None:
    async with serve(limits={"factor": 0.01}) as house:
        async with house.socket() as first, house.socket() as second:
            await first.say(SUBSCRIBE)
            await second.say(SUBSCRIBE)
            answer = await refused(house)
        assert (answer.status_code, json.loads(answer.body)["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_plain_request_is_told_to_open_a_websocket(house: House) -> None:
    answer = await house.http.get("/v1/stream", headers={"Authorization": f"Bearer {house.key}"})
    assert (answer.status_code, answer.headers["upgrade"]) == (400, "websocket")
    assert answer.json()["error"]["code"] == "BAD_REQUEST"
    assert (await house.http.post("/v1/stream")).status_code == 405


async def test_who_says_where_it_resumes_is_told_its_place_and_misses_nothing(house: House) -> None:
    async with house.socket() as listener:
        await listener.subscribe("compliance.alerts", after=None)
        await alert(house.database, house.organization, 1)
        cursor = (await listener.hear())["cursor"]
    await alert(house.database, house.organization, 2)
    async with house.socket() as listener:
        await listener.subscribe("compliance.alerts", after=cursor)
        await alert(house.database, house.organization, 3)
        assert [(await listener.hear())["data"]["alert_id"] for _ in range(2)] == ["alert_2", "alert_3"]


async def test_a_cursor_that_cannot_be_resumed_from_closes_the_socket_with_the_reason(house: House) -> None:
    for _ in range(3):
        await alert(house.database, house.organization)
    await forget(house.database, house.organization, 2)
    async with house.socket() as listener:
        await listener.say(SUBSCRIBE | {"after": cursors.place(1)})
        resume = cursors.place(3)
        assert await listener.closed() == (4410, f"This cursor is too old: read anew, then resume after {resume}")
    async with house.socket() as listener:
        await listener.say(SUBSCRIBE | {"after": "nonsense"})
        code, reason = await listener.closed()
        assert (code, "after must be a cursor" in reason) == (4400, True)
    async with house.socket() as listener:
        await listener.say(SUBSCRIBE | {"after": cursors.place(2)})
        assert (await listener.hear())["cursor"] == resume


@pytest.mark.parametrize("bug", [ZeroDivisionError("a bug"), ValueError("a bug")], ids=lambda bug: type(bug).__name__)
async def test_a_mistake_of_ours_closes_the_socket_and_is_logged(
    house: House, bug: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def place(*_: Any) -> int:
        raise bug

    monkeypatch.setattr("gateway.streams.source.Source.place", place)
    async with house.socket() as listener:
        await listener.say(SUBSCRIBE)
        assert await listener.closed() == (1011, "Internal error")
    assert "a stream failed" in caplog.text


async def test_a_message_that_is_too_large_closes_the_socket(serve: Serve) -> None:
    async with serve(streams={"message_bytes": 256}) as house:
        for message in ("x" * 300, "ü" * 200):
            async with house.socket() as listener:
                await listener.say(message)
                assert await listener.closed() == (1009, "The message is larger than 256 bytes")
        async with house.socket() as listener:
            await listener.say("x" * (house.parts.settings.graphql.message_bytes + 5000))
            assert (await listener.closed())[0] == 1009


async def test_a_revoked_credential_closes_its_socket_within_a_second(house: House) -> None:
    async with house.socket() as listener:
        await listener.subscribe("compliance.alerts")
        await house.revoke()
        async with asyncio.timeout(1):
            assert await listener.closed() == (4401, "Access token is invalid or expired.")
    assert not house.parts.connections.all()


async def test_a_server_that_stops_asks_its_listeners_to_come_back(house: House) -> None:
    async with house.socket() as listener:
        await listener.subscribe("compliance.alerts")
        await house.parts.streams.drain()
        assert await listener.closed() == (1001, "The server is stopping; reconnect")
    assert (await refused(house)).status_code == 503


async def test_who_does_not_read_is_cut_off_and_counted_while_others_go_on(serve: Serve) -> None:
    large = {"campaign_id": "camp_1", "insights": "x" * 200_000}
    async with (
        serve(streams={"send_timeout_seconds": 0.2}) as house,
        house.socket(max_queue=1, compression=None) as slow,
        house.socket(compression=None) as quick,
    ):
        slow.connection.transport.pause_reading()
        await slow.say(SUBSCRIBE)
        await quick.subscribe("marketing.updates")
        heard = 0
        while not house.parts.connections.cut_off[ConnectionKind.CLICKUP_BRAIN_WEBSOCKET]:
            await happen(house.database, house.organization, (EventType.MARKETING_OPTIMIZED, large))
            assert (await quick.hear())["event"] == "marketing.optimization"
            heard += 1
            assert heard < 500
        await house.until_open(1)
        # Nothing has waited for it to take the rest.
        slow.connection.transport.resume_reading()
        with suppress(ConnectionClosed):
            while await slow.connection.recv():
                pass
        assert slow.connection.close_code == 1006


async def test_who_does_not_answer_pings_is_closed(serve: Serve) -> None:
    async with serve(streams={"keep_alive_seconds": 0.05, "pong_timeout_seconds": 0.1}) as house:
        async with house.socket() as listener:
            await asyncio.sleep(0.4)
            await listener.subscribe("compliance.alerts")
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        lines = ("GET /v1/stream HTTP/1.1", "Host: here", "Upgrade: websocket", "Connection: Upgrade")
        key = ("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13")
        credential = (f"Authorization: Bearer {house.key}",)
        writer.write("\r\n".join((*lines, *key, *credential, "", "")).encode())
        async with asyncio.timeout(5):
            told = await reader.read()
        writer.close()
        # An accepted handshake, a ping that is not answered, and the close frame with 1011.
        assert told.startswith(b"HTTP/1.1 101 ")
        assert b"\x89\x04" in told
        assert b"\x03\xf3keepalive ping timeout" in told


async def test_the_opening_is_recorded_once_and_no_token_is_kept(house: House, capfd: Any) -> None:
    async with house.socket(f"/v1/stream?access_token={house.key}", key=None) as listener:
        await listener.subscribe("compliance.alerts")
        await house.parts.audit.flush()
        await refused(house, "/v1/stream?access_token=ck_wrong_token_value", key=None)
    entries = await entries_of(house)
    assert [(each.operation, each.status, each.door) for each in entries] == [
        ("GET /api/v1/stream", 101, Door.CLICKUP_BRAIN)
    ]
    assert entries[0].request_id.startswith("req_")
    out, err = capfd.readouterr()
    assert house.key not in out + err
    assert "ck_wrong_token_value" not in out + err


async def entries_of(house: House) -> list[Any]:
    await house.parts.audit.flush()
    mine = select(AuditEntry.operation, AuditEntry.status, AuditEntry.door, AuditEntry.request_id)
    return list(await house.database.rows(mine.where(AuditEntry.organization_id == house.organization)))
