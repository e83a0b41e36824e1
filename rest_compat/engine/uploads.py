"""Files that clients send: kept in temporary files while a call is served, and told from texts that stand for them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from rest_compat.engine.faults import Fault, Refusal

IN_MEMORY: Final = 256 * 1024
"""Bytes of one file that are kept in memory; more go to a file, which has no name and so never outlives the process."""
PLAIN_TEXT: Final = "text/plain; charset=utf-8"

_STEP: Final = 1024 * 1024
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


def told(field: str, text: str, most: int) -> UploadedFile | NameOnly:
    """What a text in place of a file stands for: base64, a `data:` address, a mere name, or what the file says.

    Raises:
        Fault: TOO_LARGE, or UNREADABLE for an address whose data is no base64.
    """
    address = _DATA.match(text, 0, 1000)
    if address:
        return _of_address(field, text, address, most)
    if is_name(text):
        return NameOnly(base_name(text) or text)
    return _decoded(field, text, most) or _written(field, text, most)


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


def with_files(values: dict[str, Any], fields: Iterable[str], most: int) -> dict[str, Any]:
    """A JSON body whose texts in place of files have become those; on a fault nothing stays open.

    Raises:
        Fault: TOO_LARGE, UNREADABLE.
    """
    found = dict(values)
    try:
        for field in fields:
            # The text is let go of as soon as its file is written.
            if isinstance(text := values.pop(field, None), str) and text:
                found[field] = None
                found[field] = told(field, text, most)
    except Fault:
        close_all(found)
        raise
    return found


def close_all(values: dict[str, Any]) -> None:
    """Close what is open of a body."""
    for each in values.values():
        if isinstance(each, UploadedFile):
            each.close()


def _of_address(field: str, text: str, address: re.Match[str], most: int) -> UploadedFile:
    media_type = address["type"] or "text/plain;charset=us-ascii"
    if not address["base64"]:
        file = UploadedFile(most, media_type=media_type, field=field)
        file.write(unquote_to_bytes(text[address.end() :]))
        file.file.seek(0)
        return file
    file_ = _decoded(field, text, most, start=address.end(), sure=True)
    if file_ is None:
        raise Fault(Refusal.UNREADABLE, f"{field} has no valid base64", fields={field: "must hold valid base64"})
    file_.content_type = media_type
    return file_


def _decoded(field: str, text: str, most: int, start: int = 0, sure: bool = False) -> UploadedFile | None:
    """The file a text is base64 of, with either alphabet and any line breaks; None when it is none.

    A short word is base64 only when it stands for a text or for a known kind of file.
    """
    file = UploadedFile(most, field=field)
    try:
        for part in _fours(text, start):
            file.write(binascii.a2b_base64(part, strict_mode=True))
    except (ValueError, Fault) as error:
        file.close()
        if isinstance(error, Fault):
            raise
        return None
    file.file.seek(0)
    if not sure and len(text) < _LONGEST_WORD:
        data = file.file.read()
        file.file.seek(0)
        if not data.startswith(_SIGNS) and not _is_text(data):
            file.close()
            return None
    return file


def _fours(text: str, start: int) -> Iterator[str]:
    """Base64 in pieces that can be decoded alone, padding added where it was left out.

    Raises:
        ValueError: something follows the end.
    """
    left, ended = "", False
    for at in range(start, len(text), _STEP):
        # Lines may be broken, but words with spaces between them are a text, even if it has no other signs.
        left += text[at : at + _STEP].translate(_BASE64)
        if ended and left:
            raise ValueError
        whole = len(left) // 4 * 4
        if whole:
            yield left[:whole]
        ended = ended or left[:whole].endswith("=")
        left = left[whole:]
    if left:
        yield left + "=" * (-len(left) % 4)


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(each.isprintable() or each.isspace() for each in text)


def _written(field: str, text: str, most: int) -> UploadedFile:
    file = UploadedFile(most, media_type=PLAIN_TEXT, field=field)
    try:
        for at in range(0, len(text), _STEP):
            file.write(text[at : at + _STEP].encode("utf-8", "replace"))
    except Fault:
        file.close()
        raise
    file.file.seek(0)
    return file
