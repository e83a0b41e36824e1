"""Durable work by DBOS: what was begun is begun again after a crash; the one module that knows DBOS, loaded late.

DBOS lives in a thread and an event loop of its own, so that starting and stopping it, and what it waits for, hold
nobody up; a job itself runs in the loop of the process, where the database connections belong.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import closing, suppress
from contextvars import Context
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import unavailable
from domain.values import iso
from gateway.logging import logger
from gateway.work.queue import Job

APPLICATION_VERSION = "1"
"""Says when the meaning of stored work changed: what another version has begun is left to its lease."""
_NAME = "trigraph"
_THREADS = 8
_CONNECTIONS = 4
_FORGOTTEN_AT_ONCE = 500
_CLAIM_PAUSE_SECONDS = 0.05
_NOTING_SECONDS = 2.0
"""How long a stop waits until what has ended is noted as such: otherwise it would begin once more."""
_LIBPQ = {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "connect_timeout", "target_session_attrs", "options"}

Run = Callable[[str, Job], Coroutine[Any, Any, None]]
"""Works on a job of a queue."""
T = TypeVar("T")

log = logger(__name__)


class _Place:
    """Where DBOS runs: a process has one."""

    def __init__(self) -> None:
        self.taken = threading.Lock()
        self.durable: Durable | None = None


_place = _Place()


@DBOS.workflow(name="work")
async def _work(queue: str, organization_id: str, id: str, attempt: int) -> None:
    """One attempt at one row. It has no steps of its own: the row says what was done."""
    if _place.durable is not None:
        await _place.durable.work(queue, Job(organization_id, id, attempt))


class Durable:
    """Begins jobs under names that are begun once, and begins again what the process that had them did not end."""

    def __init__(self, url: str, executor: str, run: Run) -> None:
        """Durable work in a system database; no two living processes have the same `executor`."""
        self._url = url
        self._executor = executor
        self._run = run
        self.broken = asyncio.Event()
        """The system database is damaged or gone: launching again mends that, waiting does not."""

    async def start(self) -> None:
        """Launch; jobs that an earlier process with this executor's name has left begin again.

        Raises:
            DomainError: UNAVAILABLE when the system database cannot be used.
        """
        self._process = asyncio.get_running_loop()
        while not _place.taken.acquire(blocking=False):  # noqa: ASYNC110 - who has it tells another loop
            await asyncio.sleep(_CLAIM_PAUSE_SECONDS)
        _place.durable = self
        self._home = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._home.run_forever, name="durable work", daemon=True)
        self._thread.start()
        try:
            await self._at_home(self._launch())
        except BaseException as error:
            await self.stop()
            if isinstance(error, Exception):
                raise unavailable(f"durable work cannot begin: {error}") from error
            raise

    async def begin(self, queue: str, job: Job) -> bool:
        """Have a job run in this process; false when one of its name was begun before.

        Raises:
            DomainError: UNAVAILABLE when that cannot be noted now.
        """
        try:
            return await self._at_home(self._begin(queue, job))
        except SQLAlchemyError as error:
            if _unusable(error):
                self.broken.set()
            raise unavailable(f"what is begun cannot be noted: {error}") from error

    async def forget(self, before: datetime) -> int:
        """Drop what is known of jobs that were begun before a moment: no lease lasts as long. How many there were."""
        count = 0
        while found := await self._at_home(self._forget(iso(before))):
            count += found
        return count

    async def stop(self) -> None:
        """End; what is under way stays noted as begun."""
        try:
            # Not from its own loop, which its threads may be waiting for.
            await asyncio.to_thread(self._destroy)
        finally:
            _place.durable = None
            _place.taken.release()

    async def work(self, queue: str, job: Job) -> None:
        """Work on a job in the loop of the process, as if nobody had called."""
        await asyncio.wrap_future(_submit(self._run(queue, job), self._process))

    async def _at_home(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(_submit(coroutine, self._home))

    async def _launch(self) -> None:
        _quiet()
        DBOS(config=_config(self._url, self._executor))
        # Blocks this loop, which is nobody else's, and makes it the one where recovered jobs begin.
        DBOS.launch()

    async def _begin(self, queue: str, job: Job) -> bool:
        with SetWorkflowID(f"{queue}:{job.id}:{job.attempt}"):
            handle = await DBOS.start_workflow_async(_work, queue, job.organization_id, job.id, job.attempt)
        # A handle without a task belongs to something that runs elsewhere, or is over.
        task: asyncio.Task[None] | None = getattr(handle, "task", None)
        if task is not None:
            task.add_done_callback(self._over)
        return task is not None

    def _over(self, task: asyncio.Task[None]) -> None:
        """See whether the end of a job could be noted: there may be no other soon that would meet the damage."""
        error = None if task.cancelled() else task.exception()
        if error is not None and _unusable(error):
            self._process.call_soon_threadsafe(self.broken.set)

    async def _forget(self, before: str) -> int:
        found = await DBOS.list_workflows_async(
            end_time=before, limit=_FORGOTTEN_AT_ONCE, load_input=False, load_output=False
        )
        if found:
            await DBOS.delete_workflows_async([each.workflow_id for each in found])
        return len(found)

    def _destroy(self) -> None:
        # Whoever stops while it launches waits until it has.
        _submit(asyncio.sleep(0), self._home).result()
        # It would warn of everything that is cancelled.
        logging.getLogger("dbos").setLevel(logging.ERROR)
        _submit(_noted(), self._home).result()
        DBOS.destroy()
        _submit(_end(), self._home).result()
        self._home.call_soon_threadsafe(self._home.stop)
        self._thread.join()
        self._home.close()


def system_database(url: str, embedded_file: str) -> str:
    """Where DBOS keeps what it knows: in a file of its own beside the embedded database, or in the same on a server.

    Raises:
        DomainError: UNAVAILABLE when that file cannot be used.
    """
    there = make_url(url)
    if there.get_backend_name() == "sqlite":
        try:
            _prepare(Path(embedded_file))
        except (OSError, sqlite3.Error) as error:
            raise unavailable(f"{embedded_file} cannot be used: {error}") from error
        return str(URL.create("sqlite", database=embedded_file))
    query = {name: value for name, value in there.query.items() if name in _LIBPQ}
    if "ssl" in there.query:
        query["sslmode"] = there.query["ssl"]
    return there.set(drivername="postgresql+psycopg", query=query).render_as_string(hide_password=False)


def _prepare(file: Path) -> None:
    """Have a sound file in which readers and the writer do not wait for each other; a damaged one is set aside.

    Nothing is lost by that: what was begun in it is found again when its lease is over.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        _check(file)
    except sqlite3.DatabaseError as error:
        if not _damaged(error):
            raise
        log.warning("the file of work is damaged and set aside; what was begun waits for its lease", reason=str(error))
        for suffix in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                Path(f"{file}{suffix}").replace(f"{file}.damaged{suffix}")
        _check(file)


def _check(file: Path) -> None:
    """See that every page can be read; the file remembers how it is written to."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _unusable(error: BaseException) -> bool:
    """Whether an error says that the system database has to be made anew."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, sqlite3.Error) and (_damaged(cause) or "no such table" in str(cause))


def _damaged(error: sqlite3.Error) -> bool:
    """Whether it says that a file is no sound database: only that is raised as nothing more special."""
    return type(error) is sqlite3.DatabaseError


def _config(url: str, executor: str) -> DBOSConfig:
    return {
        "name": _NAME,
        "system_database_url": url,
        "dbos_system_schema": "dbos",
        "sys_db_pool_size": _CONNECTIONS,
        "max_executor_threads": _THREADS,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor,
        "enable_otlp": False,
        "log_level": "WARNING",
        # Nobody waits for messages or events between workflows.
        "use_listen_notify": False,
    }


def _quiet() -> None:
    """Have DBOS log where everything logs: it adds a handler of its own only where there is none."""
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def _submit(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> Future[T]:
    """Run a coroutine in a loop of another thread, without the context of who asks."""
    return Context().run(asyncio.run_coroutine_threadsafe, coroutine, loop)


async def _noted() -> None:
    """Let what runs in this loop come to its end, if that is soon."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    if rest:
        await asyncio.wait(rest, timeout=_NOTING_SECONDS)


async def _end() -> None:
    """End what is left in this loop."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
