"""Passwords of people: hashed slowly, away from the event loop; the one module that knows argon2."""

from __future__ import annotations

import asyncio
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
# Hashing is meant to be dear: a few at once must not take every core from the requests.
_at_once = asyncio.Semaphore(2)


async def hashed(password: str) -> str:
    """The Argon2id hash of a password, with its own salt and parameters in it."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, _normal(password))


async def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; without a stored one the answer is no, after the same time."""
    async with _at_once:
        right = await asyncio.to_thread(_verified, stored or _nobodys(), _normal(password))
    return right and stored is not None


def outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _normal(password: str) -> str:
    # One keyboard composes an accented letter that another sends in two parts (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _verified(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
