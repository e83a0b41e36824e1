"""What fan-out costs at the least: a `websockets` server that sends the same bytes to all, and does nothing else."""

from __future__ import annotations

import asyncio
import os
import sys
from http import HTTPStatus

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

from bench.listeners import raise_file_limit


async def main(body: str) -> None:
    """Serve until ended; the message `first last` on `/control` has everybody else told the events of these numbers."""
    hearing: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        if connection.request and connection.request.path == "/control":
            async for said in connection:
                first, last = map(int, str(said).split())
                for sequence in range(first, last + 1):
                    broadcast(hearing, body.replace("@", str(sequence)))
                    await asyncio.sleep(0)
                await connection.send("done")
            return
        hearing.add(connection)
        try:
            await connection.wait_closed()
        finally:
            hearing.discard(connection)

    # Without compression, which our listeners do not offer either.
    port = int(os.environ["TRIGRAPH_PORT"])
    async with serve(handle, "127.0.0.1", port, compression=None, process_request=_health) as server:
        await server.wait_closed()


def _health(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.OK, "") if request.path == "/healthz" else None


if __name__ == "__main__":
    raise_file_limit()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
