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


LISTS = {
    "a lead-in that says nothing": (
        "Article 5\n1. Personal data shall be:\n(a) processed lawfully;\n(b) kept for no longer than is necessary.\n"
        "2. The controller shall keep a record.",
        [
            ("Article 5(1)(a)", "Personal data shall be processed lawfully", "processed lawfully"),
            ("Article 5(1)(b)", "Personal data shall be kept for no longer than is necessary", "kept for no longer"),
            ("Article 5(2)", "The controller shall keep a record.", "The controller shall"),
        ],
    ),
    "a lead-in that says something, and a point with a deadline": (
        "Article 6\n1. The provider shall inform its users of the following matters:\n(a) its name;\n"
        "(b) changes, within 5 days.",
        [
            ("Article 6(1)", "The provider shall inform its users of the following matters", "The provider shall"),
            (
                "Article 6(1)(b)",
                "The provider shall inform its users of the following matters changes, within 5 days",
                "changes, within",
            ),
        ],
    ),
    "points of points": (
        "§ 164.504 A business associate must:\n(1) Not use the information; or\n(2) Report to:\n(i) the entity; and\n"
        "(ii) the Secretary.",
        [
            ("§ 164.504(1)", "A business associate must not use the information", "Not use"),
            ("§ 164.504(2)(i)", "A business associate must Report to the entity", "the entity"),
            ("§ 164.504(2)(ii)", "A business associate must Report to the Secretary", "the Secretary"),
        ],
    ),
    "German": (
        "§ 7\n(1) Der Betreiber hat\n1. die Anlage zu prüfen und\n2. die Behörde binnen 24 Stunden zu unterrichten.",
        [
            ("§ 7 Abs. 1 Nr. 1", "Der Betreiber hat die Anlage zu prüfen", "die Anlage"),
            ("§ 7 Abs. 1 Nr. 2", "Der Betreiber hat die Behörde binnen 24 Stunden zu unterrichten", "die Behörde"),
        ],
    ),
    "without marks": (
        "The operator of the platform shall:\n\nkeep the logs of the service;\n\ntell the users of any change.",
        [
            (None, "The operator of the platform shall keep the logs of the service", "keep the logs"),
            (None, "The operator of the platform shall tell the users of any change", "tell the users"),
        ],
    ),
}


@pytest.mark.parametrize(("text", "wanted"), LISTS.values(), ids=LISTS)
def test_points_of_a_list_say_what_leads_in_to_them(text: str, wanted: list[tuple[str | None, str, str]]) -> None:
    law = said(text)
    demands = of(FindingKind.REQUIREMENT, law)
    assert [(each.place, each.text) for each in demands] == [(place, words) for place, words, _ in wanted]
    for each, (_, _, quote) in zip(demands, wanted, strict=True):
        assert text[each.start : each.end] == each.quote
        assert each.quote.startswith(quote)
    assert {each.description for each in law.obligations} <= {
        *(each.text for each in demands),
        "The provider shall inform its users of the following matters: (a) its name; (b) changes, within 5 days",
    }


@pytest.mark.parametrize("marker", ["Whereas:\n", ""])
def test_recitals_bind_nobody_unless_there_is_nothing_else(marker: str) -> None:
    recitals = (
        f"THE COUNCIL,\n{marker}(1) The provider must act within 5 days.\n(2) Fines of up to EUR 500 are imposed.\n"
        "(3) The movement of data shall not be restricted before 1 May 2030.\n"
    )
    law = said(recitals + "HAS ADOPTED THIS ACT:\nArticle 1\nThe provider shall report within 6 days.")
    assert {each.place for each in law.findings if each.kind is not FindingKind.ENTITY} == {"Article 1"}
    assert [each.count for each in law.obligations] == [6]
    assert {each.count for each in of(FindingKind.DEADLINE, said(recitals))} == {5, None}


RELAYED = {
    "en": (
        "Member States shall ensure that, for this purpose, the entities concerned submit to the authority:\n"
        "(a) an early warning within 24 hours of becoming aware of the incident.",
        ("entity", "The entities concerned submit to the authority an early warning within 24 hours", 24),
    ),
    "de": (
        "Die Mitgliedstaaten stellen sicher, dass die Unternehmen der Behörde den Vorfall binnen 24 Stunden nach "
        "Kenntnis melden.",
        ("Unternehmen", "Die Unternehmen der Behörde den Vorfall binnen 24 Stunden", 24),
    ),
    "fr": (
        "Les États membres veillent à ce que les entités concernées notifient l'incident dans les 24 heures après en "
        "avoir eu connaissance.",
        ("entité", "Les entités concernées notifient l'incident dans les 24 heures", 24),
    ),
}


@pytest.mark.parametrize(("text", "wanted"), RELAYED.values(), ids=RELAYED)
def test_what_states_see_to_binds_those_who_are_to_do_it(text: str, wanted: tuple[str, str, int]) -> None:
    law = said(text)
    bound, words, hours = wanted
    (todo,) = (each for each in law.obligations if each.count)
    assert (todo.title.startswith(words), todo.count) == (True, hours)
    assert {each.bound for each in of(FindingKind.REQUIREMENT, law)} == {bound}
    assert said("Member States shall ensure that the supervisory authority answers within 3 days.").obligations == ()


def test_reasons_are_short_and_say_where() -> None:
    law = said(
        "Article 4\nThe provider shall act within 24 hours after it has become aware of an incident that has an impact "
        "on the provision of its services, or be fined up to EUR 20 000 000 or 4 % of the total worldwide annual "
        "turnover of the preceding financial year of the undertaking to which it belongs, whichever is higher, by "
        "1 May 2031."
    )
    assert all(len(reason) <= 200 for reason in law.assessment.reasons)
    assert law.assessment.reasons[0].startswith("1 penalty, 1 severe (first Article 4: up to EUR 20 000 000 or 4 %")
    assert law.assessment.reasons[1].startswith("2 deadlines not passed, 1 short (first Article 4: within 24 hours")


def test_multiples_are_penalties_and_what_comes_each_year_is_said_with_its_requirement() -> None:
    law = said(
        "The issuer shall file its statement by 31 March each year. Systems placed on the market before 1 May 2019 are "
        "exempt. A breach is punished by a fine of up to EUR 1 000 000 or three times the gain made."
    )
    assert [(each.count, each.unit) for each in of(FindingKind.REQUIREMENT, law)] == [(1, TimeUnit.YEAR)]
    assert of(FindingKind.DEADLINE, law) == []
    assert [(each.amount, each.fraction, each.base) for each in of(FindingKind.PENALTY, law)] == [
        (1_000_000, 3.0, "gain made")
    ]


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
