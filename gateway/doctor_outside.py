"""The doctor's look at what happens beside the doors: durable work, requests to others, metrics and traces."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import ssl
from collections.abc import Iterable
from contextlib import closing
from importlib.util import find_spec
from ipaddress import ip_network
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from gateway.engines import open_engines
from gateway.findings import Finding, Health, worded
from gateway.settings import Environment, Settings
from gateway.spans import endpoint, missing
from gateway.work.worker import FILE

_PATIENCE_SECONDS = 3
_SCHEMA = "dbos"
"""Where durable work keeps what it knows on a server."""


async def examine_work(settings: Settings) -> list[Finding]:
    """Whether durable work finds its place."""
    if settings.embedded and not settings.work.inside:
        words = "TRIGRAPH_WORK_INSIDE is false, but nothing else can work on an embedded database: nothing due is done."
        return [Finding(Health.BROKEN, "work", words)]
    return [await asyncio.to_thread(_file, settings) if settings.embedded else await _server(settings)]


async def examine_outgoing(settings: Settings) -> list[Finding]:
    """Whether requests to addresses that clients have chosen can be made, and where they may go."""
    findings = []
    file = settings.outgoing.ca_file
    if file is not None:
        try:
            await asyncio.to_thread(ssl.create_default_context, cafile=str(file))
        except (OSError, ssl.SSLError) as error:
            words = f"TRIGRAPH_OUTGOING_CA_FILE, {file}, cannot be used: {worded(error)}."
            findings.append(Finding(Health.BROKEN, "outgoing", words))
    networks = settings.outgoing.allowed_networks
    if networks:
        health = Health.WORTH_A_LOOK if _exposed(settings, networks) else Health.FINE
        words = f"Webhooks may reach {', '.join(networks)} too (TRIGRAPH_OUTGOING_ALLOWED_NETWORKS)."
        findings.append(Finding(health, "outgoing", words))
    return findings or [Finding(Health.FINE, "outgoing", "Webhooks reach public addresses only.")]


async def examine_telemetry(settings: Settings) -> list[Finding]:
    """Who is told metrics, and whether traces have somewhere to go."""
    findings = [await _traces(settings)]
    if any(ip_network(each).prefixlen == 0 for each in settings.metrics.networks):
        words = "TRIGRAPH_METRICS_NETWORKS tells metrics to anybody who comes without a proxy."
        findings.append(Finding(Health.WORTH_A_LOOK, "metrics", words))
    return findings


def _file(settings: Settings) -> Finding:
    file = settings.data_dir / FILE
    if not file.exists():
        return Finding(Health.FINE, "work", f"{file} does not exist yet; serving makes it.")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        words = f"{file} cannot be read: {worded(error)}. It may be moved away while nothing runs; no work is lost."
        return Finding(Health.BROKEN, "work", words)
    return Finding(Health.FINE, "work", f"{file} can be read.")


async def _server(settings: Settings) -> Finding:
    if find_spec("psycopg") is None:
        return Finding(Health.BROKEN, "work", "Durable work on PostgreSQL needs psycopg, which is not installed.")
    engines = open_engines(settings.database_url, pool_size=1, pool_timeout=5, busy_timeout=5)
    try:
        there = func.to_regnamespace(_SCHEMA).is_not(None)
        allowed = func.has_database_privilege(func.current_database(), "CREATE")
        async with engines.reading.connect() as connection:
            usable = await connection.scalar(select(or_(there, allowed)))
    except (SQLAlchemyError, OSError):
        # The database's own check says why.
        return Finding(Health.WORTH_A_LOOK, "work", "Whether durable work can be stored is not known.")
    finally:
        await engines.dispose()
    if not usable:
        words = f"The schema {_SCHEMA} is missing, and this database user may not make it; durable work needs it."
        return Finding(Health.BROKEN, "work", words)
    where = "inside `trigraph serve`" if settings.work.inside else "by `trigraph work` alone"
    return Finding(Health.FINE, "work", f"Durable work has its place in the database; it is done {where}.")


async def _traces(settings: Settings) -> Finding:
    if words := missing(settings):
        return Finding(Health.BROKEN, "traces", f"{words}.")
    where = endpoint(settings)
    if where is None:
        return Finding(Health.FINE, "traces", "No collector is set (TRIGRAPH_TELEMETRY_ENDPOINT): nothing is traced.")
    parts = urlsplit(where)
    shown = f"{parts.scheme}://{parts.hostname}"
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = (parts.hostname or "", port)
        (await asyncio.to_thread(socket.create_connection, address, _PATIENCE_SECONDS)).close()
    except (OSError, ValueError) as error:
        words = f"The collector at {shown} cannot be reached: {worded(error)}. Traces are dropped meanwhile."
        return Finding(Health.WORTH_A_LOOK, "traces", words)
    return Finding(Health.FINE, "traces", f"The collector at {shown} answers.")


def _exposed(settings: Settings, networks: Iterable[str]) -> bool:
    """Whether it is worth a look: in production, or where everything may be reached."""
    wide = any(ip_network(each).prefixlen == 0 for each in networks)
    return wide or settings.environment is Environment.PRODUCTION
