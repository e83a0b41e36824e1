"""What this process needs, checked and said in words."""

from __future__ import annotations

import asyncio
import errno
import shutil
import socket
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.analyst import missing as no_embeddings
from gateway.doctor_documents import examine_documents
from gateway.doctor_outside import examine_outgoing, examine_telemetry, examine_work
from gateway.doctor_writer import examine_writer
from gateway.engines import Engines, open_engines
from gateway.findings import Finding, Health, worded
from gateway.limits import opening
from gateway.migrations import lead_words
from gateway.migrations.runner import newest, revision
from gateway.settings import Environment, Settings, unknown_variables

_ROOM_BYTES = 200 * 1024 * 1024
"""Less free space than this is worth a warning: SQLite's log alone may take as much while leads are loaded."""


async def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order in which things are needed."""
    checks: list[Callable[[Settings], Awaitable[list[Finding]]]] = [
        _settings,
        _folder,
        _database,
        examine_work,
        _redis,
        _mail,
        examine_outgoing,
        examine_telemetry,
        examine_writer,
        _embeddings,
        _port,
    ]
    return [finding for check in checks for finding in await check(settings)]


async def reach(engine: AsyncEngine) -> str | None:
    """Connect once; what is in the way, or None."""
    try:
        async with engine.connect():
            return None
    # Whatever the driver raises is the answer here: wrong host, wrong password, no such database, no such file.
    except Exception as error:
        cause = getattr(error, "orig", None) or error
        return f"The database {engine.url.render_as_string(hide_password=True)} cannot be used: {worded(cause)}."


def taken(host: str, port: int) -> str | None:
    """Why a port cannot be listened on, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does it: what lingers of an earlier one is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} on {host} is taken; set TRIGRAPH_PORT to another one."
            return f"Cannot listen on {host}, port {port}: {worded(error)}."
    return None


async def _settings(settings: Settings) -> list[Finding]:
    findings = [Finding(Health.FINE, "settings", f"All values can be used; environment {settings.environment}.")]
    findings += [
        Finding(Health.WORTH_A_LOOK, "settings", f"{name} is set, but nothing reads it; is it misspelt?")
        for name in unknown_variables()
    ]
    if settings.environment is Environment.PRODUCTION and settings.public_url.startswith("http://"):
        words = f"TRIGRAPH_PUBLIC_URL is {settings.public_url}: keys would travel without encryption."
        findings.append(Finding(Health.WORTH_A_LOOK, "settings", words))
    return findings


async def _folder(settings: Settings) -> list[Finding]:
    folder = settings.data_dir.absolute()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return [Finding(Health.BROKEN, "data folder", f"{folder} cannot be written: {worded(error)}.")]
    free = shutil.disk_usage(there).free
    room = f"{free / 1024**3:.1f} GiB free"
    if free < _ROOM_BYTES:
        return [Finding(Health.WORTH_A_LOOK, "data folder", f"{folder} is on a disk that is nearly full: {room}.")]
    return [Finding(Health.FINE, "data folder", f"{folder} can be written; {room}.")]


async def _database(settings: Settings) -> list[Finding]:
    absent = _absent_file(settings.database_url)
    if absent:
        return [Finding(Health.FINE, "database", f"{absent} does not exist yet; serving or migrating makes it.")]
    engines = open_engines(settings.database_url, pool_size=1, pool_timeout=5, busy_timeout=5)
    try:
        trouble = await reach(engines.reading)
        if trouble:
            return [Finding(Health.BROKEN, "database", trouble)]
        shown = engines.reading.url.render_as_string(hide_password=True)
        told = [Finding(Health.FINE, "database", f"{shown} answers."), await _revision(engines)]
        if told[-1].health is Health.FINE:
            told += [*(await _words(engines)), *(await examine_documents(settings, engines))]
        return told
    finally:
        await engines.dispose()


def _absent_file(url: str) -> str | None:
    parsed = make_url(url)
    embedded = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return parsed.database if embedded and not Path(parsed.database or "").exists() else None


async def _revision(engines: Engines) -> Finding:
    found, wanted = await revision(engines.reading), newest()
    if found == wanted:
        return Finding(Health.FINE, "migrations", f"At the newest revision, {wanted}.")
    where = f"at revision {found}" if found else "not migrated yet"
    if engines.embedded:
        return Finding(Health.WORTH_A_LOOK, "migrations", f"The database is {where}; serving migrates it to {wanted}.")
    return Finding(Health.BROKEN, "migrations", f"The database is {where}, not {wanted}; run `trigraph migrate`.")


async def _words(engines: Engines) -> list[Finding]:
    async with engines.reading.connect() as connection:
        if await connection.run_sync(lead_words.is_there):
            return [Finding(Health.FINE, "words", "Leads are found by words with an index.")]
    way = "start Trigraph with a SQLite of 3.35 or newer that has FTS5"
    if not engines.embedded:
        way = "have an administrator create the extensions pg_trgm and btree_gin, then run `trigraph migrate`"
    words = f"The index of words is missing, so finding leads by words takes longer the more there are; {way}."
    return [Finding(Health.WORTH_A_LOOK, "words", words)]


async def _redis(settings: Settings) -> list[Finding]:
    if settings.redis.url is None:
        words = "No Redis is set (TRIGRAPH_REDIS_URL): each process counts limits alone, fine for one."
        return [Finding(Health.FINE, "redis", words)]
    trouble = await opening.reach(settings)
    if trouble:
        words = f"Redis does not count, so each process counts limits alone: {trouble.rstrip('.')}."
        return [Finding(Health.WORTH_A_LOOK, "redis", words)]
    return [Finding(Health.FINE, "redis", "Redis counts limits for all processes.")]


async def _embeddings(settings: Settings) -> list[Finding]:
    lacking = no_embeddings(settings)
    return [Finding(Health.BROKEN, "feedback", f"{lacking}.")] if lacking else []


async def _mail(settings: Settings) -> list[Finding]:
    smtp = settings.smtp
    if smtp.host is None:
        words = f"No mail server is set (TRIGRAPH_SMTP_HOST): messages are written to {settings.mail_folder}."
        return [Finding(Health.FINE, "mail", words)]
    try:
        async with asyncio.timeout(smtp.timeout_seconds):
            await asyncio.to_thread(_greet, smtp.host, smtp.port)
    except (OSError, TimeoutError) as error:
        words = f"The mail server {smtp.host}:{smtp.port} cannot be reached: {worded(error)}."
        return [Finding(Health.BROKEN, "mail", words)]
    return [Finding(Health.FINE, "mail", f"The mail server {smtp.host}:{smtp.port} answers.")]


def _greet(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=5).close()


async def _port(settings: Settings) -> list[Finding]:
    trouble = taken(settings.host, settings.port)
    if trouble:
        return [Finding(Health.WORTH_A_LOOK, "port", f"{trouble} (Fine when Trigraph itself is running.)")]
    return [Finding(Health.FINE, "port", f"{settings.host} port {settings.port} is free.")]
