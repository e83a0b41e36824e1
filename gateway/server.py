"""Running the application; the one module that knows uvicorn."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette

from gateway.settings import Settings

_DRAIN_SECONDS = 10
_FACTORY = "gateway.app:from_environment"

Drain = Callable[[], Awaitable[None]]


class _Server(uvicorn.Server):
    """Tells open streams to reconnect before it waits for connections to end."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        await self._drain()
        await super().shutdown(sockets)


def run(app: Starlette, settings: Settings, drain: Drain) -> None:
    """Serve one application in this process until told to stop."""
    _Server(uvicorn.Config(app, **_options(settings)), drain).run()


def run_workers(settings: Settings, workers: int) -> None:
    """Serve in several processes, each with an application of its own, until told to stop."""
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
