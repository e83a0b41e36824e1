"""Reads of the floor on SQLite, by hand-written statements."""

from __future__ import annotations

import sqlite3
from base64 import urlsafe_b64encode
from typing import Any

import orjson

ORDER = "score:desc"
_LEAD = "id, first_name, last_name, email, phone, status_text, score, source, created_at, updated_at, assigned_to_id"
_BY_ID = f"SELECT {_LEAD} FROM lead WHERE id = ? AND organization_id = ? AND deleted_at IS NULL"
_USER = "SELECT name FROM user WHERE id = ? AND organization_id = ?"
_USERS = "SELECT id, name, email FROM user WHERE organization_id = ? AND id IN (SELECT value FROM json_each(?))"
_FILTERED = (
    f"SELECT {_LEAD} FROM lead WHERE organization_id = ? AND deleted_at IS NULL AND source = ? AND status_key = ? "
    "ORDER BY score DESC, id DESC LIMIT ?"
)
_LISTED = (
    f"SELECT {_LEAD}, insurance_type FROM lead WHERE organization_id = ? AND deleted_at IS NULL AND status_key = ? "
    "ORDER BY created_at DESC, id DESC LIMIT ?"
)
_ACCOUNTS = (
    "SELECT id, name, domain, industry FROM account WHERE organization_id = ? "
    "ORDER BY created_at DESC, id DESC LIMIT 20"
)
_NEWEST = (
    "SELECT one.account_id, {columns} FROM json_each(?) AS key CROSS JOIN {table} AS one ON one.rowid IN "
    "(SELECT rowid FROM {table} WHERE account_id = key.value AND organization_id = ? "
    "ORDER BY created_at DESC, id DESC LIMIT 5) ORDER BY key.key, one.created_at DESC, one.id DESC"
)
_CAMPAIGNS = _NEWEST.format(table="abm_campaign", columns="one.id, name, status, start_date, end_date")
_PERSONAS = _NEWEST.format(table="persona", columns="one.id, name, title, role, influence")
_COUNT = "SELECT count(*) FROM lead WHERE organization_id = ? AND deleted_at IS NULL AND status_key = ?"
_STATE = "SELECT event_sequence FROM organization WHERE id = ?"
Row = tuple[Any, ...]


class Reads:
    """Answers of one organization, the only one there is."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._organization: str = connection.execute("SELECT id FROM organization").fetchone()[0]
        self._totals: dict[tuple[str, int], int] = {}

    def lead(self, id: str) -> bytes:
        """A lead with the name of its assignee."""
        row = self._execute(_BY_ID, (id, self._organization)).fetchone()
        if row is None:
            return b'{"data":{"lead":null}}'
        user = self._execute(_USER, (row[10], self._organization)).fetchone() if row[10] else None
        return orjson.dumps({"data": {"lead": _lead(row, {"name": user[0]} if user else None)}})

    def leads(self, status: str, source: str, first: int) -> bytes:
        """A page of leads, the best first."""
        found = self._execute(_FILTERED, (self._organization, source, status, first + 1)).fetchall()
        rows = found[:first]
        named = {key: {"name": name} for key, name, _ in self._users(rows)}
        page = {"hasNextPage": len(found) > first, "endCursor": _cursor(rows[-1]) if rows else None}
        nodes = [_lead(row, named.get(row[10])) for row in rows]
        return orjson.dumps({"data": {"leads": {"nodes": nodes, "pageInfo": page}}})

    def listed(self, status: str, limit: int) -> bytes:
        """The first page of leads, the newest first, and how many there are, which is counted once for each state."""
        state = self._execute(_STATE, (self._organization,)).fetchone()[0]
        total = self._totals.get((status, state))
        if total is None:
            total = self._totals[status, state] = self._execute(_COUNT, (self._organization, status)).fetchone()[0]
        rows = self._execute(_LISTED, (self._organization, status, limit)).fetchall()
        users = {key: {"id": key, "name": name, "email": email} for key, name, email in self._users(rows)}
        return orjson.dumps({"data": [listed(row, users) for row in rows], "pagination": pagination(total, limit)})

    def accounts(self) -> bytes:
        """The newest companies with their newest campaigns and personas."""
        rows = self._execute(_ACCOUNTS, (self._organization,)).fetchall()
        keys = orjson.dumps([row[0] for row in rows]).decode()
        campaigns: dict[str, list[Any]] = {row[0]: [] for row in rows}
        personas: dict[str, list[Any]] = {row[0]: [] for row in rows}
        for of, key, name, status, start, end in self._execute(_CAMPAIGNS, (keys, self._organization)):
            campaigns[of].append({"id": key, "name": name, "status": status, "startDate": start, "endDate": end})
        for of, key, name, title, role, influence in self._execute(_PERSONAS, (keys, self._organization)):
            personas[of].append({"id": key, "name": name, "title": title, "role": role, "influence": influence})
        return orjson.dumps({"data": {"accounts": {"nodes": companies(rows, campaigns, personas)}}})

    def _users(self, rows: list[Row]) -> list[Row]:
        wanted = orjson.dumps([*{row[10] for row in rows if row[10]}]).decode()
        return self._execute(_USERS, (self._organization, wanted)).fetchall()


def companies(rows: list[Row], campaigns: dict[str, list[Any]], personas: dict[str, list[Any]]) -> list[Any]:
    """Companies as they are answered."""
    return [
        {
            "id": key,
            "name": name,
            "domain": domain,
            "industry": industry,
            "campaigns": {"nodes": campaigns[key]},
            "personas": {"nodes": personas[key]},
        }
        for key, name, domain, industry in rows
    ]


def _lead(row: Row, assignee: Any) -> Any:
    key, first, last, email, phone, status, score, source, created, updated, _ = row
    return {
        "id": key,
        "firstName": first,
        "lastName": last,
        "email": email,
        "phone": phone,
        "statusText": status,
        "score": score,
        "source": source,
        "createdAt": created,
        "updatedAt": updated,
        "assignedTo": assignee,
    }


def listed(row: Row, users: dict[str, Any]) -> Any:
    """A lead of the list."""
    key, first, last, email, phone, status, score, source, created, updated, assignee, insurance = row
    return {
        "id": key,
        "status": status,
        "score": score,
        "createdAt": created,
        "updatedAt": updated,
        "assignedTo": users.get(assignee),
        "source": source,
        "email": email,
        "phone": phone,
        "firstName": first,
        "lastName": last,
        "insuranceType": insurance,
    }


def pagination(total: int, limit: int) -> Any:
    """What is said of the first page."""
    pages = -(-total // limit)
    return {"page": 1, "limit": limit, "total": total, "totalPages": pages, "hasNext": pages > 1, "hasPrev": False}


def _cursor(row: Row) -> str:
    return urlsafe_b64encode(b"c1:" + orjson.dumps([ORDER, row[6], row[0]])).decode().rstrip("=")
