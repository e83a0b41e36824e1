"""What a legal text gives someone to do: its duties with their deadlines, and the penalties of those they break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.intelligence.law_assessment import risk
from domain.intelligence.law_duties import Duty
from domain.intelligence.law_findings import Finding, Obligation
from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_places import Places
from domain.intelligence.law_reading import Reading
from domain.intelligence.law_texts import key, point, sentence

FARTHEST_LIST = 40
LONGEST_TITLE = 120
LONGEST_DESCRIPTION = 1000
WIDEST_RANGE = 400
MOST_COSTS = 10
LONGEST_PARAGRAPH = 20_000
NUMBER = re.compile(r"\d+[a-z]?")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and the sentence it stands in."""

    sentence: int
    finding: Finding


def obligations(
    reading: Reading,
    places: Places,
    language: str,
    found: tuple[Sequence[tuple[Duty, Finding]], Sequence[Found], Sequence[Found]],
    *,
    regulation: bool,
    today: date,
    most: int,
) -> tuple[Obligation, ...]:
    """Things to do, of duties, deadlines and penalties found; with most at stake if there are too many."""
    duties, deadlines, penalties = found
    all_costs = _Costs(reading, places, language, penalties)
    by_sentence: dict[int, list[Finding]] = {}
    for deadline in deadlines:
        by_sentence.setdefault(deadline.sentence, []).append(deadline.finding)
    made: dict[str, tuple[int, Obligation]] = {}
    for duty, finding in duties:
        if duty.by_authority:
            continue
        own = by_sentence.get(duty.sentence, [])
        costs = all_costs.of(places.articles[duty.sentence])
        if own or costs or (regulation and duty.bound):
            obligation = _obligation(reading, duty, finding, own, costs, today)
            made.setdefault(obligation.key, (-2 * bool(own) - bool(costs), obligation))
    kept = sorted(made, key=lambda each: made[each][0])[:most]
    wanted = set(kept)
    return tuple(obligation for each, (_, obligation) in made.items() if each in wanted)


def _obligation(
    reading: Reading, duty: Duty, finding: Finding, own: Sequence[Finding], costs: Sequence[Finding], today: date
) -> Obligation:
    dates = sorted(deadline.on for deadline in own if deadline.on is not None)
    on = next((day for day in dates if day >= today), dates[-1] if dates else None)
    period = next((deadline for deadline in own if deadline.count is not None), None)
    description = sentence(point(duty.lead, reading.text[duty.start : max(duty.end, duty.until)]), LONGEST_DESCRIPTION)
    return Obligation(
        key=key("OBLIGATION", reading.text[duty.start : duty.end], finding.place),
        title=sentence(finding.text, LONGEST_TITLE),
        description=description,
        place=finding.place,
        on=on,
        count=period.count if period else None,
        unit=period.unit if period else None,
        trigger=period.trigger if period else None,
        requirements=(finding.text,),
        penalties=tuple(dict.fromkeys(cost.text for cost in costs)),
        risk_level=risk(costs, own, today),
    )


class _Costs:
    """What breaking the articles of an act costs."""

    def __init__(self, reading: Reading, places: Places, language: str, penalties: Sequence[Found]) -> None:
        self._named: dict[str, list[Finding]] = {}
        self._own: dict[str, list[Finding]] = {}
        self._whole: list[Finding] = []
        known: dict[int, tuple[frozenset[str], bool]] = {}
        for at, penalty in ((each.sentence, each.finding) for each in penalties):
            if at not in known:
                known[at] = _reach(_paragraph(reading, places, at), language)
            articles, whole = known[at]
            for article in articles:
                self._named.setdefault(article, []).append(penalty)
            if whole:
                self._whole.append(penalty)
            elif not articles or places.articles[at] == "":
                self._own.setdefault(places.articles[at], []).append(penalty)

    def of(self, article: str) -> list[Finding]:
        """Penalties that name an article; else those for the whole act, and those of the article itself."""
        named = self._named.get(article, []) if article else []
        return (named or [*self._own.get(article, []), *self._whole])[:MOST_COSTS]


def _reach(text: str, language: str) -> tuple[frozenset[str], bool]:
    """Articles that a penalty's text names, or else whether it speaks of the whole act."""
    words = LEXICONS[language].penalty
    articles: set[str] = set()
    for match in re.finditer(words.articles, text):
        if not re.match(words.other_act, text[match.end() : match.end() + 60]):
            articles |= _listed(match["list"], words.ranges)
    return frozenset(articles), not articles and bool(re.search(words.whole_act, text))


def _paragraph(reading: Reading, places: Places, sentence: int) -> str:
    """The sentence of a penalty and the points of its paragraph that follow."""
    place = places.names[sentence]
    last = sentence
    while place and last + 1 < len(places.names) and last - sentence < FARTHEST_LIST:
        name = places.names[last + 1] or ""
        if not name.startswith(place) or name[len(place) : len(place) + 1].isdigit():
            break
        last += 1
    start, end = reading.bounds(sentence)[0], reading.bounds(last)[1]
    return reading.text[start : min(end, start + LONGEST_PARAGRAPH)]


def _listed(names: str, ranges: str) -> set[str]:
    """Numbers of articles in a list such as `8, 11, 25 to 39 and 42`."""
    plain = re.sub(r"\([^()]*\)|Abs(?:atz|\.) \d+", "", names)
    articles: set[str] = set(NUMBER.findall(plain))
    for match in re.finditer(rf"(\d{{1,5}}) ?(?:{ranges}) ?(\d{{1,5}})", plain):
        first, last = int(match[1]), int(match[2])
        if first < last <= first + WIDEST_RANGE:
            articles.update(map(str, range(first, last + 1)))
    return articles
