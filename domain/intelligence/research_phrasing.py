"""Findings in a language model's words: what it wrote is taken only where the facts bear it.

A sentence stands for one finding, or for several of one kind. It is dropped unless it quotes their facts word by word,
unless every number, name, claim and address in it is in those facts too, and unless at least half of what it speaks of
is what they speak of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.intelligence.copy_checks import everyday, unfounded
from domain.intelligence.research import Conclusions
from domain.intelligence.research_facts import Evidence, EvidenceKind
from domain.intelligence.research_findings import FoundOpportunity, FoundPain

_Finding = FoundPain | FoundOpportunity
INSTRUCTIONS = (
    "Each finding about a company has a number, a kind, a description and the facts behind it. Write for each finding, "
    "or for several of one kind that say the same, one plain sentence in English that a seller can use. Use only what "
    "the facts say: no new numbers, names, people, companies or claims. Give with each sentence the numbers of its "
    "findings, and at least one quote copied word by word from their facts."
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "numbers": {"type": "array", "items": {"type": "integer"}},
                    "description": {"type": "string"},
                    "quotes": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["numbers", "description", "quotes"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["findings"],
    "additionalProperties": False,
}
_LONGEST = 300
_SHORTEST_QUOTE = 8
"""Characters; a shorter one may stand anywhere."""
_WORDS = re.compile(r"[\w&-]+")
_BEGINS = frozenset(
    """
    a all also although an and any as at because before both but by each even few for from how if in it its many
    more most much no nobody not nothing often on once one only other our over same several since so some such
    that the their them there these they this those though to too under until what when where which while who
    whose why with without
    """.split()  # noqa: SIM905 - a list would be a page long
)
"""Words that begin sentences without naming anybody; any other with a capital has to be in the facts."""
_MEANING = re.compile(r"[^\W\d_]{4,}")
_STEM = 4
"""Letters by which a word is known in another form."""
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")


def asked_about(found: Conclusions) -> list[dict[str, Any]]:
    """The findings as they are shown to a language model."""
    return [
        {
            "number": number,
            "kind": "pain point" if isinstance(each, FoundPain) else "opportunity",
            "description": each.description,
            "facts": _facts(each),
        }
        for number, each in enumerate(_all(found))
    ]


def taken(found: Conclusions, answer: Mapping[str, Any], model: str) -> tuple[Conclusions, int, int]:
    """The findings with the sentences that the facts bear; how many were taken, and how many dropped."""
    findings: list[_Finding | None] = [*_all(found)]
    count = dropped = 0
    used: set[int] = set()
    for said in answer["findings"]:
        numbers = list(dict.fromkeys(said["numbers"]))
        group = [findings[each] for each in numbers if 0 <= each < len(findings) and each not in used]
        known = [each for each in group if each is not None]
        if len(known) != len(numbers) or not _borne(said["description"], said["quotes"], known):
            dropped += 1
            continue
        used.update(numbers)
        findings[numbers[0]] = _merged(known, said, model)
        for each in numbers[1:]:
            findings[each] = None
        count += 1
    pains = [each for each in findings if isinstance(each, FoundPain)]
    chances = [each for each in findings if isinstance(each, FoundOpportunity)]
    return replace(found, pains=pains, opportunities=chances), count, dropped


def _all(found: Conclusions) -> Sequence[_Finding]:
    return (*found.pains, *found.opportunities)


def _facts(finding: _Finding) -> list[str]:
    return [finding.description, *(each.text for each in finding.evidence)]


def _borne(description: str, quotes: Sequence[str], findings: Sequence[_Finding]) -> bool:
    """Whether the findings' facts bear a sentence."""
    if not findings or len({type(each) for each in findings}) > 1 or not quotes:
        return False
    facts = _plain(" | ".join(text for each in findings for text in _facts(each)))
    if not all(len(_plain(quote)) >= _SHORTEST_QUOTE and _plain(quote) in facts for quote in quotes):
        return False
    if not description.strip() or len(description) > _LONGEST or _ADDRESS.search(description):
        return False
    known = _BEGINS | set(_WORDS.findall(facts))
    if any(each.casefold() not in known for each in unfounded(description, [facts])):
        return False
    # Names with a capital at the beginning of a sentence are names all the same.
    if any(each != each.lower() and each.casefold() not in known for each in _WORDS.findall(description)):
        return False
    said = _stems(_plain(description))
    return bool(said) and 2 * len(said & _stems(facts)) >= len(said)


def _stems(text: str) -> set[str]:
    usual = _BEGINS | everyday()
    return {word[:_STEM] for word in _MEANING.findall(text) if word not in usual}


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _merged(findings: Sequence[_Finding], said: Mapping[str, Any], model: str) -> _Finding:
    evidence = dict.fromkeys(each for finding in findings for each in finding.evidence)
    written = tuple(Evidence(EvidenceKind.MODEL, model, quote) for quote in said["quotes"])
    description = " ".join(said["description"].replace("\0", "").split())
    return replace(findings[0], description=description, evidence=(*evidence, *written))
