"""A message is written once for an event, however many listen."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from domain.event_log import Event
from domain.events import EventType
from gateway.streams import frames
from tests.factories.happenings import ALERT


def event(sequence: int, organization: str = "org_1") -> Event:
    return Event(
        organization_id=organization,
        sequence=sequence,
        type=EventType.COMPLIANCE_ALERT,
        occurred_at=datetime(2024, 1, 15, 10, 30, tzinfo=UTC),
        data=ALERT | {"title": "ä\nb"},
    )


def test_everyone_is_sent_the_same_bytes() -> None:
    for form in (frames.sockets(), frames.resumable_sockets(), frames.events()):
        assert form.of(event(1)) is form.of(event(1))
        assert form.of(event(1)) is not form.of(event(1, "org_2"))


def test_what_is_kept_is_bounded() -> None:
    form = frames.events()
    first = form.of(event(1))
    for sequence in range(2, 600):
        form.of(event(sequence))
    assert form.of(event(1)) is not first
    assert form.of(event(1)) == first


def test_a_server_sent_event_is_one_line_of_data() -> None:
    written = frames.events().of(event(7))
    place, data, *rest = written.decode().split("\n")
    assert place.startswith("id: ")
    assert json.loads(data.removeprefix("data: "))["data"]["title"] == "ä\nb"
    assert rest == ["", ""]


def test_a_frame_of_a_socket_holds_its_text() -> None:
    message = frames.resumable_sockets().of(event(7))
    assert message.frame.endswith(message.text.encode())
    assert message.frame[0] == 0x81
