"""Files fetched from addresses that clients have chosen (CB-36)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Final, cast
from urllib.parse import unquote, urljoin, urlsplit

from domain.errors import Code, invalid, refuse
from domain.outside import SentFile
from domain.receivers import Reach, receiver_url
from gateway.outgoing.answers import Absent, Answer, Elsewhere, Failed, Refused, TooLarge

if TYPE_CHECKING:
    from gateway.outgoing.http import Http

FIELD: Final = "file_url"
_SAMPLE: Final = "https://example.com/document.pdf"
_HEADERS: Final = {
    "User-Agent": f"Trigraph/{version('trigraph')}",
    "Accept": "application/pdf, text/html, text/plain, */*;q=0.8",
    "Accept-Encoding": "identity",
}
_REDIRECTS: Final = 3
_REDIRECTING: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({408, 425, 429})
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_IN_MEMORY: Final = 256 * 1024
_LONGEST_NAME: Final = 255


class HttpFetcher:
    """Fetches by HTTPS from public addresses, and from what the operator has allowed besides."""

    def __init__(
        self,
        open_http: Callable[[], Http],
        reach: Reach,
        *,
        most_bytes: int,
        seconds: float,
        user_agent: str | None = None,
        field: str = FIELD,
    ) -> None:
        """`open_http` makes the connections when there is something to fetch for the first time.

        Refusals name `field`; servers are asked under the name of `user_agent`, else the product's own.
        """
        self._open_http = open_http
        self._reach = reach
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._field = field
        self._headers = _HEADERS | ({"User-Agent": user_agent} if user_agent else {})

    @cached_property
    def _http(self) -> Http:
        return self._open_http()

    def check(self, field: str, url: str) -> str:
        """Let an address pass that may be fetched.

        Raises:
            DomainError: INVALID naming the field.
        """
        return receiver_url(field, url, self._reach, _SAMPLE)

    async def fetch(self, url: str) -> SentFile:
        """The file at an address, in a temporary file; whoever gets it closes it.

        Redirects are followed within the same host only, and never from https to http.

        Raises:
            DomainError: INVALID naming the field for what can never be had there, UNAVAILABLE for what may be later.
        """
        self.check(self._field, url)
        arriving = _Arriving()
        try:
            return await self._fetched(url, arriving)
        except BaseException as error:
            arriving.file.close()
            if isinstance(error, TooLarge):
                raise invalid(
                    self._field, f"The file at {self._field} is larger than {self._most_bytes} bytes."
                ) from None
            if isinstance(error, Refused):
                # Some care whether there is nothing, or something that is not for this house.
                raise invalid(self._field, f"{self._field} cannot be fetched: {error}") from error
            if isinstance(error, Failed):
                why = f"{self._field} could not be fetched: {error}"
                raise refuse(Code.UNAVAILABLE, why, self._field) from None
            raise

    async def close(self) -> None:
        """Close every connection."""
        if "_http" in self.__dict__:
            await self._http.close()

    async def _fetched(self, url: str, arriving: _Arriving) -> SentFile:
        end = asyncio.get_running_loop().time() + self._seconds
        for _ in range(_REDIRECTS + 1):
            left = max(end - asyncio.get_running_loop().time(), 0.001)
            answer = await self._http.get(url, self._headers, arriving.take, seconds=left, most_bytes=self._most_bytes)
            if answer.status not in _REDIRECTING:
                return await self._received(url, answer, arriving)
            url = self._onward(url, answer.headers.get("location", ""))
        raise Refused(f"it redirects more than {_REDIRECTS} times.")

    def _onward(self, url: str, location: str) -> str:
        following = urljoin(url, location).partition("#")[0]
        here, there = urlsplit(url), urlsplit(following)
        if not location or here.hostname != there.hostname:
            raise Elsewhere(there.hostname or "", there.port)
        if here.scheme == "https" != there.scheme:
            raise Refused("it redirects from https to http, which is not followed.")
        return self.check(self._field, following)

    async def _received(self, url: str, answer: Answer, arriving: _Arriving) -> SentFile:
        status = answer.status
        if status in _PASSING or status >= _SERVER_ERROR:
            raise Failed(f"it was answered with {status}.")
        if not 200 <= status < 300:
            raise (Absent if status >= _CLIENT_ERROR else Refused)(f"it was answered with {status}.")
        if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise Refused("it was answered compressed, which was not asked for.")
        await arriving.finish()
        media_type = answer.headers.get("content-type") or None
        return SentFile(cast(BinaryIO, arriving.file), arriving.size, _name_of(url), media_type)


class _Arriving:
    """A file that is written while it comes, in pieces that are large enough to be worth a thread."""

    def __init__(self) -> None:
        self.file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by whoever gets it
        self.size = 0
        self._waiting: list[bytes] = []
        self._gathered = 0

    async def take(self, piece: bytes) -> None:
        """Keep the next piece."""
        self._waiting.append(piece)
        self._gathered += len(piece)
        if self._gathered > _IN_MEMORY:
            await asyncio.to_thread(self._write)

    async def finish(self) -> None:
        """Have all of it in the file, which stands at its beginning then."""
        self._write()
        self.file.seek(0)

    def _write(self) -> None:
        data, self._gathered = b"".join(self._waiting), 0
        self._waiting.clear()
        self.size += len(data)
        self.file.write(data)


def _name_of(url: str) -> str | None:
    return unquote(urlsplit(url).path).rpartition("/")[2].replace("\0", "")[:_LONGEST_NAME] or None
