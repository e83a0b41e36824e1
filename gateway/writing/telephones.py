"""Telephone numbers in running text, told from dates, prices, versions and the numbers of orders.

There is no telling for certain: `0612345678` may be anything. So a number counts as a telephone's by the way it is
written (a country code, a trunk 0, an area code in brackets, groups no other number has), or by the word before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from unicodedata import decimal

Span = tuple[int, int]

_GAP = r"[ \u00a0\u2009\u202f.\-\u2010\u2011\u2013/()]"
# Possessive throughout: no text makes it look twice at the same place.
_RUN = re.compile(rf"(?<![\w#$€£¥₹])(?<!\w-)(?<!\d[.,:/])[+\uff0b]?+\(?+\d++(?:{_GAP}{{1,3}}+\d++)*+")
_AFTER = re.compile(r"\w|[,:]\d|[ \u00a0\u202f]?(?:[%€$£¥₹°]|(?:EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|CZK|kr|zł)\b)")
_GROUP = re.compile(r"\d+")
_IBAN = re.compile(r"\b[A-Z]{2}\d\d \Z")
_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_YEAR = re.compile(r"(?:19|20)\d\d")

_PLUS = "+\uff0b"
_FEWEST, _MOST = 7, 15
"""Digits of a number with its country code (E.164), and of the shortest that are dialled."""
_GROUPS = 8
"""Groups a number is written in at most; digits that stand alone are something else."""
_BARE_GROUPS = 4
"""The same, where neither a sign nor a zero nor a bracket begins it."""
_LOOK_BACK = 40
"""Characters before a number in which a word may say what it is."""
_WORDS = 6

_SAYS_TELEPHONE = (
    "phone", "telephon", "telefon", "téléphon", "teléfono", "telefon", "mobil", "móvil", "movil", "cell", "celular",
    "fax", "whatsapp", "handy", "call", "dial", "anruf", "ruf", "appel", "llam", "llám", "chiam", "ligue", "rückruf",
)  # fmt: skip
_IS_TELEPHONE = frozenset({"tel", "tél", "mob", "sms", "ligar", "portable", "durchwahl", "hotline", "viber", "signal"})
_SAYS_OTHER = (
    "order", "invoice", "ticket", "refer", "version", "build", "track", "serial", "articl", "artikel", "artik",
    "account", "konto", "kunden", "rechnung", "bestell", "auftrag", "command", "factur", "pedido", "ordine", "fattur",
    "page", "seite", "preis", "price", "prix", "precio", "prezzo", "vertrag", "contract", "sendung", "parcel", "model",
)  # fmt: skip
_IS_OTHER = frozenset(
    {"id", "ids", "sku", "isbn", "issn", "ean", "gtin", "iban", "bic", "vat", "case", "lot", "batch", "part", "zip",
     "plz", "asin", "imei", "doi", "ref", "rev", "v", "art", "colis"}
)  # fmt: skip
_ANY_NUMBER = frozenset({"no", "nr", "number", "num", "numéro", "numero", "número", "nummer", "n"})


class _Hint(Enum):
    """What the words before a number say of it."""

    TELEPHONE = "telephone"
    OTHER = "other"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class _Number:
    """Groups of digits as they stand in a text, with what stands between them."""

    lead: str
    groups: Sequence[str]
    gaps: Sequence[str]

    @property
    def digits(self) -> str:
        return "".join(self.groups)

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(map(len, self.groups))


def telephones(text: str, about: str = "") -> Iterator[Span]:
    """Where telephone numbers stand; `about` is what the text is called, such as the key of a JSON object."""
    for run in _RUN.finditer(text):
        if run.end() - run.start() >= _FEWEST and not _IBAN.search(text, max(0, run.start() - 5), run.start()):
            yield from _inside(text, run.span(), about)


def _inside(text: str, run: Span, about: str) -> Iterator[Span]:
    """The numbers among groups that stand beside each other: two of them, or one and a date."""
    places = [each.span() for each in _GROUP.finditer(text, *run)]
    hint = _hint(text[max(0, run[0] - _LOOK_BACK) : run[0]], about)
    first = 0
    while first < len(places):
        last = _longest(text, run, places, first, hint)
        if last is None:
            first += 1
        else:
            # The country code's sign belongs to the number, and a bracket that is closed within it.
            number, begin = _number(text, run, places[first : last + 1]), places[first][0]
            yield begin - len(number.lead), places[last][1]
            first = last + 1


def _longest(text: str, run: Span, places: Sequence[Span], first: int, hint: _Hint) -> int | None:
    """The last group of the longest number that begins with this group, if any does."""
    if first and not _apart(text, places, first):
        return None
    begin = places[first][0]
    marked = decimal(text[begin]) == 0 or (begin > run[0] and text[begin - 1] in f"({_PLUS}")
    if hint is _Hint.OTHER and not marked:
        return None
    tried = places[first : first + (_BARE_GROUPS if hint is _Hint.NOTHING and not marked else _GROUPS)]
    digits = sum(end - begin for begin, end in tried)
    for last in range(first + len(tried) - 1, first - 1, -1):
        if digits < _FEWEST:
            return None
        fits = digits <= _MOST + 2 and _may_end(text, places, last)
        if fits and _is_telephone(_number(text, run, places[first : last + 1]), hint):
            return last
        digits -= places[last][1] - places[last][0]
    return None


def _may_end(text: str, places: Sequence[Span], last: int) -> bool:
    """Whether a number can end with this group."""
    if last + 1 < len(places):
        return _apart(text, places, last + 1)
    return not _AFTER.match(text, places[last][1])


def _apart(text: str, places: Sequence[Span], index: int) -> bool:
    """Whether something ends before this group: a blank stands there."""
    return any(each.isspace() for each in text[places[index - 1][1] : places[index][0]])


def _number(text: str, run: Span, places: Sequence[Span]) -> _Number:
    begin = places[0][0]
    groups = [text[start:end] for start, end in places]
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(places)]
    closed = any(")" in gap for gap in gaps)
    lead = begin
    while lead > run[0] and (text[lead - 1] in _PLUS or (closed and text[lead - 1] == "(")):
        lead -= 1
    return _Number(text[lead:begin], [each if each.isascii() else _ascii(each) for each in groups], gaps)


def _ascii(digits: str) -> str:
    return "".join(str(decimal(each)) for each in digits)


def _hint(before: str, about: str) -> _Hint:
    words = _WORD.findall(f"{about}: {before}")[-_WORDS:]
    counted = False
    for written in reversed(words):
        word = written.lower()
        parts = (word, *_HUMP.sub(" ", written).lower().split())
        if word in _IS_TELEPHONE or any(part.startswith(_SAYS_TELEPHONE) for part in parts):
            return _Hint.TELEPHONE
        if word in _IS_OTHER or any(part.startswith(_SAYS_OTHER) or part in _IS_OTHER for part in parts):
            return _Hint.OTHER
        counted = counted or word in _ANY_NUMBER
    return _Hint.OTHER if counted else _Hint.NOTHING


def _is_telephone(number: _Number, hint: _Hint) -> bool:
    digits, several = number.digits, len(number.groups) > 1
    if any(sign in number.lead for sign in _PLUS):
        return len(digits) <= _MOST and (several or len(digits) > _FEWEST)
    if digits.startswith("00") and digits[2] != "0":
        return len(digits) >= (10 if several else 12)
    if len(digits) > _MOST or _is_dated(number) or _is_address(number):
        return False
    if hint is _Hint.TELEPHONE:
        return not _is_decimal(number)
    return hint is _Hint.NOTHING and _is_national(number)


def _is_national(number: _Number) -> bool:
    """Whether it is written as numbers are within a country, and as nothing else is."""
    digits, lengths = number.digits, number.lengths
    if "(" in number.lead:
        return len(lengths) > 1 and 2 <= lengths[0] <= 5 and ")" in number.gaps[0]
    if len(lengths) == 1:
        return digits[0] == "0" and digits[1] != "0" and 10 <= len(digits) <= 11
    if any("." in gap for gap in number.gaps):
        return lengths == (3, 3, 4) or (digits[0] == "0" and set(lengths) == {2} and len(digits) == 10)
    if digits[0] == "0":
        return 8 <= len(digits) <= 12 and (lengths[0] > 1 or number.gaps[0].isspace())
    bare = lengths[1:] if number.groups[0] == "1" else lengths
    if bare == (3, 3, 4):
        return digits[-10] in "23456789"
    if any("/" in gap for gap in number.gaps) or len(digits) != 9:
        return False
    # Nine digits in Spain, Poland and Hungary; three times three could be any large number.
    return lengths in {(2, 3, 2, 2), (2, 3, 4), (3, 2, 2, 2)} and all(gap.isspace() for gap in number.gaps)


def _is_decimal(number: _Number) -> bool:
    """Whether it may be a fraction, a version, or thousands set apart by dots."""
    dotted = bool(number.gaps) and all(gap == "." for gap in number.gaps)
    return dotted and number.lengths not in {(3, 4), (3, 3, 4), (2,) * 5, (2,) * 4}


def _is_address(number: _Number) -> bool:
    """Whether it is an IPv4 address, or an ISBN."""
    dotted = len(number.groups) == 4 and all(gap == "." for gap in number.gaps)
    if dotted and all(int(group) < 256 for group in number.groups):
        return True
    return len(number.digits) == 13 and number.digits.startswith(("978", "979"))


def _is_dated(number: _Number) -> bool:
    """Whether a date or years stand in it."""
    groups = number.groups
    if all(_YEAR.fullmatch(group) for group in groups):
        return True
    if len(groups) > 1 and _YEAR.fullmatch(groups[0]):
        return True
    dates = zip(groups, groups[1:], groups[2:], strict=False)
    if any(_is_date(*parts) for parts in dates):
        return True
    # 20240115, alone or before a time of day.
    packed = groups[0]
    return len(packed) in {8, 14} and bool(_YEAR.match(packed)) and _is_date(packed[:4], packed[4:6], packed[6:8])


def _is_date(one: str, two: str, three: str) -> bool:
    if _YEAR.fullmatch(one):
        return _within(two, 12) and _within(three, 31)
    return bool(_YEAR.fullmatch(three)) and _within(one, 31) and _within(two, 31)


def _within(text: str, most: int) -> bool:
    return len(text) <= 2 and 1 <= int(text) <= most
