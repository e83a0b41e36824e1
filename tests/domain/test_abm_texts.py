"""Texts of campaigns: one text for many readers, each read as one's own; and what is expected of a campaign."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.abm_plan import schedule
from domain.abm_texts import adopted, for_any_reader, for_reader, reworded, shown, unknown_places, written
from domain.channels import Channel
from domain.content import ContentVariant
from domain.intelligence.campaign_expectations import Reached, expect
from domain.intelligence.copy_facts import CopyFact, CopyFacts, FactKind
from domain.levels import Basis

FACTS = CopyFacts(
    always=(
        CopyFact("first_name", "Sarah", "persona_1", FactKind.PERSON),
        CopyFact("full_name", "Sarah Johnson", "persona_1", FactKind.PERSON),
        CopyFact("title", "CTO", "persona_1", FactKind.ROLE),
        CopyFact("company", "TechCorp", "acc_1", FactKind.COMPANY),
    ),
    choices=(((CopyFact("pain_point", "costs grow", "pain_1", FactKind.PAIN_POINT),),),),
)


def test_texts_for_several_say_nothing_that_is_true_of_one_alone() -> None:
    variables = {each.variable: each.value for each in for_any_reader(FACTS, 2).always}
    assert variables == {"first_name": "{{first_name}}", "full_name": "{{full_name}}", "company": "TechCorp"}
    assert "title" in {each.variable for each in for_any_reader(FACTS, 1).always}
    items = schedule(date(2024, 1, 22), 8, "weekly", list(Channel), {})
    texts = written(items, for_any_reader(FACTS, 2), "schedule_demo", compared=True)
    said = [version["text"] for versions in texts for version in versions]
    assert not [each for each in said if "Sarah" in each or "CTO" in each]
    mail = [
        version["subject"] + version["text"]
        for item, versions in zip(items, texts, strict=True)
        for version in versions
        if item.channel is Channel.EMAIL
    ]
    # Eight weeks with two versions each, and no message twice.
    assert len(mail) == len(set(mail)) == 16


@given(st.text(max_size=40))
def test_a_name_can_say_nothing_but_itself(name) -> None:
    html = for_reader("<p>Hi {{ first_name }}, {{full_name}}</p>", name, html=True)
    assert html.count("<") == html.count(">") == 2


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("May Lee", "Hi May,\n\nMay I show you? Yours, May.", "Hi Bob,\n\nMay I show you? Yours, Bob."),
        ("Ana Ruiz", "Hello Ana\n\nFor Ana Ruiz.\n\nBest,\nAna Diaz", "Hello Bob\n\nFor Bob Ray.\n\nBest,\nAna Diaz"),
        ("Ana Ruiz", "Hello Ana!\n\nI think Ana knows.\n\nAna", "Hello Bob!\n\nI think Bob knows.\n\nAna"),
    ],
)
def test_a_text_for_one_reader_names_another_where_it_named_the_first(name: str, text: str, said: str) -> None:
    facts = [{"variable": "full_name", "value": name}, {"variable": "first_name", "value": name.split(maxsplit=1)[0]}]
    html = "<p>" + text.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"
    variant = ContentVariant(channel=Channel.EMAIL, subject="A", text=text, html=html)
    (version,) = adopted([variant], "insight_email", facts)
    assert for_reader(version["text"], "Bob Ray") == said
    filled = for_reader(version["html"], "Bob Ray", html=True)
    assert filled == "<p>" + said.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"


def test_names_are_filled_as_they_are_called() -> None:
    for name, first in (("Dr. Ada Lovelace", "Ada"), ("Lovelace, Ada", "Lovelace, Ada"), ("A <b>", "A <b>")):
        assert for_reader("Hi {{first_name}}", name) == f"Hi {first}"
    assert for_reader("{{full_name}}", "A & B", html=True) == "A &amp; B"
    version = {"key": "A", "subject": "For {{full_name}}", "text": "Hi", "html": None}
    assert shown([version], Channel.EMAIL, "Ada Lovelace") == ("For Ada Lovelace", None)
    assert shown([version], Channel.PHONE, "Ada Lovelace") == (None, "Hi")
    assert shown([], Channel.EMAIL, None) == (None, None)


def test_what_somebody_writes_makes_its_html_anew_unless_they_bring_their_own() -> None:
    version = {"key": "A", "template": "t", "subject": "S", "text": "old", "html": "<p>old</p>", "preview": "old"}
    changed = reworded(version, {"text": "1 < 2"})
    assert (changed["template"], changed["text"], "1 &lt; 2" in changed["html"]) == (None, "1 < 2", True)
    assert reworded(version, {"text": "new", "html": "<p>mine</p>"})["html"] == "<p>mine</p>"
    assert unknown_places("{{first_name}} {{salary}} {{ salary }} {{full_name}}") == ["salary"]


def test_expectations_begin_as_assumptions_and_become_history() -> None:
    nothing, much = expect(Reached()), expect(Reached(delivered=2_000, replied=500, meetings=240))
    assert (nothing.response_rate.basis, nothing.roi.basis, nothing.roi.cases) == (Basis.PRIOR, Basis.PRIOR, 0)
    assert round(nothing.response_rate.value, 4) == 0.08
    assert (much.response_rate.basis, much.response_rate.cases) == (Basis.HISTORY, 2_000)
    assert abs(much.response_rate.value - 0.25) < 0.005
    # What a campaign earns stays an assumption.
    assert much.roi.basis is Basis.BLENDED
    # So one meeting of few messages does not multiply it, and no history more than doubles it.
    one = expect(Reached(delivered=4, replied=1, meetings=1))
    assert nothing.roi.value == pytest.approx(3)
    assert 3 < one.roi.value < 3.4
    assert 0.03 < one.meeting_conversion.value < 0.06
    assert much.roi.value == 6
    none = expect(Reached(delivered=3_000))
    assert 0 < none.roi.value < 0.5
    for each in (nothing.response_rate, nothing.meeting_conversion, nothing.roi, much.meeting_conversion, much.roi):
        assert 0 <= each.low < each.value < each.high
