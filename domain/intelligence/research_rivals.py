"""Who else sells to a company: only whom somebody has named, with the words that did."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from domain.intelligence.research_facts import (
    Evidence,
    EvidenceKind,
    Facts,
    KnownFeedback,
    KnownNote,
    KnownRival,
)
from domain.jurisdictions import canonical

_CUES = (
    r"switch(?:ed|ing)? (?:over )?(?:from|to)",
    r"mov(?:ed|ing) over (?:from|to)",
    r"migrat(?:ed|ing) (?:from|to)",
    r"compar(?:ed|ing|ison) (?:\w+ ){0,2}(?:with|to|against)",
    r"instead of",
    r"competitors?(?: is| are|:|,)?",
    r"alternatives?(?: is| are|:|,| to)?",
    r"evaluat(?:ed|ing)",
    r"versus",
    r"vs\.?",
)
_NAME = r"[A-Z][\w&.+-]{1,30}(?: (?:[A-Z][\w&.+-]{1,30})){0,2}"
_NAMED = re.compile(rf"\b(?:{'|'.join(f'(?i:{each})' for each in _CUES)}) (?P<name>{_NAME})")
_NEXT_SENTENCE = re.compile(r"(?<=\w\w)(?<!\bSt)\. ")
_LOOKED_AT = 2_000
"""Characters of a text; who is named, is named early."""
_NO_NAMES = frozenset({"I", "It", "The", "This", "That", "They", "We", "You", "Our", "Your", "My", "In", "On", "A"})
_ANYTHING = frozenset(
    """
    accounting ai all another any anything api apis asap b2b b2c budget business ccpa ceo cfo chinese cio coo crm csv
    cto data dr dutch each either email emails e-mail english erp eu every everything excel faq french gdpr german
    hipaa hr html http internal internet iso it italian json kpi last manual marketing mr mrs ms ml n/a next no nobody
    none nothing option other others paper pdf pdfs phase phone plan portuguese previous price pricing prof project
    proposal rfp roi saas sales sla slas some spanish spreadsheet spreadsheets sql team the third uk us usa ui ux
    various version voip vpn web what which who word xml yes yet zero
    """.split()  # noqa: SIM905 - a list would be a page long
)
"""Formats, roles, laws, languages and other words that are written with a capital and name no company."""
_TIMES = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|"
    r"november|december|spring|summer|autumn|fall|winter|christmas|easter|q[1-4]|h[12]|fy\d*)\b",
    re.IGNORECASE,
)
"""What plans are compared with and put off to, which is nobody."""
_SURE_SAID, _SURE_NAMED = 0.9, 0.4
_RELATIONSHIP = "Named by the company's people"


def rivals(facts: Facts, most: int) -> list[tuple[KnownRival, float]]:
    """Everybody who was named, each once and how sure it is: those somebody has entered before those read of."""
    found: dict[str, tuple[KnownRival, float]] = {}
    for known in facts.rivals:
        found.setdefault(known.name.casefold(), (known, _SURE_SAID))
    for name, evidence in _read_of(facts):
        key = name.casefold()
        if key in found:
            rival, sure = found[key]
            if evidence not in rival.evidence:
                merged = replace(rival, evidence=(*rival.evidence, evidence)[:5])
                found[key] = (merged, min(0.95, sure + 0.1))
        elif key not in facts.company.name.casefold():
            found[key] = (KnownRival(name, _RELATIONSHIP, (), (), (evidence,)), _SURE_NAMED)
    return list(found.values())[:most]


def _read_of(facts: Facts) -> Iterator[tuple[str, Evidence]]:
    said_in: list[KnownFeedback | KnownNote] = [*facts.feedback, *facts.notes]
    known = {rival.name for rival in facts.rivals}
    people = {word for person in facts.people for word in person.name.casefold().split()}
    for each in said_in:
        said = each.content[:_LOOKED_AT]
        for name in (*_named(said, people), *_again(known, said)):
            place = said.find(name)
            quote = said[max(0, place - 60) : place + len(name) + 60].strip()
            yield name, Evidence(EvidenceKind.GRAPH, each.id, quote)


def _named(said: str, people: Container[str]) -> Iterator[str]:
    for found in _NAMED.finditer(said):
        name = _NEXT_SENTENCE.split(found["name"], maxsplit=1)[0].rstrip(".-&+")
        first = name.split()[0]
        said_before = first.casefold() in _ANYTHING or first in _NO_NAMES or first.casefold() in people
        if not said_before and not _TIMES.match(name) and canonical(name) == name:
            yield name


def _again(names: Iterable[str], said: str) -> Iterator[str]:
    """Names that somebody has entered, and that are said here as words of their own."""
    for name in names:
        if name in said and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said):
            yield name
