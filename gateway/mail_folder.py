"""Mail as files, for a machine without a mail server: nothing is delivered, everything can be read."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from domain.errors import unavailable
from domain.ports import Clock, OutgoingMail
from gateway.logging import logger
from gateway.mail_message import compose

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Writes each message to `<folder>/<id>.eml`, whole or not at all; a second delivery of an id changes nothing."""

    folder: Path
    clock: Clock

    async def send(self, message: OutgoingMail) -> None:
        """Write the message.

        Raises:
            DomainError: UNAVAILABLE when the folder does not take it, INVALID when it cannot be a message.
        """
        written = compose(message, self.clock.now()).as_bytes()
        file = self.folder / f"{quote(message.id, safe='')}.eml"
        try:
            await asyncio.to_thread(_store, file, written)
        except OSError as error:
            _log.error("mail not written", id=message.id, file=str(file), reason=str(error))
            raise unavailable(f"The message could not be stored: {error.strerror or error}.") from error
        _log.info("mail written", id=message.id, file=str(file))


def _store(file: Path, content: bytes) -> None:
    """Put the content where no reader sees half of it and no power cut loses it."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _settle(file.parent)


def _settle(folder: Path) -> None:
    """Make the new name itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
