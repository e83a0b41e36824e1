"""Running the application; the one module besides `gateway.straight` that knows uvicorn."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.supervisors import multiprocess

from gateway.graphql.frames import EXTENSION
from gateway.settings import Settings
from gateway.straight import StraightProtocol

_DRAIN_SECONDS = 10
_START_SECONDS = 120
"""A worker process that says nothing for so long is begun anew; loading everything takes a busy machine a while."""
_FACTORY = "gateway.loading:served"
DRAIN = "drain"
"""Where an application's lifespan puts `async () -> None`, called before its server waits for connections to end."""


class _Server(uvicorn.Server):
    """Tells open streams to reconnect before it waits for connections to end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        drain = self.lifespan.state.get(DRAIN)
        if drain:
            await drain()
        await super().shutdown(sockets)


class Sockets(WebSocketsSansIOProtocol):
    """uvicorn's websockets, which also take frames that are made once for many: see `gateway.graphql.frames`."""

    def data_received(self, data: bytes) -> None:
        """Take what a client sends; a handshake that cannot be read is refused, and not left open for ever."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.close_sent:
            self.close_sent = True
            # The library has the refusal ready (414, 431), and uvicorn does not look for it.
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    async def send(self, message: Any) -> None:
        """Send what the application says; a handshake it has refused is over, and no mistake of its own."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def handle_connect(self, event: Any) -> None:
        """Start the application, and offer it the extension."""
        super().handle_connect(event)
        # A refused handshake has no scope; what is compressed for one socket alone is no use to another.
        if self.response.status_code == 101 and not self.conn.extensions:
            offered: dict[object, object] = {"write": self._write, "abort": self._abort}
            self.scope["extensions"][EXTENSION] = offered

    def _write(self, frame: bytes) -> bool:
        """Write a finished frame now; False when the client has to take others first, or is gone."""
        if not self.writable.is_set() or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def _abort(self) -> None:
        """Hang up on a client that takes nothing; what is on the way to it is dropped."""
        self.transport.abort()


class _Worker(multiprocess.Process):
    """A worker process whose server drains; spawned by its name in this module."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = _Server(self.config)
        return self._server


def run(app: ASGIApp, settings: Settings) -> None:
    """Serve one application in this process until told to stop."""
    _Server(uvicorn.Config(app, **options(settings))).run()


def run_workers(settings: Settings, workers: int) -> None:
    """Serve in several processes, each with an application of its own, until told to stop."""
    # uvicorn's supervisor takes its kind of process from its own module and offers no other way to choose one.
    multiprocess.Process = _Worker  # type: ignore[misc]
    uvicorn.run(_FACTORY, factory=True, workers=workers, **options(settings))


def options(settings: Settings) -> dict[str, Any]:
    """HTTP by httptools on uvloop, known requests in a straight line; websockets by the sans-IO protocol.

    Messages of websockets are bounded before they are read whole.
    """
    return {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": StraightProtocol,
        "ws": Sockets,
        "ws_per_message_deflate": settings.websocket_compression,
        "ws_max_size": settings.graphql.message_bytes + 1024,
        # A client that is gone without a word does not answer pings, which is noticed; all libraries answer them.
        "ws_ping_interval": settings.streams.keep_alive_seconds,
        "ws_ping_timeout": settings.streams.pong_timeout_seconds,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies) or None,
        "timeout_graceful_shutdown": _DRAIN_SECONDS,
        "timeout_keep_alive": 75,
        "timeout_worker_healthcheck": _START_SECONDS,
    }
