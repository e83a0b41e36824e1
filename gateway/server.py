"""Running the application; the one module that knows uvicorn."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import multiprocess

from gateway.settings import Settings

_DRAIN_SECONDS = 10
_FACTORY = "gateway.app:from_environment"
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


class _Worker(multiprocess.Process):
    """A worker process whose server drains; spawned by its name in this module."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = _Server(self.config)
        return self._server


def run(app: ASGIApp, settings: Settings) -> None:
    """Serve one application in this process until told to stop."""
    _Server(uvicorn.Config(app, **_options(settings))).run()


def run_workers(settings: Settings, workers: int) -> None:
    """Serve in several processes, each with an application of its own, until told to stop."""
    # uvicorn's supervisor takes its kind of process from its own module and offers no other way to choose one.
    multiprocess.Process = _Worker  # type: ignore[misc]
    uvicorn.run(_FACTORY, factory=True, workers=workers, **_options(settings))


def _options(settings: Settings) -> dict[str, Any]:
    """HTTP by httptools on uvloop; websockets by the sans-IO protocol, messages bounded before they are read whole."""
    return {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": "httptools",
        "ws": "websockets-sansio",
        "ws_max_size": settings.graphql.message_bytes + 1024,
        "ws_ping_interval": None,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies) or None,
        "timeout_graceful_shutdown": _DRAIN_SECONDS,
        "timeout_keep_alive": 75,
    }
