"""Names of places, and whose law concerns whom."""

from __future__ import annotations

import pytest

from domain.industries import alike
from domain.jurisdictions import canonical, covers, spellings, touching


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("eu", "EU"),
        (" European  Union ", "EU"),
        ("USA", "US"),
        ("Deutschland", "DE"),
        ("gb", "UK"),
        ("us-ca", "US-CA"),
        ("New York", "US-NY"),
        ("ca", "CA"),
        ("Georgia", "Georgia"),
        ("Bavaria", "Bavaria"),
    ],
)
def test_a_place_by_any_name_has_one_code(text: str, code: str) -> None:
    assert canonical(text) == code
    assert canonical(code) == code


def test_what_lies_in_what() -> None:
    assert {"DE", "FR", "ES", "EU"} <= covers("EU")
    assert "UK" not in covers("EU")
    assert len(covers("US")) == 52
    assert set(touching("DE")) == {"DE", "EU", "EEA", "GLOBAL"}
    assert set(touching("US-CA")) == {"US-CA", "US", "GLOBAL"}
    assert {"EU", "DE", "EEA"} <= set(touching("EU"))
    assert touching("Bavaria") == ("Bavaria", "GLOBAL")
    for one in ("DE", "EU", "EEA", "NO", "US", "US-NY", "UK"):
        assert all(one in touching(other) for other in touching(one) if other != "GLOBAL"), one
    assert {"de", "germany", "deutschland", "eu"} <= set(spellings(touching("DE")))


def test_industries_go_by_many_names() -> None:
    # The documents' own pair shares no word.
    assert "software development" in alike("technology")
    assert "technology" in alike("Software Development")
    assert "insurance" in alike("Finance")
    assert alike("beekeeping") == ("beekeeping",)
