"""Feedback texts as numbers: words, pairs of words and parts of words, hashed into one space of fixed size.

The hash is arithmetic on code points in 64 bits, so that a weight means the same on every machine and in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.intelligence.feedback_words import breaks, words

BITS = 18
SIZE = 1 << BITS
SHORTEST, LONGEST = 2, 5
# A negation turns the words after it, up to a mark that ends the clause.
REACH = 3

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float32]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_SALTS = {
    name: np.uint64(salt)
    for name, salt in (("word", 0xA1), ("pair", 0xB2), ("triple", 0xC3), ("part", 0xD4), ("not", 0xE5), ("size", 0xF6))
}
NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "don't",
        "dont",
        "doesn't",
        "doesnt",
        "didn't",
        "didnt",
        "can't",
        "cant",
        "cannot",
        "won't",
        "wont",
        "isn't",
        "isnt",
        "wasn't",
        "wasnt",
        "without",
        "couldn't",
        "couldnt",
        "wouldn't",
        "nor",
        "pas",
        "ne",
        "jamais",
        "plus",
        "sans",
        "aucun",
        "aucune",
        "rien",
        "ni",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "nie",
        "ohne",
        "nichts",
        "sin",
        "nunca",
        "ningun",
        "ninguna",
        "nada",
        "tampoco",
        "non",
        "mai",
        "senza",
        "nessun",
        "nessuna",
        "niente",
        "nao",
        "nem",
        "sem",
        "nenhum",
        "nenhuma",
    ]
)


@dataclass(frozen=True, slots=True)
class Features:
    """What stands in several texts, sorted by text: for each the bucket it falls in and how often it is there."""

    rows: Integers
    buckets: Integers
    counts: Floats
    texts: int


def features(texts: Sequence[str]) -> Features:
    """The features of every text, each named once per text."""
    return featured([words(text) for text in texts])


def featured(tokens: Sequence[list[str]]) -> Features:
    """The features of texts that are already split into words."""
    flat = [token for row in tokens for token in row]
    sizes = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    rows = np.repeat(np.arange(len(tokens), dtype=np.int64), sizes)
    hashed: list[Hashes] = [_lengths(sizes)]
    owners: list[Integers] = [np.arange(len(tokens), dtype=np.int64)]
    if flat:
        points, starts, lengths = _points(flat)
        names = _names(points, starts, lengths)
        for values, owner in (*_sequences(names, rows, flat), *_parts(points, starts, lengths, rows)):
            hashed.append(values)
            owners.append(owner)
    return _counted(np.concatenate(hashed), np.concatenate(owners), len(tokens))


def _lengths(sizes: Integers) -> Hashes:
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


def _sequences(names: Hashes, rows: Integers, tokens: list[str]) -> list[tuple[Hashes, Integers]]:
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
    for position in [place for place, token in enumerate(tokens) if token in NEGATIONS]:
        for place in range(position + 1, min(position + 1 + REACH, len(tokens))):
            if rows[place] != rows[position] or breaks(tokens[place]):
                break
            turned[place] = True
    return turned


def _parts(points: Hashes, starts: Integers, lengths: Integers, rows: Integers) -> list[tuple[Hashes, Integers]]:
    """Runs of SHORTEST to LONGEST characters inside each token with its surrounding spaces."""
    sizes = lengths - 1
    ends = np.repeat(starts + lengths, sizes)
    owner = np.repeat(rows, sizes)
    rolling = points * _BASE
    positions = np.arange(len(points) - 1, dtype=np.int64)
    found = []
    for size in range(2, LONGEST + 1):
        rolling = (rolling[: len(points) - size + 1] + points[size - 1 :]) * _BASE
        inside = positions[: len(rolling)] + size <= ends[: len(rolling)]
        if size >= SHORTEST:
            found.append((_mixed(rolling[inside] + np.uint64(size), "part"), owner[: len(rolling)][inside]))
    return found


def _mixed(values: Hashes, salt: str) -> Hashes:
    """Spreads hashes of one kind over all bits."""
    mixed = (values + _SALTS[salt]) * _MIX
    mixed ^= mixed >> np.uint64(33)
    mixed *= _BASE
    mixed ^= mixed >> np.uint64(29)
    return mixed


def _counted(hashed: Hashes, owners: Integers, texts: int) -> Features:
    keys = (owners << BITS) | (hashed >> np.uint64(64 - BITS)).astype(np.int64)
    unique, counts = np.unique(keys, return_counts=True)
    return Features(unique >> BITS, unique & (SIZE - 1), counts.astype(np.float32), texts)
