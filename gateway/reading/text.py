"""Plain text in whatever encoding it says or shows."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, Final

from gateway.reading.taken import Gathering, ReadingLimits, Taken, Unreadable

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STEP: Final = 1024 * 1024
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_LAST: Final = "cp1252"
_LINES = re.compile(r"\r\n?|[\u2028\u2029\x85\f\v]")
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b\ufeff\ufffe\uffff\ud800-\udfff]")


def read_text(file: BinaryIO, media_type: str | None, limits: ReadingLimits) -> Taken:
    """The text, its lines ended by line feeds.

    Raises:
        Unreadable: there is nothing in it.
    """
    encoding, notes = encoding_of(file, media_type)
    gathering = Gathering(limits.text_characters)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while not gathering.full and (block := file.read(_STEP)):
        gathering.add(decoder.decode(block))
    gathering.add(decoder.decode(b"", final=True))
    text = clean(gathering.text)
    if not text:
        raise Unreadable("The file has no text.")
    return Taken(text, notes=notes + gathering.notes)


def encoding_of(file: BinaryIO, media_type: str | None, inside: str = "") -> tuple[str, tuple[str, ...]]:
    """The encoding of what follows, and a note if it is guessed: by its mark, its label (of the request, or `inside`),
    as UTF-8 if it is that, else as Windows-1252, which most others are. The file stands where it stood.
    """
    place = file.tell()
    start = file.read(_STEP)
    file.seek(place)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding, ()
    if 0 in start[:100]:
        return ("utf-16-le" if start[1:100:2].count(0) > start[0:100:2].count(0) else "utf-16-be"), ()
    if _is_utf8(start):
        return "utf-8", ()
    for label in (media_type or "", inside):
        said = _CHARSET.search(label)
        known = _known(said[1]) if said else None
        if known:
            return known, ()
    return _LAST, ("The encoding of the text is not said; it was read as Windows-1252.",)


def clean(text: str) -> str:
    """The text with plain line feeds and without what cannot be seen or stored."""
    return _UNWANTED.sub("", _LINES.sub("\n", text)).strip()


def _is_utf8(start: bytes) -> bool:
    try:
        # Not final: a character may be cut in two at the end of what was looked at.
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < _STEP)
    except UnicodeDecodeError:
        return False
    return True


def _known(label: str) -> str | None:
    """The encoding of a label; as on the web, Latin-1 and ASCII mean Windows-1252, of which they are parts."""
    try:
        found = codecs.lookup(label)
    except LookupError:
        return None
    if not found._is_text_encoding:
        return None
    return _LAST if found.name in ("iso8859-1", "ascii") else found.name
