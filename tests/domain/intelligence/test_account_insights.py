"""Insights into companies: engagement over time, preferences, chances, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.abm import ItemStatus
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.estimates import Estimate
from domain.intelligence import account_engagement as engagement
from domain.intelligence import account_insights as insights
from domain.intelligence import account_preferences as preferences
from domain.intelligence.account_advice import Findings, advice, next_action
from domain.intelligence.account_engagement import Hour, Peak, Trend
from domain.intelligence.account_insights import Evidence, Person, Research, Tally
from domain.intelligence.account_preferences import Response, Sent
from domain.intelligence.variant_tests import Messages
from domain.levels import Basis, Level

# A Monday.
NOW = datetime(2024, 1, 22, 12, tzinfo=UTC)


def hour(days: float, events: int = 1, score: float = 1.0) -> Hour:
    return Hour(NOW - timedelta(days=days), events, score)


def test_the_score_is_half_at_two_fresh_points_and_halves_its_interest_in_thirty_days() -> None:
    assert engagement.overall_score([], NOW) == 0
    assert engagement.overall_score([hour(0, score=2.0)], NOW) == pytest.approx(0.5)
    # 2 * .5 / (2 * .5 + 2)
    assert engagement.overall_score([hour(30, score=2.0)], NOW) == pytest.approx(1 / 3)


@given(st.lists(st.tuples(st.floats(0, 180), st.integers(1, 500), st.floats(0, 500)), max_size=30))
def test_scores_trends_and_peaks_stay_in_bounds(seen: list[tuple[float, int, float]]) -> None:
    hours = [hour(days, events, min(score, events)) for days, events, score in seen]
    assert 0 <= engagement.overall_score(hours, NOW) < 1
    heading = engagement.trend(hours, NOW)
    assert heading.word in ("increasing", "stable", "decreasing")
    assert heading.change >= -1
    assert all(0 < each.part <= 1 for each in engagement.peak_days(hours) + engagement.peak_hours(hours))


def test_a_trend_needs_enough_events_and_a_change_beyond_chance() -> None:
    assert engagement.trend([hour(1, 12, 6), hour(40, 4, 2)], NOW) == Trend("stable", 0.0)
    # z = (40 - 20) / sqrt(60) = 2.58
    assert engagement.trend([hour(1, 40, 20), hour(40, 20, 10)], NOW) == Trend("increasing", pytest.approx(1.0))
    assert engagement.trend([hour(1, 20, 10), hour(40, 40, 20)], NOW) == Trend("decreasing", pytest.approx(-0.5))
    # z = 4 / sqrt(44) = .6
    assert engagement.trend([hour(1, 24, 12), hour(40, 20, 10)], NOW) == Trend("stable", pytest.approx(0.2))
    assert engagement.trend([hour(1, 30, 10)], NOW) == Trend("increasing", 1.0, began=True)


def test_peaks_stand_out_of_an_even_spread_or_are_not_told() -> None:
    tuesday = datetime(2024, 1, 16, 10, tzinfo=UTC)
    few = [Hour(tuesday, 19, 5)]
    assert (engagement.peak_days(few), engagement.peak_hours(few)) == ([], [])
    even = [Hour(tuesday + timedelta(days=day), 10, 3) for day in range(7)]
    assert engagement.peak_days(even) == []
    assert engagement.peak_hours(even) == [Peak(10, 1.0)]
    assert engagement.peak_days([*even, Hour(tuesday, 30, 9)]) == [Peak(1, pytest.approx(0.4))]
    # One hour in 24 is this busy by accident in nearly every company whose hours are all alike.
    spread = [Hour(tuesday.replace(hour=each), 4, 1) for each in range(24)] + [Hour(tuesday, 5, 1)]
    assert engagement.peak_hours(spread) == []
    assert engagement.peak_hours([*spread, Hour(tuesday, 6, 1)]) == [Peak(10, pytest.approx(15 / 107))]
    assert (engagement.span(10), engagement.span(23)) == ("10:00-11:00", "23:00-00:00")


def piece(id: str, channel: Channel = Channel.EMAIL, kind: str = "insight_email", **values: object) -> Sent:
    given = {"status": ItemStatus.SENT, "words": 90.0, "tone": None, "messages": Messages()} | values
    return Sent(id, channel, kind, **given)  # type: ignore[arg-type]


def response(
    item: str | None,
    count: int,
    score: float,
    channel: Channel = Channel.EMAIL,
    kind: EngagementType = EngagementType.EMAIL_OPEN,
) -> Response:
    return Response(item, channel, kind, count, score)


def test_preferences_are_scores_per_piece_that_was_done() -> None:
    sent = [
        piece("1"),
        piece("2"),
        piece("3", kind="technical_case_study"),
        piece("4", Channel.LINKEDIN, "connection_request", status=ItemStatus.ASSIGNED),
        piece("5", kind="technical_case_study", status=ItemStatus.SCHEDULED),
    ]
    seen = [response("1", 2, 0.6), response("3", 4, 2.0), response(None, 1, 1.0, Channel.LINKEDIN)]
    assert preferences.channels(sent, seen[:1]) == []
    by_channel = preferences.channels(sent, seen)
    assert [(each.name, each.score, each.pieces) for each in by_channel] == [
        ("LINKEDIN", 1.0, 1),
        ("EMAIL", pytest.approx(2.6 / 3), 3),
    ]
    by_kind = preferences.content_types(sent, seen)
    assert [(each.name, each.score) for each in by_kind] == [("technical_case_study", 2.0), ("insight_email", 0.3)]


def test_what_says_nothing_of_a_piece_moves_no_preference() -> None:
    sent = [piece("1"), piece("2", Channel.LINKEDIN, "connection_request", status=ItemStatus.ASSIGNED)]
    seen = [response("1", 3, 0.9), response("2", 3, 2.1, Channel.LINKEDIN)]
    alone = preferences.channels(sent, seen)
    assert [each.name for each in alone] == ["LINKEDIN", "EMAIL"]
    mail_of_people = response(None, 50, 15.0)
    meetings = response(None, 5, 4.25, Channel.OTHER, EngagementType.MEETING_SCHEDULED)
    assert preferences.channels(sent, [*seen, mail_of_people, meetings]) == alone
    # Calls came without any having been planned: known, and not comparable with what was.
    called = preferences.channels(sent, [*seen, response(None, 9, 8.1, Channel.PHONE)])
    assert [each.name for each in called] == ["LINKEDIN", "EMAIL", "PHONE"]
    assert called[0].usual == alone[0].usual
    back = response("1", 4, 0.0, kind=EngagementType.BOUNCE)
    assert preferences.channels(sent, [response("1", 1, 0.3), back]) == []
    assert preferences.content_types(sent, [response("1", 1, 0.3), back]) == []


def test_lengths_and_tones_are_preferred_beyond_chance_alone() -> None:
    short = piece("1", words=120.0, tone="technical", messages=Messages(200, 200, 0, 0, 50))
    long = piece("2", words=450.0, tone="formal", messages=Messages(200, 200, 0, 0, 20))
    assert preferences.length([short, long]) == "Short (under 200 words)"
    assert preferences.tone([short, long]) == "technical"
    assert preferences.length([short]) is None
    assert preferences.length_of(200) == "Medium (200-400 words)"
    few = piece("3", words=120.0, messages=Messages(20, 20, 0, 0, 15))
    assert preferences.length([few, long]) is None


def test_chances_are_drawn_towards_the_organization() -> None:
    nobody = insights.response_likelihood(Evidence())
    assert (nobody.value, nobody.basis, nobody.cases) == (pytest.approx(0.08), Basis.PRIOR, 0)
    known = Evidence(mail=Tally(4, 10), mail_of_others=Tally(10, 100), leads={"WON": 1}, decided_by_all=Tally(4, 11))
    # Elsewhere 10 of 100: (.8 + 10) / 110 weighs ten cases beside 4 of 10.
    found = insights.response_likelihood(known)
    assert found.value == pytest.approx((10 * 10.8 / 110 + 4) / 20)
    assert found.low < found.value < found.high
    # Elsewhere 3 of 10: (2 + 3) / 20 weighs ten cases beside 1 of 1.
    assert insights.conversion_probability(known).value == pytest.approx((2.5 + 1) / 11)
    learnt = Estimate(0.4, 0.3, 0.5, Basis.HISTORY, 300)
    assert insights.conversion_probability(replace(known, learnt=learnt)) is learnt


def test_decisions_take_what_the_middle_half_took() -> None:
    assert insights.decision_timeline([10, 20, 30, 40]) is None
    assert insights.decision_timeline([14, 14, 21, 28, 28]) == "2-4 weeks"
    assert insights.decision_timeline([1, 2, 3, 4, 5]) == "2-4 days"
    assert insights.decision_timeline([21] * 5) == "3 weeks"


def test_without_evidence_nothing_is_claimed() -> None:
    nothing = Evidence()
    preferred = insights.preferred(nothing)
    assert (preferred.channels, preferred.content_types) == ([], [])
    assert preferred.assumed == ["optimalContentLength", "preferredTone"]
    assert insights.influence_factors(nothing) == []
    assert insights.objection_patterns(nothing) == []
    assert insights.risk_factors(nothing, engagement.STABLE) == []
    assert insights.success_factors(nothing, engagement.STABLE) == []
    assert insights.timing([], [], []) == ("Tuesday 10:30 AM UTC", True)


KNOWN = Evidence(
    responses=[Response("1", Channel.EMAIL, EngagementType.MEETING_COMPLETED, 2, 1.8)],
    last={EngagementType.RESPONSE_RECEIVED: NOW - timedelta(days=2), EngagementType.LINK_CLICK: NOW},
    mail=Tally(3, 20),
    leads={"LOST": 2, "WON": 1},
    feedback={("BUG_REPORT", "NEGATIVE"): 2, ("GENERAL", "POSITIVE"): 1},
    research=Research(
        [("cloud_costs", Level.MEDIUM), ("security", Level.CRITICAL)], ["migration"], [("Northwind", "current vendor")]
    ),
    people=[
        Person("Ann", 0.4, ["hiring"], ["EMAIL"], None, "Friendly"),
        Person("Bob", 0.9, ["security"], ["LINKEDIN"], "Mornings", "Technical"),
    ],
    contacts=2,
    reachable=2,
    law=1,
    campaigns=1,
)


def test_what_is_told_stands_on_evidence() -> None:
    falling = Trend("decreasing", -0.4)
    assert insights.influence_factors(KNOWN) == ["Security", "Cloud costs", "Hiring"]
    assert insights.objection_patterns(KNOWN) == [
        "2 leads lost before",
        "Bug report: 2 displeased pieces of feedback",
        "Vendor evaluation: Northwind",
    ]
    assert insights.risk_factors(KNOWN, falling) == [
        "Engagement has fallen by 40% against the month before",
        "More leads were lost (2) than won (1)",
        "2 of 3 pieces of feedback are displeased",
        "Competitor: Northwind (current vendor)",
        "1 open compliance item of high risk where the company is",
    ]
    assert insights.success_factors(KNOWN, Trend("stable", 0.0)) == [
        "2 meetings",
        "3 of 20 messages were answered",
        "1 lead won before",
        "Migration",
    ]
    preferred = insights.preferred(KNOWN)
    assert (preferred.channels, preferred.tone) == ([Channel.LINKEDIN, Channel.EMAIL], "Technical")
    assert insights.timing([], [], KNOWN.people) == ("Mornings", True)
    assert insights.timing([Peak(3, 0.5)], [Peak(14, 0.3)], KNOWN.people) == ("Thursday 2:30 PM UTC", False)


def test_the_next_action_answers_first_and_advice_is_ordered() -> None:
    found = Findings(
        Trend("decreasing", -0.4), [Peak(1, 0.4)], [Peak(10, 0.5)], insights.preferred(KNOWN), "Tuesday 10:30 AM UTC"
    )
    assert next_action(KNOWN, found, NOW) == "Answer the last reply and offer a meeting"
    given = advice(KNOWN, found, NOW)
    assert [(each.type, each.priority) for each in given] == [
        ("follow_up", Level.CRITICAL),
        ("attention", Level.HIGH),
        ("timing", Level.MEDIUM),
    ]
    assert given[0].expected_impact.startswith("Somebody replied on 2024-01-20")
    assert given[2].expected_impact == (
        "40% of the engagement falls on a Tuesday (even: 14%), 50% of it between 10:00 and 11:00 UTC"
    )
    unknown = Findings(engagement.STABLE, [], [], insights.preferred(Evidence()), "")
    assert next_action(Evidence(), unknown, NOW) == "Add somebody with an e-mail address"
    assert next_action(Evidence(contacts=1), unknown, NOW) == "Find another way to somebody there"
    assert next_action(Evidence(contacts=1, reachable=1), unknown, NOW) == "Start a first campaign"
