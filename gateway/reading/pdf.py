"""Text of PDF files, page by page."""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO, Final

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

from gateway.reading.taken import Gathering, ReadingLimits, Taken, Unreadable
from gateway.reading.text import clean

_HYPHENS: Final = "\u2010\u00ad\ufffe\u0002"
"""How hyphens at the end of a line are told: as such, as soft ones, and as what the library puts in their place."""
_BROKEN_WORD = re.compile(rf"(?<!\w)(\w{{1,60}})[{_HYPHENS}](?:\r?\n)?(\w+)")
_STRAY = re.compile(rf"[{_HYPHENS}]")
_WORD = re.compile(r"\w[\w-]*")
_FIRST_LINE = re.compile(r"\A\s*([0-9]{1,5})[ \t]*\r?\n")
_LAST_LINE = re.compile(r"\r?\n[ \t]*([0-9]{1,5})\s*\Z")
_NUMBERED: Final = 3
"""Pages that have to be numbered one after the other before a number is taken for theirs."""
_MOST_TOLD: Final = 20


def read_pdf(file: BinaryIO, limits: ReadingLimits) -> Taken:
    """The text of all pages; words that were broken at the end of a line are whole again.

    Raises:
        Unreadable: it is encrypted, broken, scanned, or has too many pages.
    """
    document = _opened(file)
    pages = len(document)
    if pages > limits.pages:
        raise Unreadable(f"The PDF file has {pages} pages; at most {limits.pages} are read.")
    texts: list[str] = []
    silent, unread, left = [], [], limits.text_characters
    for index in range(pages):
        said, shows = _said(document, index)
        if said is None:
            unread.append(index + 1)
        elif shows:
            silent.append(index + 1)
        texts.append(said or "")
        left -= len(texts[-1])
        if left < 0:
            break
    if unread and len(unread) == pages:
        raise Unreadable("The PDF file is broken.")
    gathering = Gathering(limits.text_characters)
    gathering.add("\n".join(_unnumbered(texts)))
    text = clean(_whole(gathering.text))
    if not text and silent:
        raise Unreadable("The PDF file is scanned, not read: its pages are images without text.")
    if not text:
        raise Unreadable("The PDF file is empty: its pages show nothing.")
    return Taken(text, pages, (*_told("scanned, not read", silent), *_told("broken", unread), *gathering.notes))


def _opened(file: BinaryIO) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Unreadable("The PDF file is encrypted; send it without a password.") from None
        raise Unreadable("The PDF file is broken.") from None
    if not len(document):
        raise Unreadable("The PDF file is broken: it has no pages.")
    return document


def _said(document: pypdfium2.PdfDocument, index: int) -> tuple[str | None, bool]:
    """The text of a page, None when the page cannot be loaded, and whether it shows something without a text."""
    try:
        page = document[index]
        try:
            text = page.get_textpage()
            try:
                said = str(text.get_text_range())
                return said, not said.strip() and next(page.get_objects(max_depth=1), None) is not None
            finally:
                text.close()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return None, False


def _unnumbered(texts: list[str]) -> list[str]:
    """The pages without their numbers, where those stand on a line of their own and count up from page to page."""
    for pattern in (_FIRST_LINE, _LAST_LINE):
        found = [pattern.search(each) for each in texts]
        starts = Counter(int(each[1]) - index for index, each in enumerate(found) if each)
        start, often = starts.most_common(1)[0] if starts else (0, 0)
        if often >= max(_NUMBERED, len(texts) // 2):
            for index, each in enumerate(found):
                if each and int(each[1]) - index == start:
                    texts[index] = texts[index][: each.start()] + texts[index][each.end() :]
    return texts


def _whole(text: str) -> str:
    """Broken words put together: without the hyphen, unless the text has the word with it, or its halves alone."""
    if not _STRAY.search(text):
        return text
    # The halves of broken words are no words by being broken.
    words = {each.lower() for each in _WORD.findall(_BROKEN_WORD.sub(" ", text))}

    def joined(found: re.Match[str]) -> str:
        first, second = found[1], found[2]
        if (first + second).lower() in words:
            return first + second
        compound = f"{first}-{second}".lower() in words
        halves = len(second) > 2 and first.lower() in words and second.lower() in words
        return f"{first}-{second}" if compound or halves else first + second

    return _STRAY.sub("-", _BROKEN_WORD.sub(joined, text))


def _told(what: str, pages: list[int]) -> tuple[str, ...]:
    if not pages:
        return ()
    named = ", ".join(map(str, pages[:_MOST_TOLD])) + (" and more" if len(pages) > _MOST_TOLD else "")
    return (f"Pages without text ({what}): {named}.",)
