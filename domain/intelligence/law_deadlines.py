"""Deadlines in legal texts: dates that count, and periods with what they run from."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from domain.intelligence.law_findings import TimeUnit
from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_numbers import of_words
from domain.intelligence.law_reading import Reading
from domain.intelligence.law_words import FAR, NEAR, Lexicon, Rules, decide, rules

MOST_COUNT = 1200
LONGEST_CUE = 40
PERIOD = " period"
WINDOW = 90
GLUED = "de"  # writes number and unit as one word: Zweimonatsfrist
YEARS = (1900, 2200)
ISO = re.compile(r"(?<![\w.-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?![\w-])")
DOTTED = re.compile(r"(?<![\w./])(?P<d>\d{1,2})\. ?(?P<m>\d{1,2})\. ?(?P<y>(?:19|20)\d\d)(?!\w)")
SLASHED = re.compile(r"(?<![\w/])(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>(?:19|20)\d\d)(?![\w/])")
IN_PARENTHESES = re.compile(r"\s?\(([^()]{1,30})\)$")
# One date follows another: `on 31 March and 30 September`.
IN_A_ROW = re.compile(
    r"(?i)^[ ,]*(?:(?:[^.;]{0,70}[ ,])?(?:and|or|und|oder|et|ou|to|through|bis(?: zum)?|au|jusqu['\u2019]au)"
    r"(?: (?:on|am|le|zum|ending(?: on)?))?)?[ ]*$"
)
LONGEST_ROW = 90


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline between two positions of a reading: a date, or a period. `recurring` ones come again and again."""

    start: int
    end: int
    on: date | None = None
    count: int | None = None
    unit: TimeUnit | None = None
    trigger: str | None = None
    recurring: bool = False


@dataclass(frozen=True)
class _Time:
    lexicon: Lexicon
    unit: re.Pattern[str]
    units: tuple[tuple[re.Pattern[str], TimeUnit], ...]
    number: re.Pattern[str]
    working: re.Pattern[str]
    working_after: re.Pattern[str]
    periods: Rules
    recurring: Rules
    again: tuple[tuple[re.Pattern[str], int, TimeUnit], ...]
    dates: Rules
    date: re.Pattern[str]
    trigger: re.Pattern[str]
    trigger_end: re.Pattern[str]
    ordinal: re.Pattern[str]


@cache
def _time(language: str) -> _Time:
    lexicon = LEXICONS[language]
    words, numbers = lexicon.time, lexicon.numbers
    units = "|".join(f"(?:{pattern})" for pattern, _ in words.units)
    between = rf"(?:(?:{words.working}|{words.between})[ -])"
    return _Time(
        lexicon,
        unit=re.compile(rf"(?i)(?:{units})(?!\w)"),
        units=tuple((re.compile(pattern, re.I), unit) for pattern, unit in words.units),
        number=re.compile(
            rf"(?i)(?<![\w.,/])(?P<number>{numbers.pattern})(?:\s?\([^()]{{1,30}}\))?"
            rf"(?P<joint>[ -]?)(?P<between>{between}{{0,3}})$"
        ),
        working=re.compile(rf"(?i)\b{words.working}"),
        working_after=re.compile(rf"(?i)\s?(?:{words.working}|{words.between})\b"),
        periods=rules(words.periods, words.filler),
        recurring=rules(words.recurring, words.filler),
        again=tuple((re.compile(pattern, re.I), count, unit) for pattern, count, unit in words.again),
        dates=rules(words.dates, words.filler),
        date=re.compile(rf"(?i){words.dates_text.replace('{months}', numbers.month)}"),
        trigger=re.compile(rf"(?i)(?:{words.trigger})\b\s*(?P<what>\S.{{0,160}})"),
        trigger_end=re.compile(rf"(?i){words.trigger_end}"),
        ordinal=re.compile(rf"(?i){words.ordinal_day}"),
    )


def deadlines(reading: Reading, language: str, *, month_first: bool) -> Iterator[Deadline]:
    """Deadlines that a text names, in no order. `month_first` says how `3/4/2025` is read."""
    time = _time(language)
    yield from _periods(reading, time)
    yield from _ordinals(reading, time)
    yield from _dates(reading, time, month_first)
    yield from reading.budget.take(_again(reading, time))


def _periods(reading: Reading, time: _Time) -> Iterator[Deadline]:
    text, before = reading.text, 0
    for start, count, unit, unit_end in reading.budget.take(_spans(text, time)):
        first, last = reading.bounds(reading.sentence(start))
        left = text[max(first, start - NEAR) : start].rstrip(' ("\u201c')
        right = text[unit_end : min(last, unit_end + FAR)].lstrip(" )-")
        recurring = decide(time.recurring, left, right)
        decided = recurring or decide(time.periods, left, right)
        if decided is None or not decided[0]:
            continue
        end = unit_end + (len(PERIOD) if text.startswith(PERIOD, unit_end) else 0)
        what, end_of_trigger = _trigger(text, end, last, time)
        begins = _with_cue(text, first, start, left, decided[1])
        begins, before = begins if begins >= before else start, end_of_trigger
        yield Deadline(begins, end_of_trigger, None, count, unit, what, recurring is not None)


def _again(reading: Reading, time: _Time) -> Iterator[Deadline]:
    """What comes again and again, said without a number: `annually`, `by 31 March each year`."""
    for pattern, count, unit in time.again:
        for match in pattern.finditer(reading.text):
            yield Deadline(match.start(), match.end(), count=count, unit=unit, recurring=True)


def _spans(text: str, time: _Time) -> Iterator[tuple[int, int, TimeUnit, int]]:
    """Spans of time that a text names, whatever for: where they begin, how many of what, and where they end."""
    for match in time.unit.finditer(text):
        window = text[max(match.start() - WINDOW, 0) : match.start()]
        number = time.number.search(window)
        if number is None or not (number["joint"] or number["between"] or time.lexicon.language == GLUED):
            continue
        count = _count(number, time)
        if count is None or not 0 < count <= MOST_COUNT:
            continue
        after = time.working_after.match(text, match.end())
        unit, factor = _unit(match[0], time)
        if unit is TimeUnit.DAY and time.working.search(number["between"] + match[0] + (after[0] if after else "")):
            unit = TimeUnit.WORKING_DAY
        start = match.start() - len(window) + number.start("number")
        yield start, count * factor, unit, after.end() if after else match.end()


def _with_cue(text: str, first: int, start: int, left: str, cue: int) -> int:
    """Where a deadline begins together with its cue, if that is short."""
    if not 0 < cue <= LONGEST_CUE:
        return start
    begins = text.find(left[-cue:], max(first, start - cue - 6), start)
    whole = begins >= 0 and not (text[begins].isalnum() and text[begins - 1 : begins].isalnum())
    return begins if whole else start


def _count(number: re.Match[str], time: _Time) -> int | None:
    words = number["number"]
    value = float(words) if words.isdigit() else of_words(words, time.lexicon.numbers.words)
    return int(value) if value is not None else None


def _unit(text: str, time: _Time) -> tuple[TimeUnit, int]:
    factor = 2 if text.lower().startswith("fortnight") else 1
    for pattern, unit in time.units:
        if pattern.fullmatch(text):
            return unit, factor
    return TimeUnit.DAY, factor


def _trigger(text: str, start: int, last: int, time: _Time) -> tuple[str | None, int]:
    """What a period runs from, and where its words end."""
    gap = start
    while gap < last and text[gap] in " -),":
        gap += 1
    match = time.trigger.match(text, gap, min(last, gap + 240))
    if match is None:
        return None, start
    ended = time.trigger_end.search(match["what"] + " ")
    what = match["what"][: ended.start()] if ended else match["what"]
    what = what.strip(" ()\n")
    return (
        (what, match.start("what") + len(match["what"][: ended.start()] if ended else match["what"]))
        if what
        else (None, start)
    )


def _ordinals(reading: Reading, time: _Time) -> Iterator[Deadline]:
    text = reading.text
    for match in time.ordinal.finditer(text):
        digits = re.match(r"\d+", match["ordinal"])
        count = int(digits[0]) if digits else time.lexicon.numbers.ordinals.get(match["ordinal"].lower())
        if not count:
            continue
        unit, _ = _unit(match["unit"].split()[-1], time)
        working = unit is TimeUnit.DAY and time.working.search(match["unit"])
        last = reading.bounds(reading.sentence(match.start()))[1]
        what, end = _trigger(text, match.end(), last, time)
        yield Deadline(
            match.start("ordinal"), end, count=count, unit=TimeUnit.WORKING_DAY if working else unit, trigger=what
        )


def _dates(reading: Reading, time: _Time, month_first: bool) -> Iterator[Deadline]:
    text = reading.text
    accepted_end = -1
    for start, end, on in reading.budget.take(_written(text, time, month_first)):
        sentence = reading.sentence(start)
        first, last = reading.bounds(sentence)
        left = text[max(first, start - NEAR) : start].rstrip()
        right = text[end : min(last, end + FAR)].lstrip(" ,")
        near = first <= accepted_end and start - accepted_end < LONGEST_ROW
        row = near and bool(IN_A_ROW.match(text[accepted_end:start]))
        decided = (True, 0) if row else decide(time.dates, left, right)
        if decided is not None and decided[0]:
            accepted_end = end
            yield Deadline(_with_cue(text, first, start, left, decided[1]), end, on=on)


def _written(text: str, time: _Time, month_first: bool) -> list[tuple[int, int, date]]:
    """Days that are written out in full, in order."""
    found: list[tuple[int, int, date]] = []
    for match in time.date.finditer(text):
        on = _in_words(match, time)
        if on is not None:
            found.append((match.start(), match.end(), on))
    for pattern in (ISO, DOTTED, SLASHED):
        for match in pattern.finditer(text):
            day, month = int(match["d"]), int(match["m"])
            if pattern is SLASHED and ((month_first and day <= 12) or month > 12):
                day, month = month, day
            on = _day(int(match["y"]), month, day)
            if on is not None:
                found.append((match.start(), match.end(), on))
    return sorted(found)


def _in_words(match: re.Match[str], time: _Time) -> date | None:
    groups = match.groupdict()
    months = time.lexicon.numbers.months
    month = next((months[groups[key].lower()] for key in ("month", "month2", "month3") if groups.get(key)), None)
    if groups.get("year_end"):
        year = int(groups["year_end"])
        return _day(year, month or 12, monthrange(year, month or 12)[1])
    day = groups.get("day") or groups.get("day2")
    years = groups.get("year") or groups.get("year2")
    return _day(int(years), month, int(day)) if day and years and month else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if YEARS[0] <= year <= YEARS[1] else None
    except ValueError:
        return None
