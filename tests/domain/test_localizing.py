"""Placeholders, seasons and predictions of localized texts."""

from __future__ import annotations

import time
from datetime import date

import pytest

from domain.intelligence.localizing import Term, broken_terms, predict
from domain.intelligence.significance import Share
from domain.levels import Basis
from domain.markets import market_of, season_of
from domain.placeholders import filled, masked, places, sentences, template
from domain.regions import region_of


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("Buy now for 50% off!", "Buy now for {percent} off!"),
        ("50 % und 5,5 %", "{percent} und {percent_2}"),
        ("Save $1,000.50 or 20 € by 2024", "Save {amount} or {amount_2} by {number}"),
        ("Hi {{firstName}}, {product} at https://x.example/a?b=1.", "Hi {name}, {name_2} at {url}."),
        ("Save {percent} on {name_2}", "Save {percent} on {name}"),
        ("A4 paper, version b2", "A4 paper, version b2"),
    ],
)
def test_what_changes_becomes_a_placeholder(text, mask):
    assert masked(text).text == mask
    assert masked(mask).text == mask


@pytest.mark.parametrize(
    ("text", "value", "digits"),
    [
        ("0.125%", 0.125, 3),
        ("€0,999", 0.999, 3),
        ("1,000 %", 1000, 0),
        ("1234.567", 1234.567, 3),
        ("$12.345.678,90", 12345678.9, 2),
    ],
)
def test_numbers_in_texts_are_what_they_say(text, value, digits):
    (token,) = masked(text).tokens
    assert token.value is not None
    assert (token.value.value, token.value.digits) == (value, digits)


def test_amounts_are_in_the_currency_they_name():
    found = masked("US$5, 1\u202f000 $US, CA$ 7, R$9, CHF 3, 4 EUR, $6, but neither XCAD5 nor X$5")
    assert [token.value and token.value.currency for token in found.tokens] == [
        "USD", "USD", "CAD", "BRL", "CHF", "EUR", "USD", None,
    ]  # fmt: skip
    assert found.text.endswith("{amount_7}, but neither XCAD5 nor X${number}")


@pytest.mark.parametrize("text", ["007", "31.12.2024", "12345678901234567890", "1,234,56"])
def test_what_is_no_number_stays_as_it_is_written(text):
    assert [token.value for token in masked(text).tokens] == [None]


@pytest.mark.parametrize("text", ["1" * 5_000 + "a", "x" + " " * 4_998 + "x", "1." * 2_500, "https://" + "." * 4_990])
def test_no_text_takes_long_to_read(text):
    began = time.process_time()
    assert masked(text).text
    assert sentences(text)
    assert time.process_time() - began < 0.3


def test_texts_are_compared_without_case_spacing_and_apostrophes():
    assert masked("Don\u2019t  miss 5% !").key == masked("DON'T miss 75% !").key


@pytest.mark.parametrize(
    ("source", "target", "stored"),
    [
        ("Buy now for 50% off!", "Jetzt kaufen mit 50% Rabatt!", "Jetzt kaufen mit {percent:source} Rabatt!"),
        ("Buy now for 50% off!", "Jetzt kaufen mit 50 % Rabatt!", "Jetzt kaufen mit {percent} Rabatt!"),
        ("Buy 3, pay 2", "2 zahlen, 3 kaufen", "{number_2} zahlen, {number} kaufen"),
        ("{product} for {amount}", "{amount} für {product}", "{amount} für {name}"),
        ("{{x}} and {name}", "{{x}} und {name}", "{name} und {name_2}"),
    ],
)
def test_a_translation_has_the_placeholders_of_its_source(source, target, stored):
    assert template(source, target)[1] == stored
    assert places(stored) == places(masked(source).text)


@pytest.mark.parametrize(("source", "target"), [("5% off", "Rabatt"), ("off", "5% Rabatt"), ("5% off", "6% Rabatt")])
def test_a_translation_with_other_placeholders_is_refused(source, target):
    with pytest.raises(ValueError, match=r"lacks|has"):
        template(source, target)


def test_places_are_filled_as_the_market_or_the_source_writes():
    content = masked("Save 5.5% on {product}")
    assert filled("{percent} / {percent:source} / {name}", content, {"percent": "5,5 %"}) == "5,5 % / 5.5% / {product}"


@pytest.mark.parametrize(
    ("country", "day", "season"),
    [
        ("DE", "2024-01-15", "winter_sales"),
        ("FR", "2024-01-15", "soldes_hiver"),
        ("ES", "2024-01-15", "rebajas_invierno"),
        # The second Wednesday of January 2025 was the 8th, that of 2020 the 8th; of 2018 the 10th; of 2013 the 9th.
        ("FR", "2025-01-07", "winter"),
        ("FR", "2025-01-08", "soldes_hiver"),
        ("FR", "2025-02-05", "winter"),
        ("FR", "2024-06-26", "soldes_ete"),
        ("ES", "2024-02-29", "rebajas_invierno"),
        ("US", "2024-12-28", "january_clearance"),
        ("DE", "2024-11-29", "black_friday"),
        ("AU", "2024-04-10", "autumn"),
        ("SE", "2024-04-10", "spring"),
    ],
)
def test_the_season_of_a_day(country, day, season):
    assert season_of(country, date.fromisoformat(day), []) == season


def test_a_coming_holiday_is_the_season():
    assert season_of("SE", date(2024, 4, 28), ["Labor Day (observed)", "Other"]) == "labor_day"


def test_markets_are_countries_in_any_spelling():
    found = [market_of(each) for each in ("uk", "GB", "United Kingdom", "en-GB", "fr_CH")]
    assert [each and each.country.code for each in found] == ["GB", "GB", "GB", "GB", "CH"]
    assert found[-1] is not None
    assert found[-1].languages == ("fr",)
    assert market_of("Atlantis") is None
    # Nobody speaks a language of Antarctica.
    assert market_of("AQ") is None
    assert market_of("en-AQ").languages == ("en",)
    regions = [region_of(each) for each in ("US", "Bavaria, Germany", "apac", "Japan", "Somewhere", "")]
    assert regions == ["US", "EU", "APAC", "APAC", "Somewhere", ""]


def test_a_prediction_turns_from_the_prior_into_history():
    nothing = predict(Share(0, 0), Share(500, 10_000))
    assert (nothing.value, nothing.basis) == (0.76, Basis.PRIOR)
    some = predict(Share(10, 500), Share(500, 10_000))
    much = predict(Share(400, 20_000), Share(5_000, 100_000))
    assert (some.basis, much.basis) == (Basis.BLENDED, Basis.HISTORY)
    assert much.value < some.value < nothing.value
    assert much.high - much.low < some.high - some.low < nothing.high - nothing.low


def test_the_glossary_is_kept():
    terms = [Term("de", "quote", "Angebot"), Term("de", "TechCorp", None), Term("fr", "quote", "devis")]
    assert broken_terms(terms, "de", "A quote by TechCorp", "Ein Angebot von TechCorp") == []
    assert len(broken_terms(terms, "de", "A quote by TechCorp", "Eine Offerte der Techfirma")) == 2
    assert broken_terms(terms, "de", "unquoted", "egal") == []
