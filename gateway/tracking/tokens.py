"""What the addresses in a message carry: which message, link or reader, and a signature that nobody else can make."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_SIGNATURE_BYTES = 16
"""As many as nobody can guess; addresses stay short."""
_OPENING, _LINK, _READER = b"o", b"l", b"u"
LONGEST = 4096
"""Most characters of a token; what is longer was never one of ours."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A link of a message."""

    email_id: str
    url: str


def leads(url: str) -> bool:
    """Whether a browser can be sent to an address; what cannot be read as one leads nowhere."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


class Tokens:
    """Makes and reads tokens; the first key signs, every one proves."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def opening(self, email_id: str) -> str:
        """What the picture of a message carries."""
        return self._signed(_OPENING, email_id.encode())

    def opened(self, token: str) -> str | None:
        """The id of the message whose picture this is; None for what is not ours."""
        payload = self._payload(_OPENING, token)
        return payload.decode() if payload else None

    def link(self, email_id: str, url: str) -> str:
        """What a link of a message carries: where it leads too, so that nothing has to be looked up to go on."""
        return self._signed(_LINK, b"\0".join((email_id.encode(), url.encode())))

    def followed(self, token: str) -> Followed | None:
        """The link behind a token; None for what is not ours."""
        payload = self._payload(_LINK, token)
        if not payload:
            return None
        email_id, _, url = payload.partition(b"\0")
        return Followed(email_id.decode(), url.decode())

    def unsubscribing(self, contact_id: str) -> str:
        """What the link carries by which a reader stops mail of campaigns."""
        return self._signed(_READER, contact_id.encode())

    def unsubscribed(self, token: str) -> str | None:
        """The id of the contact whose link this is; None for what is not ours."""
        payload = self._payload(_READER, token)
        return payload.decode() if payload else None

    def _signed(self, kind: bytes, payload: bytes) -> str:
        signed = _signature(self._keys[0], kind, payload) + payload
        return urlsafe_b64encode(signed).rstrip(b"=").decode()

    def _payload(self, kind: bytes, token: str) -> bytes | None:
        if len(token) > LONGEST:
            return None
        try:
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (Error, ValueError):
            return None
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        ours = any(hmac.compare_digest(signature, _signature(key, kind, payload)) for key in self._keys)
        return payload if ours else None


def _signature(key: bytes, kind: bytes, payload: bytes) -> bytes:
    return hmac.new(key, kind + payload, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
