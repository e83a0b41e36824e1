"""What is told of a text: how it reads, what filters look for, what is unfounded in it, and what to expect of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.channels import Channel
from domain.intelligence import copy_advice
from domain.intelligence.copy import CopyWanted, Draft
from domain.intelligence.copy_checks import reading_ease, spam_words, syllables, unfounded
from domain.intelligence.copy_facts import CopyFact, FactKind
from domain.intelligence.copy_scores import WEIGHTS, MailHistory, appraise, personalization, predict
from domain.levels import Basis

NAMED = CopyFact("first_name", "Sarah", "persona_1", FactKind.PERSON)
PAIN = CopyFact("pain_point", "Costs", "pain_1", FactKind.PAIN_POINT)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cat", 1),
        ("scale", 1),
        ("table", 2),
        ("tables", 2),
        ("boxes", 2),
        ("names", 1),
        ("needed", 2),
        ("asked", 1),
        ("free", 1),
        ("readability", 5),
        ("2024", 1),
        ("company's", 3),
    ],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_reading_ease_is_flesch_s() -> None:
    # 6 words, 6 syllables, 1 sentence: 206.835 - 1.015 * 6 - 84.6.
    assert reading_ease("The cat sat on the mat.") == pytest.approx(116.145)
    # 12 words and 12 syllables in two sentences come to the same.
    assert reading_ease("The cat sat on the mat. The dog ran to the man") == pytest.approx(116.145)
    hard = reading_ease("Organizational interdependencies necessitate comprehensive infrastructural considerations.")
    assert hard is not None
    assert hard < 0
    assert reading_ease(" ... ") is None


def test_words_that_filters_look_for_are_found_whole_and_once() -> None:
    assert spam_words("ACT NOW!! Really, act  now: it's risk-free, once in a\nlifetime.") == [
        "act now",
        "risk-free",
        "once in a lifetime",
    ]
    assert spam_words("The cheapest prizefighter acts nowhere.") == []


def test_what_no_source_says_is_unfounded() -> None:
    draft = "Hi Sarah, AWS costs growing 300%. Would you have 20 minutes?"
    assert unfounded("Hello Sarah, would 20 minutes suit you? Your AWS costs are growing 300%.", [draft]) == []
    for text, wrong in (
        ("We cut costs by 45%.", ["45"]),
        ("Globex uses it.", ["Globex"]),
        ("Then ask Globex.", ["Globex"]),
        ("Our customers love it.", ["customers"]),
        ("Costs were halved.", ["halved"]),
        ("See www.globex.com", ["www.globex.com"]),
        ("It is a proven way, says Ann.", ["proven", "Ann"]),
        ("I think so.", []),
        ("Then ask Özil, or 华为.", ["Özil", "华为"]),
        ("Your funding and your lawsuit were in the news.", ["funding", "lawsuit"]),
    ):
        assert unfounded(text, [draft]) == wrong, text


def test_the_more_is_known_the_more_personal_and_what_is_assumed_counts_half() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert personalization([]) == 0
    assert personalization([NAMED, NAMED]) == WEIGHTS[FactKind.PERSON]
    known, assumed = personalization([NAMED, PAIN]), personalization([NAMED, replace(PAIN, assumed=True)])
    assert known - assumed == pytest.approx(WEIGHTS[FactKind.PAIN_POINT] / 2)


def test_expectations_begin_as_assumptions_and_give_way_to_the_own_history() -> None:
    prior = predict(Channel.EMAIL, "schedule_demo", 0.5, MailHistory())
    assert (prior.basis, prior.cases) == (Basis.PRIOR, 0)
    assert prior.value == pytest.approx(0.08 * 0.9)
    assert prior.low < prior.value < prior.high
    seen = predict(Channel.EMAIL, "schedule_demo", 0.5, MailHistory(1000, 300))
    assert (seen.basis, seen.cases) == (Basis.HISTORY, 1000)
    assert seen.value == pytest.approx(0.3, abs=0.01)
    assert seen.high - seen.low < prior.high - prior.low
    assert (
        predict(Channel.EMAIL, None, 0.9, MailHistory()).value > predict(Channel.EMAIL, None, 0.1, MailHistory()).value
    )
    # What came back by e-mail tells nothing of letters.
    assert predict(Channel.DIRECT_MAIL, None, 0.5, MailHistory(1000, 300)).basis is Basis.PRIOR


def test_strengths_and_what_to_mend_come_from_the_checks() -> None:
    wanted = CopyWanted(channel=Channel.EMAIL)
    good = appraise(
        Draft("x", (NAMED, PAIN), subject="Costs", text="Hi Sarah, how do you see it?"), wanted, MailHistory()
    )
    assert {"Personal reference", "Specific pain point", "Short subject line"} <= set(good.strengths)
    assert "Name the reader" not in good.optimizations
    bad = appraise(Draft("x", (replace(PAIN, assumed=True),), subject="s" * 80, text="Act now."), wanted, MailHistory())
    assert bad.optimizations[0] == "Replace words that mail filters look for: act now"
    assert {"Shorten the subject line", "Name the reader"} <= set(bad.optimizations)
    assert "Specific pain point" not in bad.strengths
    assert copy_advice.best([bad, good]) == 1
    assert copy_advice.optimizations([bad, bad, good])[0] in bad.optimizations


def test_timing_is_the_usual_one_until_a_day_and_an_hour_stand_out() -> None:
    assert copy_advice.timing(Channel.EMAIL, []) == "Tuesday 10:30 AM UTC"
    thursday = datetime(2024, 1, 18, 15, 10, tzinfo=UTC)
    assert copy_advice.timing(Channel.EMAIL, [thursday] * 19) == "Tuesday 10:30 AM UTC"
    assert copy_advice.timing(Channel.LINKEDIN, [thursday] * 30) == "Thursday 3:30 PM UTC"
    assert copy_advice.timing(Channel.EMAIL, [], "Mondays, 9 AM PST") == "Mondays, 9 AM PST"
    assert copy_advice.timing(Channel.EMAIL, [thursday] * 30, "Mondays") == "Thursday 3:30 PM UTC"
    even = [thursday + timedelta(days=number, hours=number) for number in range(7 * 24)]
    assert copy_advice.timing(Channel.EMAIL, even) == "Tuesday 10:30 AM UTC"
    # Of hours that are all alike, one is busier than its share nearly always.
    busy = [thursday + timedelta(days=day, hours=day) for day in range(24 * 7)] + [thursday] * 5
    assert copy_advice.timing(Channel.EMAIL, busy) == "Tuesday 10:30 AM UTC"
    assert copy_advice.follow_up([Channel.EMAIL]) == "Send a second email 4 days after the first if there is no reply"
    assert copy_advice.follow_up([Channel.LINKEDIN, Channel.PHONE]) == "Make call 2 days after LinkedIn message"
