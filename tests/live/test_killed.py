"""A process that is killed loses nothing it has answered for, and a second start finds everything."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Event

import httpx

from tests.live.conftest import LiveServer
from tests.live.doors import crm_ultra, graphql

_LEAD = {"source": "website", "email": "kept@example.com"}
_WRITERS = 8
_ENOUGH = 60
_PATIENCE_SECONDS = 30


def test_what_was_answered_for_survives_a_kill(own_server: LiveServer) -> None:
    own_server.start()
    keys = own_server.demo["keys"]
    first = crm_ultra(own_server, "POST", "/leads", _LEAD, Idempotency_Key="one")
    mail = {"subject": "Later", "body": "Hello", "scheduledFor": "2099-01-01T00:00:00Z"}
    waiting = crm_ultra(own_server, "POST", f"/leads/{first.json()['id']}/emails", mail).json()
    assert waiting["status"] == "SCHEDULED"
    own_server.stop(signal.SIGKILL)

    own_server.start()

    assert own_server.demo["keys"] == keys
    assert crm_ultra(own_server, "GET", f"/leads/{first.json()['id']}").json()["email"] == "kept@example.com"
    again = crm_ultra(own_server, "POST", "/leads", _LEAD, Idempotency_Key="one")
    assert (again.status_code, again.json()) == (201, first.json())
    found = graphql(own_server, '{ leads(where: {search: "kept@example.com"}) { totalCount } }')
    assert found["leads"]["totalCount"] == 1
    read = "query ($id: ID!) { node(id: $id) { ... on Email { status scheduledFor } } }"
    expected = {"status": "SCHEDULED", "scheduledFor": "2099-01-01T00:00:00Z"}
    assert graphql(own_server, read, id=waiting["id"])["node"] == expected


def test_of_many_who_write_at_once_whoever_was_answered_survives_a_kill(own_server: LiveServer) -> None:
    """They share commits, and are answered after these."""
    own_server.start()
    answered: set[str] = set()
    enough = Event()

    def write(writer: int) -> None:
        with suppress(httpx.TransportError):
            for number in count():
                lead = {"source": "website", "email": f"{writer}.{number}@example.com"}
                answered.add(crm_ultra(own_server, "POST", "/leads", lead).json()["id"])
                if len(answered) > _ENOUGH:
                    enough.set()

    with ThreadPoolExecutor(_WRITERS) as writers:
        writing = [writers.submit(write, writer) for writer in range(_WRITERS)]
        assert enough.wait(_PATIENCE_SECONDS)
        own_server.stop(signal.SIGKILL)
    for each in writing:
        each.result()
    own_server.start()

    assert {crm_ultra(own_server, "GET", f"/leads/{lead}").status_code for lead in answered} == {200}


def test_stopping_is_quick_and_quiet_with_open_streams(own_server: LiveServer) -> None:
    own_server.start()

    own_server.stop(signal.SIGTERM)

    assert "Traceback" not in own_server.log()
