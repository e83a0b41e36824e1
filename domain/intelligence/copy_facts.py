"""What may be said in a text that is written for somebody: facts, each with where it is known from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.intelligence.copy_templates import VARIABLES, Template

_LONGEST = 180
"""Most characters of a fact inside a sentence: what is longer is told by its first sentence, or not at all."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
"""Control characters, and those that turn the direction of all that follows."""
_END = re.compile(r"[.!?;:,…\s]*([\"\u201d\u2019')]*)[.!?;:,…\s]*$")
_BRACES = re.compile(r"\{{2,}|\}{2,}")


class FactKind(StrEnum):
    """What a fact is about."""

    PERSON = "PERSON"
    ROLE = "ROLE"
    COMPANY = "COMPANY"
    INDUSTRY = "INDUSTRY"
    REGULATION = "REGULATION"
    TECHNOLOGY = "TECHNOLOGY"
    PAIN_POINT = "PAIN_POINT"
    SOLUTION = "SOLUTION"
    OPPORTUNITY = "OPPORTUNITY"
    NEWS = "NEWS"
    COMPETITOR = "COMPETITOR"
    SOCIAL_PROOF = "SOCIAL_PROOF"
    HISTORY = "HISTORY"
    SENDER = "SENDER"


@dataclass(frozen=True, slots=True)
class CopyFact:
    """A fact as a template's variable names it; `source` is the id of the row it was read from.

    What is `assumed` stands on a playbook alone: it is typical for companies like this one, and asked rather than told.
    """

    variable: str
    value: str
    source: str
    kind: FactKind
    assumed: bool = False

    def __post_init__(self) -> None:
        """Let nothing pass that no template could name."""
        if self.variable not in VARIABLES:
            raise ValueError(f"{self.variable} is no variable of templates")


@dataclass(frozen=True, slots=True)
class CopyPersona:
    """For whom a text is, as far as the request says."""

    name: str | None = None
    title: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """All that may be said, and the organization's own templates.

    `always` can stand in every text. Of each list in `choices` a text takes one group, such as a pain point with its
    solutions, so that versions of a text speak about different ones.
    """

    always: tuple[CopyFact, ...] = ()
    choices: tuple[tuple[tuple[CopyFact, ...], ...], ...] = ()
    templates: tuple[Template, ...] = ()
    preferred_tone: str | None = None
    preferred_timing: str | None = None
    names: frozenset[str] = field(default=frozenset())

    def without(self, kinds: frozenset[FactKind]) -> CopyFacts:
        """The facts that are of none of these kinds."""
        groups = ([tuple(_kept(group, kinds)) for group in choice] for choice in self.choices)
        choices = tuple(tuple(group for group in choice if group) for choice in groups)
        return replace(self, always=tuple(_kept(self.always, kinds)), choices=tuple(each for each in choices if each))

    def chosen(self, number: int) -> dict[str, CopyFact]:
        """The facts of one version, by the variables that name them."""
        found = {fact.variable: fact for fact in self.always}
        for choice in self.choices:
            found |= {fact.variable: fact for fact in choice[number % len(choice)]}
        return found


def _kept(facts: Iterable[CopyFact], kinds: frozenset[FactKind]) -> list[CopyFact]:
    return [fact for fact in facts if fact.kind not in kinds]


def fact(variable: str, value: str | None, source: str, kind: FactKind, assumed: bool = False) -> list[CopyFact]:
    """The fact in a form that fits into a sentence; nothing when there is none, or it is too long for one."""
    said = _UNSEEN.sub(" ", value or "")
    # What looks like a place of a template would be filled like one when a campaign writes to somebody.
    said = _BRACES.sub(lambda found: found[0][0], " ".join(said.split()))
    if len(said) > _LONGEST:
        said = _SENTENCE_END.split(said, maxsplit=1)[0]
    said = _END.sub(lambda found: ("?" if "?" in found[0] else "") + found[1], said)
    return [CopyFact(variable, said, source, kind, assumed)] if 0 < len(said) <= _LONGEST else []


def first_name(name: str) -> str | None:
    """The first name in a full one, without a title before it; None where a name has no such order."""
    words = [each for each in name.split() if each.rstrip(".").casefold() not in _TITLES]
    if not words or "," in name or len(words[0].rstrip(".")) < 2 or "@" in name:
        return None
    return words[0]


_TITLES = frozenset({"dr", "prof", "professor", "mr", "mrs", "ms", "miss", "sir", "herr", "frau", "mx", "ing", "dipl"})
