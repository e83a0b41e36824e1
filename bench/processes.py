"""Server processes under measurement: started on one core, read through /proc, stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_READY_SECONDS = 120
"""On a busy machine a server whose modules were not compiled before takes half a minute."""
_NOT_TAKEN_OVER = ("TRIGRAPH_", "PYTHONDONTWRITEBYTECODE")
"""What variables begin with that servers are not given: without bytecode kept every start compiles all modules anew."""
_STOP_SECONDS = 15
_POLL_SECONDS = 0.002
_HEALTH = b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server."""

    pid: int
    port: int
    startup_seconds: float

    def cpu_seconds(self) -> float:
        """Processor time the process has used, in user and in kernel mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mebibytes(self) -> float:
        """Memory the process holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core serves and which one asks; the same one on a machine that has no second."""

    server: int
    client: int

    @classmethod
    def own(cls) -> Cores:
        """The last core this process may use for the server, the first for the load."""
        usable = sorted(os.sched_getaffinity(0))
        return cls(usable[-1], usable[0])


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    arguments: Sequence[str],
    folder: Path,
    core: int,
    settings: Mapping[str, str] | None = None,
    program: str = sys.executable,
) -> Iterator[Serving]:
    """Run a server on one core until the block ends; `startup_seconds` goes from exec to the first answer.

    `settings` are variables besides those of every measurement; `program` is Python unless another one is named.
    """
    port = free_port()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_TAKEN_OVER)}
    environment = ours | {
        "TRIGRAPH_DATA_DIR": str(folder),
        "TRIGRAPH_PORT": str(port),
        "TRIGRAPH_LOG_LEVEL": "warning",
        # Calls are counted as ever, but nothing is turned away: one key asks as fast as it can.
        "TRIGRAPH_LIMITS_FACTOR": "1000000",
        "TRIGRAPH_LIMITS_POINTS_ENTERPRISE": str(2**31 - 1),
    }
    environment |= settings or {}
    began = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "--cpu-list", str(core), program, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(process, port)
        yield Serving(process.pid, port, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.perf_counter() + _READY_SECONDS
    heard = "nothing"
    while time.perf_counter() < end:
        if process.poll() is not None:
            sys.exit(f"The server ended with {process.returncode} before it served.")
        try:
            heard = _status_line(port)
        except OSError as error:
            heard = repr(error)
        if " 200 " in heard:
            return
        time.sleep(_POLL_SECONDS)
    sys.exit(f"The server did not answer within {_READY_SECONDS} s that it is well; heard last: {heard}")


def _status_line(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(_HEALTH)
        with connection.makefile("rb") as answer:
            return answer.readline().decode("latin-1").rstrip()
