"""What the reading process is asked and answers, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Final

from domain.intelligence.law_findings import (
    Assessment,
    Finding,
    FindingKind,
    LawFindings,
    Obligation,
    TimeUnit,
)
from domain.levels import RiskLevel
from gateway.reading.taken import ReadingLimits

QUESTION: Final = "TRIGRAPH_READING_QUESTION"
"""The variable of the environment that the question stands in: arguments can be seen by everyone on the machine."""
MOST_FINDINGS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """What to read and how: `plain` when the file is but a text that was sent as such."""

    name: str | None
    media_type: str | None
    plain: bool
    jurisdiction: str
    document_type: str
    today: str
    limits: ReadingLimits

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Question:
        """A question as it came."""
        return cls(**{**value, "limits": ReadingLimits(**value["limits"])})


def told(findings: LawFindings) -> dict[str, Any]:
    """Findings as JSON knows them, at most so many of them."""
    kept = replace(
        findings, findings=findings.findings[:MOST_FINDINGS], obligations=findings.obligations[:MOST_FINDINGS]
    )
    value = asdict(kept)
    for name in ("findings", "obligations"):
        value[name] = [_plain(each) for each in value[name]]
    if len(findings.findings) > MOST_FINDINGS:
        value["notes"] = [*value["notes"], f"Only the first {MOST_FINDINGS} findings are kept."]
    return value


def findings_of(value: Mapping[str, Any]) -> LawFindings:
    """Findings as they were told.

    Raises:
        KeyError, TypeError, ValueError: these are none.
    """
    assessment = value["assessment"]
    return LawFindings(
        language=value["language"],
        title=value["title"],
        findings=tuple(_made(Finding, each) for each in value["findings"]),
        obligations=tuple(_made(Obligation, each) for each in value["obligations"]),
        assessment=Assessment(assessment["score"], RiskLevel(assessment["risk_level"]), tuple(assessment["reasons"])),
        notes=tuple(value["notes"]),
    )


_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": FindingKind,
    "unit": TimeUnit,
    "on": date.fromisoformat,
    "risk_level": RiskLevel,
    "requirements": tuple,
    "penalties": tuple,
}


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each.isoformat() if isinstance(each, date) else each for name, each in value.items()}


def _made(kind: Any, value: Mapping[str, Any]) -> Any:
    known = {each.name for each in fields(kind)}
    if set(value) != known:
        raise ValueError("other fields")
    return kind(
        **{name: _READ[name](each) if name in _READ and each is not None else each for name, each in value.items()}
    )
