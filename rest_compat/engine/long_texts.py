"""Long texts of JSON bodies, set aside while a body arrives: a file as base64 is never in memory as a whole."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, BinaryIO, Final, Protocol

from rest_compat.engine.faults import Fault, Refusal

Loads = Callable[[bytes], object]

LONG: Final = 64 * 1024
"""Bytes of a text that is set aside."""
MOST_LONG: Final = 16
"""Far more than any route has use for."""
_STEP: Final = 1024 * 1024
_SIGN = re.compile(r"\0([0-9]{1,3})")
_LONGEST_SIGN: Final = 16
"""Bytes of the longest thing that stands for one character: two escapes of six."""
_INSIDE = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_WHOLE = re.compile(
    rb"(?:[^\\\x80-\xff]++|[\xc2-\xdf].|[\xe0-\xef]..|[\xf0-\xf4]...|\\[^u]"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u(?![dD][89abAB])[0-9a-fA-F]{4})*+",
    re.DOTALL,
)


class Text(Protocol):
    """A text that may be too long to be held."""

    def pieces(self) -> Iterator[str]:
        """All of it, from the beginning, piece by piece.

        Raises:
            Fault: UNREADABLE, it is no text.
        """


class ShortText:
    """A text as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def pieces(self) -> Iterator[str]:
        """All of it at once."""
        yield self._text


class Utf8Text:
    """The text of a file in UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def pieces(self) -> Iterator[str]:
        """As `Text`; only its beginning is sure to be a text."""
        self._file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := self._file.read(_STEP):
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise Fault(Refusal.UNREADABLE, "a text in the body is not UTF-8") from None


class EscapedText:
    """The text of a file that holds it as it stands in JSON, without the quotes."""

    def __init__(self, file: BinaryIO, loads: Loads) -> None:
        self._file = file
        self._loads = loads

    def pieces(self) -> Iterator[str]:
        """As `Text`."""
        self._file.seek(0)
        left = b""
        while block := self._file.read(_STEP):
            left += block
            # What is not whole at the end is the beginning of an escape, or nothing at all.
            whole = _WHOLE.match(left)
            end = whole.end() if whole else 0
            if len(left) - end > _LONGEST_SIGN:
                break
            yield self._said(left[:end])
            left = left[end:]
        if left:
            raise _unreadable()

    def _said(self, part: bytes) -> str:
        try:
            said = self._loads(b'"' + part + b'"')
        except ValueError:
            raise _unreadable() from None
        return str(said)


class Body:
    """A JSON body as it arrives: what is left when its long texts are set aside, and those."""

    def __init__(self, most: int, open_file: Callable[[], Any], loads: Loads) -> None:
        """What is left has at most `most` bytes; `open_file` gives a file to write to for each long text."""
        self.files: list[Any] = []
        self._left = bytearray()
        self._most = most
        self._open_file = open_file
        self._loads = loads
        self._digest = sha256()
        self._inside = self._escaped = False
        self._began = 0
        """Where the text begins that is being read."""
        self._long: Any = None

    @property
    def left(self) -> bytes:
        """The body, with a sign in place of each long text."""
        return bytes(self._left)

    @property
    def digest(self) -> bytes:
        """What makes two bodies the same."""
        return self._digest.digest()

    def feed(self, data: bytes) -> None:
        """Take more of it.

        Raises:
            Fault: TOO_LARGE, when what is left, or a file, becomes so.
        """
        self._digest.update(data)
        at = 0
        while at < len(data):
            at = self._through_text(data, at) if self._inside else self._to_text(data, at)
        if len(self._left) > self._most:
            raise Fault(Refusal.TOO_LARGE, f"what the body says beside a file is larger than {self._most} bytes")

    def long(self, value: object) -> EscapedText | None:
        """The long text that a text of what is left stands for."""
        sign = _SIGN.fullmatch(value) if isinstance(value, str) else None
        number = int(sign[1]) if sign else len(self.files)
        return EscapedText(self.files[number].file, self._loads) if number < len(self.files) else None

    def close(self) -> None:
        """Close the files."""
        for each in self.files:
            each.close()

    def whole(self, value: Any) -> Any:
        """A value with its long texts put in again, as long as there is room for them beside what is left.

        Raises:
            Fault: TOO_LARGE.
        """
        text = self.long(value)
        if text is not None:
            return "".join(self._counted(text))
        if isinstance(value, dict):
            return {name: self.whole(each) for name, each in value.items()}
        return [self.whole(each) for each in value] if isinstance(value, list) else value

    def _counted(self, text: Text) -> Iterator[str]:
        for piece in text.pieces():
            self._most -= len(piece)
            if self._most < len(self._left):
                raise Fault(Refusal.TOO_LARGE, "the texts of the body are too large")
            yield piece

    def _to_text(self, data: bytes, at: int) -> int:
        quote = data.find(b'"', at)
        end = len(data) if quote < 0 else quote + 1
        self._left += data[at:end]
        self._inside, self._began = quote >= 0, len(self._left)
        return end

    def _through_text(self, data: bytes, at: int) -> int:
        """Take what belongs to a text; an escape may be cut in two between two pieces of a body."""
        start = at
        if self._escaped:
            at, self._escaped = at + 1, False
        inside = _INSIDE.match(data, at)
        end = inside.end() if inside else at
        if end < len(data) and data[end] == ord("\\"):
            end, self._escaped = end + 1, True
        self._keep(data[start:end])
        if end < len(data) and data[end] == ord('"') and not self._escaped:
            self._inside, self._long = False, None
            self._left += b'"'
            end += 1
        return end

    def _keep(self, part: bytes) -> None:
        if self._long is None and len(self._left) - self._began + len(part) > LONG:
            if len(self.files) >= MOST_LONG:
                raise Fault(Refusal.TOO_LARGE, f"the body has more than {MOST_LONG} long texts")
            self._long = self._open_file()
            self.files.append(self._long)
            self._long.write(bytes(self._left[self._began :]))
            self._left[self._began :] = b"\\u0000%d" % (len(self.files) - 1)
        if self._long is None:
            self._left += part
        else:
            self._long.write(part)


def _unreadable() -> Fault:
    return Fault(Refusal.UNREADABLE, "the body is not valid JSON in UTF-8")
