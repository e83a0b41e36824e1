"""Bodies of multipart/form-data (RFC 7578), read as they arrive: files to temporary files, fields to values."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.uploads import UploadedFile, base_name

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS: Final = 100
"""Far more than any route knows."""

GATHERED: Final = 256 * 1024
"""Bytes that are written at once, by a thread: a disk may be slow."""
_STEP = re.compile(r"\[([^\[\]]*)\]|\.([^.\[\]]+)")
_WHOLE_NAME = re.compile(r"([^.\[\]]+)((?:\[[^\[\]]*\]|\.[^.\[\]]+)*)")
_UNCODED = frozenset({b"", b"7bit", b"8bit", b"binary"})


@dataclass
class Part:
    """One part: what it says of itself, and its content as text or as a file; neither for what nobody asked for."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    media_type: str | None = None
    text: bytearray | None = None
    file: UploadedFile | None = None


class Form:
    """The parts of a body that were asked for; whoever reads it closes it."""

    def __init__(self, files: Collection[str], fields: Collection[str], most_file: int, most_text: int) -> None:
        """`files` and `fields` are known names, `most_file` and `most_text` bytes of one file and of all fields."""
        self.parts: list[Part] = []
        self._files, self._fields = files, fields
        self._most_file, self._most_text = most_file, most_text
        self._count = 0
        self._header = (b"", b"")
        self._part = Part()
        self._waiting: list[tuple[UploadedFile, bytes]] = []
        self._gathered = 0
        self._ended = False

    async def read(self, label: str, chunks: AsyncIterator[bytes]) -> None:
        """Read a body to its end.

        Raises:
            Fault: UNREADABLE for what is no such body, TOO_LARGE.
        """
        try:
            parser = MultipartParser(boundary_of(label) or b"", self._callbacks())
            async for chunk in chunks:
                parser.write(chunk)
                if self._gathered > GATHERED:
                    await asyncio.to_thread(self._write)
        except FormParserError:
            raise broken("its parts cannot be told apart") from None
        self._write()
        if not self._ended:
            raise broken("it ends before its last boundary", self._part.name)
        for part in self.parts:
            if part.file:
                part.file.file.seek(0)

    def close(self) -> None:
        """Close the files."""
        for part in self.parts:
            if part.file:
                part.file.close()

    def digest(self) -> bytes:
        """What makes two bodies the same, whatever boundary their parts are set apart by."""
        said = sha256()
        for part in self.parts:
            content = part.file.sha256 if part.file else bytes(part.text or b"")
            said.update(repr((part.name, part.filename, part.media_type, content)).encode())
        return said.digest()

    def _callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise broken(f"it has more than {MOST_PARTS} parts")
        self._part = Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_end(self) -> None:
        name, value = self._header
        self._part.headers[name.lower()] = value
        self._header = (b"", b"")

    def _open(self) -> None:
        part = self._part
        kind, options = parse_options_header(part.headers.get(b"content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise broken("every part needs a header Content-Disposition: form-data with a name")
        part.name = _decoded(options[b"name"], "the name of a part")
        if b"filename" in options:
            part.filename = base_name(_decoded(options[b"filename"], "the name of a file")) or ""
        part.media_type = part.headers.get(b"content-type", b"").decode("latin-1") or None
        coding = part.headers.get(b"content-transfer-encoding", b"").strip().lower()
        if coding not in _UNCODED:
            raise broken("parts must be sent as they are, without a Content-Transfer-Encoding", part.name)
        if part.name in self._files:
            part.file = UploadedFile(self._most_file, part.filename or None, part.media_type, part.name)
            self.parts.append(part)
        elif _first_step(part.name) in self._fields:
            if part.filename is not None:
                raise broken("it is a file where a text was expected", part.name)
            part.text = bytearray()
            self.parts.append(part)

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.file is not None:
            self._waiting.append((part.file, data[start:end]))
            self._gathered += end - start
        elif part.text is not None:
            self._most_text -= end - start
            if self._most_text < 0:
                raise Fault(Refusal.TOO_LARGE, "the texts of the body are too large", fields={part.name: "is too long"})
            part.text += data[start:end]

    def _end(self) -> None:
        self._ended = True

    def _write(self) -> None:
        waiting, self._waiting, self._gathered = self._waiting, [], 0
        for file, data in waiting:
            file.write(data)


def boundary_of(label: str) -> bytes | None:
    """What sets the parts apart; None when a label does not say."""
    return parse_options_header(label)[1].get(b"boundary") or None


def is_form(label: str) -> bool:
    """Whether a media type is that of forms with files."""
    return label.partition(";")[0].strip().lower() == "multipart/form-data"


def values(form: Form, structured: Collection[str], loads: Callable[[bytes], object]) -> dict[str, Any]:
    """The fields of a form as a JSON body would say them, with a file for each file.

    `structured` names the fields below which there are others: they come as one JSON text, or in parts such as
    `metadata[source]` and `metadata.source` (CB-02). What is left empty was not given.

    Raises:
        Fault: UNREADABLE naming a field that was given twice or is no JSON.
    """
    found: dict[str, Any] = {}
    for part in form.parts:
        if part.file is not None:
            if not part.file.size and not part.filename:
                continue
            value: Any = part.file
        else:
            value = _value(part, structured, loads)
        if value != "":
            _put(found, part.name, tuple(_steps(part.name)), value)
    return found


def broken(why: str, name: str = "") -> Fault:
    """A body that is not what its label says; `name` is the part at fault."""
    message = f"the multipart body cannot be read: {why}"
    return Fault(Refusal.UNREADABLE, message, fields={name[:80]: why} if name else None)


def _value(part: Part, structured: Collection[str], loads: Callable[[bytes], object]) -> Any:
    data = bytes(part.text or b"")
    if part.name not in structured and (part.media_type or "").partition(";")[0].strip().lower() != "application/json":
        return _decoded(data, "its text", part.name)
    if not data.strip():
        return ""
    try:
        return loads(data)
    except (ValueError, RecursionError):
        raise broken("it must be JSON in UTF-8", part.name) from None


def _put(found: dict[str, Any], name: str, steps: tuple[str, ...], value: Any) -> None:
    node: Any = found
    for step, following in pairwise(steps):
        node = node.setdefault(step, [] if following == "" else {})
        if not isinstance(node, list if following == "" else dict):
            raise broken("it is given in two ways", name)
    last = steps[-1]
    if isinstance(node, list):
        node.append(value)
    elif isinstance(node.get(last), dict) and isinstance(value, dict) and not node[last].keys() & value.keys():
        node[last] |= value
    elif last in node:
        raise broken("it is given more than once", name)
    else:
        node[last] = value


def _first_step(name: str) -> str:
    found = _WHOLE_NAME.fullmatch(name)
    return found[1] if found else name


def _steps(name: str) -> Iterator[str]:
    """`a[b].c` as its steps; an empty one is the end of a list."""
    found = _WHOLE_NAME.fullmatch(name)
    yield found[1] if found else name
    for step in _STEP.finditer(found[2]) if found else ():
        yield step[1] if step[1] is not None else step[2]


def _decoded(data: bytes, what: str, name: str = "") -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise broken(f"{what} must be UTF-8", name) from None
