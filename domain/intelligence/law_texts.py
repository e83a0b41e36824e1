"""Short texts and lasting keys of what was found in a legal text."""

from __future__ import annotations

import hashlib
import re

SPACE = re.compile(r"\s+")
ASIDE = re.compile(
    r", (?:where (?:feasible|applicable|appropriate|possible|necessary)|as applicable|if any|inter alia|in particular),"
)
VERB = re.compile(r"(?i)\b(?:shall|must|to|not|doit|doivent)$")
KEY_LENGTH = 24


def key(kind: str, quote: str, place: str | None, occurrence: int = 0) -> str:
    """A key that is the same when the same words are read again at the same place."""
    normal = SPACE.sub(" ", quote).strip().casefold()
    return hashlib.sha256(f"{kind}\n{place or ''}\n{normal}\n{occurrence}".encode()).hexdigest()[:KEY_LENGTH]


def short(text: str, longest: int) -> str:
    """A text on one line, cut between words."""
    plain = SPACE.sub(" ", text[: 4 * longest]).strip(" ,;:\n")
    if len(plain) > longest:
        plain = ASIDE.sub("", plain)
    if len(plain) > longest:
        plain = plain[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:(") + "\u2026"
    return plain


def point(lead: str, text: str) -> str:
    """A point of a list after what leads in to it; its verb is small after `must` and the like."""
    small = VERB.search(lead) and text[:1].isupper() and text[1:2].islower()
    return f"{lead} {text[0].lower() + text[1:] if small else text}" if lead else text


def sentence(text: str, longest: int) -> str:
    """A text on one line, cut between words, with a capital first letter."""
    plain = short(text, longest)
    return plain[:1].upper() + plain[1:]
