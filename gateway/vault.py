"""Sealing what has to be read again, under the secrets of this installation."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from domain.ports import Vault

NAME = "secret.key"


class FernetVault:
    """Seals by AES with an HMAC (Fernet), under a key derived from the installation's secrets, the first of which
    seals; the later ones still open what was sealed before a change.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)

    def seal(self, text: str) -> str:
        """The text so that only this installation can read it."""
        return self._seals.seal(text)

    def open(self, sealed: str) -> str | None:
        """The text again; None when it was sealed under another key."""
        return self._seals.open(sealed)

    @cached_property
    def _seals(self) -> Vault:
        # The library takes 7 MiB, which only those pay who seal or open something.
        made: Vault = import_module("gateway.seals").Seals([_derived(key, b"vault") for key in self._keys])
        return made


def signing_keys(secrets: Sequence[str], purpose: bytes) -> tuple[bytes, ...]:
    """Keys to sign what leaves and has to come back unchanged, one kind of it: the first signs, all of them prove."""
    return tuple(_derived(secret, b"signing:" + purpose) for secret in secrets)


def kept_secret(folder: Path) -> str:
    """The installation's own secret, made at the first start and readable by its owner alone."""
    path = folder / NAME
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_urlsafe(48)
    temporary = folder / f".{NAME}.{secrets.token_hex(8)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(fresh + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, not a rename: of two processes that start together one wins, and both use its secret.
        os.link(temporary, path)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    finally:
        temporary.unlink()
    return fresh


def _derived(key: str, purpose: bytes) -> bytes:
    # Keys are long and random, so a slow derivation would add nothing; the purpose keeps uses apart.
    return urlsafe_b64encode(sha256(b"trigraph:" + purpose + b":" + key.encode()).digest())
