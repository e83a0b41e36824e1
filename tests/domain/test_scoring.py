"""The points rule: pure, bounded, and never lower for knowing more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads import InsuranceType
from domain.scoring import given_score, score


@dataclass(frozen=True)
class Known:
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    state: str | None = None
    insurance_type: InsuranceType | None = None
    tags: list[str] = field(default_factory=list)


text = st.none() | st.text(min_size=1, max_size=5)
known = st.builds(
    Known,
    email=text,
    phone=text,
    first_name=text,
    last_name=text,
    city=text,
    state=text,
    insurance_type=st.none() | st.sampled_from(InsuranceType),
    tags=st.lists(st.sampled_from(["high-value", "Referral", "other"]), max_size=4),
)


def test_the_documents_printed_request_scores_what_its_answer_prints() -> None:
    printed = Known(
        email="lead@example.com",
        phone="+15551234567",
        first_name="John",
        last_name="Smith",
        city="New York",
        state="NY",
        insurance_type=InsuranceType.AUTO,
        tags=["high-value", "referral"],
    )
    assert score(printed).points == 65


@pytest.mark.parametrize(
    ("lead", "points"),
    [
        (Known(), 0),
        (Known(email="a@example.com"), 15),
        (Known(phone="5551234567"), 15),
        (Known(first_name="Ann"), 0),
        (Known(first_name="Ann", last_name="Lee"), 5),
        (Known(city="Boston"), 5),
        (Known(city="Boston", state="MA"), 5),
        (Known(insurance_type=InsuranceType.HOME), 5),
        (Known(insurance_type=InsuranceType.COMMERCIAL), 15),
        (Known(insurance_type=InsuranceType.BUNDLE), 15),
        (Known(tags=["HIGH-VALUE"]), 10),
        (Known(tags=["referral", "Referral"]), 10),
        (Known(tags=["anything"]), 0),
    ],
)
def test_each_fact_gives_its_points(lead: Known, points: int) -> None:
    assert score(lead).points == points


@given(known)
def test_the_reasons_add_up_to_points_within_bounds(lead: Known) -> None:
    found = score(lead)
    assert 0 <= found.points <= 100
    assert found.points == sum(reason.points for reason in found.reasons)
    assert all(reason.points > 0 and reason.reason for reason in found.reasons)


@given(known, known)
def test_knowing_more_never_scores_lower(lead: Known, more: Known) -> None:
    names = ("email", "phone", "first_name", "last_name", "city", "state")
    added = {name: getattr(lead, name) or getattr(more, name) for name in names}
    better = replace(lead, **added, tags=lead.tags + more.tags)
    better = replace(better, insurance_type=lead.insurance_type or more.insurance_type)
    assert score(better).points >= score(lead).points


def test_a_score_that_a_client_wrote_says_so() -> None:
    found = given_score(80)
    assert (found.points, [reason.points for reason in found.reasons]) == (80, [80])
    assert "client" in found.reasons[0].reason
