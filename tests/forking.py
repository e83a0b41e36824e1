"""The process that `tests/forks.py` has its processes forked of: `python -m tests.forking FD`."""

from __future__ import annotations

import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

# What processes of tests run, and what these load only when it is needed.
_LOADED = (
    "gateway.cli.serve",
    "gateway.cli.migrate",
    "gateway.cli.keys",
    "gateway.migrations.upgrading",
    "gateway.work.durable",
    "aiosqlite",
    "asyncpg",
    "uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.on",
)


def requested(control: socket.socket) -> dict[str, Any] | None:
    """Fork a process for each request and tell how it ended; returns in each of them, and at the end of all."""
    living: dict[int, tuple[int, int]] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not control:
                    selector.unregister(key.fileobj)
                    _tell_end(key.fd, *living.pop(key.fd))
                    continue
                text, given, *_ = socket.recv_fds(control, 1 << 20, 3)
                if not text:
                    return None
                out, err, tell = given
                pid = os.fork()
                if pid == 0:
                    for each in [*living, *(tell for _, tell in living.values()), tell, control.detach()]:
                        os.close(each)
                    _take(out, err)
                    return dict(json.loads(text))
                os.write(tell, pid.to_bytes(4, signed=True))
                os.close(out)
                os.close(err)
                watched = os.pidfd_open(pid)
                living[watched] = (pid, tell)
                selector.register(watched, selectors.EVENT_READ)


def _tell_end(watched: int, pid: int, tell: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):
        os.write(tell, code.to_bytes(4, signed=True))
    os.close(tell)
    os.close(watched)


def _take(out: int, err: int) -> None:
    for own, given in ((1, out), (2, err)):
        os.dup2(given, own)
        os.close(given)


def become(command: list[str], env: dict[str, str], cwd: str) -> None:
    """Go on as `python -m` would."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["-m", *command[1:]]
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for name in _LOADED:
        import_module(name)
    gc.collect()
    gc.freeze()
    # Ctrl-C is for the tests, which end what they have started.
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = requested(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        signal.signal(signal.SIGINT, heard)
        become(**request)
