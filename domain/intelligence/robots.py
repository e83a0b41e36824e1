"""What a robots.txt allows (RFC 9309): of the rules for a robot the longest that matches, of two as long Allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_LINE = re.compile(r"\r\n|\n|\r")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LEFT = "/?=&:;,+@!'()[]|%"
"""What stands as it is written besides letters and numbers (RFC 3986)."""
_MOST_WILD = 20
"""Asterisks of a path; what has more is taken to match, so that nothing is read that may be meant."""
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class _Rule:
    allows: bool
    path: str

    def matches(self, path: str) -> bool:
        """Whether a path begins so; `*` is anything, `$` the end."""
        if self.path.count("*") > _MOST_WILD:
            return not self.allows
        ends = self.path.endswith("$")
        parts = (self.path[:-1] if ends else self.path).split("*")
        place = len(parts[0])
        if not path.startswith(parts[0]):
            return False
        # The leftmost place of each part leaves the most for what follows.
        for part in parts[1:-1]:
            found = path.find(part, place)
            if found < 0:
                return False
            place = found + len(part)
        if len(parts) == 1:
            return not ends or place == len(path)
        return path.endswith(parts[-1], place) if ends else path.find(parts[-1], place) >= 0


def allowed(robots: str, agent: str, url: str) -> bool:
    """Whether a robot of this name may read an address."""
    parts = urlsplit(url)
    path = _plain((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    groups = list(_groups(robots))
    own = [rule for names, rules in groups if agent.casefold() in names for rule in rules]
    named = any(agent.casefold() in names for names, _ in groups)
    rules = own if named else [rule for names, rules in groups if "*" in names for rule in rules]
    matching = [rule for rule in rules if rule.matches(path)]
    return max(((len(rule.path), rule.allows) for rule in matching), default=(0, True))[1]


def _groups(robots: str) -> Iterator[tuple[set[str], list[_Rule]]]:
    """The groups: who they are for, and their rules. Rules before the first name are nobody's."""
    names, rules, over = set[str](), list[_Rule](), False
    for line in _LINE.split(robots.lstrip("\ufeff")):
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()[:_LONGEST]
        if not colon:
            continue
        if key == "user-agent":
            if over:
                yield names, rules
                names, rules, over = set(), [], False
            # Some write a version behind the name.
            names.add(re.split(r"[/\s]", value, maxsplit=1)[0].casefold())
        elif key in ("allow", "disallow"):
            # One without a path forbids nothing, and ends the names all the same.
            over = True
            if value and names:
                rules.append(_Rule(key == "allow", _pattern(value)))
    yield names, rules


def _pattern(written: str) -> str:
    """A rule's path as it is compared, with `*` and a last `$` for what they mean and nothing else."""
    end = "$" if written.endswith("$") else ""
    return "*".join(_plain(part) for part in written.removesuffix("$").split("*")) + end


def _plain(path: str) -> str:
    """A path as it is compared (RFC 9309, section 2.2.2): escaped is what has to be, and only that."""

    def opened(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else found[0].upper()

    return quote(_ESCAPED.sub(opened, path), safe=_LEFT)
