"""What a company's people respond to: channels, content, length and tone, by what came back for what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from domain.abm import ItemStatus
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.intelligence.campaign_performance import FEWEST_MESSAGES, SIGNIFICANT
from domain.intelligence.significance import Share, compare, enough
from domain.intelligence.variant_tests import Messages

FEWEST_RESPONSES = 5
"""Responses below which nothing is told to be preferred."""
_MOST = 3
LENGTHS = ((200, "Short (under 200 words)"), (400, "Medium (200-400 words)"))
LONG = "Long (over 400 words)"
USUAL_LENGTH = LENGTHS[0][1]
USUAL_TONE = "Professional, consultative"
"""What is assumed while nothing was found to be answered more often."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for a planned piece or without one, by one way and of one kind, without repeats."""

    item_id: str | None
    channel: Channel
    type: EngagementType
    count: int
    score: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A planned piece of a company's campaigns. `words` is about how long it is, `tone` that of its text."""

    id: str
    channel: Channel
    content_type: str
    status: ItemStatus
    words: float | None
    tone: str | None
    messages: Messages

    @property
    def done(self) -> bool:
        """Whether it has left, or was given to somebody to do."""
        return self.status in (ItemStatus.SENT, ItemStatus.ASSIGNED)


@dataclass(frozen=True, slots=True)
class Preference:
    """What is preferred: the score that comes back per piece, that of all pieces, and of how many."""

    name: str
    score: float
    usual: float
    pieces: int


def channels(sent: Sequence[Sent], responses: Sequence[Response]) -> list[Preference]:
    """The channels by the score that came back per piece that was done on them, the best first.

    Mail that answers no piece is that of people, of which it is not counted here how much was sent. Channels on which
    nothing was done follow the others, and OTHER is no channel that could be chosen.
    """
    pieces = {piece.id for piece in sent if piece.done}
    done: dict[str, int] = {}
    for piece in sent:
        if piece.done:
            done[piece.channel.value] = done.get(piece.channel.value, 0) + 1
    came = [
        (each.channel.value, each.count, each.score)
        for each in _answers(responses)
        if each.item_id in pieces or each.channel.value not in done or _loose(each)
    ]
    return _ranked([each for each in came if each[0] != Channel.OTHER.value], done)


def _loose(response: Response) -> bool:
    return response.item_id is None and response.channel is not Channel.EMAIL


def _answers(responses: Sequence[Response]) -> list[Response]:
    """Responses without mail that merely came back."""
    return [each for each in responses if each.type is not EngagementType.BOUNCE]


def content_types(sent: Sequence[Sent], responses: Sequence[Response]) -> list[Preference]:
    """The kinds of content by the score that came back per piece of them, the best first."""
    kinds = {piece.id: piece.content_type for piece in sent if piece.done}
    done: dict[str, int] = {}
    for kind in kinds.values():
        done[kind] = done.get(kind, 0) + 1
    came = [(kinds[each.item_id], each.count, each.score) for each in _answers(responses) if each.item_id in kinds]
    return _ranked(came, done)


def _ranked(came: Iterable[tuple[str, int, float]], done: dict[str, int]) -> list[Preference]:
    events: dict[str, int] = {}
    scores: dict[str, float] = {}
    for name, count, score in came:
        events[name], scores[name] = events.get(name, 0) + count, scores.get(name, 0.0) + score
    if sum(events.values()) < FEWEST_RESPONSES:
        return []
    usual = sum(score for name, score in scores.items() if name in done) / max(1, sum(done.values()))
    found = [
        Preference(name, score / max(1, done.get(name, 0)), usual, done.get(name, 0)) for name, score in scores.items()
    ]
    found = [each for each in found if each.score > 0]
    return sorted(found, key=lambda each: (not each.pieces, -each.score, each.name))[:_MOST]


def length(sent: Sequence[Sent]) -> str | None:
    """The length whose messages are answered more often than all others, beyond chance; None when none is."""
    return _better(sent, lambda piece: None if piece.words is None else length_of(piece.words))


def tone(sent: Sequence[Sent]) -> str | None:
    """The tone whose messages are answered more often than all others, beyond chance; None when none is."""
    return _better(sent, lambda piece: piece.tone)


def length_of(words: float) -> str:
    """How a text of so many words is called."""
    return next((name for most, name in LENGTHS if words < most), LONG)


def _better(sent: Sequence[Sent], part: Callable[[Sent], str | None]) -> str | None:
    added: dict[str, Messages] = {}
    for piece in sent:
        name = part(piece)
        if name:
            added[name] = added.get(name, Messages()) + piece.messages
    if len(added) < 2:
        return None
    best = max(sorted(added), key=lambda name: _answered(added[name]).rate)
    first = _answered(added[best])
    rest = _answered(sum((each for name, each in added.items() if name != best), Messages()))
    if not enough(first, rest, FEWEST_MESSAGES):
        return None
    found = compare(first, rest)
    # The best was chosen among several: the chance is as many times larger.
    return best if found.size > 0 and found.p * len(added) < SIGNIFICANT else None


def _answered(messages: Messages) -> Share:
    return messages.of("REPLIES")
