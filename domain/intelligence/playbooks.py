"""Playbooks: what companies of an industry, with a technology or of a size often struggle with, and what helps.

Those that are carried are YAML files beside this module, general knowledge without numbers. An organization's own one
stands in place of the carried one of the same kind and key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from domain.industries import alike
from domain.levels import Level
from domain.research import PlaybookKind

_FOLDER = Path(__file__).with_name("playbook_texts")
_FILES = {
    PlaybookKind.INDUSTRY: "industries.yaml",
    PlaybookKind.TECHNOLOGY: "technologies.yaml",
    PlaybookKind.SIZE: "sizes.yaml",
}
SIZES = {"small": 50, "medium": 250, "large": 1000, "enterprise": None}
"""The sizes of companies by how many people fewer than that they have; the European Commission's classes (2003/361/EC)
up to 250, then powers of ten."""
_SIZE_WORDS = {
    "small": ("startup", "start-up", "micro", "small", "smb", "self-employed"),
    "medium": ("medium", "mid-size", "midsize", "sme"),
    "large": ("large", "mid-market", "midmarket"),
    "enterprise": ("enterprise", "corporation", "very large"),
}
_NUMBER = re.compile(
    r"(\d[\d.,]*)\s*(?:(k\b|thousand|tsd\b|тыс|千)|(m\b|mio\b|million|млн)|([万萬만]))?", re.IGNORECASE
)
_TIMES = (1_000, 1_000_000, 10_000)
_GROUPS = re.compile(r"(?<=\d)[.,'\u2019 \u00a0\u202f](?=\d{3}(?!\d))")
_SQUASHED = re.compile(r"[^\w+#]+")


@dataclass(frozen=True, slots=True)
class PlaybookPain:
    """What such companies often struggle with."""

    category: str
    description: str
    urgency: Level
    impact: str
    solutions: list[str]


@dataclass(frozen=True, slots=True)
class PlaybookOpportunity:
    """What such companies can often be helped with."""

    type: str
    description: str
    value: str
    timeline: str


@dataclass(frozen=True, slots=True)
class PlaybookBody:
    """All that a playbook says."""

    pain_points: list[PlaybookPain]
    opportunities: list[PlaybookOpportunity]
    approaches: list[str]
    recommended_content: list[str]
    timing: str | None

    def stored(self) -> dict[str, Any]:
        """The body as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class KnownPlaybook:
    """A playbook by its kind and key; `id` is that of an organization's own one, None of a carried one."""

    kind: PlaybookKind
    key: str
    body: PlaybookBody
    also: tuple[str, ...] = ()
    id: str | None = None

    @property
    def source(self) -> str:
        """How evidence names it."""
        return self.id or f"{self.kind.value.lower()}:{self.key}"


def body_of(stored: Mapping[str, Any]) -> PlaybookBody:
    """The body behind its JSON."""
    return PlaybookBody(
        [PlaybookPain(**{**each, "urgency": Level(each["urgency"])}) for each in stored["pain_points"]],
        [PlaybookOpportunity(**each) for each in stored["opportunities"]],
        list(stored["approaches"]),
        list(stored["recommended_content"]),
        stored["timing"],
    )


@cache
def carried() -> tuple[KnownPlaybook, ...]:
    """Every playbook that comes with the product."""
    # Loaded with the first research: it costs time and memory that others are spared.
    yaml = import_module("yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(
        _carried(kind, str(key), body)
        for kind, file in _FILES.items()
        for key, body in yaml.load((_FOLDER / file).read_text("utf-8"), Loader=loader).items()
    )


def _carried(kind: PlaybookKind, key: str, said: Mapping[str, Any]) -> KnownPlaybook:
    pains = [
        PlaybookPain(**{**each, "urgency": Level(str(each["urgency"]).upper())}) for each in said.get("pain_points", ())
    ]
    body = PlaybookBody(
        pains,
        [PlaybookOpportunity(**each) for each in said.get("opportunities", ())],
        list(said.get("approaches", ())),
        list(said.get("content", ())),
        said.get("timing"),
    )
    return KnownPlaybook(kind, key, body, tuple(map(str, said.get("also", ()))))


def key_of(kind: PlaybookKind, key: str) -> str:
    """A key as it is stored and compared: without case and spare white space."""
    return " ".join(key.split()).casefold()


def squashed(name: str) -> str:
    """A technology's name without what it is spelt differently by: Node.js is nodejs."""
    return _SQUASHED.sub("", name.casefold())


@lru_cache(maxsize=1024)
def size_of(size: str) -> str | None:
    """The class of a size such as `200-500 employees` or `Enterprise`: of a range, by its middle; None when unclear."""
    numbers = [_people(found) for found in _numbers(size)]
    if numbers:
        people = sum(numbers[:2]) / len(numbers[:2])
        return next(name for name, below in SIZES.items() if below is None or people < below)
    words = size.casefold()
    return next((name for name, spelt in _SIZE_WORDS.items() if any(word in words for word in spelt)), None)


def _numbers(size: str) -> Iterator[re.Match[str]]:
    # A dot, comma, space or apostrophe groups thousands: nobody counts people in parts.
    plain = _GROUPS.sub("", size[:200])
    return (found for found in _NUMBER.finditer(plain) if found[1].replace(",", "").rstrip(".").count(".") <= 1)


def _people(found: re.Match[str]) -> float:
    times = next((each for each, unit in zip(_TIMES, found.groups()[1:], strict=True) if unit), 1)
    return float(found[1].replace(",", "").rstrip(".")) * times


def applicable(
    industry: str | None, technologies: Iterable[str], size: str | None, own: Sequence[KnownPlaybook] = ()
) -> list[KnownPlaybook]:
    """The playbooks for a company: one of its industry, one of each technology as named, one of its size."""
    found = [_by_industry(industry, own)] if industry else []
    found.extend(_by_technology(each, own) for each in technologies)
    kind = size_of(size) if size else None
    if kind:
        found.append(_named(PlaybookKind.SIZE, lambda each: each.key == kind, own))
    return list({(each.kind, each.key): each for each in found if each}.values())


def technology_names() -> dict[str, str]:
    """Every name that a carried technology goes by, with its key."""
    technologies = (each for each in carried() if each.kind is PlaybookKind.TECHNOLOGY)
    return {name: each.key for each in technologies for name in (each.key, *each.also)}


def _by_industry(industry: str, own: Sequence[KnownPlaybook]) -> KnownPlaybook | None:
    exact, names = key_of(PlaybookKind.INDUSTRY, industry), set(alike(industry))
    for among in (own, carried()):
        same = [each for each in among if each.kind is PlaybookKind.INDUSTRY]
        # What is called the same goes before what means the same.
        found = next((each for each in same if each.key == exact), None)
        found = found or next((each for each in same if each.key in names), None)
        if found:
            return found
    return None


def _by_technology(name: str, own: Sequence[KnownPlaybook]) -> KnownPlaybook | None:
    wanted = squashed(name)
    known = _named(
        PlaybookKind.TECHNOLOGY, lambda each: wanted in {squashed(word) for word in (each.key, *each.also)}, ()
    )
    names = {wanted, squashed(known.key)} if known else {wanted}
    mine = (each for each in own if each.kind is PlaybookKind.TECHNOLOGY and squashed(each.key) in names)
    return next(mine, known)


def _named(kind: PlaybookKind, matches: Any, own: Sequence[KnownPlaybook]) -> KnownPlaybook | None:
    return next((each for each in (*own, *carried()) if each.kind is kind and matches(each)), None)
