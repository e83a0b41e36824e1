"""What could be done better in a campaign for one company: only what its own numbers give evidence for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.abm import ItemStatus
from domain.channels import Channel
from domain.intelligence.account_engagement import WEEKDAYS
from domain.intelligence.campaign_performance import (
    FEWEST_MESSAGES,
    FEWEST_OF_OTHERS,
    SIGNIFICANT,
    Counts,
    proof,
    rates,
    share,
    total,
)
from domain.intelligence.significance import Difference, Share, compare, enough, holm, likely
from domain.intelligence.variant_tests import Messages, VariantFinding, compared

CHANNEL_NAMES = {
    Channel.EMAIL: "e-mail",
    Channel.LINKEDIN: "LinkedIn",
    Channel.WEBSITE: "the website",
    Channel.DIRECT_MAIL: "direct mail",
    Channel.PHONE: "the telephone",
    Channel.OTHER: "other channels",
}
_PIECES = 3
"""Pieces on a channel without any response from which it is told."""
_BOUNCES = 0.05
"""Share of messages that come back from which addresses should be looked at: mail providers ask for less than that."""
_MEASURES = {"OPENS": "opened", "CLICKS": "clicked", "REPLIES": "answered"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A planned piece: when it leaves or left, and what became of its messages, by version.

    `heard` says whether anything was noticed in the campaign on its channel.
    """

    id: str
    local_id: str
    channel: Channel
    status: ItemStatus
    at: datetime
    heard: bool = False
    note: str | None = None
    variants: Mapping[str, Messages] = field(default_factory=dict)

    @property
    def messages(self) -> Messages:
        """All of its messages."""
        return sum(self.variants.values(), Messages())


@dataclass(frozen=True, slots=True)
class _Test:
    p: float
    told: Callable[[float], str] | None


def opportunities(pieces: Sequence[Piece], own: Counts, others: Sequence[Counts]) -> list[str]:
    """What stands out in the whole campaign so far.

    Days and hours of sending, and rates beside those of the organization's other campaigns, are two-proportion z tests
    corrected together (Holm, 5 %); versions are those that `compared` names winners. The rest is counted.
    """
    tests = [*_timing(pieces), *_rates(own, others)]
    corrected = holm([each.p for each in tests])
    found = [each.told(p) for each, p in zip(tests, corrected, strict=True) if each.told and p < SIGNIFICANT]
    return [*_variants(pieces), *found, *_silent(pieces), *_bounced(own), *_skipped(pieces)]


def by_variant(pieces: Sequence[Piece]) -> dict[str, Messages]:
    """What became of each version in all pieces that have several."""
    added: dict[str, Messages] = {}
    for piece in pieces:
        if len(piece.variants) > 1:
            for key, messages in piece.variants.items():
                added[key] = added.get(key, Messages()) + messages
    return added


def _variants(pieces: Sequence[Piece]) -> Iterator[str]:
    named = [("the campaign", compared(by_variant(pieces)))]
    named += [(piece.local_id, compared(piece.variants)) for piece in pieces if len(piece.variants) > 1]
    for name, found in named:
        if found.winner:
            yield _winner(name, found)


def _winner(name: str, found: VariantFinding) -> str:
    test = next(each for each in found.tests if each.measure == found.measure)
    return (
        f"Send version {test.better} of {name} to everybody: it is {_MEASURES[test.measure]} more often than version "
        f"{test.other} ({test.difference * 100:+.1f} points, 95% interval {test.low * 100:+.1f} to "
        f"{test.high * 100:+.1f}, p {likely(test.p)})."
    )


def _timing(pieces: Sequence[Piece]) -> Iterator[_Test]:
    """The best weekday and the best hour of sending against all others, by openings."""
    sent = [piece for piece in pieces if piece.channel is Channel.EMAIL and piece.messages.delivered]
    yield from _best([(WEEKDAYS[piece.at.weekday()], piece.messages) for piece in sent], "on {}")
    yield from _best([(f"{piece.at:%H}:00", piece.messages) for piece in sent], "in the hour from {} UTC")


def _best(parts: Sequence[tuple[str, Messages]], where: str) -> Iterator[_Test]:
    added: dict[str, Messages] = {}
    for name, messages in parts:
        added[name] = added.get(name, Messages()) + messages
    large = {name: each for name, each in added.items() if each.delivered >= FEWEST_MESSAGES}
    if len(added) < 2 or not large:
        return
    best = max(sorted(large), key=lambda name: large[name].of("OPENS").rate)
    rest = sum((each for name, each in added.items() if name != best), Messages())
    first, other = large[best].of("OPENS"), rest.of("OPENS")
    if enough(first, other, FEWEST_MESSAGES):
        found = compare(first, other)
        # The best was chosen among several: the chance is as many times larger.
        p = min(1.0, found.p * len(large))
        yield _Test(p, (lambda p: _when(where.format(best), found, p)) if found.size > 0 else None)


def _when(where: str, found: Difference, p: float) -> str:
    return (
        f"Send more {where}: {found.first:.1%} of what was sent then was opened, {found.second:.1%} of the rest "
        f"({proof(found, p)})."
    )


_ADVICE = {
    "open_rate": ("emails_opened", "Try other subject lines", "opened"),
    "click_rate": ("emails_clicked", "Make the offer of the links clearer", "clicked"),
    "reply_rate": ("emails_replied", "Ask a question that is easy to answer", "answered"),
}


def _rates(own: Counts, others: Sequence[Counts]) -> Iterator[_Test]:
    """What this campaign does worse than the organization's others."""
    whole = total(each for each in others if each.emails_delivered >= FEWEST_OF_OTHERS)
    for part, advice, done in _ADVICE.values():
        first = share(getattr(own, part), own.emails_delivered)
        other = share(getattr(whole, part), whole.emails_delivered)
        if enough(first, other, FEWEST_MESSAGES):
            yield _behind(first, other, advice, done)


def _behind(first: Share, other: Share, advice: str, done: str) -> _Test:
    found = compare(first, other)

    def told(p: float) -> str:
        return (
            f"{advice}: {found.first:.1%} of delivered messages are {done}, {found.second:.1%} in the organization's "
            f"other campaigns ({proof(found, p)})."
        )

    return _Test(found.p, told if found.size < 0 else None)


def _silent(pieces: Sequence[Piece]) -> Iterator[str]:
    """Channels on which nothing came back, while it did on another."""
    done = Counter(piece.channel for piece in pieces if piece.status in (ItemStatus.SENT, ItemStatus.ASSIGNED))
    heard = sorted({piece.channel for piece in pieces if piece.heard}, key=list(Channel).index)
    for channel, count in sorted(done.items()):
        if count >= _PIECES and heard and channel not in heard:
            yield (
                f"Nothing came back from {count} pieces by {CHANNEL_NAMES[channel]}: note what happens there, or use "
                f"{' or '.join(CHANNEL_NAMES[each] for each in heard)}, which is answered."
            )


def _bounced(own: Counts) -> Iterator[str]:
    lost = own.emails_sent - own.emails_delivered
    if own.emails_sent >= FEWEST_MESSAGES and lost > _BOUNCES * own.emails_sent:
        yield (
            f"Check the addresses: {lost} of {own.emails_sent} messages were not delivered "
            f"({1 - rates(own)['delivery_rate']:.1%})."
        )


def _skipped(pieces: Sequence[Piece]) -> Iterator[str]:
    """What was planned and not done, by the reason that was noted."""
    reasons: dict[str, list[str]] = {}
    for piece in pieces:
        if piece.status is ItemStatus.SKIPPED:
            reasons.setdefault(piece.note or "No reason was noted.", []).append(piece.local_id)
    for reason, names in sorted(reasons.items(), key=lambda each: (-len(each[1]), each[0])):
        what = f"{len(names)} planned pieces were" if len(names) > 1 else "1 planned piece was"
        each = ". Of each was noted" if len(names) > 1 else ""
        yield f"{what} left out, {names[0]}{' and others' if len(names) > 1 else ''}{each}: {reason}"
