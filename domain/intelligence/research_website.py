"""What the first page of a website says: its title, its description, and the technologies it names."""

from __future__ import annotations

import re
from html import unescape

from domain.intelligence.playbooks import technology_names
from domain.intelligence.research_facts import SitePage

_LOOKED_AT = 256 * 1024
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|$)|<(script|style|template|noscript)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL
)
_TITLE = re.compile(r"<title\b[^<>]{0,500}>([^<]{0,500})", re.IGNORECASE)
_META = re.compile(r"<meta\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]{1,40})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_TAG = re.compile(r"<[^<>]*>")
_CHARSET = re.compile(rb"charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_DESCRIPTIONS = ("description", "og:description")
_LONGEST = 300
_SHORTEST_NAME = 3
"""Shorter names of technologies mean other things too often."""
_AMBIGUOUS = frozenset(
    """
    angular azure containers express flask intercom java looker node oracle python react snowflake spring stripe tableau
    """.split()  # noqa: SIM905 - a list would be a page long
)
"""Names that are ordinary words: only with their capital, and not at the beginning of a sentence."""
_ALL_CAPITALS = {"sap": "SAP"}
"""Names that are ordinary words unless they are written so."""


def page_of(url: str, content: bytes) -> SitePage:
    """The page behind its HTML; a real parser takes minutes for some pages that were made to have it do so."""
    text = _decoded(content[:_LOOKED_AT])
    bare = _UNSEEN.sub(" ", text)
    title = _TITLE.search(bare)
    words = " ".join(unescape(_TAG.sub(" ", bare)).split())
    return SitePage(url, _short(title[1]) if title else None, _description(bare), tuple(technologies_in(words)))


def technologies_in(words: str) -> list[str]:
    """The technologies a text names, by their playbooks' keys."""
    found: dict[str, None] = {}
    lowered = words.casefold()
    for name, key in technology_names().items():
        if key in found or len(name) < _SHORTEST_NAME or name not in lowered:
            continue
        spelt = name.capitalize() if name in _AMBIGUOUS else _ALL_CAPITALS.get(name, name)
        before = r"(?<=[\w,;:] )" if name in _AMBIGUOUS else r"(?<![\w.-])"
        if re.search(rf"{before}{re.escape(spelt)}(?![\w-])", lowered if spelt == name else words):
            found[key] = None
    return list(found)


def _decoded(content: bytes) -> str:
    named = _CHARSET.search(content[:4096])
    try:
        text = content.decode(named[1].decode("ascii") if named else "utf-8", "replace")
    except (LookupError, UnicodeError):
        # Some codecs that a page may name are not of texts, or know no replacement.
        text = content.decode("utf-8", "replace")
    # Others make halves of characters, which cannot be stored.
    return text.encode("utf-8", "replace").decode("utf-8")


def _description(page: str) -> str | None:
    for tag in _META.finditer(page):
        said = {name.lower(): first or second or third for name, first, second, third in _ATTRIBUTE.findall(tag[1])}
        if (said.get("name") or said.get("property") or "").lower() in _DESCRIPTIONS and said.get("content"):
            return _short(said["content"])
    return None


def _short(text: str) -> str | None:
    return " ".join(unescape(text).replace("\0", "").split())[:_LONGEST] or None
