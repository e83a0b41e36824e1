"""Countries by their codes and names, and the regions advertising is looked at by, such as EU and APAC."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("countries.json")
_ALSO = {"uk": "GB", "usa": "US", "gbr": "GB", "deu": "DE", "fra": "FR", "esp": "ES", "ita": "IT", "jpn": "JP"}
"""Codes people write in place of ISO 3166's two letters."""
_UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its ISO 3166 code, with its English name, region and official languages, the first one usual."""

    code: str
    name: str
    region: str
    languages: tuple[str, ...]


def country_of(text: str) -> Country | None:
    """The country a code or an English name stands for, in any case; of a list such as `Bavaria, Germany` the last."""
    words = text.strip().casefold()
    found = _names().get(words)
    if found is None and "," in words:
        found = _names().get(words.rpartition(",")[2].strip())
    return found


def codes() -> list[str]:
    """The codes of all countries that have a language."""
    return sorted({each.code for each in _names().values() if each.languages})


def region_of(text: str) -> str:
    """The region a country, or a region itself, belongs to; other places stand for themselves.

    CB prints US, EU and APAC; the others are CA, UK, EUROPE (outside the Union), LATAM and MEA.
    """
    country = country_of(text)
    if country:
        return country.region
    plain = text.strip()
    return plain.upper() if plain.upper() in _regions() else plain or _UNKNOWN


@cache
def _names() -> dict[str, Country]:
    rows: dict[str, dict[str, Any]] = json.loads(_TABLE.read_text("utf-8"))["countries"]
    known = {code: Country(code, row["name"], row["region"], tuple(row["languages"])) for code, row in rows.items()}
    names = {country.name.casefold(): country for country in known.values()}
    names |= {also: known[code] for also, code in _ALSO.items()}
    return names | {code.casefold(): country for code, country in known.items()}


@cache
def _regions() -> frozenset[str]:
    return frozenset(country.region for country in _names().values())
