"""Files made by hand, as small as they can be, whole and broken."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ENCRYPTED = b"<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>"


def pdf(*pages: str | None, encrypted: bool = False, unpacks_to: int = 0) -> bytes:
    """A PDF of one line of text on each page, of a drawing for None, or of commands that unpack to so many bytes."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for index, text in enumerate(pages):
        font = "/Resources<</Font<</F1 3 0 R>>>>"
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]{font}/Contents {5 + 2 * index} 0 R>>"
        content = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode() if text else b""
        content = b"9 9 90 90 re f" if text is None else content
        if unpacks_to:
            content = zlib.compress(zlib.compress(b"0 0 m " * (unpacks_to // 6), 1), 9)
        filters = b"/Filter[/FlateDecode/FlateDecode]" if unpacks_to else b""
        objects += [page.encode(), b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters, content)]
    if encrypted:
        objects.append(ENCRYPTED)
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    table, size = out.tell(), len(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    extra = b"/Encrypt %d 0 R/ID[(a)(a)]" % (size - 1) if encrypted else b""
    out.write(b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (size, extra, table))
    return out.getvalue()


def docx(body: Sequence[str], parts: Mapping[str, str] | None = None, encrypted: bool = False) -> bytes:
    """A DOCX with these pieces of a body; `parts` stand beside it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("word/document.xml", "w") as part:
            part.write(f'<w:document xmlns:w="{W}" xmlns:mc="urn:mc"><w:body>'.encode())
            for piece in body:
                part.write(piece.encode())
            part.write(b"</w:body></w:document>")
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    data = bytearray(out.getvalue())
    if encrypted:
        # The flag stands in the directory at the end, eight bytes after the sign of an entry.
        data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def zipped(name: str, content: str = "x") -> bytes:
    """An archive that is no document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def p(text: str) -> str:
    """A paragraph of a DOCX."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def children() -> list[int]:
    """The processes this one has started and not yet seen end, except that which forks servers for tests."""
    tasks = Path("/proc/self/task").glob("*/children")
    numbers = [int(number) for each in tasks for number in each.read_text().split()]
    return [each for each in numbers if b"tests.forking" not in _command(each)]


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""
