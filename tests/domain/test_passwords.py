"""What a new password must not be."""

from __future__ import annotations

import pytest

from domain.errors import Code, DomainError
from domain.passwords import LONGEST, check

EMAIL, NAME = "jane.smith@agency.example.com", "Jane Smith"


def refusal(password: str, shortest: int = 12) -> str:
    with pytest.raises(DomainError) as caught:
        check(password, EMAIL, NAME, shortest)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "password")
    assert password not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    "password",
    [
        "tangerine walnut bicycle",
        "k3yb0ard-mosaic-88",
        "Grüße aus Köln 7",
        "correct horse",
        "x7#Lm2!vQ9$z",
        "日本語のパスワードを書く",
    ],
)
def test_good_ones_pass(password: str):
    check(password, EMAIL, NAME, 12)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passwordpassword",
        "P@ssw0rd1234",
        "p a s s w o r d",
        "letmein letmein",
        "correct horse battery staple",
        "2024Summer!!!!",
        "trustno1trustno1",
        "iloveyouiloveyou",
    ],
)
def test_what_everybody_uses_is_refused_however_it_is_dressed_up(password: str):
    assert "first that others would try" in refusal(password)


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "098765432109", "qwertyuiopas", "zyxwvutsrqpo", "1212121212123"],
)
def test_patterns_are_refused(password: str):
    assert "first that others would try" in refusal(password)


@pytest.mark.parametrize("password", [EMAIL, "jane.smith-2024", "my name is Jane Smith", "JANESMITHxx99"])
def test_ones_own_name_and_address_are_refused(password: str):
    assert "your name" in refusal(password)


def test_a_short_name_is_no_reason():
    check("almond ferry lantern", "al@example.com", "Al", 12)


def test_bounds():
    assert "at least 12" in refusal("elevenchars")
    assert "at least 8" in refusal("seven77", shortest=8)
    assert f"at most {LONGEST}" in refusal("ab3$" * 65)
    assert "cannot be used" in refusal("tangerine\x00walnut")
