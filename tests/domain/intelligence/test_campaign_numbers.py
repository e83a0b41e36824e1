"""Numbers of campaigns for one company: rates, comparisons, outlooks, opportunities and versions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.abm import ItemStatus
from domain.channels import Channel
from domain.estimates import Estimate
from domain.intelligence.campaign_opportunities import Piece, opportunities
from domain.intelligence.campaign_performance import (
    Counts,
    capped,
    described,
    engaged,
    final,
    outlook,
    rates,
    within,
)
from domain.intelligence.campaign_priors import RESPONSE, WON_FROM_MAIL, Prior
from domain.intelligence.variant_tests import Messages, compared
from domain.levels import Basis, Level

# The numbers CopyCar prints.
PRINTED = Counts(28, 27, 19, 12, 8, 5, 4, 2, 40, 34.8)


def test_rates_are_the_printed_ones() -> None:
    percent = {name: round(value * 100, 1) for name, value in rates(PRINTED).items()}
    # Not 14.8, which is printed for conversions: that is meetings completed (CC-12).
    assert percent == {
        "delivery_rate": 96.4,
        "open_rate": 70.4,
        "click_rate": 44.4,
        "reply_rate": 29.6,
        "meeting_rate": 18.5,
        "conversion_rate": 7.4,
    }
    assert PRINTED.engagement == pytest.approx(0.87)
    assert set(rates(Counts()).values()) == {0.0}


def test_rates_never_exceed_one_and_say_so() -> None:
    odd = Counts(emails_sent=2, emails_delivered=1, emails_opened=3)
    assert rates(odd)["open_rate"] == 1.0
    assert capped(odd) == ["There are more emails opened (3) than emails delivered (1): the open rate is told as 1."]
    assert capped(odd)[0] in described(odd, [])


def test_a_day_without_anything_is_left_out() -> None:
    days = {date(2024, 1, 22 + n): Counts(emails_sent=n) for n in range(4)}
    assert list(within(days, date(2024, 1, 20), date(2024, 1, 24))) == [date(2024, 1, 23), date(2024, 1, 24)]


def test_accounts_are_engaged_by_their_mean_score() -> None:
    assert [engaged(score) for score in (0.6, 0.59, 0.35, 0.3)] == [Level.HIGH, Level.MEDIUM, Level.MEDIUM, Level.LOW]


def test_the_analysis_compares_with_others_and_says_how_sure_that_is() -> None:
    assert described(Counts(emails_sent=3), []) == "No message has been delivered in this period yet."
    alone = described(PRINTED, [Counts(emails_delivered=9)])
    assert alone.startswith("8 of 27 delivered messages were replied to (29.6%); there is no other campaign")
    assert "a first impression" in alone
    others = [Counts(emails_delivered=100, emails_replied=10), Counts(emails_delivered=50, emails_replied=10)]
    # 20 of 150: the larger one counts for more.
    assert "16.3 points above 2 other campaigns together (13.3%). That is too little mail" in described(PRINTED, others)
    large = Counts(emails_sent=300, emails_delivered=300, emails_replied=90)
    assert "16.7 points above 2 other campaigns together (13.3%). That is more than chance (p < 0.001)." in (
        described(large, others)
    )
    # Above the mean of their rates (6.7 %), and clearly below what all of their mail has reached.
    uneven = [Counts(emails_delivered=1000, emails_replied=200), *[Counts(emails_delivered=10)] * 2]
    assert "9.6 points below 3 other campaigns together (19.6%). That is more than chance" in described(
        Counts(emails_sent=200, emails_delivered=200, emails_replied=20), uneven
    )


def test_the_outlook_begins_as_an_assumption_and_ends_as_what_was_seen() -> None:
    begun = outlook(Counts(), 40, RESPONSE, WON_FROM_MAIL)
    assert (begun.final_response_rate.value, begun.final_response_rate.basis) == (pytest.approx(0.08), Basis.PRIOR)
    assert begun.confidence == 0
    # 27 of 54 are still to come: (8 + 27 * (0.8 + 8) / (10 + 27)) / 54.
    half = outlook(PRINTED, 27, RESPONSE, WON_FROM_MAIL)
    assert half.final_response_rate.value == pytest.approx((8 + 27 * 8.8 / 37) / 54)
    p, m, n = 8.8 / 37, 27, 37
    deviation = math.sqrt(m * p * (1 - p) * (n + m) / (n + 1)) / 54
    assert half.final_response_rate.high - half.final_response_rate.value == pytest.approx(1.2816 * deviation)
    assert 0 < half.confidence < 1
    assert (half.final_response_rate.basis, half.final_response_rate.cases) == (Basis.BLENDED, 27)
    over = outlook(PRINTED, 0, RESPONSE, WON_FROM_MAIL)
    assert (over.final_response_rate.value, over.confidence) == (pytest.approx(8 / 27), 1)
    assert over.final_conversion_rate.value == pytest.approx(2 / 27)


def test_an_assumption_is_drawn_towards_other_campaigns() -> None:
    # Of an organization whose every message was answered, too, the number lies within its interval.
    all_answered = RESPONSE.shrunk_to(10_000, 10_000).expected(5, 5)
    assert all_answered.low <= all_answered.value <= all_answered.high <= 1
    drawn = RESPONSE.shrunk_to(40, 90)
    assert drawn.rate == pytest.approx((0.8 + 40) / 100)
    assert drawn.expected(0, 0).basis is Basis.BLENDED
    assert drawn.expected(0, 300).basis is Basis.HISTORY


@given(st.floats(0.02, 0.9), st.integers(0, 1000), st.integers(0, 10**5), st.integers(0, 50), st.integers(0, 1000))
def test_what_is_expected_lies_within_its_interval(
    rate: float, hits: int, misses: int, own_hits: int, own_misses: int
) -> None:
    drawn = Prior(rate, max(10, 0.8 / rate)).shrunk_to(hits, hits + misses)
    found = drawn.expected(own_hits, own_hits + own_misses)
    assert found.low < found.value < found.high
    # No surer than all that is in it.
    assert drawn.weight <= max(10, 0.8 / rate) + hits + misses


counts = st.builds(
    Counts,
    *([st.integers(-5, 10**6)] * 9),
    st.floats(0, 1e6, allow_nan=False),
)


@given(counts, st.lists(counts, max_size=4), st.floats(0, 1e6))
def test_no_numbers_break_the_bounds(own: Counts, others: list[Counts], remaining: float) -> None:
    assert all(0 <= value <= 1 for value in rates(own).values())
    found = outlook(own, remaining, RESPONSE.shrunk_to(own.emails_replied, own.emails_delivered), WON_FROM_MAIL)
    for estimate in (found.final_response_rate, found.final_conversion_rate):
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert 0 <= found.confidence <= 1
    assert "nan" not in described(own, others)
    assert isinstance(opportunities([], own, others), list)


@given(st.floats(0, 1), st.integers(0, 100), st.integers(0, 100), st.floats(0, 100))
def test_final_rates_lie_between_what_is_certain(rate: float, hits: int, misses: int, remaining: float) -> None:
    found: Estimate = final(hits, hits + misses, remaining, Prior(rate))
    whole = hits + misses + remaining
    assert found.low <= found.value <= found.high
    if whole:
        assert found.low >= hits / whole - 1e-9
        assert found.high <= (hits + remaining) / whole + 1e-9


def messages(delivered: int, replied: int = 0, clicked: int = 0, opened: int = 0) -> Messages:
    return Messages(delivered, delivered, opened, clicked, replied)


def test_a_version_wins_only_beyond_chance() -> None:
    small = compared({"A": messages(10, 9), "B": messages(10, 1)})
    assert (small.winner, small.tests) == (None, ())
    assert small.warning is not None
    assert small.warning.startswith("The sample is small: 10 messages")

    even = compared({"A": messages(200, 20, 60, 100), "B": messages(200, 22, 61, 98)})
    assert (even.winner, even.warning) == (None, "No difference beyond chance yet.")
    assert [each.measure for each in even.tests] == ["REPLIES", "CLICKS", "OPENS"]

    clear = compared({"A": messages(200, 20, 60, 100), "B": messages(200, 50, 61, 98)})
    assert (clear.winner, clear.measure, clear.warning) == ("B", "REPLIES", None)
    (test, *_) = clear.tests
    assert (test.better, test.other, test.difference) == ("B", "A", pytest.approx(0.15))
    # Pooled z = .15 / sqrt(.175 * .825 * 2 / 200) = 3.948; Newcombe's bounds by hand; Holm for three measures.
    assert test.p == pytest.approx(3 * math.erfc(3.94770 / math.sqrt(2)), rel=1e-3)
    assert (round(test.low, 3), round(test.high, 3)) == (0.076, 0.223)

    assert compared({"A": messages(500, 100)}).warning == "There is only one version: nothing is compared."


def piece(
    number: int,
    variants: Mapping[str, Messages] | None = None,
    *,
    channel: Channel = Channel.EMAIL,
    status: ItemStatus = ItemStatus.SENT,
    day: int = 1,
    heard: bool = True,
    note: str | None = None,
) -> Piece:
    at = datetime(2024, 1, day, 10, 30, tzinfo=UTC)
    return Piece(f"item_{number}", f"cnt_{number}", channel, status, at, heard, note, variants or {})


def test_opportunities_need_evidence() -> None:
    quiet = [piece(n, {"": messages(20, opened=10)}, day=n) for n in range(1, 5)]
    assert opportunities(quiet, Counts(80, 80, 40), []) == []

    monday, tuesday = piece(1, {"": messages(100, opened=30)}, day=1), piece(2, {"": messages(100, opened=60)}, day=2)
    calls = [piece(n, channel=Channel.PHONE, status=ItemStatus.ASSIGNED, heard=False) for n in (3, 4, 5)]
    skipped = piece(6, status=ItemStatus.SKIPPED, note="Nobody can be reached.")
    found = opportunities([monday, tuesday, *calls, skipped], Counts(220, 200, 90), [])
    assert found[0].startswith("Send more on Tuesday: 60.0% of what was sent then was opened, 30.0% of the rest")
    assert found[1:] == [
        "Nothing came back from 3 pieces by the telephone: note what happens there, or use e-mail, which is answered.",
        "Check the addresses: 20 of 220 messages were not delivered (9.1%).",
        "1 planned piece was left out, cnt_6: Nobody can be reached.",
    ]


def test_opportunities_name_winning_versions_and_rates_behind_others() -> None:
    varied = piece(1, {"A": messages(200, 20), "B": messages(200, 50)})
    found = opportunities([varied], Counts(400, 400, 40, 0, 70), [Counts(400, 400, 200, 0, 75)])
    assert [each.partition(":")[0] for each in found] == [
        "Send version B of the campaign to everybody",
        "Send version B of cnt_1 to everybody",
        "Try other subject lines",
    ]
