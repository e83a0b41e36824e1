"""Files of text as spreadsheets and translators save them: UTF-8 or UTF-16, read a piece at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

_WIDE = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def as_text(content: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """The text of a file from where it stands; line ends stay as they are, and the file stays open."""
    text = io.TextIOWrapper(content, "utf-16" if _ahead(content, 2) in _WIDE else "utf-8-sig", newline="")
    try:
        yield text
    finally:
        # The wrapper must not close what whoever opened it closes.
        text.detach()


def is_markup(content: BinaryIO) -> bool:
    """Whether a file begins as XML does."""
    begin = _ahead(content, 64).removeprefix(b"\xef\xbb\xbf")
    for mark in _WIDE:
        begin = begin.removeprefix(mark)
    return begin.replace(b"\0", b"").lstrip()[:1] == b"<"


def _ahead(content: BinaryIO, count: int) -> bytes:
    found = content.read(count)
    content.seek(-len(found), io.SEEK_CUR)
    return found
