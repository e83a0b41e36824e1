"""Texts written from templates and facts: many, different, the same every time, and true."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from domain.channels import Channel
from domain.intelligence.copy import CopyWanted, Draft, preview_of, write
from domain.intelligence.copy_checks import spam_words, words_of
from domain.intelligence.copy_facts import CopyFact, CopyFacts, FactKind, fact, first_name
from domain.intelligence.copy_templates import PARTS, PLACE, VARIABLES, carried, own_template, unknown_variables
from domain.levels import Level

MOST = 20
"""Variants that the setting allows at the most."""
PERSON = (
    CopyFact("first_name", "Sarah", "persona_1", FactKind.PERSON),
    CopyFact("full_name", "Sarah Johnson", "persona_1", FactKind.PERSON),
    CopyFact("title", "CTO", "persona_1", FactKind.ROLE),
)
COMPANY = CopyFact("company", "TechCorp", "acc_1", FactKind.COMPANY)
SENDER = (
    CopyFact("sender_name", "Ana Ruiz", "user_1", FactKind.SENDER),
    CopyFact("sender_company", "Acme", "org_1", FactKind.SENDER),
)
COMPANY_FACTS = (
    COMPANY,
    CopyFact("industry", "Software Development", "acc_1", FactKind.INDUSTRY),
    CopyFact("technologies", "AWS and React", "acc_1", FactKind.TECHNOLOGY),
    CopyFact("won_companies", "3 companies", "org_1", FactKind.SOCIAL_PROOF),
    CopyFact("meeting_date", "9 January 2024", "eng_1", FactKind.HISTORY),
)
PAINS = (
    (
        CopyFact("pain_point", "Costs growing 300%", "pain_1", FactKind.PAIN_POINT),
        CopyFact("known_pain_point", "Costs growing 300%", "pain_1", FactKind.PAIN_POINT),
        CopyFact("solution", "Auto-scaling", "pain_1", FactKind.SOLUTION),
        CopyFact("second_solution", "Kubernetes upgrades", "pain_1", FactKind.SOLUTION),
    ),
    (CopyFact("pain_point", "Manual releases", "pain_2", FactKind.PAIN_POINT),),
)
CHOICES = (
    PAINS,
    ((CopyFact("technology", "AWS", "acc_1", FactKind.TECHNOLOGY),),),
    ((CopyFact("opportunity", "Potential 40% reduction", "opp_1", FactKind.OPPORTUNITY),),),
    ((CopyFact("competitor", "CloudScale Inc", "rival_1", FactKind.COMPETITOR),),),
    (
        (
            CopyFact("news_title", "TechCorp raises $50M", "newsitem_1", FactKind.NEWS),
            CopyFact("news_date", "15 January 2024", "newsitem_1", FactKind.NEWS),
        ),
    ),
    (
        (
            CopyFact("regulation", "Cyber Act", "update_1", FactKind.REGULATION),
            CopyFact("regulation_date", "2 January 2024", "update_1", FactKind.REGULATION),
        ),
    ),
)
EVERYTHING = CopyFacts((*PERSON, *COMPANY_FACTS, *SENDER), CHOICES)
LITTLE = CopyFacts((COMPANY,))
MAIL = CopyWanted(channel=Channel.EMAIL, objective="schedule_demo")


def main(draft: Draft) -> str:
    """The part that variants differ in."""
    return draft.text or draft.connection_request or ""


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("facts", [EVERYTHING, LITTLE], ids=["everything", "little"])
def test_as_many_variants_as_wanted_all_different_and_the_same_every_time(channel: Channel, facts: CopyFacts) -> None:
    for length in ("short", "long"):
        for tone in ("consultative", "direct"):
            wanted = CopyWanted(channel=channel, objective="schedule_demo", length=length, tone=tone)
            drafts = write(wanted, facts, MOST)
            assert len({main(each) for each in drafts}) == MOST, (length, tone)
            assert drafts == write(wanted, facts, MOST)
            assert drafts[:3] == write(wanted, facts, 3)
            assert all(getattr(each, part) for each in drafts for part in PARTS[channel])
            assert all(len(each.connection_request or "") <= 300 and len(each.subject or "") <= 120 for each in drafts)
    structures = {each.template for each in write(CopyWanted(channel=channel), EVERYTHING, 4)}
    assert len(structures) == min(4, len(carried(channel)))


def test_every_word_that_is_merged_is_a_fact_with_its_source_and_nothing_else_is_said() -> None:
    """Without its merged facts a text says what its templates say, and no number, no percent and no name."""
    for channel in Channel:
        wanted = CopyWanted(channel=channel, objective="schedule_demo", urgency=Level.HIGH, length="long")
        for draft in write(wanted, EVERYTHING, MOST):
            known = {each.value: each for each in (*EVERYTHING.always, *sum(sum(CHOICES, ()), ()))}
            assert all(each in (*EVERYTHING.always, *sum(sum(CHOICES, ()), ())) for each in draft.facts)
            rest = draft.words
            for each in sorted(draft.facts, key=lambda each: -len(each.value)):
                assert each.value.lower() in draft.words.lower()
                rest = re.sub(re.escape(each.value), "", rest, flags=re.IGNORECASE)
            assert not [value for value in known if len(value) > 5 and value in rest]
            assert set(re.findall(r"\d+", rest)) <= {"20", "30"}, rest
            assert "%" not in rest
            assert "{{" not in rest


def test_a_sentence_whose_fact_is_missing_is_left_out() -> None:
    for channel in Channel:
        for draft in write(CopyWanted(channel=channel, length="long"), LITTLE, MOST):
            assert {each.kind for each in draft.facts} <= {FactKind.COMPANY}
            assert "None" not in draft.words
            assert "  " not in draft.words
            assert " ." not in draft.words
    one = own_template("copy_1", Channel.EMAIL, "", "", "x", {"subject": "A", "text": "{{title}}, hi. Read on.\nBye."})
    (draft,) = write(MAIL, replace(LITTLE, templates=(one,)), 1)
    assert draft.text == "Read on.\nBye."
    # Own ones in place of all carried ones that are for something else leave nothing unwritten.
    own = tuple(
        own_template("copy_1", Channel.OTHER, "x", "", each.name, {"text": "A"}) for each in carried(Channel.OTHER)
    )
    assert write(CopyWanted(channel=Channel.OTHER), replace(LITTLE, templates=own), 1)
    assert not any("won_companies" in each.variable for each in write(MAIL, LITTLE, 9)[0].facts)
    for template in carried(Channel.EMAIL):
        used = write(replace(MAIL, content_type="case_study_email"), EVERYTHING.without(frozenset(FactKind)), 3)
        assert template.needs == () or template.name not in {each.template for each in used}


def test_a_question_is_asked_once_and_ends_nothing_else() -> None:
    asked = tuple(
        CopyFact(name, "Why do costs grow?", "pain_1", FactKind.PAIN_POINT) for name in ("pain_point", "solution")
    )
    for channel in Channel:
        for draft in write(CopyWanted(channel=channel, length="long"), CopyFacts((*PERSON, *asked)), MOST):
            assert not re.search(r"\?[.?]", draft.words), draft.words


def test_after_a_greeting_a_sentence_goes_on_in_small_letters() -> None:
    drafts = [
        draft.connection_request or ""
        for tone in ("consultative", "direct")
        for draft in write(CopyWanted(channel=Channel.LINKEDIN, tone=tone), EVERYTHING, MOST)
    ]
    begun = {match[1] for each in drafts if (match := re.match(r"(?:Hi )?Sarah, (\w+)", each))}
    assert {"let", "as", "I"} <= begun
    assert not begun & {"Let", "As", "After", "i"}


def test_length_tone_urgency_and_objective_change_what_is_said() -> None:
    sizes = [
        len(words_of(write(replace(MAIL, length=length), EVERYTHING, 1)[0].text or ""))
        for length in ("short", "medium", "long")
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] * 2 < sizes[2]
    for channel in (Channel.EMAIL, Channel.PHONE, Channel.LINKEDIN, Channel.DIRECT_MAIL):
        said = {main(write(CopyWanted(channel=channel, tone=tone), EVERYTHING, 1)[0]) for tone in ("formal", "direct")}
        assert len(said) == 2
    formal = write(replace(MAIL, tone="Formal, but warm"), EVERYTHING, 1)[0].text or ""
    assert formal.startswith("Dear Sarah Johnson,")
    assert "Yours sincerely," in formal
    assert (write(MAIL, replace(EVERYTHING, preferred_tone="formal"), 1)[0].text or "").startswith("Dear ")
    for urgency, words in ((Level.LOW, "in the coming weeks"), (Level.CRITICAL, "today or tomorrow")):
        assert words in (write(replace(MAIL, urgency=urgency), EVERYTHING, 1)[0].text or "")
    assert "demo" in (write(MAIL, EVERYTHING, 1)[0].text or "")
    assert "demo" not in (write(replace(MAIL, objective="start_trial"), EVERYTHING, 1)[0].text or "")


def test_content_types_and_themes_choose_the_structure() -> None:
    def first(**more: str) -> str:
        return write(replace(MAIL, **more), EVERYTHING, 1)[0].template

    assert first(content_type="case_study_email") == "proof_first"
    assert first(content_type="Insight Email") == "insight"
    assert first(content_type="demo_request_email") == "ask_first"
    assert first(content_type="anything else") == "pain_first"
    assert first(theme="Relationship Building") == "question_first"
    own = own_template("copy_1", Channel.EMAIL, "schedule_demo", "", "pain_first", {"subject": "S", "text": "T."})
    drafts = write(MAIL, replace(EVERYTHING, templates=(own,)), MOST)
    assert drafts[0].text == "T."
    assert sum(each.template == "pain_first" for each in drafts) == 1
    assert write(replace(MAIL, objective="other"), replace(EVERYTHING, templates=(own,)), 1)[0].text != "T."


def test_a_value_keeps_its_capital_when_it_is_a_name() -> None:
    said = "\n".join(each.words for each in write(replace(MAIL, length="long"), EVERYTHING, MOST))
    assert ": costs growing 300%" in said
    assert ": auto-scaling" in said
    assert "Kubernetes upgrades" in said
    assert "software Development" not in said


class Page(HTMLParser):
    """What a document loads, and the words it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str | None] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href", "background")]

    def handle_data(self, data: str) -> None:
        self.words += data + " "


def test_html_says_the_same_words_escaped_with_nothing_from_elsewhere() -> None:
    sharp = CopyFact("company", '<script>alert("&")</script>', "acc_1", FactKind.COMPANY)
    for channel in (Channel.EMAIL, Channel.WEBSITE):
        for draft in write(CopyWanted(channel=channel), CopyFacts((sharp, *PERSON)), 6):
            page = Page(draft.html or "")
            assert page.loads == []
            assert "script" not in page.tags
            assert "style" not in page.tags
            assert 'lang="en"' in (draft.html or "")
            # An address longer than a telephone is wide would widen the whole letter.
            assert re.search("max-width:600px.*overflow-wrap:break-word", draft.html or "")
            assert "".join((draft.text or "").replace("- ", "").split()) in "".join(page.words.split())
            assert (draft.preview or "x") in page.words or channel is Channel.WEBSITE
    linked = own_template(
        "copy_1", Channel.EMAIL, "", "", "x", {"subject": "A", "text": "See https://a.example/?b=1&c."}
    )
    (draft,) = write(MAIL, replace(LITTLE, templates=(linked,)), 1)
    assert '<a href="https://a.example/?b=1&amp;c">' in (draft.html or "")
    assert len(preview_of("Hi,\n\n" + "word " * 90)) <= 140


def test_templates_name_known_variables_alone_and_use_no_words_filters_look_for() -> None:
    assert unknown_variables("{{first_name}} {{ company }}") == []
    assert unknown_variables("{{password}} {{a.b}} {% if %}") == ["password", "{{", "}}", "{%", "%}"]
    for channel in Channel:
        for template in carried(channel):
            assert set(template.needs) <= set(VARIABLES)
            for slot in [slot for part in template.parts.values() for paragraph in part for slot in paragraph]:
                assert slot.phrases, slot.name
                for text in [each.text for phrases in slot.phrases.values() for each in phrases]:
                    assert set(PLACE.findall(text)) <= set(VARIABLES), text
                    assert spam_words(text) == [], text


def test_facts_are_made_to_fit_into_a_sentence() -> None:
    (made,) = fact("pain_point", "  Costs\n grow. ", "pain_1", FactKind.PAIN_POINT)
    assert made.value == "Costs grow"
    ends = {"Why?": "Why?", "Why?!": "Why?", "We wait…": "We wait", "Costs:": "Costs", "“All of it.”": "“All of it”"}
    for written, said in ends.items():
        assert fact("pain_point", written, "pain_1", FactKind.PAIN_POINT)[0].value == said
    # Names are others' words: no place of a template, and nothing that turns what follows.
    assert fact("company", "{{full_name}}\u202e Corp", "acc_1", FactKind.COMPANY)[0].value == "{full_name} Corp"
    assert fact("pain_point", "One. " + "Two " * 60, "pain_1", FactKind.PAIN_POINT)[0].value == "One"
    assert fact("pain_point", "x" * 400, "pain_1", FactKind.PAIN_POINT) == fact("title", " ", "p", FactKind.ROLE) == []
    with pytest.raises(ValueError, match="no variable"):
        CopyFact("secret", "x", "y", FactKind.COMPANY)
    names = {"Sarah Johnson": "Sarah", "Dr. Ana Ruiz": "Ana", "Johnson, Sarah": None, "a@b.c": None, "": None}
    assert {name: first_name(name) for name in names} == names
