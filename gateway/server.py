"""Running the application; the one module that knows uvicorn."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

from gateway.settings import Settings

_DRAIN_SECONDS = 10


def run(app: ASGIApp | str, settings: Settings, workers: int = 1) -> None:
    """Serve until told to stop; several workers need the application by its import name.

    HTTP is parsed by httptools on uvloop; websockets by the sans-IO protocol, with messages bounded before they are
    read whole.
    """
    uvicorn.run(
        app,
        factory=isinstance(app, str),
        host=settings.host,
        port=settings.port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=settings.graphql.message_bytes + 1024,
        ws_ping_interval=None,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies) or None,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        timeout_keep_alive=75,
    )
