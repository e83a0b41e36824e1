"""Errors are data: every code has a kind, and the first problem speaks for all."""

from __future__ import annotations

import pytest

from domain.errors import Code, DomainError, Kind, Problem, forbidden, invalid, not_found, required


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_kind(code: Code) -> None:
    assert code.kind in Kind


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_code_of_its_own_name(kind: Kind) -> None:
    assert Code(kind.value).kind is kind


def test_the_first_problem_speaks_and_all_are_told() -> None:
    error = DomainError([Problem(Code.REQUIRED, "a is required.", "a"), Problem(Code.CONFLICT, "b is taken.", "b")])
    assert (error.code, error.kind, error.message, error.field) == (Code.REQUIRED, Kind.INVALID, "a is required.", "a")
    assert str(error) == "a is required.; b is taken."


def test_refusals_name_their_field() -> None:
    assert (invalid("city", "no").field, required("city").field) == ("city", "city")
    assert required("city").message == "city is required."
    assert forbidden("read:leads").data == {"permission": "read:leads"}


def test_a_long_id_is_not_repeated_in_full() -> None:
    assert len(not_found("Lead", "x" * 5000).message) < 150
