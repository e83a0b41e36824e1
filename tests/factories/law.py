"""Reading legal documents in the process of the test: the text of a file is what stands in it."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from domain.errors import invalid
from domain.intelligence import law
from domain.outside import LawWanted, Outside, ReadDocument, SentFile
from gateway.database import Database

ACT = """Data Protection Act

Article 1
Companies must appoint a data protection officer by 31 December 2024.

Article 2
In the case of a personal data breach, the controller shall notify the authority not later than 72 hours after having
become aware of it.

Article 3
Infringements shall be subject to administrative fines up to 20 000 000 EUR, or in the case of an undertaking, up to
4 % of the total worldwide annual turnover.
"""
SHORTER = ACT.replace("must appoint a data protection officer by 31 December 2024", "are many")


class Library:
    """Reads what is sent, and fetches what it was given to keep under an address."""

    def __init__(self, **kept: str) -> None:
        self.kept = {f"https://laws.example/{name}": text for name, text in kept.items()}
        self.instead: str | None = None
        """What texts are taken for, as if their analysis had changed."""

    async def read(self, file: SentFile, wanted: LawWanted) -> ReadDocument:
        content = file.content.read()
        if content.startswith(b"%PDF-broken"):
            raise invalid("file", "file is damaged: it cannot be read as PDF.")
        return _read(content, file.media_type or "text/plain", wanted)

    async def analyze(self, text: str, wanted: LawWanted) -> ReadDocument:
        return _read((self.instead or text).encode(), "text/plain", wanted)

    def check(self, field: str, url: str) -> str:
        if not url.startswith("https://"):
            raise invalid(field, f"{field} must be an https address.")
        return url

    async def fetch(self, url: str) -> SentFile:
        if url not in self.kept:
            raise invalid("file_url", "file_url leads nowhere.")
        content = self.kept[url].encode()
        return SentFile(BytesIO(content), len(content), url.rpartition("/")[2], "text/plain")


def _read(content: bytes, media_type: str, wanted: LawWanted) -> ReadDocument:
    text = content.decode()
    findings = law.analyse(
        text, jurisdiction=wanted.jurisdiction, document_type=wanted.document_type, today=wanted.today
    )
    return ReadDocument(text, media_type, len(content), sha256(content).hexdigest(), None, findings)


def give_library(database: Database, **kept: str) -> Library:
    """Have a process read documents."""
    library = Library(**kept)
    database.outside = Outside(reader=library, fetcher=library)
    return library


class Sent:
    """A file as a request brings it."""

    def __init__(self, content: bytes, name: str | None = None, media_type: str | None = None) -> None:
        self.file = BytesIO(content)
        self.size, self.filename, self.content_type = len(content), name, media_type

    async def read(self, size: int = -1) -> bytes:
        return self.file.read(size)
