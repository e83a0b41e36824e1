"""The analysis of legal texts: deadlines, penalties, requirements and entities, each with its quote and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.intelligence.law_assessment import assess
from domain.intelligence.law_budget import MOST_CANDIDATES, Budget
from domain.intelligence.law_deadlines import Deadline, deadlines
from domain.intelligence.law_duties import Duty, duties
from domain.intelligence.law_entities import entities
from domain.intelligence.law_findings import Assessment, Finding, FindingKind, LawFindings
from domain.intelligence.law_items import Found, obligations
from domain.intelligence.law_languages import languages
from domain.intelligence.law_penalties import Penalty, penalties
from domain.intelligence.law_places import HEADING, Places, places
from domain.intelligence.law_reading import Reading, read
from domain.intelligence.law_texts import key, point, sentence, short
from domain.levels import RiskLevel

REGULATION = "REGULATION"
LONGEST_TEXT = 160
LONGEST_LEAD = 80  # what leads in to a point leaves room for the point
LONGEST_QUOTE = 300  # of penalties and deadlines, which are said as found (CB-50)
LONGEST_TITLE = 200
MOST_TITLE_LINES = 5
NO_TEXT = "The text is empty: nothing was read"
NO_LANGUAGE = (
    "The text is in none of the languages that are understood (English, German, French): nothing was looked for"
)
UNSURE_LANGUAGE = "The text is too short to tell its language"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a text is kept at most."""

    findings: int = 10_000
    candidates: int = MOST_CANDIDATES
    entities: int = 25
    obligations: int = 500


def analyse(
    text: str, *, jurisdiction: str, document_type: str, today: date, limits: Limits | None = None
) -> LawFindings:
    """What a legal text says, and what it gives someone to do.

    `jurisdiction` is a code such as `EU`, `US` or `US-CA`: it says how `3/4/2025` and `$` are read. Of a document whose
    type is a regulation, every duty of someone it binds is something to do; of others, those with a deadline or a
    penalty. `today` tells which dates passed.
    """
    limits = limits or Limits()
    if not text.strip():
        return _nothing(NO_TEXT)
    understood, sure = languages(text, jurisdiction)
    if not understood:
        return _nothing(NO_LANGUAGE)
    return _Analysis(read(text, Budget(limits.candidates)), understood, jurisdiction, limits).findings(
        document_type, today, sure
    )


def _nothing(note: str) -> LawFindings:
    return LawFindings(None, None, (), (), Assessment(0.0, RiskLevel.LOW, (note,)), (note,))


class _Analysis:
    """One text being analysed."""

    def __init__(self, reading: Reading, understood: list[str], jurisdiction: str, limits: Limits) -> None:
        self._reading = reading
        self._languages = understood
        self._jurisdiction = jurisdiction
        self._limits = limits
        self._places: Places = places(reading, understood[0])
        self._seen: Counter[tuple[str, str, str | None]] = Counter()

    def findings(self, document_type: str, today: date, sure: bool) -> LawFindings:
        """Everything the text says."""
        language = self._languages[0]
        due, recurring = self._deadlines()
        costs = self._penalties()
        with_dates = {each.sentence for each in due}
        demands = self._requirements(language, recurring, with_dates)
        timed = sum(duty.sentence in with_dates or finding.count is not None for duty, finding in demands)
        items = obligations(
            self._reading,
            self._places,
            language,
            (demands, due, costs),
            regulation=document_type.upper() == REGULATION,
            today=today,
            most=self._limits.obligations,
        )
        found = [*(each.finding for each in [*due, *costs]), *(finding for _, finding in demands)]
        kept = sorted(found[: self._limits.findings], key=lambda each: (each.start, each.end))
        return LawFindings(
            language,
            self._title(),
            (*kept, *self._entities(language)),
            items,
            assess(found, timed, today),
            tuple(self._notes(len(found), sure)),
        )

    def _notes(self, found: int, sure: bool) -> Iterator[str]:
        if not sure:
            yield UNSURE_LANGUAGE
        if found > self._limits.findings:
            yield f"Only {self._limits.findings} of {found} findings are kept, requirements last"
        if self._reading.budget.exceeded:
            yield f"Only the first {self._limits.candidates} periods, dates, amounts and shares were looked at"

    def _deadlines(self) -> tuple[list[Found], dict[int, Deadline]]:
        """Deadlines, and by sentence what comes again and again."""
        month_first = self._jurisdiction.upper().startswith("US")
        named: dict[int, Deadline] = {}
        for language in self._languages:
            for one in deadlines(self._reading, language, month_first=month_first):
                if not self._is_reason(one.end - 1):
                    named.setdefault(one.start, one)
        ordered = _apart(sorted(named.values(), key=lambda one: one.start))
        recurring = {self._reading.sentence(one.end - 1): one for one in ordered if one.recurring}
        return [self._deadline(one) for one in ordered if not one.recurring], recurring

    def _deadline(self, one: Deadline) -> Found:
        finding = self._finding(
            FindingKind.DEADLINE, one.start, one.end, on=one.on, count=one.count, unit=one.unit, trigger=one.trigger
        )
        return Found(self._reading.sentence(one.end - 1), finding)

    def _is_reason(self, position: int) -> bool:
        """Whether a position is in a recital, which says why an act is made and binds nobody."""
        return self._places.recitals[self._reading.sentence(position)]

    def _penalties(self) -> list[Found]:
        named: dict[int, Penalty] = {}
        for language in self._languages:
            for one in penalties(self._reading, language, self._jurisdiction):
                if not self._is_reason(one.start):
                    named.setdefault(one.start, one)
        return [
            Found(
                self._reading.sentence(one.start),
                self._finding(
                    FindingKind.PENALTY,
                    one.start,
                    one.end,
                    amount=one.amount,
                    currency=one.currency,
                    fraction=one.fraction,
                    base=one.base,
                    per=one.per,
                ),
            )
            for one in sorted(named.values(), key=lambda one: one.start)
        ]

    def _requirements(
        self, language: str, recurring: dict[int, Deadline], timed: Container[int]
    ) -> list[tuple[Duty, Finding]]:
        made = []
        for duty in duties(self._reading, self._places, language, timed):
            again = recurring.get(duty.sentence)
            finding = self._finding(
                FindingKind.REQUIREMENT,
                duty.start,
                duty.end,
                words=duty.words,
                lead=duty.lead,
                bound=duty.bound,
                count=again.count if again else None,
                unit=again.unit if again else None,
            )
            made.append((duty, finding))
        return made

    def _entities(self, language: str) -> list[Finding]:
        return [
            self._finding(FindingKind.ENTITY, start, end, name=name)
            for name, start, end in entities(self._reading, language, self._limits.entities)
        ]

    def _finding(
        self,
        kind: FindingKind,
        start: int,
        end: int,
        *,
        words: int | None = None,
        lead: str = "",
        name: str | None = None,
        **fields: object,
    ) -> Finding:
        """A finding between two positions of the reading; its text is `lead` and all from `words` on, or its `name`."""
        reading = self._reading
        source_start, source_end = reading.span(start, end)
        quote = reading.source[source_start:source_end]
        place = self._places.names[reading.sentence(max(end - 1, 0) if words is None else start)]
        plain = reading.text[start:end]
        same = (kind.value, plain, place)
        finding_key = key(kind.value, name or plain, place if name is None else None, self._seen[same])
        self._seen[same] += 1
        if name is not None:
            text = name
        elif words is not None:
            text = sentence(point(short(lead, LONGEST_LEAD), reading.text[words:end]), LONGEST_TEXT)
        else:
            text = short(plain, LONGEST_QUOTE)
        return Finding(kind, text, quote, source_start, source_end, finding_key, place, **fields)  # type: ignore[arg-type]

    def _title(self) -> str | None:
        """The first line that is a title, if the text begins with one."""
        for line in self._reading.text[: MOST_TITLE_LINES * LONGEST_TITLE].split("\n")[:MOST_TITLE_LINES]:
            title = line.strip()
            if HEADING.match(title):
                return None
            if " " in title and len(title) <= LONGEST_TITLE and not title.endswith((".", ";", ":")):
                return title
        return None


def _apart(ordered: Iterable[Deadline]) -> list[Deadline]:
    """Deadlines without those that two languages both see."""
    kept: list[Deadline] = []
    for one in ordered:
        last = kept[-1] if kept else None
        if last is None or one.start >= last.end or (one.on, one.count, one.unit) != (last.on, last.count, last.unit):
            kept.append(one)
    return kept
