"""What is at stake in a legal text, and how well it can be complied with: documented rules with readable reasons.

The risk level comes from penalties and deadlines, not from the score (CB-24):

* severe penalty: prison, a share of turnover, or an amount of ten million or more in any currency;
* short deadline: at most 72 hours (three days), or a date that passed or comes within 30 days.

Severe and short is critical; severe is high; another penalty with a short deadline is high; another penalty or any
deadline is medium; neither is low. The score begins at 1 and loses up to .30 for duties that name no one as bound, up
to .30 for duties without a date or a period, and up to .20 for dates that passed, each in proportion to their share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from domain.intelligence.law_findings import Assessment, Finding, FindingKind, TimeUnit
from domain.intelligence.law_texts import short as shortened
from domain.levels import RiskLevel

LONGEST_PLACE, LONGEST_WORDS = 40, 80
SEVERE_AMOUNT = 10_000_000
TURNOVER = re.compile(r"(?i)turnover|revenue|sales|income|umsatz|umsätze|chiffre d.affaires")
SHORT_HOURS = 72
SHORT_DAYS = 30
UNNAMED, UNTIMED, PASSED = 0.30, 0.30, 0.20
HOURS = {
    TimeUnit.HOUR: 1,
    TimeUnit.DAY: 24,
    TimeUnit.WORKING_DAY: 24,
    TimeUnit.WEEK: 168,
    TimeUnit.MONTH: 720,
    TimeUnit.YEAR: 8760,
}


def is_severe(penalty: Finding) -> bool:
    """Whether a penalty is prison, a share of turnover, or ten million or more."""
    prison = penalty.amount is None and penalty.fraction is None
    of_turnover = penalty.fraction is not None and bool(TURNOVER.search(penalty.base or ""))
    return prison or of_turnover or (penalty.amount or 0) >= SEVERE_AMOUNT


def is_short(deadline: Finding, today: date) -> bool:
    """Whether a deadline leaves at most 72 hours, or its date passed or comes within 30 days."""
    if deadline.on is not None:
        return (deadline.on - today).days <= SHORT_DAYS
    if deadline.count is None or deadline.unit is None:
        return False
    return deadline.count * HOURS[deadline.unit] <= SHORT_HOURS


def risk(penalties: Sequence[Finding], deadlines: Sequence[Finding], today: date) -> RiskLevel:
    """What is at stake, by the rule above."""
    severe = any(map(is_severe, penalties))
    short = any(is_short(deadline, today) for deadline in deadlines)
    if severe:
        return RiskLevel.CRITICAL if short else RiskLevel.HIGH
    if penalties and short:
        return RiskLevel.HIGH
    return RiskLevel.MEDIUM if penalties or deadlines else RiskLevel.LOW


def assess(findings: Sequence[Finding], timed: int, today: date) -> Assessment:
    """The score and the risk level of a text whose duties with a deadline are `timed` in number."""
    duties = [finding for finding in findings if finding.kind is FindingKind.REQUIREMENT]
    deadlines = [finding for finding in findings if finding.kind is FindingKind.DEADLINE]
    penalties = [finding for finding in findings if finding.kind is FindingKind.PENALTY]
    current = [deadline for deadline in deadlines if deadline.on is None or deadline.on >= today]
    level = risk(penalties, current, today)
    score, reasons = _score(duties, timed, deadlines, today)
    return Assessment(score, level, (*_stakes(penalties, current, today), *reasons))


def _score(duties: Sequence[Finding], timed: int, deadlines: Sequence[Finding], today: date) -> tuple[float, list[str]]:
    score = 1.0
    reasons = []
    if duties:
        unnamed = sum(duty.bound is None for duty in duties)
        untimed = len(duties) - timed
        score -= UNNAMED * unnamed / len(duties) + UNTIMED * untimed / len(duties)
        demands = _counted("requirement", "requirements", duties)
        reasons.append(f"{demands}: {len(duties) - unnamed} with who is bound, {timed} with until when")
    else:
        reasons.append("No requirement was found")
    dates = [deadline.on for deadline in deadlines if deadline.on is not None]
    if dates:
        passed = sum(on < today for on in dates)
        score -= PASSED * passed / len(dates)
        reasons.append(f"{_counted('date', 'dates', dates)}, {passed} passed")
    return round(score, 2), reasons


def _stakes(penalties: Sequence[Finding], deadlines: Sequence[Finding], today: date) -> Iterator[str]:
    severe = [penalty for penalty in penalties if is_severe(penalty)]
    short = [deadline for deadline in deadlines if is_short(deadline, today)]
    yield _counted("penalty", "penalties", penalties) + _first("severe", severe)
    yield _counted("deadline", "deadlines", deadlines) + " not passed" + _first("short", short)


def _counted(one: str, many: str, of: Sequence[object]) -> str:
    return f"{len(of)} {one if len(of) == 1 else many}"


def _first(what: str, findings: Sequence[Finding]) -> str:
    """How many findings are of a kind, with the place and the words of the first."""
    if not findings:
        return ""
    first = findings[0]
    at = f"{shortened(first.place, LONGEST_PLACE)}: " if first.place else ""
    return f", {len(findings)} {what} (first {at}{shortened(first.text, LONGEST_WORDS)})"
