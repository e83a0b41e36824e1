"""What the rules for legal texts reach on passages with known deadlines, dates, penalties and duties, per language."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from domain.intelligence.law import analyse
from domain.intelligence.law_findings import FindingKind, LawFindings

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 1, 1)


def read(name: str) -> dict[str, list[dict[str, object]]]:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def found(passage: dict[str, object]) -> LawFindings:
    text, jurisdiction = str(passage["text"]), str(passage["jurisdiction"])
    said = analyse(text, jurisdiction=jurisdiction, document_type="REGULATION", today=TODAY)
    assert all(text[each.start : each.end] == each.quote for each in said.findings)
    return said


def periods(said: LawFindings) -> Counter[str]:
    due = [each for each in said.findings if each.kind is FindingKind.DEADLINE]
    return Counter(f"{each.count} {each.unit.lower()}" for each in due if each.unit) + Counter(
        each.on.isoformat() for each in due if each.on
    )


def penalties(said: LawFindings) -> Counter[str]:
    costs = [each for each in said.findings if each.kind is FindingKind.PENALTY]
    shares = Counter(f"{each.fraction * 100:.4g}%" for each in costs if each.fraction is not None)
    return shares + Counter(f"{each.amount:.0f} {each.currency}" for each in costs if each.amount is not None)


@pytest.mark.parametrize(
    ("name", "language", "recall", "precision"),
    [
        ("law_truth.json", "en", 0.98, 0.98),
        ("law_passages.json", "en", 0.97, 0.97),
        ("law_passages.json", "de", 0.95, 0.95),
        ("law_passages.json", "fr", 0.95, 0.95),
    ],
)
def test_deadlines_and_penalties_are_found_and_little_else(
    name: str, language: str, recall: float, precision: float
) -> None:
    for what in (periods, penalties):
        known: Counter[bool] = Counter()
        for passage in (each for each in read(name)["passages"] if each["language"] == language):
            said = found(passage)
            assert said.language == language, passage["id"]
            dates = [*passage["periods"], *passage["dates"]] if what is periods else passage["penalties"]
            want = Counter(dates)
            have = what(said)
            known["both"] += (want & have).total()
            known["want"] += want.total()
            known["have"] += have.total()
        assert known["both"] / known["want"] >= recall, (what, known)
        assert known["both"] / known["have"] >= precision, (what, known)


def test_duties_are_told_from_rights_powers_and_how_an_act_works() -> None:
    right = wrong = missed = 0
    for sentence in read("law_truth.json")["sentences"]:
        said = found({**sentence, "jurisdiction": "EU"})
        has = any(each.kind is FindingKind.REQUIREMENT for each in said.findings)
        right += has and bool(sentence["obligation"])
        wrong += has and not sentence["obligation"]
        missed += not has and bool(sentence["obligation"])
        if sentence["binds_subject"]:
            assert said.obligations or said.findings, sentence["text"]
    assert right / (right + wrong) >= 0.93
    assert right / (right + missed) >= 0.95
