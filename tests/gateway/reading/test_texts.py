"""What is taken out of files of every kind, and what is said of those that cannot be read."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from gateway.reading import child
from gateway.reading.kinds import FileKind
from gateway.reading.taken import ReadingLimits, Unreadable
from gateway.reading.wire import Question
from tests.gateway.reading.samples import docx, p, pdf, zipped

LIMITS = ReadingLimits(file_bytes=5_000_000, text_characters=100_000, pages=3, unpacked_bytes=1_000_000)


def read(content: bytes, name: str | None = None, media_type: str | None = None, **known: Any) -> dict[str, Any]:
    limits = known.pop("limits", LIMITS)
    day = date(2026, 11, 21).isoformat()
    return child.read(io.BytesIO(content), Question(name, media_type, False, "EU", "regulation", day, limits))


def test_pages_of_a_pdf() -> None:
    answer = read(pdf("It shall be told", None, "within 72 hours."))
    assert (answer["text"], answer["pages"], answer["media_type"]) == (
        "It shall be told\n\nwithin 72 hours.",
        3,
        "application/pdf",
    )
    assert answer["notes"] == ("Pages without text (scanned, not read): 2.",)
    assert read(pdf("x", ""))["notes"] == ()
    # What was put before it is no part of it.
    assert read(b"junk\n" + pdf("x y"))["media_type"] == FileKind.PDF


TABLE = (
    "<w:tbl><w:tr><w:tc>" + p("Breach") + "</w:tc><w:tc>" + p("10 EUR") + p("each") + "</w:tc></w:tr></w:tbl>"
    "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/></w:r><w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
    "<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
    "<mc:Fallback><w:r><w:t>again</w:t></w:r></mc:Fallback><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    f"<w:sdt><w:sdtContent>{p('in a box &amp; ü')}</w:sdtContent></w:sdt>"
)
FOOT = f'<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{p("foot")}</w:footnotes>'


def test_everything_a_docx_says() -> None:
    answer = read(docx([TABLE], {"word/footnotes.xml": FOOT}))
    assert answer["text"] == "Breach\t10 EUR\neach\t\na\tb\nnew\nin a box & ü\nfoot"
    assert answer["media_type"] == FileKind.DOCX
    assert answer["notes"] == ("Numbers of paragraphs that the word processor counts itself are not in the text.",)


PAGE = """<!-- x --><?xml version="1.0"?><!DOCTYPE html><html><head><title>T</title><style>p{}</style></head><body>
<script>var a = "<p>no</p>";</script><h1>Article&nbsp;1</h1><p>It   shall <b>be</b>
told.<br>Soon</p><ul><li>one<li>two</ul><table><tr><td>a</td><td>b</td></tr></table><!-- hidden --><img
src="data:image/png;base64,{}"><noscript>no</noscript></body></html>"""


def test_what_a_page_shows() -> None:
    answer = read(PAGE.replace("{}", "A" * 1000).encode())
    assert answer["text"] == "Article 1\n\nIt shall be told.\nSoon\n\none\n\ntwo\n\na\tb"
    assert answer["media_type"] == FileKind.HTML
    # A name or a label is believed where the content does not say.
    assert read(b"<p>a<p>b", name="x.HTM")["text"] == "a\n\nb"
    assert read(b"<p>a<p>b", media_type="text/html; charset=x")["text"] == "a\n\nb"
    assert read(b"<p>a<p>b")["text"] == "<p>a<p>b"
    # Comments are looked through once, however many.
    assert read(b"<!---->" * 500 + b"x")["media_type"] == FileKind.TEXT
    page = "<body>" + "<p>Frist: 72 Stunden</p>" * 15_000
    assert read(page.encode(), limits=ReadingLimits())["text"] == "\n\n".join(["Frist: 72 Stunden"] * 15_000)


@pytest.mark.parametrize(
    ("content", "media_type", "text", "guessed"),
    [
        ("Größe".encode(), None, "Größe", False),
        (b"\xef\xbb\xbfa\r\nb\rc\0", None, "a\nb\nc", False),
        ("Größe".encode("utf-16"), None, "Größe", False),
        ("Größe und mehr".encode("utf-16-le"), None, "Größe und mehr", False),
        ("Größe".encode("utf-32"), None, "Größe", False),
        ("Größe".encode("latin-1"), "text/plain; charset=ISO-8859-1", "Größe", False),
        ("\u201eGröße".encode("cp1252"), "text/plain; charset=us-ascii", "\u201eGröße", False),
        ("Größe".encode("latin-1"), "text/plain; charset=base64", "Größe", True),
        ("Größe\u2014viel".encode("cp1252"), "text/plain; charset=unknown", "Größe\u2014viel", True),
        ("\u0436\u044f".encode("koi8-r"), 'text/plain; charset="koi8-r"', "\u0436\u044f", False),
        (b"MZ is how it begins", None, "MZ is how it begins", False),
        (b" " * 5000 + b"x", "image/png", "x", False),
        (b"ab" * 60_000, None, "ab" * 50_000, False),
    ],
)
def test_texts_in_many_encodings(content: bytes, media_type: str | None, text: str, guessed: bool) -> None:
    answer = read(content, "name.pdf", media_type)
    assert (answer["text"], answer["media_type"]) == (text, "text/plain")
    cut = ["Only the first 100000 characters of the text were read."] if len(content) > 100_000 else []
    guess = ["The encoding of the text is not said; it was read as Windows-1252."] if guessed else []
    assert list(answer["notes"]) == guess + cut


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b" \n" * 10_000, "has no text"),
        (b"x" * 5_000_001, "larger than 5000000 bytes"),
        (b"%PDF-1.7\nnothing", "PDF file is broken"),
        (pdf("x")[:-200], "PDF file is broken"),
        (pdf("x", encrypted=True), "PDF file is encrypted"),
        (pdf("", None), "scanned, not read"),
        (pdf("", ""), "its pages show nothing"),
        (pdf(*"abcd"), "4 pages; at most 3"),
        (docx([p("x")], encrypted=True), "is encrypted"),
        (docx([p("x")])[:-100], "DOCX file is broken"),
        (docx([p("x"), "</w:p>"]), "DOCX file is broken"),
        (docx([p("x")]).replace(docx([p("x")])[60:70], b"\xff" * 10), "DOCX file is broken"),
        (docx(["<w:p>" * 2000]), "DOCX file is broken"),
        (docx([], {"word/footnotes.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "DOCX file is broken"),
        (docx([p("")]), "has no text"),
        (docx([p("a" * 1000)] * 2000), "too large when it is unpacked"),
        (docx([p("x")], {"word/media/a.bmp": "a" * 2_000_000}), "too large when it is unpacked"),
        (zipped("a.txt"), "archive and no DOCX; what can be read is PDF, DOCX, HTML and plain text"),
        (OLE, "old Office version"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "is encrypted"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "It is an image"),
        (b"MZ\x90\0\3" + bytes(100), "It is a program"),
        (b"{\\rtf1 x}", "It is RTF"),
        (b'<?xml version="1.0"?><law/>', "It is XML"),
        (bytes(range(256)) * 10, "bytes that are no text"),
        (b"<html><script>x</script>", "page has no text"),
        (b"<html>" + b"<div>" * 6000 + b"x", "more than 5000 elements inside each other"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(content)
