"""The floor on PostgreSQL: hand-written statements, prepared once for each connection of a pool as large as ours."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import asyncpg
import orjson
from sqlalchemy import make_url

from bench.floor_reads import ORDER, companies
from bench.scenarios import BY_ID, FILTERED, NESTED, VARYING

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
_LEAD = (
    "SELECT lead.id, first_name, last_name, lead.email, phone, status_text, score, source, lead.created_at, "
    'lead.updated_at, who.id, who.name FROM lead LEFT JOIN "user" AS who ON who.id = assigned_to_id '
    "AND who.organization_id = lead.organization_id WHERE lead.organization_id = $1 AND lead.deleted_at IS NULL"
)
_BY_ID = f"{_LEAD} AND lead.id = $2"
_FILTERED = f"{_LEAD} AND source = $2 AND status_key = $3 ORDER BY score DESC, lead.id DESC LIMIT $4"
_ACCOUNTS = (
    "SELECT id, name, domain, industry FROM account WHERE organization_id = $1 "
    "ORDER BY created_at DESC, id DESC LIMIT 20"
)
_NEWEST = (
    "SELECT key, one.* FROM unnest($1::text[]) AS key CROSS JOIN LATERAL "
    "(SELECT {columns} FROM {table} WHERE account_id = key AND organization_id = $2 "
    "ORDER BY created_at DESC, id DESC LIMIT 5) AS one"
)
_CAMPAIGNS = _NEWEST.format(table="abm_campaign", columns="id, name, status, start_date, end_date")
_PERSONAS = _NEWEST.format(table="persona", columns="id, name, title, role, influence")


class Answers:
    """Answers of one organization, the only one there is; reads only."""

    def __init__(self, url: str, pool_size: int) -> None:
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._pool_size = pool_size
        self._pool: Any = None
        self._organization = ""

    async def open(self) -> None:
        """Connect; connections are given back as they are, since nothing of theirs was changed."""
        size = self._pool_size
        self._pool = await asyncpg.create_pool(
            self._dsn, min_size=size, max_size=size, reset=_as_it_is, max_queries=2**62
        )
        self._organization = await self._pool.fetchval("SELECT id FROM organization")

    async def answer(self, query: str, given: dict[str, Any]) -> bytes:
        """The body of an answer."""
        async with self._pool.acquire() as connection:
            data = await self._data(connection, query, given)
        return orjson.dumps({"data": data}, option=_OPTIONS)

    async def list(self, status: str, limit: int) -> bytes:
        """The list of leads is asked for on SQLite only."""
        raise NotImplementedError

    async def _data(self, connection: Any, query: str, given: dict[str, Any]) -> Any:
        if query == BY_ID:
            row = await connection.fetchrow(_BY_ID, self._organization, given["id"])
            return {"lead": row and _lead(row)}
        if query == FILTERED:
            return await self._leads(connection, "qualified", "website", 50)
        if query == VARYING:
            return await self._leads(connection, given["status"].lower(), given["source"], given["first"])
        if query == NESTED:
            return await self._accounts(connection)
        raise LookupError(query)

    async def _leads(self, connection: Any, status: str, source: str, first: int) -> Any:
        found = await connection.fetch(_FILTERED, self._organization, source, status, first + 1)
        rows = found[:first]
        cursor = b"c1:" + orjson.dumps([ORDER, rows[-1][6], rows[-1][0]]) if rows else None
        page = {
            "hasNextPage": len(found) > first,
            "endCursor": cursor and urlsafe_b64encode(cursor).decode().rstrip("="),
        }
        return {"leads": {"nodes": [_lead(row) for row in rows], "pageInfo": page}}

    async def _accounts(self, connection: Any) -> Any:
        rows = await connection.fetch(_ACCOUNTS, self._organization)
        keys = [row[0] for row in rows]
        campaigns: dict[str, list[Any]] = {key: [] for key in keys}
        personas: dict[str, list[Any]] = {key: [] for key in keys}
        for of, key, name, status, start, end in await connection.fetch(_CAMPAIGNS, keys, self._organization):
            campaigns[of].append({"id": key, "name": name, "status": status, "startDate": start, "endDate": end})
        for of, key, name, title, role, influence in await connection.fetch(_PERSONAS, keys, self._organization):
            personas[of].append({"id": key, "name": name, "title": title, "role": role, "influence": influence})
        return {"accounts": {"nodes": companies(rows, campaigns, personas)}}


async def _as_it_is(connection: Any) -> None:
    """Give a connection back without asking the server to forget anything."""


def _lead(row: Any) -> Any:
    key, first, last, email, phone, status, score, source, created, updated, who, name = row
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
        "assignedTo": {"name": name} if who else None,
    }
