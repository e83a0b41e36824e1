"""The schedule of campaigns for one company: the documented one to the letter, and what holds for every other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.abm import ItemStatus
from domain.abm_plan import WeekPlan, end_of, schedule, standing, weeks_of
from domain.abm_rules import TRIGGERS, delay_seconds, delay_text, reactions
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.errors import DomainError

EMAIL, LINKEDIN, WEBSITE, LETTER, PHONE = list(Channel)[:5]
START = date(2024, 1, 22)
DOCUMENTED = {
    1: WeekPlan(1, "Introduction & Value", (EMAIL, LINKEDIN), ("insight_email", "connection_request")),
    2: WeekPlan(2, "Social", (EMAIL, LINKEDIN, WEBSITE), ("case_study_email", "social_proof_post", "landing_page")),
    3: WeekPlan(3, "Human", (EMAIL, LINKEDIN, LETTER), ("personal_story_email", "engagement_post", "physical_mail")),
    4: WeekPlan(4, "Demo", (EMAIL, LINKEDIN, PHONE), ("demo_request_email", "social_proof_post", "call_script")),
}


def test_the_documented_campaign_is_planned_as_printed() -> None:
    planned = schedule(START, 4, "weekly", [EMAIL, LINKEDIN, WEBSITE, LETTER], DOCUMENTED)
    assert [(each.local_id, each.type, f"{each.send_time:%m-%d %H:%M}") for each in planned] == [
        ("cnt_week1_email", "email", "01-22 10:30"),
        ("cnt_week1_linkedin", "linkedin_connection", "01-22 14:00"),
        ("cnt_week2_email", "email", "01-29 10:30"),
        ("cnt_week2_linkedin", "social_proof_post", "01-29 14:00"),
        ("cnt_week2_website", "landing_page", "01-29 15:00"),
        ("cnt_week3_email", "email", "02-05 10:30"),
        ("cnt_week3_linkedin", "engagement_post", "02-05 14:00"),
        ("cnt_week3_direct_mail", "physical_mail", "02-05 15:30"),
        ("cnt_week4_email", "email", "02-12 10:30"),
        ("cnt_week4_linkedin", "social_proof_post", "02-12 14:00"),
        ("cnt_week4_phone", "call_script", "02-12 16:00"),
    ]
    assert end_of(START, 4) == datetime(2024, 2, 19, 23, 59, 59, tzinfo=UTC)


def test_channels_without_a_kind_of_content_get_one_and_the_same_channel_is_numbered() -> None:
    plans = {
        1: WeekPlan(1, None, (EMAIL, PHONE), ("insight_email", "pricing_email", "webinar")),
        2: WeekPlan(2, None, (), None),
    }
    planned = schedule(START, 3, "weekly", [LINKEDIN], plans)
    assert [(each.local_id, each.content_type) for each in planned] == [
        ("cnt_week1_email", "insight_email"),
        ("cnt_week1_email_2", "pricing_email"),
        # Its name tells no channel, and no third one was named beside it.
        ("cnt_week1_other", "webinar"),
        ("cnt_week1_phone", "call_script"),
        # Week 2 is quiet, and nothing was said of week 3.
        ("cnt_week3_linkedin", "social_proof_post"),
    ]


@given(
    weeks=st.integers(1, 60),
    frequency=st.sampled_from(["weekly", "biweekly"]),
    channels=st.lists(st.sampled_from(Channel), min_size=1, unique=True),
    types=st.lists(st.sampled_from(["insight_email", "connection_request", "landing_page", "x"]), max_size=5),
)
def test_any_schedule_has_its_weeks_in_order_and_every_id_once(weeks, frequency, channels, types) -> None:
    last = weeks_of(weeks, frequency)[-1]
    planned = schedule(START, weeks, frequency, channels, {last: WeekPlan(last, None, None, tuple(types) or None)})
    assert len({each.local_id for each in planned}) == len(planned)
    assert [each.position for each in planned] == list(range(1, len(planned) + 1))
    assert list(dict.fromkeys(each.week for each in planned)) == list(weeks_of(weeks, frequency))
    for each in planned:
        assert each.date == START + timedelta(weeks=each.week - 1) == each.send_time.date()
        assert each.send_time < end_of(START, weeks)
        assert each.local_id.startswith(f"cnt_week{each.week}_{each.channel.lower()}")


def test_what_is_lately_past_leaves_at_once_and_what_is_long_past_never() -> None:
    now = datetime(2024, 1, 22, 12, tzinfo=UTC)
    late, old = now - timedelta(hours=23, minutes=59), now - timedelta(days=1)
    assert (standing(late, now).status, standing(late, now).due_at) == (ItemStatus.SCHEDULED, late)
    assert (standing(old, now).status, standing(old, now).due_at) == (ItemStatus.SKIPPED, None)


def test_triggers_become_the_documented_rules() -> None:
    rules = [
        (trigger, rule.action, delay_text(int(rule.delay.total_seconds()))) for trigger, rule in reactions(TRIGGERS)
    ]
    assert rules == [
        ("EMAIL_OPEN", "SEND_LINKEDIN_CONNECTION", "2 hours"),
        ("LINK_CLICK", "SEND_FOLLOW_UP_EMAIL", "1 hour"),
    ]
    assert reactions([EngagementType.RESPONSE_RECEIVED, EngagementType.BOUNCE]) == []


@given(seconds=st.integers(0, 90 * 86_400))
def test_a_delay_is_read_as_it_is_written(seconds) -> None:
    assert delay_seconds("delay", delay_text(seconds)) == seconds


def test_delays_that_are_no_delays_are_refused_by_the_name_of_the_field() -> None:
    assert (delay_seconds("d", " 1 Hour "), delay_seconds("d", "3days")) == (3600, 259_200)
    for text in ("", "soon", "-1 hour", "2 fortnights", "91 days", "1.5 hours"):
        with pytest.raises(DomainError) as refused:
            delay_seconds("delay", text)
        assert refused.value.field == "delay"
