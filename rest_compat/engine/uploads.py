"""Files that clients send: kept in temporary files while a call is served, and told from texts that stand for them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.long_texts import ShortText, Text

IN_MEMORY: Final = 256 * 1024
"""Bytes of one file that are kept in memory; more go to a file, which has no name and so never outlives the process."""
PLAIN_TEXT: Final = "text/plain; charset=utf-8"

_LOOKED_AT: Final = 1000
_LONGEST_NAME: Final = 255
_LONGEST_WORD: Final = 64
_NAME = re.compile(r"[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\s.]\.([A-Za-z0-9]{1,8})")
_DOCUMENTS = frozenset({"doc", "docm", "docx", "htm", "html", "md", "odt", "pdf", "rtf", "text", "txt", "xhtml", "xml"})
_DATA = re.compile(r"data:(?P<type>[^,;]*(?:;[^,;=]+=[^,;]*)*)(?P<base64>;base64)?,", re.IGNORECASE)
_BASE64 = str.maketrans("-_", "+/", "\r\n")
_SIGNS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"\xfe\xff")
"""How files begin whose base64 is known by it alone."""


class UploadedFile:
    """A file of a request, as the graph's Upload takes it: `file` stands at its beginning and is closed with the call.

    `size` in bytes.
    """

    def __init__(self, most: int, name: str | None = None, media_type: str | None = None, field: str = "file") -> None:
        """An empty file, which can be written up to `most` bytes; `field` is what errors call it."""
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by whoever answers the call
        self.filename = name
        self.content_type = media_type
        self.size = 0
        self._most = most
        self._field = field
        self._digest = sha256()

    def write(self, data: bytes) -> None:
        """Put more at the end.

        Raises:
            Fault: TOO_LARGE.
        """
        self.size += len(data)
        if self.size > self._most:
            message = f"the file {self._field} is larger than {self._most} bytes"
            told = f"must have at most {self._most} bytes"
            raise Fault(Refusal.TOO_LARGE, message, fields={self._field: told}, headers=(("Connection", "close"),))
        self._digest.update(data)
        self.file.write(data)

    @property
    def sha256(self) -> str:
        """What makes two files the same."""
        return self._digest.hexdigest()

    async def read(self, size: int = -1) -> bytes:
        """As much as is asked for; what is large is better read from `file`, by somebody who may wait."""
        return self.file.read(size)

    def close(self) -> None:
        """Give up the file, and with it its place on the disk."""
        self.file.close()


@dataclass(frozen=True, slots=True)
class NameOnly:
    """A file of which nothing but the name was sent."""

    name: str


def told(field: str, text: Text, most: int) -> UploadedFile | NameOnly:
    """What a text in place of a file stands for: base64, a `data:` address, a mere name, or what the file says.

    Raises:
        Fault: TOO_LARGE, or UNREADABLE for what is no text, and for an address whose data is no base64.
    """
    start = _start(text)
    address = _DATA.match(start)
    if address:
        return _of_address(field, text, address, most)
    whole = start if len(start) < _LOOKED_AT else None
    if whole is not None and is_name(whole):
        return NameOnly(base_name(whole) or whole)
    return _decoded(field, text.pieces(), most, whole) or _written(field, text.pieces(), most)


def is_name(text: str) -> bool:
    """Whether a text is but the name or path of a file; words with spaces are, if they end as documents do."""
    found = _NAME.fullmatch(text.strip()) if len(text) <= _LONGEST_NAME else None
    if found is None or "://" in text:
        return False
    return found[1].lower() in _DOCUMENTS or (not re.search(r"\s", text) and not found[1].isdigit())


def base_name(path: str | None) -> str | None:
    """The last part of a path of any system; None when nothing is left."""
    if path is None:
        return None
    return PurePosixPath(path.strip().replace("\\", "/")).name[:_LONGEST_NAME] or None


def with_files(
    values: dict[str, Any], fields: Iterable[str], most: int, long: Callable[[object], Text | None] | None = None
) -> dict[str, Any]:
    """A JSON body whose texts in place of files have become those; on a fault nothing stays open.

    `long` knows the long texts that others stand for.

    Raises:
        Fault: TOO_LARGE, UNREADABLE.
    """
    found = dict(values)
    try:
        for field in fields:
            value = values.get(field)
            if isinstance(value, str) and value:
                found[field] = told(field, (long(value) if long else None) or ShortText(value), most)
    except Fault:
        close_all(found)
        raise
    return found


def close_all(values: dict[str, Any]) -> None:
    """Close what is open of a body."""
    for each in values.values():
        if isinstance(each, UploadedFile):
            each.close()


def _start(text: Text) -> str:
    """The first characters of a text; fewer than are looked at when it has no more."""
    start = ""
    for piece in text.pieces():
        start += piece[:_LOOKED_AT]
        if len(start) >= _LOOKED_AT:
            break
    return start[:_LOOKED_AT]


def _of_address(field: str, text: Text, address: re.Match[str], most: int) -> UploadedFile:
    pieces = _behind(text, address.end())
    if address["base64"]:
        file = _decoded(field, pieces, most, None)
        if file is None:
            raise Fault(Refusal.UNREADABLE, f"{field} has no valid base64", fields={field: "must hold valid base64"})
    else:
        file = _filled(UploadedFile(most, field=field), _unquoted(pieces))
    file.content_type = address["type"] or "text/plain;charset=us-ascii"
    return file


def _behind(text: Text, start: int) -> Iterator[str]:
    for piece in text.pieces():
        yield piece[start:]
        start = max(start - len(piece), 0)


def _unquoted(pieces: Iterable[str]) -> Iterator[bytes]:
    left = ""
    for piece in pieces:
        left += piece
        # An escape of three characters may be cut in pieces.
        cut = left.rfind("%", max(len(left) - 2, 0))
        end = len(left) if cut < 0 else cut
        yield unquote_to_bytes(left[:end])
        left = left[end:]
    yield unquote_to_bytes(left)


def _decoded(field: str, pieces: Iterable[str], most: int, whole: str | None) -> UploadedFile | None:
    """The file a text is base64 of, with either alphabet and any line breaks; None when it is none.

    A short word, known as a `whole`, is base64 only when it stands for a text or for a known kind of file.
    """
    try:
        file = _filled(UploadedFile(most, field=field), _bytes_of(pieces))
    except ValueError:
        return None
    if whole is not None and len(whole) < _LONGEST_WORD:
        data = file.file.read()
        file.file.seek(0)
        if not data.startswith(_SIGNS) and not _is_text(data):
            file.close()
            return None
    return file


def _bytes_of(pieces: Iterable[str]) -> Iterator[bytes]:
    """What base64 stands for, padding added where it was left out.

    Raises:
        ValueError: it is none, or something follows its end.
    """
    left, ended = "", False
    for piece in pieces:
        # Lines may be broken, but words with spaces between them are a text, even if it has no other signs.
        left += piece.translate(_BASE64)
        if ended and left:
            raise ValueError
        end = len(left) // 4 * 4
        if end:
            yield binascii.a2b_base64(left[:end], strict_mode=True)
        ended = left[:end].endswith("=")
        left = left[end:]
    if left:
        yield binascii.a2b_base64(left + "=" * (-len(left) % 4), strict_mode=True)


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(each.isprintable() or each.isspace() for each in text)


def _written(field: str, pieces: Iterable[str], most: int) -> UploadedFile:
    file = UploadedFile(most, media_type=PLAIN_TEXT, field=field)
    return _filled(file, (piece.encode("utf-8", "replace") for piece in pieces))


def _filled(file: UploadedFile, content: Iterable[bytes]) -> UploadedFile:
    """The file with its content, at its beginning; closed when that fails."""
    try:
        for part in content:
            file.write(part)
    except BaseException:
        file.close()
        raise
    file.file.seek(0)
    return file
