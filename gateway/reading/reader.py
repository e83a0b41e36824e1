"""Reading files in processes of their own: one for each, few at once, killed when it takes too long."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from enum import StrEnum
from io import UnsupportedOperation
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO, Final

from domain.errors import invalid, unavailable
from domain.outside import LawWanted, ReadDocument, SentFile
from gateway import json
from gateway.logging import logger
from gateway.reading.taken import ReadingLimits
from gateway.reading.wire import QUESTION, Question, findings_of
from gateway.tallies import Timings

_ROOT: Final = str(Path(__file__).parents[2])
_STEP: Final = 1024 * 1024
_MOST_ANSWERED: Final = 96 * 1024 * 1024
"""Bytes of an answer: a text with every character escaped, and its findings."""
_BUSY: Final = "Too many files are being read at the moment; try again later."
_ENDING: Final = "The server is ending; try again later."

log = logger(__name__)


class Outcome(StrEnum):
    """What became of a file: REFUSED for what it is, BROKE_OFF for memory or a fault, GIVEN_UP by who sent it."""

    READ = "read"
    REFUSED = "refused"
    BROKE_OFF = "broke_off"
    TOO_SLOW = "too_slow"
    BUSY = "busy"
    GIVEN_UP = "given_up"


class ProcessReader:
    """Reads with a new process for each file, so that nothing a file does outlives it."""

    def __init__(self, limits: ReadingLimits, at_once: int) -> None:
        """Nothing is started yet."""
        self._limits = limits
        self._places = asyncio.Semaphore(at_once)
        self._running: set[asyncio.subprocess.Process] = set()
        self._closed = False
        self.timings = Timings()
        """Of files by their outcome, for operators."""

    async def read(self, file: SentFile, wanted: LawWanted) -> ReadDocument:
        """Read a PDF, DOCX, HTML or text file; its content has been used up afterwards.

        Raises:
            DomainError: INVALID naming `file` for what cannot be read, with the reason; UNAVAILABLE when too much is
                being read at once.
        """
        if file.size > self._limits.file_bytes:
            raise invalid("file", f"The file is larger than {self._limits.file_bytes} bytes.")
        async with _descriptor(file.content) as descriptor:
            return await self._answered("file", descriptor, self._question(wanted, file.name, file.media_type))

    async def analyze(self, text: str, wanted: LawWanted) -> ReadDocument:
        """Analyse a text that was sent as such.

        Raises:
            DomainError: as `read`, naming `text`.
        """
        if len(text) > self._limits.file_bytes:
            raise invalid("text", f"text is larger than {self._limits.file_bytes} bytes.")
        with tempfile.TemporaryFile() as file:
            await asyncio.to_thread(_write, text, file)
            question = self._question(wanted, None, "text/plain; charset=utf-8", plain=True)
            return await self._answered("text", file.fileno(), question)

    def close(self) -> None:
        """Kill whoever still reads, and whoever begins to."""
        self._closed = True
        for process in self._running:
            _kill(process)

    def _question(self, wanted: LawWanted, name: str | None, media_type: str | None, plain: bool = False) -> Question:
        return Question(
            name=name,
            media_type=media_type,
            plain=plain,
            jurisdiction=wanted.jurisdiction,
            document_type=wanted.document_type,
            today=wanted.today.isoformat(),
            limits=self._limits,
        )

    async def _answered(self, field: str, descriptor: int, question: Question) -> ReadDocument:
        began, outcome = time.perf_counter(), Outcome.GIVEN_UP
        try:
            outcome, found = await self._asked(descriptor, question)
        finally:
            self.timings.note(outcome, time.perf_counter() - began)
        if isinstance(found, ReadDocument):
            return found
        if outcome in (Outcome.BUSY, Outcome.GIVEN_UP):
            raise unavailable(found)
        raise invalid(field, found)

    async def _asked(self, descriptor: int, question: Question) -> tuple[Outcome, ReadDocument | str]:
        """What became of a file, with what was found or why nothing was."""
        limits = self._limits
        try:
            async with asyncio.timeout(limits.seconds):
                await self._places.acquire()
        except TimeoutError:
            return Outcome.BUSY, _BUSY
        try:
            async with asyncio.timeout(limits.seconds):
                status, said = await self._run(descriptor, question)
        except TimeoutError:
            return Outcome.TOO_SLOW, f"Reading it took longer than {limits.seconds:g} seconds."
        finally:
            self._places.release()
        if self._closed:
            return Outcome.GIVEN_UP, _ENDING
        # It may be large, and takes a while to be understood.
        return await asyncio.to_thread(_understood, status, said, limits)

    async def _run(self, descriptor: int, question: Question) -> tuple[int, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # Nothing is imported from where the server happens to have been started.
            "-P",
            "-m",
            "gateway.reading.child",
            stdin=descriptor,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(question),
            start_new_session=True,
        )
        self._running.add(process)
        try:
            if self._closed:
                _kill(process)
            said = await _all_of(process)
            return await process.wait(), said
        finally:
            _kill(process)
            self._running.discard(process)
            await asyncio.shield(process.wait())


@asynccontextmanager
async def _descriptor(content: BinaryIO) -> AsyncIterator[int]:
    """A file of the system with this content, for another process: that of the content itself, if it has one."""
    number = _number_of(content)
    if number is not None:
        content.flush()
        yield number
        return
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(copyfileobj, content, file)
        file.flush()
        yield file.fileno()


def _number_of(content: BinaryIO) -> int | None:
    try:
        return content.fileno()
    except (AttributeError, UnsupportedOperation):
        return None


def _write(text: str, file: BinaryIO) -> None:
    for start in range(0, len(text), _STEP):
        file.write(text[start : start + _STEP].encode("utf-8", "replace"))
    file.flush()


def _environment(question: Question) -> Mapping[str, str]:
    """The least a process needs; secrets of the server are not for whoever reads files."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": _ROOT,
        "PYTHONUTF8": "1",
        # Each of their threads would take memory of its own.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        QUESTION: json.dumps(asdict(question)).decode(),
    }


async def _all_of(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    said = bytearray()
    while block := await process.stdout.read(_STEP):
        said += block
        if len(said) > _MOST_ANSWERED:
            return b""
    return bytes(said)


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _understood(status: int, said: bytes, limits: ReadingLimits) -> tuple[Outcome, ReadDocument | str]:
    """What a process has found, or why it has not."""
    try:
        answer = json.loads(said)
        if status == 0 and isinstance(answer, dict):
            return _found(answer, limits)
    except (ValueError, KeyError, TypeError):
        pass
    log.warning("A file could not be read: its process ended without an answer", status=status, size=len(said))
    memory = f"or reading it takes more than {limits.memory_bytes} bytes of memory"
    return Outcome.BROKE_OFF, f"It is broken, {memory}: the reader broke off."


def _found(answer: Mapping[str, Any], limits: ReadingLimits) -> tuple[Outcome, ReadDocument | str]:
    if "unreadable" in answer:
        return Outcome.REFUSED, str(answer["unreadable"])
    if "memory" in answer:
        return Outcome.BROKE_OFF, f"Reading it takes more than {limits.memory_bytes} bytes of memory."
    if "failed" in answer:
        log.error("A file could not be read: the reader failed", reason=answer["failed"])
        return Outcome.BROKE_OFF, "It is broken: the reader broke off."
    return Outcome.READ, ReadDocument(
        text=answer["text"],
        media_type=answer["media_type"],
        size=answer["size"],
        digest=answer["digest"],
        pages=answer["pages"],
        findings=findings_of(answer["findings"]),
        notes=tuple(answer["notes"]),
    )
