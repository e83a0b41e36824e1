"""`python -m` for tests that start many processes: forked of one that has imported what they run, which takes seconds.

What such a process does is what the same command does from a shell; that it starts from nothing is told by
`tests/gateway/cli/test_serve_demo.py` and `tests/live/test_workers.py`.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Thread
from typing import IO, Any, Self

PIPE = subprocess.PIPE
_ROOT = Path(__file__).parents[1]


@cache
def _source() -> socket.socket:
    """A line to the process that forks; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.forking", str(theirs.fileno())]
        process = subprocess.Popen(command, cwd=_ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    @atexit.register
    def end() -> None:
        ours.close()
        process.wait()

    return ours


class Forked:
    """A process as `subprocess.Popen` has them, for `python -m` and what follows it; pipes are of text."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdout: IO[Any] | int | None = None,
        stderr: IO[Any] | int | None = None,
    ) -> None:
        self.returncode: int | None = None
        self.stdout, out = _end(stdout, 1)
        self.stderr, err = _end(stderr, 2)
        told, tell = os.pipe()
        request = {"command": list(command), "env": dict(os.environ if env is None else env), "cwd": os.getcwd()}
        socket.send_fds(_source(), [json.dumps(request).encode()], [out, err, tell])
        for given, kept in ((out, stdout), (err, stderr), (tell, PIPE)):
            if kept == PIPE:
                os.close(given)
        self._told = told
        self.pid = self._number()

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What else it writes until it ends."""
        said: dict[int, str] = {}
        streams = (self.stdout, self.stderr)

        def read(number: int, stream: IO[str]) -> None:
            said[number] = stream.read()

        readers = [Thread(target=read, args=each, daemon=True) for each in enumerate(streams) if each[1]]  # type: ignore[arg-type]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(timeout)
        self.wait(timeout)
        self._close()
        return said.get(0, ""), said.get(1, "")

    def send_signal(self, which: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, which)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._close()
        self.wait()

    def __del__(self) -> None:
        os.close(self._told)

    def _close(self) -> None:
        for stream in (self.stdout, self.stderr):
            if stream:
                stream.close()

    def _number(self) -> int:
        told = os.read(self._told, 4)
        assert told, "the process that forks has ended: nothing is known of this one"
        return int.from_bytes(told, signed=True)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._told, selectors.EVENT_READ)
                if selector.select(timeout):
                    self.returncode = self._number()
        return self.returncode


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """What a command writes to standard output; it has to succeed."""
    with Forked(command, env=env, stdout=PIPE, stderr=PIPE) as process:
        said, complaints = process.communicate()
        assert process.returncode == 0, complaints
    return said


def _end(wanted: IO[Any] | int | None, own: int) -> tuple[IO[str] | None, int]:
    """Our end of a pipe, if one is wanted, and theirs."""
    if wanted == PIPE:
        ours, theirs = os.pipe()
        return os.fdopen(ours), theirs
    if wanted is None:
        return None, own
    return None, wanted if isinstance(wanted, int) else wanted.fileno()
