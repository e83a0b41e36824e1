"""What a file is: by how it begins, then by its media type, then by its name."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import BinaryIO, Final

from gateway.reading.taken import ACCEPTED, Unreadable

_LOOKED_AT: Final = 4096
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_FOREIGN: Final = (
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"BM", "an image"),
    (b"II*\0", "an image"),
    (b"MM\0*", "an image"),
    (b"RIFF", "an image or a recording"),
    (b"ID3", "a recording"),
    (b"\x1f\x8b", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"{\\rtf", "RTF"),
    (b"%!PS", "PostScript"),
    (b"SQLite format 3", "a database"),
)
_MARKUP = re.compile(
    rb"(?>(?:<!--.*?-->|<\?xml[^>]*>|\s+)*)<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML = re.compile(rb"\s*<\?xml\b")
_UNICODE: Final = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0\0\xfe\xff")


class FileKind(StrEnum):
    """What can be read; the value is the media type."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    HTML = "text/html"
    TEXT = "text/plain"


_ENDINGS: Final = {"htm": FileKind.HTML, "html": FileKind.HTML, "xhtml": FileKind.HTML}
_LABELS: Final = {"text/html": FileKind.HTML, "application/xhtml+xml": FileKind.HTML}


def kind_of(file: BinaryIO, name: str | None, media_type: str | None) -> FileKind:
    """What a file is; it stands at its beginning again afterwards.

    Raises:
        Unreadable: it is nothing that can be read, with what it is instead, if that is known.
    """
    start = file.read(_LOOKED_AT)
    file.seek(0)
    if not start:
        raise Unreadable("The file is empty.")
    # Some programs put a few bytes before the sign; readers look for it in the first kilobyte.
    if b"%PDF-" in start[:1024]:
        return FileKind.PDF
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return FileKind.DOCX
    if start.startswith(_OLE):
        raise Unreadable(_of_old_office(file))
    for sign, what in _FOREIGN:
        # Two letters may begin a text as well.
        if start.startswith(sign) and (len(sign) > 2 or _is_binary(start)):
            raise _foreign(f"It is {what}")
    if _MARKUP.match(start):
        return FileKind.HTML
    if _is_binary(start):
        raise _foreign("It holds bytes that are no text")
    label = (media_type or "").partition(";")[0].strip().lower()
    ending = (name or "").rpartition(".")[2].lower()
    known = _LABELS.get(label) or _ENDINGS.get(ending)
    if known:
        return known
    if _XML.match(start):
        raise _foreign("It is XML")
    return FileKind.TEXT


def _is_binary(start: bytes) -> bool:
    if start.startswith(_UNICODE):
        return False
    zeros = start.count(0)
    if zeros and not _is_wide(start, zeros):
        return True
    strange = sum(each < 32 and each not in b"\t\n\r\f\x1b\0" for each in start)
    return strange * 50 > len(start)


def _is_wide(start: bytes, zeros: int) -> bool:
    """Whether zeros stand where UTF-16 of a Latin script has them."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    return zeros * 3 > len(start) and min(even, odd) * 20 < max(even, odd)


def _of_old_office(file: BinaryIO) -> str:
    tail, encrypted = b"", False
    while not encrypted and (block := file.read(1024 * 1024)):
        encrypted = _ENCRYPTED in tail + block
        tail = block[-len(_ENCRYPTED) :]
    if encrypted:
        return "The file is encrypted; send it without a password."
    return f"It is a file of an old Office version; save it as DOCX. What can be read is {ACCEPTED}."


def _foreign(what: str) -> Unreadable:
    return Unreadable(f"{what}; what can be read is {ACCEPTED}.")
