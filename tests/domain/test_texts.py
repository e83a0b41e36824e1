"""Text and JSON from outside: what cannot be stored is refused by the name of its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import texts
from domain.errors import Code, DomainError
from domain.values import ABSENT


def refusal(check: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as refused:
        check()
    return refused.value


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800", "x\udfffy"])
def test_what_a_database_cannot_store_is_refused(bad: str) -> None:
    assert refusal(lambda: texts.text("city", bad)).field == "city"
    assert refusal(lambda: texts.json_object("customFields", {"a": [{"b": bad}]})).field == "customFields.a.b"
    assert refusal(lambda: texts.json_object("customFields", {bad: 1})).code is Code.INVALID


@given(st.text(max_size=50))
def test_every_other_text_is_taken_as_it_is(value: str) -> None:
    storable = value.replace("\x00", "")
    assert texts.text("name", storable) == storable


def test_lengths_are_counted_in_characters() -> None:
    assert texts.text("name", "🙂" * texts.LINE) == "🙂" * texts.LINE
    refused = refusal(lambda: texts.text("name", "x" * (texts.LINE + 1)))
    assert refused.field == "name"
    assert str(texts.LINE) in refused.message
    assert str(texts.LINE + 1) in refused.message


@pytest.mark.parametrize(("given_", "taken"), [(None, None), ("", None), ("  ", None), ("  Ann ", "Ann")])
def test_a_line_loses_its_blanks(given_: str | None, taken: str | None) -> None:
    assert texts.line("name", given_) == taken


@pytest.mark.parametrize("nothing", [ABSENT, None, "", " \n"])
def test_a_needed_text_has_to_say_something(nothing: Any) -> None:
    refused = refusal(lambda: texts.needed("title", nothing))
    assert (refused.code, refused.field) == (Code.REQUIRED, "title")


@pytest.mark.parametrize("address", ["john@example.com", " John.Doe+tag@Example.com ", "a@b.test", "jörg@exämple.com"])
def test_an_address_is_kept_as_given(address: str) -> None:
    assert texts.email("email", address) == address.strip()


@pytest.mark.parametrize(
    "address", ["", "john", "john@", "@example.com", "a b@example.com", "a@exa mple.com", "a@b@c.d"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert refusal(lambda: texts.email("email", address)).field == "email"


@pytest.mark.parametrize("number", ["+15551234567", "(555) 123-4567", "555.123.4567", "5551234"])
def test_a_number_is_kept_as_given(number: str) -> None:
    assert texts.phone("phone", number) == number


@pytest.mark.parametrize("number", ["", "123456", "1234567890123456", "555-CALL-NOW", "٥٥٥١٢٣٤٥٦٧", "555\n1234567"])
def test_what_is_no_number_is_refused(number: str) -> None:
    assert refusal(lambda: texts.phone("phone", number)).field == "phone"


def test_json_has_a_depth_and_a_size() -> None:
    def nested(levels: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for _ in range(levels):
            value = {"a": value}
        return value

    assert texts.json_object("metadata", nested(texts.JSON_DEPTH)) == nested(texts.JSON_DEPTH)
    assert refusal(lambda: texts.json_object("metadata", nested(texts.JSON_DEPTH + 1))).code is Code.INVALID
    assert refusal(lambda: texts.json_object("metadata", nested(900))).code is Code.INVALID
    many = {"a": list(range(texts.JSON_NODES - 2))}
    assert texts.json_object("metadata", many) == many
    assert refusal(lambda: texts.json_object("metadata", {"a": list(range(texts.JSON_NODES))})).code is Code.INVALID


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_only_an_object_is_an_object(value: object) -> None:
    assert refusal(lambda: texts.json_object("metadata", value)).field == "metadata"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 2**20000, -(2**63)], ids=["nan", "inf", "huge", "low"])
def test_numbers_that_not_every_reader_knows_are_refused(number: Any) -> None:
    assert refusal(lambda: texts.json_object("metadata", {"n": number})).field == "metadata.n"


def test_numbers_of_64_bits_are_taken() -> None:
    numbers = {"n": [2**63 - 1, -(2**63) + 1, 1.5e30, True, None]}
    assert texts.json_object("metadata", numbers) == numbers
