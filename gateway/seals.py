"""AES with an HMAC, as Fernet puts them together; the one module that knows cryptography."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Seals:
    """Seals by the first of some keys; every one of them opens what it sealed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Keys of 32 bytes in base64."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> str:
        """The text so that only who has the key can read it."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The text again; None when it was sealed under another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
