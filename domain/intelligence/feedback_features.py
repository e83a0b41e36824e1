"""Feedback texts as numbers: words, pairs of words and parts of words, hashed into one space of fixed size.

The hash is arithmetic on code points in 64 bits, so that a weight means the same on every machine and in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from domain.intelligence.feedback_words import breaks
from domain.intelligence.word_lists import word_list

SHORTEST, LONGEST = 2, 5
# A negation turns the words after it, up to a mark that ends the clause.
REACH = 3

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float32]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
# Kinds of features never share a bucket: where the buckets of each kind begin and how many they are (as a power of 2).
WORDS, PARTS, SIGNS = (0, 17), (1 << 17, 17), (1 << 18, 12)
SIZE = SIGNS[0] + (1 << SIGNS[1])
_KINDS = {
    "word": (np.uint64(0xA1), *WORDS),
    "pair": (np.uint64(0xB2), *WORDS),
    "triple": (np.uint64(0xC3), *WORDS),
    "not": (np.uint64(0xE5), *WORDS),
    "part": (np.uint64(0xD4), *PARTS),
    "size": (np.uint64(0xF6), *SIGNS),
    "sign": (np.uint64(0x17), *SIGNS),
}


@cache
def negations() -> frozenset[str]:
    """Words that turn what follows, in six languages."""
    return frozenset(word for spelled in word_list("negations.json").values() for word in spelled)


@dataclass(frozen=True, slots=True)
class Features:
    """What stands in several texts, sorted by text: for each the bucket it falls in and how often it is there."""

    rows: Integers
    buckets: Integers
    counts: Floats
    texts: int


def featured(tokens: Sequence[list[str]], signs: Sequence[list[str]]) -> Features:
    """The features of texts that are split into words; `signs` are names of what is known to stand in each."""
    flat = [token for row in tokens for token in row]
    sizes = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    rows = np.repeat(np.arange(len(tokens), dtype=np.int64), sizes)
    buckets: list[Integers] = [_lengths(sizes)]
    owners: list[Integers] = [np.arange(len(tokens), dtype=np.int64)]
    if flat:
        points, starts, lengths = _points(flat)
        names = _names(points, starts, lengths)
        for values, owner in (*_sequences(names, rows, flat), _parts(points, starts, lengths, rows)):
            buckets.append(values)
            owners.append(owner)
    named = [name for row in signs for name in row]
    if named:
        sizes = np.fromiter(map(len, signs), dtype=np.int64, count=len(signs))
        buckets.append(_mixed(_names(*_points(named)), "sign"))
        owners.append(np.repeat(np.arange(len(signs), dtype=np.int64), sizes))
    return _counted(np.concatenate(buckets), np.concatenate(owners), len(tokens))


def _lengths(sizes: Integers) -> Integers:
    steps = np.searchsorted(np.array([2, 4, 7, 12, 20, 35, 60, 120]), sizes).astype(np.uint64)
    return _mixed(steps, "size")


def _points(tokens: list[str]) -> tuple[Hashes, Integers, Integers]:
    """Code points of all tokens between spaces, where each token starts (at its space) and how long it is with both."""
    text = " " + " ".join(tokens) + " "
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens)) + 2
    starts = np.cumsum(lengths - 1) - (lengths - 1)
    return points, starts, lengths


def _names(points: Hashes, starts: Integers, lengths: Integers) -> Hashes:
    """One hash for each token: a polynomial in its code points."""
    sizes = lengths - 1
    offsets = np.arange(len(points) - 1, dtype=np.int64) - np.repeat(starts, sizes)
    powers = np.cumprod(np.full(int(sizes.max()), _BASE, dtype=np.uint64))
    return np.add.reduceat(points[:-1] * powers[offsets], starts)


def _sequences(names: Hashes, rows: Integers, tokens: list[str]) -> list[tuple[Integers, Integers]]:
    """Words, pairs, triples, and the words a negation reaches."""
    same = rows[1:] == rows[:-1]
    pairs = names[:-1] * _BASE + names[1:]
    found = [(_mixed(names, "word"), rows), (_mixed(pairs[same], "pair"), rows[1:][same])]
    alike = rows[2:] == rows[:-2]
    triples = pairs[:-1] * _BASE + names[2:]
    found.append((_mixed(triples[alike], "triple"), rows[2:][alike]))
    turned = _turned(rows, tokens)
    found.append((_mixed(names[turned], "not"), rows[turned]))
    return found


def _turned(rows: Integers, tokens: list[str]) -> NDArray[np.bool_]:
    """Which tokens stand at most REACH behind a negation in the same clause."""
    turned = np.zeros(len(tokens), dtype=np.bool_)
    for position in [place for place, token in enumerate(tokens) if token in negations()]:
        for place in range(position + 1, min(position + 1 + REACH, len(tokens))):
            if rows[place] != rows[position] or breaks(tokens[place]):
                break
            turned[place] = True
    return turned


def _parts(points: Hashes, starts: Integers, lengths: Integers, rows: Integers) -> tuple[Integers, Integers]:
    """Runs of SHORTEST to LONGEST characters inside each token with its surrounding spaces."""
    sizes = lengths - 1
    ends = np.repeat(starts + lengths, sizes)
    owner = np.repeat(rows, sizes)
    rolling = points * _BASE
    positions = np.arange(len(points) - 1, dtype=np.int64)
    hashed, owners = [], []
    for size in range(SHORTEST, LONGEST + 1):
        rolling = (rolling[: len(points) - size + 1] + points[size - 1 :]) * _BASE
        inside = positions[: len(rolling)] + size <= ends[: len(rolling)]
        hashed.append(rolling[inside] + np.uint64(size))
        owners.append(owner[: len(rolling)][inside])
    return _mixed(np.concatenate(hashed), "part"), np.concatenate(owners)


def _mixed(values: Hashes, kind: str) -> Integers:
    """The bucket of each hash of one kind."""
    salt, start, bits = _KINDS[kind]
    mixed = (values + salt) * _MIX
    mixed ^= mixed >> np.uint64(33)
    mixed *= _BASE
    mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(64 - bits)).astype(np.int64) + start


def _counted(buckets: Integers, owners: Integers, texts: int) -> Features:
    unique, counts = np.unique(owners * SIZE + buckets, return_counts=True)
    rows = unique // SIZE
    return Features(rows, unique - rows * SIZE, counts.astype(np.float32), texts)
