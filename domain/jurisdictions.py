"""Where law holds: names of jurisdictions and places, and which of them lie in which.

Countries are ISO 3166-1 alpha-2 codes, states of the USA ISO 3166-2 such as US-CA. Any other text is a jurisdiction of
its own that lies nowhere.
"""

from __future__ import annotations

from functools import lru_cache

from domain.leads import US_STATES

GLOBAL = "GLOBAL"
"""What holds everywhere."""

_EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EU_MEMBERS = frozenset(_EU.split())
"""The member states of the European Union since 2020-02-01."""
_UNIONS: dict[str, frozenset[str]] = {
    "EU": EU_MEMBERS,
    "EEA": EU_MEMBERS | {"IS", "LI", "NO"},
    "US": frozenset(f"US-{state}" for state in US_STATES),
}
_ISO = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA "
    "GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE "
    "KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT "
    "MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU "
    "RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ "
    "UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
_NAMES = {
    GLOBAL: "global, international, worldwide, world",
    "EU": "european union, e.u., europäische union, union européenne, unión europea, unione europea, europe, europa",
    "EEA": "european economic area, ewr",
    "US": "usa, u.s., u.s.a., united states, united states of america, america, us-federal",
    # The documents' clients say UK; ISO says GB.
    "UK": "gb, gbr, united kingdom, great britain, u.k., england",
    "AT": "austria, österreich, aut",
    "AU": "australia, aus",
    "BE": "belgium, belgique, belgië, bel",
    "BG": "bulgaria, bgr",
    "BR": "brazil, brasil, bra",
    "CA": "canada, can",
    "CH": "switzerland, schweiz, suisse, che",
    "CN": "china, chn",
    "CY": "cyprus, cyp",
    "CZ": "czechia, czech republic, cze",
    "DE": "germany, deutschland, allemagne, deu",
    "DK": "denmark, danmark, dnk",
    "EE": "estonia, est",
    "ES": "spain, españa, espagne, spanien, esp",
    "FI": "finland, suomi, fin",
    "FR": "france, frankreich, francia, fra",
    "GR": "greece, el, grc",
    "HR": "croatia, hrv",
    "HU": "hungary, hun",
    "IE": "ireland, irl",
    "IN": "india, ind",
    "IS": "iceland, isl",
    "IT": "italy, italia, italien, ita",
    "JP": "japan, jpn",
    "KR": "south korea, korea, kor",
    "LI": "liechtenstein, lie",
    "LT": "lithuania, ltu",
    "LU": "luxembourg, luxemburg, lux",
    "LV": "latvia, lva",
    "MT": "malta, mlt",
    "MX": "mexico, méxico, mex",
    "NL": "netherlands, the netherlands, nederland, holland, nld",
    "NO": "norway, norge, nor",
    "NZ": "new zealand, nzl",
    "PL": "poland, polska, pol",
    "PT": "portugal, prt",
    "RO": "romania, rou",
    "SE": "sweden, sverige, swe",
    "SG": "singapore, sgp",
    "SI": "slovenia, svn",
    "SK": "slovakia, svk",
    "ZA": "south africa, zaf",
}
_STATES = {
    # Georgia is missing: it is a country as well.
    "AL": "alabama",
    "AK": "alaska",
    "AZ": "arizona",
    "AR": "arkansas",
    "CA": "california",
    "CO": "colorado",
    "CT": "connecticut",
    "DE": "delaware",
    "FL": "florida",
    "HI": "hawaii",
    "ID": "idaho",
    "IL": "illinois",
    "IN": "indiana",
    "IA": "iowa",
    "KS": "kansas",
    "KY": "kentucky",
    "LA": "louisiana",
    "ME": "maine",
    "MD": "maryland",
    "MA": "massachusetts",
    "MI": "michigan",
    "MN": "minnesota",
    "MS": "mississippi",
    "MO": "missouri",
    "MT": "montana",
    "NE": "nebraska",
    "NV": "nevada",
    "NH": "new hampshire",
    "NJ": "new jersey",
    "NM": "new mexico",
    "NY": "new york",
    "NC": "north carolina",
    "ND": "north dakota",
    "OH": "ohio",
    "OK": "oklahoma",
    "OR": "oregon",
    "PA": "pennsylvania",
    "RI": "rhode island",
    "SC": "south carolina",
    "SD": "south dakota",
    "TN": "tennessee",
    "TX": "texas",
    "UT": "utah",
    "VT": "vermont",
    "VA": "virginia",
    "WA": "washington",
    "WV": "west virginia",
    "WI": "wisconsin",
    "WY": "wyoming",
    "DC": "district of columbia",
}

_SPELLED: dict[str, list[str]] = {
    **{code: [code.lower()] for code in _ISO.split() if code != "GB"},
    **{f"US-{state}": [f"us-{state.lower()}"] for state in sorted(US_STATES)},
}
for _code, _names in _NAMES.items():
    _SPELLED[_code] = [_code.lower(), *_names.split(", ")]
for _state, _name in _STATES.items():
    _SPELLED[f"US-{_state}"].append(_name)
_CODES = {spelling: code for code, spellings in _SPELLED.items() for spelling in spellings}


def canonical(text: str) -> str:
    """A jurisdiction or place by its code, whatever it was called; what is not known stays as it is."""
    plain = " ".join(text.split())
    return _CODES.get(plain.casefold(), plain)


def iso_code(place: str) -> str:
    """A country by its code in ISO 3166, which knows the United Kingdom as GB; other places as they are."""
    return "GB" if place == "UK" else place


def covers(jurisdiction: str) -> frozenset[str]:
    """Every place that lies in a jurisdiction, itself included: DE lies in EU, US-CA in US."""
    return frozenset({jurisdiction}) | _UNIONS.get(jurisdiction, frozenset())


@lru_cache(maxsize=4096)
def law_at(location: str) -> tuple[str, ...]:
    """The jurisdictions whose law holds at a location such as `San Francisco, CA` or `Berlin, Germany`.

    Of `City, XX` the letters are a state of the USA where there is such a state, as it is written there.
    """
    parts = [part.strip() for part in location.split(",") if part.strip()]
    last = parts[-1] if parts else ""
    state = f"US-{last.upper()}"
    place = state if len(parts) == 2 and state in _SPELLED else canonical(last)
    if place not in _SPELLED:
        return ()
    around = (name for name, inside in _UNIONS.items() if place in inside)
    return tuple(dict.fromkeys((place, *around, GLOBAL)))


@lru_cache(maxsize=4096)
def touching(place: str) -> tuple[str, ...]:
    """The jurisdictions whose law concerns what happens in a place: those it lies in, and those that lie in it.

    An advertisement shown in the EU meets the law of Germany too. What touches GLOBAL is everything, and not listed.
    """
    around = [name for name, inside in _UNIONS.items() if place in inside or covers(place) & inside]
    return tuple(dict.fromkeys((place, *around, *sorted(covers(place)), GLOBAL)))


@lru_cache(maxsize=1024)
def spellings(places: tuple[str, ...]) -> tuple[str, ...]:
    """Everything that places are called, in lower case."""
    return tuple(dict.fromkeys(name for place in places for name in _SPELLED.get(place, [place.lower()])))
