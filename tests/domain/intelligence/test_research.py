"""What a research concludes: from the facts alone, with its evidence, and nothing about anybody that nobody said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.channels import Channel
from domain.engagement import EngagementType
from domain.estimates import Estimate
from domain.intelligence import research_phrasing
from domain.intelligence.feedback_findings import Sentiment
from domain.intelligence.playbooks import applicable, carried, size_of
from domain.intelligence.priors import beta_binomial
from domain.intelligence.research import Conclusions, concluded
from domain.intelligence.research_facts import (
    Company,
    Engagement,
    Evidence,
    EvidenceKind,
    Facts,
    KnownCampaign,
    KnownDuty,
    KnownFeedback,
    KnownNews,
    KnownNote,
    KnownPerson,
    KnownRival,
    LeadGroup,
    Outcomes,
    SitePage,
)
from domain.intelligence.research_news import is_about, names_of, relevance
from domain.intelligence.research_people import influence_of
from domain.intelligence.research_website import page_of
from domain.leads import LeadStatus
from domain.levels import Basis, Level, RiskLevel
from domain.research import PlaybookKind

NOW = datetime(2024, 1, 15, 14, 30, tzinfo=UTC)
COMPANY = Company(
    "acc_1",
    "TechCorp Solutions",
    "techcorp.com",
    "Software Development",
    "200-500 employees",
    location="San Francisco, CA",
    technologies=("AWS", "React", "Node.js"),
)
ADA = KnownPerson("Ada Young", "CTO", "ada@techcorp.com", contact_id="ctc_1")


def facts(company: Company = COMPANY, **known: Any) -> Facts:
    found = applicable(company.industry, company.technologies, company.size)
    return Facts(company, NOW, playbooks=tuple(found), **known)


def conclude(given: Facts, depth: str = "comprehensive", **wanted: bool) -> Conclusions:
    return concluded(given, depth, **({"competitors": True, "news": True} | wanted))


def test_without_own_facts_there_are_playbooks_priors_and_nobody() -> None:
    found = conclude(facts())
    assert [len(found.pains), len(found.opportunities)] == [6, 4]
    assert {each.kind for pain in found.pains for each in pain.evidence} == {EvidenceKind.PLAYBOOK}
    assert (found.people, found.rivals, found.news, found.engagement_score) == ([], [], [], 0.0)
    assert (found.conversion.value, found.conversion.basis, found.conversion.cases) == (0.15, Basis.PRIOR, 0)
    assert found.conversion.low < 0.15 < found.conversion.high
    assert found.approach == "Technical consultation"
    assert [each.action_type for each in found.actions] == ["add_decision_makers"]
    assert "assumed" in found.timing
    assert sum(map(len, found.texts())) / 4 < 350
    assert [len(conclude(facts(), depth).pains) for depth in ("basic", " Standard", "deep")] == [3, 4, 6]
    nothing = conclude(facts(Company("acc_2", "Nobody knows")))
    assert (nothing.pains, nothing.opportunities, nothing.content) == ([], [], [])
    assert nothing.confidence == 0
    assert [each.action_type for each in nothing.actions] == ["add_decision_makers", "complete_company_profile"]


def test_own_facts_come_first_and_raise_confidence() -> None:
    pieces = [KnownFeedback(f"fb_{n}", Sentiment.NEGATIVE, ("invoice_export",), "The export fails") for n in range(3)]
    persona = replace(ADA, persona_id="persona_1", pain_points=("Infrastructure scaling",))
    known = facts(
        people=(persona,),
        feedback=(*pieces, KnownFeedback("fb_9", Sentiment.POSITIVE, ("invoice_export",), "Export works")),
        leads=(LeadGroup(LeadStatus.QUALIFIED, "web", "COMMERCIAL", 2), LeadGroup(LeadStatus.WON, "web", None, 1)),
        duties=(KnownDuty("citem_1", "Notify the authority", date(2024, 2, 1), RiskLevel.HIGH),),
        users=4,
        users_left=1,
    )
    found = conclude(known)
    by = {pain.category: pain for pain in found.pains}
    assert found.pains[0].category == "Infrastructure scaling"
    assert (
        by["Product Feedback"].description
        == "3 of 4 pieces of feedback of its people about “invoice export” are displeased"
    )
    assert [each.source for each in by["Product Feedback"].evidence] == ["fb_0", "fb_1"]
    assert "2024-02-01" in by["Compliance"].description
    assert by["Adoption"].description == "1 of 4 users at the company have left"
    # The persona's own words make the playbook's surer.
    echoed = next(pain for pain in found.pains if pain.category == "Infrastructure")
    assert echoed.confidence == pytest.approx(0.6)
    assert [each.kind for each in echoed.evidence] == [EvidenceKind.PLAYBOOK, EvidenceKind.GRAPH]
    demand = found.opportunities[0]
    assert demand.description == "2 leads of its people open, 2 qualified (commercial)"
    assert demand.estimate.value == pytest.approx(0.3)
    assert [each.action_type for each in found.actions][:2] == [
        "create_personalized_campaign",
        "contact_qualified_leads",
    ]
    assert conclude(facts()).confidence < found.confidence <= 0.95
    running = replace(known, campaigns=(KnownCampaign("cmp_1", "Spring", True),))
    assert "create_personalized_campaign" not in {each.action_type for each in conclude(running).actions}


def test_of_the_same_words_the_surest_stand_at_their_own_place() -> None:
    usual = [pain for each in applicable(None, (), COMPANY.size) for pain in each.body.pain_points]
    persona = replace(ADA, persona_id="persona_1", pain_points=(usual[-1].description,))
    found = conclude(facts(people=(persona,))).pains
    assert (found[0].description, found[0].confidence) == (usual[-1].description, 0.8)
    assert [each.description for each in found].count(usual[-1].description) == 1


def test_what_is_overdue_is_no_occasion_to_come() -> None:
    duty = KnownDuty("citem_1", "Notify the authority", date(2023, 2, 1), RiskLevel.HIGH)
    found = conclude(facts(duties=(duty,)))
    (told,) = [each.description for each in found.pains if each.category == "Compliance"]
    assert told == "Law where it is asks for: Notify the authority, overdue since 2023-02-01"
    assert "Compliance Support" not in {each.type for each in found.opportunities}
    assert "offer_compliance_support" not in {each.action_type for each in found.actions}
    assert "offer_compliance_support" in {
        each.action_type for each in conclude(facts(duties=(replace(duty, deadline=NOW.date()),))).actions
    }


def test_history_takes_the_place_of_assumptions() -> None:
    few = conclude(facts(outcomes=Outcomes(3, 10, 2, 4))).conversion
    many = conclude(facts(outcomes=Outcomes(300, 600, 150, 200))).conversion
    assert (few.basis, few.cases, many.basis, many.cases) == (Basis.BLENDED, 10, Basis.HISTORY, 600)
    assert 0.15 < few.value < 0.35 < many.value
    assert many.high - many.low < few.high - few.low
    half = beta_binomial(0.5, 2, 0, 0)
    assert [half.low, half.high] == pytest.approx([0.1, 0.9])
    assert beta_binomial(0.15, 20, 5, 3) == Estimate(
        pytest.approx(6 / 23),  # type: ignore[arg-type]
        pytest.approx(0.150, abs=1e-3),  # type: ignore[arg-type]
        pytest.approx(0.382, abs=1e-3),  # type: ignore[arg-type]
        Basis.BLENDED,
        3,
    )


def test_only_those_are_competitors_whom_somebody_has_named() -> None:
    said = KnownRival(
        "CloudScale Inc", "Current vendor", ("Pricing",), (), (Evidence(EvidenceKind.REQUEST, None, "x"),)
    )
    known = facts(
        rivals=(said,),
        notes=(KnownNote("note_1", "They are evaluating Acme Cloud. We were compared with CloudScale Inc."),),
        feedback=(KnownFeedback("fb_1", Sentiment.NEUTRAL, (), "We switched from The old way. Instead of TechCorp."),),
    )
    found = conclude(known)
    assert [(rival.name, sure) for rival, sure in found.rivals] == [("CloudScale Inc", 0.95), ("Acme Cloud", 0.4)]
    assert "evaluating Acme Cloud." in found.rivals[1][0].evidence[0].text
    assert found.rivals[0][0].evidence[1].source == "note_1"
    assert conclude(known, competitors=False).rivals == []
    nobody = "Compared to January, instead of Friday, versus Q3: they moved to Berlin and evaluated Ada instead of Bo."
    nobody += " JSON instead of XML. Competitors: None. Compared to Germany, versus GDPR. Alternative to Mr Smith."
    assert conclude(facts(notes=(KnownNote("note_2", nobody),), people=(ADA, replace(ADA, name="Bo Lee")))).rivals == []


def test_decision_makers_are_people_who_can_be_written_to() -> None:
    seen = [
        Engagement(EngagementType.LINK_CLICK, Channel.LINKEDIN, NOW - timedelta(days=n), 0.5, "ctc_1") for n in range(3)
    ]
    people = (
        KnownPerson("Bo", None, "bo@techcorp.com"),
        replace(ADA, influence=None),
        KnownPerson("Cy", "VP Sales", None, persona_id="persona_2"),
        KnownPerson("Di", "Procurement Manager", "di@techcorp.com", unsubscribed=True),
        KnownPerson("Em", None, "em@techcorp.com", persona_id="persona_3", influence=0.99, tone="Warm"),
    )
    found = conclude(facts(people=people, engagements=tuple(seen)))
    assert [(each.name, each.influence, each.channels, each.tone) for each in found.people] == [
        ("Em", 0.99, ("EMAIL", "LINKEDIN"), "Warm"),
        ("Ada Young", 0.9, ("LINKEDIN",), "Technical, consultative"),
        ("Di", 0.55, ("LINKEDIN",), "Factual, with figures"),
    ]
    assert all(each.linkedin is None for each in found.people)
    titles = {"Founder & CEO": 0.9, "Vice President, Sales": 0.8, "Head of IT": 0.8, "Assistant Director": 0.6}
    assert {title: influence_of(title) for title in titles} == pytest.approx(titles)


def test_times_are_told_from_enough_engagement() -> None:
    tuesday = datetime(2024, 1, 9, 10, 20, tzinfo=UTC)
    acts = tuple(Engagement(EngagementType.EMAIL_OPEN, Channel.EMAIL, tuesday, 0.3) for _ in range(20))
    assert conclude(facts(engagements=acts)).timing == "Tuesday, 10:00-11:00 UTC (seen in 20 acts)"
    assert "assumed: 19 acts" in conclude(facts(engagements=acts[1:])).timing
    # Of any hours and days some are the busiest: who is there at all times has no best one.
    even = tuple(replace(each, at=tuesday + timedelta(days=n, hours=n)) for n, each in enumerate(acts * 9))
    assert "assumed: 180 acts" in conclude(facts(engagements=even)).timing
    lost = tuple(replace(each, type=EngagementType.BOUNCE) for each in acts)
    assert "assumed: 1 act seen" in conclude(facts(engagements=(*lost, acts[0]))).timing
    late, soon = (conclude(facts(engagements=acts[:n])).engagement_score for n in (3, 1))
    assert 1 > late > soon > 0


@pytest.mark.parametrize(
    ("company", "text", "about"),
    [
        (COMPANY, "TechCorp raises money", True),
        (COMPANY, "techcorp solutions opens an office", True),
        (COMPANY, "Read more at techcorp.com", True),
        (COMPANY, "TechCorporation raises money", False),
        (COMPANY, "not-techcorp.com.au sells", False),
        (Company("a", "Apple Inc."), "An apple a day", False),
        (Company("a", "Apple Inc."), "Apple opens a store", True),
        (Company("a", "IO"), "IO is short", False),
        (Company("a", "United Airlines", "united.com"), "Manchester United wins", False),
        (Company("a", "United Airlines", "united.com"), "United airlines adds seats", True),
        (Company("a", "Box Inc", "box.com"), "See dropbox.com and the boxes", False),
    ],
)
def test_news_names_the_company_as_words(company: Company, text: str, about: bool) -> None:
    assert is_about(names_of(company), text) is about


def test_news_is_told_with_its_age_and_gives_an_occasion() -> None:
    raised = KnownNews("news_1", "TechCorp raises money", "It grows.", None, NOW.date(), True, Sentiment.POSITIVE)
    found = conclude(facts(news=(raised,)))
    assert "Refer to recent news: TechCorp raises money" in {each.description for each in found.opportunities}
    assert conclude(facts(news=(raised,)), news=False).news == []
    ages = [replace(raised, published=NOW.date() - timedelta(days=days)) for days in (10, 60, 120)]
    assert [relevance(each, NOW.date()) for each in ages] == [Level.HIGH, Level.MEDIUM, Level.LOW]


def test_a_website_says_its_title_and_what_it_uses() -> None:
    page = page_of(
        "https://techcorp.com",
        b"""<html><head><title>TechCorp &amp; friends</title><script>var x = "kubernetes"</script>
        <meta content='We build things.' name="Description"></head>
        <body><p>We run on Amazon Web Services and Snowflake. Express delivery. Node by node.
        Under azure skies a python met a tableau of maple sap and a flask.</p></body></html>""",
    )
    assert page == SitePage("https://techcorp.com", "TechCorp & friends", "We build things.", ("aws", "snowflake"))
    found = applicable(COMPANY.industry, (*COMPANY.technologies, *page.technologies), COMPANY.size)
    known = Facts(COMPANY, NOW, site=page, playbooks=tuple(found))
    pains = concluded(known, "comprehensive", competitors=True, news=True).pains
    snow = next((each for each in pains if "Warehouses" in each.description), None)
    aws = next(each for each in pains if "AWS" in each.description)
    assert snow is None or snow.confidence == 0.35
    assert aws.confidence == 0.45
    for charset in (b"idna", b"unicode_escape", b"undefined", b"hex", b"nothing"):
        said = page_of("https://techcorp.com", b'<meta charset="' + charset + rb'"><title>\ud800 Fine</title>').title
        assert said is not None
        assert said.encode().endswith(b"Fine")
    hostile = b"<title" + b"<meta " * 20_000 + b"<script" * 20_000 + b"x='" * 20_000
    assert page_of("https://techcorp.com", hostile).title is None


def test_a_model_is_believed_only_where_the_facts_bear_it() -> None:
    found = conclude(facts(), "basic")
    asked = research_phrasing.asked_about(found)
    assert [each["kind"] for each in asked] == ["pain point"] * 3 + ["opportunity"] * 2
    quote = "Costs on AWS are hard to trace"
    bad = [
        ([1], "It uses 40 services that nobody reviews.", [asked[1]["description"]]),
        ([1], "Ask Sarah Johnson about Node.js.", [asked[1]["description"]]),
        ([1], "Dependencies are seldom reviewed.", ["a quote that is nowhere"]),
        ([2, 3], "Both at once.", [asked[2]["description"]]),
        ([99], "Something.", [quote]),
        ([1], "See https://example.com for more.", [asked[1]["description"]]),
        ([1], "Dependencies are seldom reviewed.", []),
        ([1], "Oracle reviews their dependencies.", [asked[1]["description"]]),
        ([1], "It is about to go bankrupt.", [asked[1]["description"]]),
        ([1], "Özil reviews their dependencies.", [asked[1]["description"]]),
        ([1], "Dependencies are reviewed with 华为.", [asked[1]["description"]]),
        ([1], "Dependencies are reviewed by iPhone.", [asked[1]["description"]]),
        ([1], "Dozens of dependencies are seldom reviewed.", [asked[1]["description"]]),
        ([1], "Dependencies led to a criminal investigation of the founder.", [asked[1]["description"]]),
    ]
    answer = {
        "findings": [
            {"numbers": [0], "description": "Nobody can say which team causes what on AWS.", "quotes": [quote]},
            *({"numbers": numbers, "description": said, "quotes": quotes} for numbers, said, quotes in bad),
        ]
    }
    phrased, count, dropped = research_phrasing.taken(found, answer, "m")
    assert (count, dropped) == (1, len(bad))
    assert phrased.pains[0].description == "Nobody can say which team causes what on AWS."
    assert phrased.pains[0].evidence[-1] == Evidence(EvidenceKind.MODEL, "m", quote)
    assert phrased.pains[1:] == found.pains[1:]
    quotes = [each["description"] for each in asked[:2]]
    merged = {
        "findings": [{"numbers": [0, 1], "description": "Both costs and dependencies need owners.", "quotes": quotes}]
    }
    together, *_ = research_phrasing.taken(found, merged, "m")
    assert len(together.pains) == 2
    assert len(together.pains[0].evidence) == 4


def test_playbooks_are_whole_and_found_by_many_names() -> None:
    kinds = [each.kind for each in carried()]
    assert kinds.count(PlaybookKind.INDUSTRY) >= 14
    assert kinds.count(PlaybookKind.TECHNOLOGY) >= 20
    assert kinds.count(PlaybookKind.SIZE) == 4
    assert all(each.body.pain_points for each in carried())
    named = applicable("SaaS", ["NodeJS", "amazon web services", "AWS", "Unheard"], "Enterprise")
    assert [each.key for each in named] == ["technology", "node.js", "aws", "enterprise"]
    sizes = {"1-10": "small", "200-500 employees": "large", "1.000+": "enterprise", "SMB": "small", "many": None}
    sizes |= {"1 000-5 000": "enterprise", "1\u2019000": "enterprise", "5千人": "enterprise", "1万人": "enterprise"}
    assert {said: size_of(said) for said in sizes} == sizes
