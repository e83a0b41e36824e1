"""Settings of what is read of files: how much, how long, and how many at once."""

from __future__ import annotations

from pydantic import Field

from gateway.reading.taken import ReadingLimits
from gateway.settings_sections import Section

# The reader itself says what is safe when nothing is set.
_SAFE = ReadingLimits()
_SMALLEST_MEMORY = 128 * 1024 * 1024


class ReadingSettings(Section):
    """Files that are sent or fetched to be read; each is read by a process of its own."""

    file_bytes: int = Field(_SAFE.file_bytes, ge=1024, description="Largest file that is taken, in bytes")
    text_characters: int = Field(
        _SAFE.text_characters,
        ge=1000,
        le=10_000_000,
        description="Most characters of its text that are read; of a longer one, the beginning",
    )
    pages: int = Field(_SAFE.pages, ge=1, description="Most pages of a PDF file")
    unpacked_bytes: int = Field(
        _SAFE.unpacked_bytes, ge=1024, description="Most bytes of a DOCX file once it is unpacked"
    )
    memory_bytes: int = Field(
        _SAFE.memory_bytes,
        ge=_SMALLEST_MEMORY,
        description="Most memory the process that reads may take, where the system can bound it (not on Windows)",
    )
    seconds: float = Field(
        _SAFE.seconds, gt=0, description="Time reading and analysing one file may take; waiting for it may take as long"
    )
    at_once: int = Field(2, ge=1, description="Files that one process of the server has read at the same time")
    fetch_seconds: float = Field(
        30, gt=0, description="Time a file may take to be fetched from an address, redirects included"
    )
