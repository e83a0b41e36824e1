"""Statuses and what follows from them, and how names and numbers are compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads import LeadStatus, digits_of, status_of
from tests.factories.leads import lead_row

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "status", "written"),
    [
        ("NEW", LeadStatus.NEW, "new"),
        ("Qualified", LeadStatus.QUALIFIED, "qualified"),
        ("won", LeadStatus.WON, "WON"),
        (" lost ", LeadStatus.LOST, "LOST"),
        ("Follow-Up", LeadStatus.OTHER, "Follow-Up"),
        ("other", LeadStatus.OTHER, "other"),
    ],
)
def test_known_words_are_written_as_printed_and_others_as_given(word: str, status: LeadStatus, written: str) -> None:
    assert status_of(word) == (status, written)


@given(st.sampled_from(["new", "qualified", "WON", "LOST"]), st.data())
def test_a_known_word_is_known_in_any_case(word: str, data: st.DataObject) -> None:
    spelled = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in word)
    assert status_of(spelled)[1] == word


def test_a_lead_is_converted_while_it_is_won() -> None:
    lead = lead_row("org_1", NOON)
    assert lead.take_status(*status_of("WON"), NOON)
    assert lead.converted_at == NOON
    assert not lead.take_status(*status_of("won"), NOON + timedelta(days=1))
    assert lead.converted_at == NOON
    assert lead.take_status(*status_of("qualified"), NOON + timedelta(days=2))
    assert lead.converted_at is None
    assert (lead.status, lead.status_text, lead.status_key) == (LeadStatus.QUALIFIED, "qualified", "qualified")


def test_an_own_word_can_be_spelled_anew() -> None:
    lead = lead_row("org_1", NOON, status="nurturing")
    assert lead.take_status(*status_of("Nurturing"), NOON)
    assert (lead.status_text, lead.status_key) == ("Nurturing", "nurturing")


@pytest.mark.parametrize(
    ("phone", "digits"), [("+1 (555) 123-4567", "15551234567"), (None, None), ("", None), ("abc", "")]
)
def test_only_digits_of_a_number_are_compared(phone: str | None, digits: str | None) -> None:
    assert digits_of(phone) == digits


def test_search_words_hold_names_address_and_number_in_lower_case() -> None:
    lead = lead_row("org_1", NOON, first_name="Ann", last_name="LEE", email="Ann@Example.com", phone="555 123 4567")
    assert lead.search_text == "ann lee\nann@example.com\n555 123 4567"
    assert lead.phone_digits == "5551234567"
