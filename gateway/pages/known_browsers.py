"""Browsers that people signed in with before: their failures are counted apart from those of strangers.

Otherwise whoever fails often enough in somebody's name would keep that somebody out for as long as they like.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from domain.ports import Clock
from gateway.pages.forms import Signer

_RANDOM_BYTES = 16
_PURPOSE = "known browser"
_WRITTEN = re.compile(
    r"(?P<browser>[A-Za-z0-9_-]{22})\.(?P<ends>[0-9]{1,12})\.(?P<user>[A-Za-z0-9_-]{1,100})\.(?P<by>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser in which a user once had the right password. It opens nothing: it only has failures of its own."""

    user_id: str
    browser: str


class KnownBrowsers:
    """Gives browsers a mark that names the user and cannot be made up, and reads it again."""

    def __init__(self, signer: Signer, clock: Clock, days: int) -> None:
        """Marks are good for `days`; with 0 there are none."""
        self._signer = signer
        self._clock = clock
        self.lifetime = timedelta(days=days)

    def mark(self, user_id: str) -> str:
        """A fresh mark for the browser in which a user has just proved who they are."""
        browser = secrets.token_urlsafe(_RANDOM_BYTES)
        ends = str(int((self._clock.now() + self.lifetime).timestamp()))
        return f"{browser}.{ends}.{user_id}.{self._signer.sign(_PURPOSE, browser, ends, user_id)}"

    def read(self, mark: str | None) -> KnownBrowser | None:
        """Which browser has this mark; None for none, for one that is not ours, and for one that is too old."""
        found = _WRITTEN.fullmatch(mark or "")
        if found is None or int(found["ends"]) <= self._clock.now().timestamp():
            return None
        ours = self._signer.proves(found["by"], _PURPOSE, found["browser"], found["ends"], found["user"])
        return KnownBrowser(found["user"], found["browser"]) if ours else None
