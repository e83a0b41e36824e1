"""The OpenAI protocol; the one module that knows the openai client, and loaded when something is to be written.

Of the client's own ways only the protocol is used: no retries, redirects, cookies, proxies or headers out of the
environment, and no compressed answers.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2
import openai

from gateway.settings_writing import WriterSettings
from gateway.writing.replies import Broken, NotSent, Reply, Unreadable

_KEPT = (b"content-type", b"content-length")
_OWN = {
    "User-Agent": f"Trigraph/{version('trigraph')}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


class OpenAIClient:
    """Connections to one server."""

    def __init__(self, settings: WriterSettings, ca_file: Path | None) -> None:
        """Nothing is connected yet. `ca_file` holds certificates that are trusted besides the usual ones."""
        key = settings.api_key.get_secret_value() if settings.api_key else None
        trusted = _trusted(settings.base_url or "", ca_file)
        limits = httpx2.Limits(max_connections=settings.at_once, max_keepalive_connections=settings.at_once)
        inner = httpx2.AsyncHTTPTransport(verify=trusted, trust_env=False, limits=limits)
        transport = _Plain(inner, settings.response_bytes, key)
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=key or "none",
            max_retries=0,
            # How long all of it may take is for whoever asks to say.
            timeout=httpx2.Timeout(None, connect=settings.connect_seconds),
            http_client=httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False),
        )

    async def complete(self, body: Mapping[str, Any]) -> Reply:
        """Ask once.

        Raises:
            NotSent: there was no connection.
            Broken: there was one, and no whole answer.
        """
        try:
            response = await self._client.post("/chat/completions", cast_to=httpx2.Response, body=dict(body))
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
                raise NotSent(type(error.__cause__).__name__) from None
            raise Broken(type(error.__cause__).__name__) from None
        except httpx2.HTTPError as error:
            raise Broken(type(error).__name__) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, response.content)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()


def _trusted(url: str, ca_file: Path | None) -> ssl.SSLContext:
    """Whom connections trust; reading the usual certificates takes a while, and plain HTTP has no use for them."""
    if url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusted = httpx2.create_ssl_context(trust_env=False)
    if ca_file:
        trusted.load_verify_locations(ca_file)
    return trusted


class _Plain(httpx2.AsyncBaseTransport):
    """Sends what a request needs and nothing else, and reads no more than was allowed."""

    def __init__(self, inner: httpx2.AsyncHTTPTransport, most_bytes: int, key: str | None) -> None:
        self._inner = inner
        self._most = most_bytes
        self._own = {**_OWN, "Authorization": f"Bearer {key}"} if key else _OWN

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        kept = [(name, value) for name, value in request.headers.raw if name.lower() in _KEPT]
        request.headers = httpx2.Headers([(b"Host", request.url.netloc), *kept])
        request.headers.update(self._own)
        response = await self._inner.handle_async_request(request)
        stream = _Counted(response.stream, self._most)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await stream.aclose()
            raise Unreadable("the answer is compressed")
        return httpx2.Response(response.status_code, headers=response.headers, stream=stream, request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    """A body that ends in an error once it is too large."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for part in self._stream:
            read += len(part)
            if read > self._most:
                raise Unreadable("the answer is too large")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
