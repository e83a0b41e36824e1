"""The write of the floor on SQLite: a new lead with everything that follows from it, in one transaction by hand."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import orjson

from domain.values import new_id
from gateway.sqlite import CHANGES

_USER = "SELECT id FROM user WHERE email = 'jane.smith@staff.example'"
_CLIENT = "SELECT id FROM api_client WHERE user_id = ?"
_CONTACT = "SELECT id FROM contact WHERE organization_id = ? AND email = ?"
_ACCOUNT = "SELECT id FROM account WHERE organization_id = ? AND domain = ?"
_NEW_CONTACT = (
    "INSERT INTO contact (id, organization_id, created_at, email, host, name, account_id) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_LINK = "UPDATE end_user SET contact_id = ? WHERE organization_id = ? AND email = ? AND contact_id IS NULL"
_NEW_LEAD = (
    "INSERT INTO lead (id, organization_id, created_at, updated_at, status, status_text, status_key, score, "
    "score_reasons, score_given, source, email, phone, phone_digits, search_text, first_name, last_name, city, state, "
    "insurance_type, tags, custom_fields, contact_id) "
    "VALUES (?, ?, ?, ?, 'NEW', 'new', 'new', ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?)"
)
_NEW_ACTIVITY = (
    "INSERT INTO activity (id, organization_id, created_at, lead_id, type, description, metadata, created_by_id) "
    "VALUES (?, ?, ?, ?, 'LEAD_CREATED', ?, ?, ?)"
)
_NUMBER = "UPDATE organization SET event_sequence = event_sequence + 1 WHERE id = ? RETURNING event_sequence"
_NEW_EVENT = (
    "INSERT INTO event (organization_id, sequence, type, occurred_at, actor_id, client_id, lead_id, subject_id, data) "
    "VALUES (?, ?, 'LEAD_CREATED', ?, ?, ?, ?, ?, ?)"
)


class Writes:
    """Writes of the one organization, on behalf of the one client."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._execute = connection, connection.execute
        self._emptied = 0
        self._organization: str = connection.execute("SELECT id FROM organization").fetchone()[0]
        self._user: str = connection.execute(_USER).fetchone()[0]
        self._client: str = connection.execute(_CLIENT, (self._user,)).fetchone()[0]

    def create(self, given: dict[str, Any]) -> bytes:
        """Make a lead and its contact, with an entry of its timeline and an event; the answer of the mutation."""
        self._execute("BEGIN IMMEDIATE")
        try:
            answer = self._created(given)
        except BaseException:
            self._execute("ROLLBACK")
            raise
        self._execute("COMMIT")
        self._empty_log()
        return orjson.dumps({"data": {"createLead": answer}})

    def _empty_log(self) -> None:
        """Empty the log into the database as often as Trigraph does, which has a thread do it."""
        if self._connection.total_changes - self._emptied >= CHANGES:
            self._execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._emptied = self._connection.total_changes

    def _created(self, given: dict[str, Any]) -> Any:
        email, source = given["email"], given["source"]
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        name = f"{given['firstName']} {given['lastName']}"
        contact = self._contact(email, name, now)
        lead = new_id("lead")
        reasons = _reasons(given)
        points = sum(reason["points"] for reason in reasons)
        phone = given["phone"]
        digits = "".join(c for c in phone if c.isdigit())
        words = f"{name.lower()}\n{email.lower()}\n{phone}"
        named = (given["firstName"], given["lastName"], given["city"], given["state"], given["insuranceType"])
        facts = (points, _json(reasons), source, email, phone, digits, words, *named, _json(given["tags"]))
        self._execute(_NEW_LEAD, (lead, self._organization, now, now, *facts, contact))
        entry = (f"Lead created from {source}", _json({"source": source}), self._user)
        self._execute(_NEW_ACTIVITY, (new_id("act"), self._organization, now, lead, *entry))
        number = self._execute(_NUMBER, (self._organization,)).fetchone()[0]
        told = _json(_told(lead, points, given))
        self._execute(_NEW_EVENT, (self._organization, number, now, self._user, self._client, lead, lead, told))
        return {"lead": {"id": lead, "statusText": "new", "score": points, "contact": {"id": contact}}, "errors": []}

    def _contact(self, email: str, name: str, now: str) -> str:
        known = self._execute(_CONTACT, (self._organization, email)).fetchone()
        if known:
            found: str = known[0]
            return found
        host = email.rpartition("@")[2]
        account = self._execute(_ACCOUNT, (self._organization, host)).fetchone()
        made = new_id("ctc")
        of = account[0] if account else None
        self._execute(_NEW_CONTACT, (made, self._organization, now, email, host, name, of))
        self._execute(_LINK, (made, self._organization, email))
        return made


def _reasons(given: dict[str, Any]) -> list[dict[str, Any]]:
    """The points of a lead that has everything our question gives it."""
    reasons = [
        {"points": 15, "reason": "Reachable by e-mail."},
        {"points": 15, "reason": "Reachable by telephone."},
        {"points": 5, "reason": "First and last name known."},
        {"points": 5, "reason": "Place known."},
        {"points": 5, "reason": "Kind of insurance known."},
    ]
    if "high-value" in given["tags"]:
        reasons.append({"points": 10, "reason": "Tagged high-value."})
    return reasons


def _told(lead: str, points: int, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": lead,
        "status": "new",
        "score": points,
        "source": given["source"],
        "email": given["email"],
        "phone": given["phone"],
        "firstName": given["firstName"],
        "lastName": given["lastName"],
        "insuranceType": given["insuranceType"],
        "assignedTo": None,
        "campaignId": None,
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
