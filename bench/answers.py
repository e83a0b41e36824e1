"""Whether all doors say and store the same, so that none is quick because it does less."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from typing import Any

from bench.doors import Open
from bench.scenarios import Scenario

_SAMPLES = 8
_ID = re.compile(r"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_WRITTEN = {
    "lead": "SELECT * FROM lead WHERE id = ?",
    "contact": "SELECT * FROM contact WHERE id = (SELECT contact_id FROM lead WHERE id = ?)",
    "activity": "SELECT * FROM activity WHERE lead_id = ?",
    "event": "SELECT * FROM event WHERE lead_id = ?",
}
_NUMBERED = "SELECT event_sequence = (SELECT max(sequence) FROM event) FROM organization"


def check(scenario: Scenario, doors: Iterable[Open]) -> None:
    """Ask every door the same and end the program where an answer differs, or what was written by it."""
    requests = list(islice(scenario.requests, _SAMPLES))
    expected: tuple[str, str] | None = None
    for door in doors:
        told = "\n".join(_told(door, request, scenario.writes) for request in requests)
        if expected and told != expected[1]:
            sys.exit(f"{scenario.name}: {door.name} says other than {expected[0]}: {_difference(told, expected[1])}")
        expected = expected or (door.name, told)


def _told(door: Open, request: bytes, writes: bool) -> str:
    """`data` as every door has to say it, and what is stored of it; ids and moments are each door's own."""
    found = ask(door.server.port, request)
    if found.get("errors") or not found.get("data"):
        sys.exit(f"{door.name} does not answer: {found}")
    # REST's list has its rows in `data`, and facts beside it.
    data = json.dumps([found["data"], found.get("pagination")])
    if not writes:
        return data
    stored = json.dumps(_stored(door, found["data"]["createLead"]["lead"]["id"]))
    return _MOMENT.sub("moment", _ID.sub("id", f"{data} {stored}"))


def _stored(door: Open, lead: str) -> Any:
    with closing(sqlite3.connect(door.folder / "trigraph.db")) as connection:
        connection.row_factory = sqlite3.Row
        found = {name: [_row(row) for row in connection.execute(sql, (lead,))] for name, sql in _WRITTEN.items()}
        return found, connection.execute(_NUMBERED).fetchone()[0]


def _row(row: sqlite3.Row) -> dict[str, Any]:
    """A row without its number; JSON is compared as what it says, whatever spaces it is written with."""
    return {name: _value(row[name]) for name in sorted(row.keys()) if name != "sequence"}


def _value(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


def ask(port: int, request: bytes) -> Any:
    """The JSON a server answers with."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        received = b""
        while (head := received.find(b"\r\n\r\n")) < 0 or len(received) < head + 4 + _length(received[:head]):
            received += connection.recv(1 << 20) or sys.exit("A server hung up before it had answered.")
    return json.loads(received[head + 4 :])


def _length(head: bytes) -> int:
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else sys.exit("An answer does not say how long it is.")


def _difference(told: str, expected: str) -> str:
    place = next((i for i, (one, other) in enumerate(zip(told, expected, strict=False)) if one != other), 0)
    begin = max(0, place - 60)
    return f"...{told[begin : place + 100]}... and not ...{expected[begin : place + 100]}..."
