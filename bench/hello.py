"""The floor: the least an ASGI application can do, on the very server Trigraph runs on."""

from __future__ import annotations

from typing import Any

from gateway.server import run
from gateway.settings import load

_BODY = b'{"hello":"world"}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Answer anything."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


if __name__ == "__main__":
    run(hello, load(env_file=None))
