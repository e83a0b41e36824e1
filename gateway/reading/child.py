"""The process that reads one file, its standard input, says what is in it as JSON, and ends.

It bounds itself before it looks at the file; what bounds its time and kills it is the process that started it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from datetime import date
from hashlib import sha256
from importlib import import_module
from typing import Any, BinaryIO, Final, cast

# All of it before memory and files are bounded, so that what is compiled can be kept for the next process.
from domain.intelligence.law import analyse
from gateway.reading.kinds import FileKind, kind_of
from gateway.reading.taken import ReadingLimits, Taken, Unreadable
from gateway.reading.text import read_text
from gateway.reading.wire import QUESTION, Question, told

_MOST_FILES: Final = 64
_OVERHEAD: Final = 48 * 1024 * 1024
"""Bytes that the interpreter and the libraries take beside their data."""
_STEP: Final = 1024 * 1024
_DIE_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG of Linux."""


def main() -> None:
    """Answer the question of the environment about the file at standard input."""
    question = Question.of(json.loads(os.environ.pop(QUESTION)))
    bound(question.limits)
    try:
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as file:
            answer = read(cast(BinaryIO, file), question)
    except Unreadable as error:
        answer = {"unreadable": str(error)}
    except MemoryError:
        answer = {"memory": True}
    except Exception as error:
        # Where it happened and not with which words: those may be somebody's secrets.
        places = [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
        answer = {"failed": f"{type(error).__name__} at {' '.join(places[-3:])}"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def bound(limits: ReadingLimits) -> None:
    """Bound memory, processor time and files, as far as the system can; on Windows nothing of it is there."""
    with suppress(ImportError):
        resource: Any = import_module("resource")
        wanted = {
            "RLIMIT_DATA": max(limits.memory_bytes - _OVERHEAD, _OVERHEAD),
            "RLIMIT_CPU": int(limits.seconds) + 5,
            "RLIMIT_NOFILE": _MOST_FILES,
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": 0,
        }
        for name, value in wanted.items():
            with suppress(ValueError, OSError, AttributeError):
                resource.setrlimit(getattr(resource, name), (value, value))
    if sys.platform == "linux":
        # A server that is killed takes with it whoever reads for it.
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def read(file: BinaryIO, question: Question) -> dict[str, Any]:
    """What a file says.

    Raises:
        Unreadable: it cannot be read.
    """
    file.seek(0)
    size, digest = _measured(file, question.limits)
    kind = FileKind.TEXT if question.plain else kind_of(file, question.name, question.media_type)
    taken = _taken(file, kind, question)
    findings = analyse(
        taken.text,
        jurisdiction=question.jurisdiction,
        document_type=question.document_type,
        today=date.fromisoformat(question.today),
    )
    return {
        "text": taken.text,
        "media_type": kind.value,
        "size": size,
        "digest": digest,
        "pages": taken.pages,
        "notes": taken.notes,
        "findings": told(findings),
    }


def _taken(file: BinaryIO, kind: FileKind, question: Question) -> Taken:
    limits, media_type = question.limits, question.media_type
    # Each is imported only for a file of its kind.
    if kind is FileKind.PDF:
        taken: Taken = import_module("gateway.reading.pdf").read_pdf(file, limits)
    elif kind is FileKind.DOCX:
        taken = import_module("gateway.reading.docx").read_docx(file, limits)
    elif kind is FileKind.HTML:
        taken = import_module("gateway.reading.html").read_html(file, media_type, limits)
    else:
        taken = read_text(file, media_type, limits)
    return taken


def _measured(file: BinaryIO, limits: ReadingLimits) -> tuple[int, str]:
    digest, size = sha256(), 0
    while block := file.read(_STEP):
        digest.update(block)
        size += len(block)
        if size > limits.file_bytes:
            raise Unreadable(f"The file is larger than {limits.file_bytes} bytes.")
    file.seek(0)
    return size, digest.hexdigest()


if __name__ == "__main__":
    main()
