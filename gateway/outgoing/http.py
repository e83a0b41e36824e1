"""Requests by HTTP to addresses that clients have chosen: bounded in time and size, and nowhere they may not go.

What a browser would do besides is left out on purpose: no redirects, no cookies, no proxies of the environment, no
compressed answers. So this stands on httpcore, which has none of that; httpx reads addresses.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from functools import lru_cache
from pathlib import Path
from typing import cast

import httpcore
import httpx

from domain.receivers import Reach
from gateway.outgoing.answers import Answer, Failed
from gateway.outgoing.connecting import Connecting, Resolve, Unreachable, system_resolve
from gateway.outgoing.pool import IDLE_SECONDS, Pool

_SHORTEST_SECONDS = 0.001
_LAST_PORT = 65535


class Http:
    """Connections to other people's servers."""

    def __init__(
        self,
        reach: Reach,
        *,
        connections: int,
        idle_connections: int,
        ca_file: Path | None = None,
        resolve: Resolve = system_resolve,
    ) -> None:
        """Nothing is connected yet. `ca_file` holds certificates that are trusted besides the usual ones."""
        trusted = httpx.create_ssl_context(trust_env=False)
        if ca_file:
            trusted.load_verify_locations(ca_file)
        self._tls = trusted
        # What may be reached without TLS is less.
        self._networks = {tls: Connecting(reach, tls=tls, resolve=resolve) for tls in (True, False)}
        self._pool = Pool(self._connection, connections, idle_connections)

    async def post(
        self, url: str, headers: Mapping[str, str], content: bytes, *, seconds: float, most_bytes: int
    ) -> Answer:
        """Send a body, and wait so many seconds in all; of the answer no more than `most_bytes` are read.

        Once a status has come, the answer counts, also when its body is cut off or takes too long.

        Raises:
            Failed: there was no answer.
        """
        end = asyncio.get_running_loop().time() + seconds
        try:
            target = _target(url)
            given = [(b"Host", _host(target)), *((name.encode(), value.encode()) for name, value in headers.items())]
            given.append((b"Content-Length", str(len(content)).encode()))
            extensions = {"timeout": {"connect": seconds}}
            request = httpcore.Request("POST", target, headers=given, content=content, extensions=extensions)
            async with AsyncExitStack() as stack:
                async with asyncio.timeout_at(end):
                    connection = await stack.enter_async_context(self._pool.connection(target.origin))
                    response = await connection.handle_async_request(request)
                body = await _read(response, end, most_bytes)
        except TimeoutError:
            raise Failed(f"There was no answer within {seconds:g} seconds.") from None
        except Unreachable as error:
            raise Failed(str(error)) from None
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise Failed(_reason(error)) from None
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status, found, body)

    async def close(self) -> None:
        """Close every connection that is idle."""
        await self._pool.close()

    def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        tls = origin.scheme == b"https"
        network = self._networks[tls]
        trusted = self._tls if tls else None
        return httpcore.AsyncHTTPConnection(origin, trusted, IDLE_SECONDS, network_backend=network)


@lru_cache(maxsize=1000)
def _target(url: str) -> httpcore.URL:
    try:
        parts = httpx.URL(url)
        # Not `host`, which cannot be told of names in punycode that only older rules allow, such as those of emoji.
        if parts.scheme not in ("http", "https") or not parts.raw_host or not 0 < (parts.port or 1) <= _LAST_PORT:
            raise Failed("The address is no http or https address.")
        return httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path)
    except (httpx.InvalidURL, UnicodeError):
        raise Failed("The address cannot be read.") from None


def _host(target: httpcore.URL) -> bytes:
    host = b"[" + target.host + b"]" if b":" in target.host else target.host
    return host if target.port is None else host + b":%d" % target.port


async def _read(response: httpcore.Response, end: float, most: int) -> bytes:
    """As much of the body as is wanted; the rest is not waited for, and its connection is closed."""
    body = bytearray()
    try:
        async with asyncio.timeout_at(max(end, asyncio.get_running_loop().time() + _SHORTEST_SECONDS)):
            # It is a generator, which has to be closed when it is left half-way.
            stream = cast(AsyncGenerator[bytes, None], response.aiter_stream())
            async with aclosing(stream) as parts:
                async for part in parts:
                    body += part[: most - len(body)]
                    if len(body) >= most:
                        break
    except (TimeoutError, OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        # The status has come; what its sender says besides is of no consequence.
        pass
    finally:
        await asyncio.shield(response.aclose())
    return bytes(body)


def _reason(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate is not to be trusted: {cause.verify_message}."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout | ConnectionError):
        return f"There was no connection: {str(error) or type(error).__name__}."
    return f"The connection ended without an answer: {str(error) or type(error).__name__}."
