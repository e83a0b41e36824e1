"""Penalties in legal texts: amounts and shares in sentences that speak of penalties, and terms of prison."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_numbers import of_digits, of_words
from domain.intelligence.law_reading import Reading
from domain.intelligence.law_words import FAR, MOST_CANDIDATES, NEAR, Lexicon, Rules, decide, rules

DIGITS = r"\d{1,3}(?:[ .,'\u2019]\d{3}){1,5}(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d{1,12}(?:[.,]\d{1,2}(?!\d))?"
SYMBOLS = {
    "\u20ac": "EUR",
    "$": "USD",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "S$": "SGD",
    "HK$": "HKD",
}
CODES = "EUR USD GBP CHF JPY AUD CAD SEK NOK DKK PLN CZK HUF RON BGN INR CNY SGD HKD NZD BRL MXN ZAR".split()
DOLLARS = {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}
SEPARATE = 160
FARTHEST_LIMIT = 60
LEAST_LOWER = 1
LIST_MARKER = re.compile(
    r"(?:\(\w{1,5}\)|\d{1,2}[.)\u00b0]|[a-z]\)|[-\u2013\u2014\u2022*\u25aa]|[ivx]+\)|and\b|or\b|oder\b|und\b|ou\b|et\b)"
)
TURNOVER = re.compile(r"(?i)turnover|umsatz|chiffre d.affaires")
GOES_ON = (":", "\u2014", "-", ";", ",", " or", " and", " oder", " und", " ou", " et")


@dataclass(frozen=True, slots=True)
class Penalty:
    """A penalty between two positions of a reading."""

    start: int
    end: int
    amount: float | None = None
    currency: str | None = None
    fraction: float | None = None
    base: str | None = None
    per: str | None = None
    prison: bool = False


@dataclass(frozen=True)
class _Words:
    lexicon: Lexicon
    money: re.Pattern[str]
    after: re.Pattern[str]
    before: re.Pattern[str]
    percent: re.Pattern[str]
    share: re.Pattern[str]
    penal: re.Pattern[str]
    limit: re.Pattern[str]
    rules: Rules
    no_shares: Rules
    lower: re.Pattern[str]
    carry: re.Pattern[str]
    base: re.Pattern[str]
    per: re.Pattern[str]
    alternative: re.Pattern[str]
    whichever: re.Pattern[str]
    prison: re.Pattern[str]
    currencies: Mapping[str, str]


@cache
def _words(language: str) -> _Words:
    lexicon = LEXICONS[language]
    words, numbers = lexicon.penalty, lexicon.numbers
    currencies = {**SYMBOLS, **{code: code for code in CODES}, **words.money}
    names = "|".join(sorted((re.escape(name) for name in words.money), key=len, reverse=True))
    scale = "|".join(sorted((re.escape(scale) for scale in numbers.scales), key=len, reverse=True))
    scaled = rf"(?:[ -]?(?P<scale>{scale})(?![^\W\d_])\.?)?"
    symbols = "|".join(sorted((re.escape(symbol) for symbol in SYMBOLS), key=len, reverse=True))
    flags = re.IGNORECASE
    return _Words(
        lexicon,
        money=re.compile(rf"{symbols}|(?<![^\W\d_])(?:{'|'.join(CODES)}|(?i:{names}))(?![^\W_])"),
        after=re.compile(rf" ?(?P<digits>{DIGITS}){scaled}", flags),
        before=re.compile(
            rf"(?<![\w.,])(?:(?P<digits>{DIGITS}){scaled}|(?P<words>{numbers.spelled}))(?: ?\(\d[\d ,.]{{0,16}}\))?(?: (?:of|de|von|d['\u2019]?))?[ -]?(?:[dD]['\u2019])?$",
            flags,
        ),
        percent=re.compile(rf"(?:{words.percent})", flags),
        share=re.compile(
            rf"(?<![\w.,])(?:(?P<digits>\d{{1,3}}(?:[.,]\d{{1,3}})?)|(?P<words>{numbers.spelled}))(?: ?\(\d[\d.,]{{0,6}}\)?)? ?\(?$",
            flags,
        ),
        penal=re.compile(words.penal, flags),
        limit=re.compile(rf"(?:\b{words.limit}\s?)+$", flags),
        rules=rules(words.rules, ""),
        no_shares=rules(words.no_shares, ""),
        lower=re.compile(
            rf"(?<![\w.,])(?:(?P<digits>{DIGITS}){scaled}|(?P<words>{numbers.spelled})) {words.span} (?:{words.limit} )?$",
            flags,
        ),
        carry=re.compile(words.carry),
        base=re.compile(r"\s?" + words.base, flags),
        per=re.compile(words.per, flags),
        alternative=re.compile(words.alternative, flags),
        whichever=re.compile(words.whichever, flags),
        prison=re.compile(words.prison, flags),
        currencies={name.lower(): code for name, code in currencies.items()},
    )


def penalties(reading: Reading, language: str, jurisdiction: str) -> list[Penalty]:
    """Penalties that a text names, in order."""
    words = _words(language)
    penal = _PenalSentences(reading, words)
    found = [p for p in _amounts(reading, words, jurisdiction) if penal.accepts(p)]
    return sorted([*_alternatives(reading, words, found), *_prison(reading, words)], key=lambda p: p.start)


def _amounts(reading: Reading, words: _Words, jurisdiction: str) -> list[Penalty]:
    """Amounts of money and shares in a text, in order, whatever they are for."""
    found = [
        *islice(_money(reading, words, jurisdiction), MOST_CANDIDATES),
        *islice(_shares(reading, words), MOST_CANDIDATES),
    ]
    found.sort(key=lambda p: (p.start, p.end))
    distinct: list[Penalty] = []
    for one in found:
        last = distinct[-1] if distinct else None
        same = (
            last is not None
            and last.amount == one.amount
            and last.fraction == one.fraction
            and last.currency == one.currency
        )
        if last is not None and one.start < last.end:
            continue
        if last is not None and same and one.start - last.end <= 3:  # two thousand dollars ($2,000)
            distinct[-1] = replace(last, end=one.end)
        else:
            distinct.append(one)
    return distinct


def _money(reading: Reading, words: _Words, jurisdiction: str) -> Iterator[Penalty]:
    text = reading.text
    for match in words.money.finditer(text):
        currency = words.currencies[match[0].lower()]
        if match[0] == "$":
            currency = DOLLARS.get(jurisdiction.upper()[:2], "USD")
        number = words.after.match(text, match.end())
        window = text[max(match.start() - 80, 0) : match.start()]
        before = words.before.search(window)
        if before is not None and not (number and match[0] in SYMBOLS and match[0] != "\u20ac"):
            amount = _value(before, words.lexicon)
            start, end = match.start() - len(window) + before.start(), match.end()
        elif number is not None:
            amount, start, end = _value(number, words.lexicon), match.start(), number.end()
        else:
            continue
        if amount:
            yield from _lower(reading, words, start, currency)
            yield Penalty(start, end, amount=amount, currency=currency)


def _lower(reading: Reading, words: _Words, start: int, currency: str) -> Iterator[Penalty]:
    """The lower end of a range whose upper end alone has a currency: `500 to 1,000 euros`."""
    window = reading.text[max(start - 80, 0) : start]
    lower = words.lower.search(window)
    if lower is None or not words.limit.search(window[: lower.start()]):
        return
    amount = _value(lower, words.lexicon)
    if amount is not None and amount >= LEAST_LOWER:
        begins = start - len(window) + lower.start()
        yield Penalty(
            begins, start - len(window) + len(lower[0].split(" ")[0]) + lower.start(), amount=amount, currency=currency
        )


def _value(number: re.Match[str], lexicon: Lexicon) -> float | None:
    groups = number.groupdict()
    if groups.get("words"):
        return of_words(groups["words"], lexicon.numbers.words)
    value = of_digits(groups["digits"])
    scale = groups.get("scale")
    return value * lexicon.numbers.scales[scale.lower()] if value is not None and scale else value


def _shares(reading: Reading, words: _Words) -> Iterator[Penalty]:
    text = reading.text
    for match in words.percent.finditer(text):
        window = text[max(match.start() - 60, 0) : match.start()]
        number = words.share.search(window)
        if number is None:
            continue
        value = (
            of_digits(number["digits"].replace(",", "."))
            if number["digits"]
            else of_words(number["words"], words.lexicon.numbers.words)
        )
        if not value or value > 1000:
            continue
        end = match.end()
        base = words.base.match(text, end, end + SEPARATE)
        start = match.start() - len(window) + number.start()
        yield Penalty(start, end, fraction=value / 100, base=_cut(base["base"], words) if base else None)


def _cut(base: str, words: _Words) -> str:
    """What a share is a share of, in few words."""
    whichever = words.whichever.search(base)
    return (base[: whichever.start()] if whichever else base).strip()


class _PenalSentences:
    """Which amounts are penalties: those in sentences that speak of penalties, and in lists such sentences lead in."""

    def __init__(self, reading: Reading, words: _Words) -> None:
        self._reading, self._words = reading, words
        self._known: dict[int, bool] = {}
        self._accepted = -1

    def accepts(self, one: Penalty) -> bool:
        """Whether an amount is a penalty."""
        reading, words = self._reading, self._words
        sentence = reading.sentence(one.start)
        first, last = reading.bounds(sentence)
        left = reading.text[max(first, one.start - NEAR) : one.start].rstrip(" (")
        right = reading.text[one.end : min(last, one.end + FAR)].lstrip(" )")
        these = words.rules if one.fraction is None else words.no_shares
        decided = decide(these, words.limit.sub("", left).rstrip(), right)
        if (decided is not None and not decided[0]) or not self._speaks(sentence):
            return False
        self._accepted = sentence
        return True

    def _speaks(self, sentence: int) -> bool:
        known = self._known.get(sentence)
        if known is None:
            known = self._known[sentence] = self._look(sentence)
        return known

    def _look(self, sentence: int) -> bool:
        text = self._reading.text
        first, last = self._reading.bounds(sentence)
        if self._words.penal.search(text, first, last):
            return True
        if self._words.whichever.search(text, first, last) and TURNOVER.search(text, first, last):
            return True
        opening = text[first : first + 60]
        if (
            sentence == self._accepted + 1
            and self._accepted >= 0
            and self._words.carry.match(LIST_MARKER.sub("", opening, count=1).lstrip())
        ):
            return True
        return self._led_in(sentence, opening)

    def _led_in(self, sentence: int, opening: str) -> bool:
        """Whether the sentence is of a list whose lead-in speaks of penalties."""
        text = self._reading.text
        for before in range(sentence - 1, max(sentence - 12, -1), -1):
            first, last = self._reading.bounds(before)
            ending = text[max(last - 12, first) : last].rstrip()
            if not (ending.endswith(GOES_ON) or LIST_MARKER.match(opening)):
                return False
            if self._words.penal.search(text, first, last):
                return not ending.endswith((".", "!", "?"))
            opening = text[first : first + 20]
        return False


def _alternatives(reading: Reading, words: _Words, found: list[Penalty]) -> Iterator[Penalty]:
    """Penalties with their limits and what they are for; an amount and a share of which one counts are one penalty."""
    position = 0
    while position < len(found):
        one = found[position]
        following = found[position + 1] if position + 1 < len(found) else None
        if following is not None and _together(reading, words, one, following):
            one = Penalty(
                one.start,
                following.end,
                amount=one.amount if one.amount is not None else following.amount,
                currency=one.currency or following.currency,
                fraction=one.fraction if one.fraction is not None else following.fraction,
                base=one.base or following.base,
            )
            position += 1
        position += 1
        yield _whole(reading, words, one)


def _together(reading: Reading, words: _Words, one: Penalty, following: Penalty) -> bool:
    """Whether an amount and a share are alternatives of one penalty."""
    if (one.amount is None) == (following.amount is None) or following.start - one.end > SEPARATE:
        return False
    if reading.sentence(one.start) != reading.sentence(following.start):
        return False
    between = reading.text[one.end : following.start]
    return ";" not in between and bool(words.alternative.search(between))


def _whole(reading: Reading, words: _Words, one: Penalty) -> Penalty:
    """A penalty with the words around it that belong to it."""
    text = reading.text
    first, last = reading.bounds(reading.sentence(one.start))
    left = text[max(first, one.start - FARTHEST_LIMIT) : one.start]
    limit = words.limit.search(left)
    start = one.start - len(left) + limit.start() if limit else one.start
    end = one.end
    base = words.base.match(text, end, min(last, end + SEPARATE)) if one.fraction is not None else None
    if base:
        end = base.start("base") + len(_cut(base["base"], words))
    whichever = words.whichever.search(text, end, min(last, end + SEPARATE))
    if whichever and whichever.start() - end < 120 and (one.fraction is not None):
        end = whichever.end()
    per = words.per.match(text[end : min(last, end + 60)].lstrip(" )"))
    if per:
        end = text.index(per[0], end) + len(per[0])
    return replace(one, start=start, end=end, per=per["per"] if per else None)


def _prison(reading: Reading, words: _Words) -> Iterator[Penalty]:
    for match in words.prison.finditer(reading.text):
        first, last = reading.bounds(reading.sentence(match.start()))
        if match.end() <= last:
            yield Penalty(match.start(), match.end(), prison=True)
