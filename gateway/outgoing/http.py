"""Requests by HTTP to addresses that clients have chosen: bounded in time and size, and nowhere they may not go.

What a browser would do besides is left out on purpose: no redirects, no cookies, no proxies of the environment, no
compressed answers. So this stands on httpcore, which has none of that; httpx reads addresses.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import cast

import httpcore
import httpx

from domain.receivers import Reach
from gateway.outgoing.answers import Answer, Failed, Refused, TooLarge
from gateway.outgoing.connecting import Connecting, Resolve, Unreachable, system_resolve
from gateway.outgoing.pool import IDLE_SECONDS, Pool

Take = Callable[[bytes], Awaitable[object]]
"""Takes the next piece of a body."""

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
        async with self._exchange("POST", url, headers, content, end, seconds) as response:
            body = await _read(response, end, most_bytes)
        return _answer(response, body)

    async def get(self, url: str, headers: Mapping[str, str], into: Take, *, seconds: float, most_bytes: int) -> Answer:
        """Fetch what is at an address: the body of a 2xx goes `into` something as it arrives, and the answer has none.

        Of other answers no body is read. It has so many seconds in all.

        Raises:
            Failed: there was no answer, or not all of it came; Refused and TooLarge are such failures.
        """
        end = asyncio.get_running_loop().time() + seconds
        async with self._exchange("GET", url, headers, None, end, seconds) as response:
            try:
                if 200 <= response.status < 300:
                    await _pass_on(response, end, most_bytes, into)
            finally:
                await asyncio.shield(response.aclose())
        return _answer(response, b"")

    @asynccontextmanager
    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, end: float, seconds: float
    ) -> AsyncIterator[httpcore.Response]:
        """A response whose head has come; the connection is given back afterwards.

        Raises:
            Failed: there was none, or what was done with it failed as connections do.
        """
        try:
            target = _target(url)
            given = [(b"Host", _host(target)), *((name.encode(), value.encode()) for name, value in headers.items())]
            if content is not None:
                given.append((b"Content-Length", str(len(content)).encode()))
            extensions = {"timeout": {"connect": seconds}}
            request = httpcore.Request(method, target, headers=given, content=content, extensions=extensions)
            async with AsyncExitStack() as stack:
                async with asyncio.timeout_at(end):
                    connection = await stack.enter_async_context(self._pool.connection(target.origin))
                    response = await connection.handle_async_request(request)
                yield response
        except TimeoutError:
            raise Failed(f"There was no answer within {seconds:g} seconds.") from None
        except Unreachable as error:
            raise Refused(str(error)) from None
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise _failure(error) from None

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
            raise Refused("The address is no http or https address.")
        return httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path)
    except (httpx.InvalidURL, UnicodeError):
        raise Refused("The address cannot be read.") from None


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


async def _pass_on(response: httpcore.Response, end: float, most: int, into: Take) -> None:
    size = 0
    async with asyncio.timeout_at(end):
        stream = cast(AsyncGenerator[bytes, None], response.aiter_stream())
        async with aclosing(stream) as parts:
            async for part in parts:
                size += len(part)
                if size > most:
                    raise TooLarge(f"There are more than {most} bytes.")
                await into(part)


def _answer(response: httpcore.Response, body: bytes) -> Answer:
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Answer(response.status, found, body)


def _failure(error: Exception) -> Failed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused(f"The certificate is not to be trusted: {cause.verify_message}.")
        cause = cause.__cause__ or cause.__context__
    said = str(error) or type(error).__name__
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout | ConnectionError):
        return Failed(f"There was no connection: {said}.")
    return Failed(f"The connection ended without an answer: {said}.")
