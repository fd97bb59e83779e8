"""Words and characters of a question as weighted n-grams, for linear models.

The norm of a question counts the n-grams that training never saw, so an unfamiliar text scores low everywhere
(measured: far more questions of another kind are refused, at no cost in accuracy; docs/understanding.md).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from bot.understanding.text import words

CHARACTER_NGRAMS = range(3, 6)


def characters(word: str) -> list[str]:
    """Return the runs of 3 to 5 characters in a word, its ends marked by spaces."""
    padded = f" {word} "
    runs: list[str] = []
    for size in CHARACTER_NGRAMS:
        if size >= len(padded):
            runs.append(padded)
            break
        runs += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    return runs


def ngrams(text: str, characters_of: Callable[[str], list[str]] = characters) -> list[str]:
    """Return the n-grams of `text`: words, pairs of words (also over one between), and runs of characters."""
    tokens = words(text)
    grams = [f"w:{token}" for token in tokens]
    grams += [f"w:{a} {b}" for a, b in pairwise(["^", *tokens, "$"])]
    grams += [f"s:{a} {b}" for a, b in zip(tokens, tokens[2:], strict=False)]
    for token in tokens:
        grams += characters_of(token)
    return grams


def frequencies(grams: Iterable[str]) -> dict[str, float]:
    """Return each n-gram's weight by how often it stands in a text (sublinear)."""
    return {gram: 1 + math.log(count) if count > 1 else 1.0 for gram, count in Counter(grams).items()}


def key_of(gram: str) -> int:
    """Return an n-gram's key, a number of 64 bits: a tenth of the memory that the n-grams themselves take."""
    return int.from_bytes(blake2b(gram.encode(), digest_size=8).digest())


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that a trained model knows, by their keys in ascending order, and what each weighs."""

    keys: np.ndarray  # shape (columns,), uint64
    idf: np.ndarray  # shape (columns,), float32
    unknown: float

    def weigh(self, text: str) -> tuple[np.ndarray, np.ndarray, float]:
        """Return the columns and weights of what is known in `text`, and its known share from 0 to 1."""
        weight_of = frequencies(ngrams(text))
        if not weight_of or not len(self.keys):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), 0.0
        keys = np.array([key_of(gram) for gram in weight_of], dtype=np.uint64)
        often = np.fromiter(weight_of.values(), dtype=np.float32, count=len(weight_of))
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[places] == keys
        columns = places[known]
        weights = often[known] * self.idf[columns]
        familiar = float(weights @ weights)
        foreign = float(often[~known] @ often[~known]) * self.unknown**2
        return columns, weights / (math.sqrt(familiar + foreign) or 1.0), familiar / (familiar + foreign)
