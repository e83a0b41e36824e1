"""Text of DOCX files (ECMA-376), read as a stream: nothing of a document is in memory but its text."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO, Final
from xml.parsers import expat

from gateway.reading.taken import ACCEPTED, Gathering, ReadingLimits, Taken, Unreadable
from gateway.reading.text import clean

_MAIN: Final = "word/document.xml"
_NOTES: Final = ("word/footnotes.xml", "word/endnotes.xml")
_WORDS: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_MOST_ENTRIES: Final = 10_000
_DEEPEST: Final = 1000
_STEP: Final = 64 * 1024
_ENCRYPTED_FLAG: Final = 0x1
_NUMBERED: Final = ("Numbers of paragraphs that the word processor counts itself are not in the text.",)
_SPACES: Final = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# What was moved away stands elsewhere too; a fallback says again what the choice before it says.
_LEFT_OUT: Final = frozenset({"moveFrom", "Fallback"})


def read_docx(file: BinaryIO, limits: ReadingLimits) -> Taken:
    """The text of a document, its tables, and the notes at its feet; deleted text is left out.

    Raises:
        Unreadable: it is another archive, encrypted, broken, or larger unpacked than it may be.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = _checked(archive, limits)
            gathering = Gathering(limits.text_characters)
            left = limits.unpacked_bytes
            numbered: tuple[str, ...] = ()
            for name in (_MAIN, *_NOTES):
                if name in names and not gathering.full:
                    words = _Words(gathering)
                    left = _read(archive, name, left, words, gathering)
                    numbered = _NUMBERED if words.numbered else numbered
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, expat.ExpatError, EOFError, OSError, ValueError):
        raise Unreadable("The DOCX file is broken.") from None
    except NotImplementedError:
        raise Unreadable("The DOCX file is packed in a way that is not read.") from None
    text = clean(gathering.text)
    if not text:
        raise Unreadable("The document has no text; if it shows any, it is scanned, not read.")
    return Taken(text, notes=gathering.notes + numbered)


def _checked(archive: zipfile.ZipFile, limits: ReadingLimits) -> frozenset[str]:
    """The names inside, after a look at what the archive says of itself; nothing is unpacked for it."""
    entries = archive.infolist()
    names = frozenset(each.filename for each in entries)
    if _MAIN not in names:
        raise Unreadable(f"It is an archive and no DOCX; what can be read is {ACCEPTED}.")
    if any(each.flag_bits & _ENCRYPTED_FLAG for each in entries):
        raise Unreadable("The file is encrypted; send it without a password.")
    if len(entries) > _MOST_ENTRIES or sum(each.file_size for each in entries) > limits.unpacked_bytes:
        raise _too_large(limits.unpacked_bytes)
    return names


def _read(archive: zipfile.ZipFile, name: str, left: int, words: _Words, gathering: Gathering) -> int:
    """Add the text of one part; what an archive says of its sizes is not believed. How much may still be unpacked."""
    with archive.open(name) as part:
        while not gathering.full and (block := part.read(_STEP)):
            left -= len(block)
            if left < 0:
                raise _too_large(-left)
            words.feed(block, False)
    if not gathering.full:
        words.feed(b"", True)
    return left


def _too_large(limit: int) -> Unreadable:
    return Unreadable(f"The DOCX file is too large when it is unpacked; at most {limit} bytes are.")


class _Words:
    """Hears a document as it is parsed, and adds what it says."""

    def __init__(self, gathering: Gathering) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = self._refuse
        self.feed: Callable[[bytes, bool], object] = parser.Parse
        self._gathering = gathering
        self._depth = self._left_out_at = 0
        self._in_text = False
        self.numbered = False
        """Whether a paragraph has a number that is not part of its text."""
        self._cells: list[bool] = []
        """For each cell around, whether a paragraph has ended in it."""

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        space, _, local = name.rpartition(" ")
        if local in _LEFT_OUT and not self._left_out_at:
            self._left_out_at = self._depth
        if self._left_out_at or space not in _WORDS:
            return
        self._in_text = local == "t"
        self._gathering.add(_SPACES.get(local, ""))
        self.numbered = self.numbered or local == "numPr"
        if local == "tc":
            self._cells.append(False)
        elif local == "p" and self._cells and self._cells[-1]:
            self._gathering.add("\n")

    def _end(self, name: str) -> None:
        self._in_text = False
        if self._left_out_at == self._depth:
            self._left_out_at = 0
        elif not self._left_out_at and name.startswith(_WORDS):
            self._ended(name.rpartition(" ")[2])
        self._depth -= 1

    def _ended(self, local: str) -> None:
        if local == "p" and self._cells:
            self._cells[-1] = True
        elif local == "tc" and self._cells:
            self._cells.pop()
            self._gathering.add("\t")
        elif local in ("p", "tr"):
            self._gathering.add("\n")

    def _said(self, text: str) -> None:
        if self._in_text:
            self._gathering.add(text)

    def _refuse(self, *_: object) -> None:
        raise ValueError("a document type declaration")
