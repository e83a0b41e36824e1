"""Legal texts as a whole: the GDPR with its articles, what it gives someone to do, and what texts of every kind do."""

from __future__ import annotations

import json
import random
import re
import time
from datetime import date
from pathlib import Path

import pytest

from domain.intelligence.law import Limits, analyse
from domain.intelligence.law_findings import Finding, FindingKind, LawFindings, TimeUnit
from domain.levels import RiskLevel

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 1, 15)


def said(text: str, jurisdiction: str = "EU", document_type: str = "REGULATION", today: date = TODAY) -> LawFindings:
    return analyse(text, jurisdiction=jurisdiction, document_type=document_type, today=today)


def of(kind: FindingKind, law: LawFindings) -> list[Finding]:
    return [each for each in law.findings if each.kind is kind]


def gdpr() -> str:
    passages = json.loads((DATA / "law_truth.json").read_text(encoding="utf-8"))["passages"]
    articles = {int(each["id"][5:]): each["text"] for each in passages if each["id"].startswith("gdpr-")}
    return "\n\n".join(articles[number] for number in sorted(articles))


def as_printed(text: str) -> str:
    """A text as it comes out of a PDF: short lines with hyphens at their ends, and a running head on every page."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if len(line) + len(word) > 72 and len(word) > 9 and word.isalpha():
                lines.append(f"{line} {word[:5]}\u2010")
                line = word[5:]
            elif len(line) + len(word) > 78:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    pages = [lines[at : at + 45] for at in range(0, len(lines), 45)]
    head = "L 119/{} EN Official Journal of the European Union 4.5.2016"
    return "\r\n".join("\r\n".join([*page, head.format(number)]) for number, page in enumerate(pages, 1))


@pytest.mark.parametrize("form", ["plain", "printed"])
def test_the_gdpr_says_its_deadlines_and_penalties_with_their_articles(form: str) -> None:
    text = gdpr() if form == "plain" else as_printed(gdpr())
    law = said(text)
    assert all(text[each.start : each.end] == each.quote for each in law.findings)
    due = {(each.place, each.count, each.unit, each.trigger) for each in of(FindingKind.DEADLINE, law) if each.count}
    assert ("Article 33(1)", 72, TimeUnit.HOUR, "having become aware of it") in due
    assert ("Article 12(3)", 1, TimeUnit.MONTH, "receipt of the request") in due
    assert ("Article 12(3)", 2, TimeUnit.MONTH, None) in due
    assert ("Article 97(1)", date(2020, 5, 25)) in {(each.place, each.on) for each in of(FindingKind.DEADLINE, law)}
    costs = [(each.place, each.amount, each.fraction, each.currency) for each in of(FindingKind.PENALTY, law)]
    assert costs == [
        ("Article 83(4)", 10_000_000, 0.02, "EUR"),
        ("Article 83(5)", 20_000_000, 0.04, "EUR"),
        ("Article 83(6)", 20_000_000, 0.04, "EUR"),
    ]
    assert law.assessment.risk_level is RiskLevel.CRITICAL
    todo = {each.place: each for each in reversed(law.obligations) if each.count}
    breach, request = todo["Article 33(1)"], todo["Article 12(3)"]
    assert (breach.count, breach.unit, breach.risk_level) == (72, TimeUnit.HOUR, RiskLevel.CRITICAL)
    assert [cost[:19] for cost in breach.penalties] == ["up to 10 000 000 EU"]
    assert [cost[:19] for cost in request.penalties] == ["up to 20 000 000 EU"]
    assert breach.title.startswith("The controller shall")
    assert not any("supervisory authority shall" in each.title for each in law.obligations)
    assert len({each.key for each in law.findings}) == len(law.findings)
    assert [each.key for each in said(text).findings] == [each.key for each in law.findings]


def test_a_policy_with_a_date_within_the_year_and_two_fines_is_of_medium_risk() -> None:
    law = said(
        "Privacy policy of the company\n"
        "1. The company must comply with the rules on data protection by December 31, 2026.\n"
        "2. Every employee shall keep customer data confidential.\n"
        "3. A first violation is subject to a fine of $50,000, each further violation to a fine of $100,000.\n",
        jurisdiction="US",
        document_type="POLICY",
    )
    assert (law.assessment.score, law.assessment.risk_level) == (0.85, RiskLevel.MEDIUM)
    assert [each.on for each in of(FindingKind.DEADLINE, law)] == [date(2026, 12, 31)]
    assert [each.amount for each in of(FindingKind.PENALTY, law)] == [50_000, 100_000]
    assert {"Company", "Customer", "Data"} <= {each.text for each in of(FindingKind.ENTITY, law)}
    assert {each.bound for each in of(FindingKind.REQUIREMENT, law)} == {"company", "employee"}
    assert law.title == "Privacy policy of the company"
    assert law.obligations[0].on == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("The operator shall keep a record of the incidents.", RiskLevel.LOW),
        ("The operator shall report the incident within 30 days.", RiskLevel.MEDIUM),
        (
            "The operator shall report within 48 hours. A breach of this Act is subject to a fine of $500.",
            RiskLevel.HIGH,
        ),
        (
            "The operator shall report by 1 February 2026 or be fined up to 4 % of its annual turnover.",
            RiskLevel.CRITICAL,
        ),
        ("The operator shall report by 1 May 2030 or be fined up to 4 % of its annual turnover.", RiskLevel.HIGH),
        ("The operator shall report by 1 May 2020 or be fined up to $20 million.", RiskLevel.HIGH),
        (
            "The operator who does not report within 3 days is punished by imprisonment of up to 2 years.",
            RiskLevel.CRITICAL,
        ),
        ("The operator shall pay within 3 days a fee of $200; a late fee of 5 % of the price is due.", RiskLevel.HIGH),
    ],
)
def test_the_risk_level_comes_from_penalties_and_deadlines(text: str, risk: RiskLevel) -> None:
    law = said(text)
    assert law.assessment.risk_level is risk, law.assessment.reasons


PLACES = {
    "points": (
        "Article 5\nBreaches\n1. Aim.\n2. The provider shall act:\n(a) within 5 days;\n(b) within 6 days.",
        ["Article 5(2)(a)", "Article 5(2)(b)"],
    ),
    "a reference at the beginning of a line": (
        "\u00a7 1798.155\n(a) The business must pay within 5 days.\n(b)(1) It shall, as said in"
        "\nSection 5(a), act within 6 days.",
        ["\u00a7 1798.155(a)", "\u00a7 1798.155(b)(1)"],
    ),
    "sections": (
        "SEC. 3. DUTIES. (a) The agency shall act within 5 days.\nSEC. 4. OTHERS. The board shall act within 6 days.",
        ["Sec. 3(a)", "Sec. 4"],
    ),
    "German": (
        "## \u00a7 43 Meldung\n(1) Die Meldung ist zu machen.\n(2) Der Betreiber muss innerhalb von fünf Tagen\n"
        "1. zahlen und\n2. binnen sechs Tagen melden.",
        ["\u00a7 43 Abs. 2", "\u00a7 43 Abs. 2 Nr. 2"],
    ),
    "French": (
        "Article L441-10\nI.-Le délai de paiement est de cinq jours.\nII.-La société répond dans les six jours.",
        ["Article L441-10, I", "Article L441-10, II"],
    ),
    "a code": (
        "45 CFR 164.404(b): The entity shall notify within 5 days, or within 6 days.",
        ["45 CFR 164.404(b)", "45 CFR 164.404(b)"],
    ),
    "none": ("The provider shall act within 5 days or, in the cases of Article 7, within 6 days.", [None, None]),
}


@pytest.mark.parametrize(("text", "places"), PLACES.values(), ids=PLACES)
def test_places_come_from_headings_and_numbering(text: str, places: list[str | None]) -> None:
    due = of(FindingKind.DEADLINE, said(text))
    assert [(each.place, each.count) for each in due] == list(zip(places, (5, 6), strict=True))


def test_dates_of_citations_fees_and_recurring_reviews_are_no_deadlines_and_no_penalties() -> None:
    law = said(
        "Having regard to Directive 95/46/EC of 24 October 1995 (OJ L 281, 23.11.1995, p. 31), the provider shall pay "
        "a fee of EUR 500 and update its list at least every two years. It shall apply from 3/4/2026 to "
        "all persons aged 16 years.",
        jurisdiction="US",
    )
    assert [each.on for each in of(FindingKind.DEADLINE, law)] == [date(2026, 3, 4)]
    assert of(FindingKind.PENALTY, law) == []
    assert [(each.count, each.unit) for each in of(FindingKind.REQUIREMENT, law)] == [(2, TimeUnit.YEAR)]


def test_what_is_not_understood_is_said_and_limits_hold() -> None:
    assert said(" \n ").notes
    unknown = said(
        "De verantwoordelijke moet de toezichthouder binnen de termijn van 72 uur op de hoogte stellen van het lek. "
        * 5
    )
    assert (unknown.language, unknown.findings) == (None, ())
    assert unknown.notes
    many = "".join(f"Article {n}\nThe provider shall act within {n} days.\n" for n in range(1, 60))
    law = analyse(many, jurisdiction="EU", document_type="REGULATION", today=TODAY, limits=Limits(30, 40, 5, 10))
    assert (len(law.obligations), len([each for each in law.findings if each.kind is not FindingKind.ENTITY])) == (
        10,
        30,
    )
    assert len(law.notes) == 2


def test_hostile_texts_take_time_in_proportion_to_their_length() -> None:
    sense = "the of and to in that shall for is be by or with on not any " * 300
    hostile = [
        "a",
        "1",
        "1 ",
        "1.",
        "(",
        " ",
        "-",
        "a-",
        "Aa ",
        "2 days ",
        "fine of 5 euros ",
        "by 1 May 2024 and ",
        "§ ",
        "shall ",
    ]
    chosen = random.Random(7)
    noise = "".join(chosen.choice("ab 1.,;()§$%\u20ac-\n\u2010") for _ in range(15_000))
    for piece in [*hostile, noise]:
        began = time.process_time()
        said(sense + piece * (15_000 // len(piece)))
        assert time.process_time() - began < 5, piece


def test_every_quote_is_in_the_text_whatever_the_text_is() -> None:
    chosen = random.Random(3)
    words = re.split(r"(\W)", gdpr()[:20_000])
    for _ in range(3):
        chosen.shuffle(words)
        text = "".join(words)
        assert all(text[each.start : each.end] == each.quote for each in said(text).findings)
