"""Templates are filled by a list of allowed names and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads import InsuranceType
from domain.templates import fill, slug_of, values_of, variables_in
from tests.factories.leads import lead_row

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)


def test_allowed_places_get_their_values_and_all_others_nothing() -> None:
    text = "Hi {{firstName}} {{ lastName }}, {{quoteAmount}}{{secret}}."
    values = {"firstName": "Ann", "lastName": "Lee", "secret": "x"}
    assert fill(text, ["firstName", "lastName", "quoteAmount"], values) == "Hi Ann Lee, ."


@pytest.mark.parametrize(
    "code",
    [
        "{{ firstName.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% for x in y %}{{x()}}{% endfor %}",
        "{firstName.__class__}",
        "%(firstName)s ${firstName} {0}",
        "{{ 7*7 }}",
        "{{firstName|upper}}",
    ],
)
def test_code_in_a_template_stays_text(code: str) -> None:
    assert fill(code, ["firstName", "x", "y"], {"firstName": "Ann"}).replace("{{x()}}", "") in (
        code,
        code.replace("{{x()}}", ""),
    )


def test_code_in_a_value_stays_text() -> None:
    assert fill("{{firstName}}", ["firstName", "email"], {"firstName": "{{email}}", "email": "a@b.c"}) == "{{email}}"
    assert fill("{{firstName}}", ["firstName"], {"firstName": r"\1 \g<0>"}) == r"\1 \g<0>"


@given(st.text(), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_filling_never_fails(text: str, values: dict[str, str]) -> None:
    assert fill(text, list(values), values) is not None


def test_variables_are_listed_in_order_of_first_use() -> None:
    assert variables_in("{{b}} {{ a }}", "{{b}} {{c}} {{1x}}") == ["b", "a", "c"]


def test_a_lead_offers_its_fields_and_plain_custom_ones() -> None:
    lead = lead_row(
        "org_1",
        NOON,
        first_name="Ann",
        email="ann@example.com",
        insurance_type=InsuranceType.AUTO,
        custom_fields={"quoteAmount": 120.5, "firstName": "Not Ann", "list": [1], "yes": True, "none": None},
    )
    assert values_of(lead) == {
        "firstName": "Ann",
        "email": "ann@example.com",
        "insuranceType": "AUTO",
        "quoteAmount": "120.5",
    }


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Quote Follow-Up", "quote_follow_up"), ("  ", "template"), ("Ünïcode!", "n_code"), ("a" * 90, "a" * 40)],
)
def test_a_slug_is_plain(name: str, slug: str) -> None:
    assert slug_of(name) == slug
