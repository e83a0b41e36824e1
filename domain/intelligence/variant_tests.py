"""Versions of a message against each other: which is answered, clicked or opened more often, beyond chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.intelligence.campaign_performance import FEWEST_MESSAGES, SIGNIFICANT, rate, share
from domain.intelligence.significance import Share, compare, enough, holm

MEASURES = ("REPLIES", "CLICKS", "OPENS")
"""By what versions are compared; the first that tells them apart names the winner."""


@dataclass(frozen=True, slots=True)
class Messages:
    """What became of messages: each is opened, clicked and answered once."""

    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    replied: int = 0

    def __add__(self, other: Messages) -> Messages:
        return Messages(
            self.sent + other.sent,
            self.delivered + other.delivered,
            self.opened + other.opened,
            self.clicked + other.clicked,
            self.replied + other.replied,
        )

    def of(self, measure: str) -> Share:
        """How many of the delivered did it."""
        done = {"REPLIES": self.replied, "CLICKS": self.clicked, "OPENS": self.opened}
        return share(done[measure], self.delivered)


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """One version, and what became of its messages."""

    variant: str
    sent: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    open_rate: float
    click_rate: float
    reply_rate: float


@dataclass(frozen=True, slots=True)
class VariantTest:
    """The best version by one measure against the next best; `p` is corrected for all measures that were tested."""

    measure: str
    better: str
    other: str
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class VariantFinding:
    """What versions reached, whether that can tell them apart, and which one wins if it does."""

    variants: tuple[VariantFigures, ...]
    tests: tuple[VariantTest, ...]
    winner: str | None
    measure: str | None
    warning: str | None


def compared(variants: Mapping[str, Messages]) -> VariantFinding:
    """The two best of the versions by each measure, tested by the two-proportion z test with Newcombe's interval.

    A measure is tested where both have at least 30 delivered messages and five of the rarer outcome are to be expected
    in each; chances are corrected for the number of pairs to choose from and of measures (Bonferroni, Holm). Without a
    test there is no winner, and the warning says what is missing.
    """
    figures = tuple(_figures(key, variants[key]) for key in sorted(variants))
    pairs = max(1, len(variants) * (len(variants) - 1) // 2)
    found = [each for measure in MEASURES if (each := _tested(measure, variants, pairs))]
    corrected = holm([each.p for each in found])
    tests = tuple(replace(each, p=p) for each, p in zip(found, corrected, strict=True))
    won = next((each for each in tests if each.p < SIGNIFICANT), None)
    return VariantFinding(
        figures, tests, won.better if won else None, won.measure if won else None, _warning(variants, tests, won)
    )


def _figures(key: str, of: Messages) -> VariantFigures:
    rates = (rate(each, of.delivered) for each in (of.opened, of.clicked, of.replied))
    return VariantFigures(key, of.sent, of.delivered, of.opened, of.clicked, of.replied, *rates)


def _tested(measure: str, variants: Mapping[str, Messages], pairs: int) -> VariantTest | None:
    if len(variants) < 2:
        return None
    best, second = sorted(variants, key=lambda key: (-variants[key].of(measure).rate, key))[:2]
    first, other = variants[best].of(measure), variants[second].of(measure)
    if not enough(first, other, FEWEST_MESSAGES):
        return None
    found = compare(first, other)
    return VariantTest(measure, best, second, found.size, found.low, found.high, min(1.0, found.p * pairs))


def _warning(variants: Mapping[str, Messages], tests: Sequence[VariantTest], won: VariantTest | None) -> str | None:
    if len(variants) < 2:
        return "There is only one version: nothing is compared."
    fewest = min(each.delivered for each in variants.values())
    if fewest < FEWEST_MESSAGES:
        return (
            f"The sample is small: {fewest} messages of the least delivered version, "
            f"at least {FEWEST_MESSAGES} of each are needed."
        )
    if not tests:
        return "Too few replies, clicks and openings to compare by."
    return None if won else "No difference beyond chance yet."
