"""Documents that clients name instead of sending them, and the forms of their names."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity

LONGEST_ID = 128
"""Characters of an identifier."""
CHANGED = "documents"
"""What the log of changes to access names when trusted documents were registered or dropped."""

_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_PRINTABLE = re.compile(r"[!-~]+")
_OWN_PREFIX = "x-"


class TrustedDocument(Entity):
    """A GraphQL document that whoever runs this server has registered, for the clients of all organizations.

    `id` is what clients call it: its SHA-256 in lower-case hexadecimal digits, or a name of their own.
    """

    __tablename__ = "trusted_document"
    __table_args__ = (Index("ix_trusted_document_sha256", "sha256"),)
    label = "Document"

    id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    text: Mapped[str]
    operations: Mapped[list[str]]
    source: Mapped[str]
    created_at: Mapped[datetime]


def sha256_of(text: str) -> str:
    """The identifier that a text has by itself."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def identifier(given: str) -> str:
    """An identifier in the form in which it is kept and compared: hashes without prefix, in small letters.

    Raises:
        ValueError: it is none; the message says what was expected.
    """
    if not _PRINTABLE.fullmatch(given) or len(given) > LONGEST_ID:
        raise ValueError(f"must be 1 to {LONGEST_ID} printable ASCII characters without spaces")
    prefix, colon, rest = given.partition(":")
    if colon and prefix == "sha256":
        if not _SHA256.fullmatch(rest):
            raise ValueError("must have 64 hexadecimal digits after `sha256:`")
        return rest.lower()
    if colon and not prefix.startswith(_OWN_PREFIX):
        raise ValueError(
            f"must begin with `sha256:`, or with `{_OWN_PREFIX}` where it has another prefix before a colon"
        )
    return given.lower() if is_hash(given) else given


def is_hash(id: str) -> bool:
    """Whether an identifier claims to be the SHA-256 of its text."""
    return _SHA256.fullmatch(id) is not None
