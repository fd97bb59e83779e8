"""Made typing slips, so that training knows questions as they arrive and not only as they should be spelt."""

import random

_NEIGHBOURS = {
    "a": "qsz", "b": "vn", "c": "xv", "d": "sf", "e": "zr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "km", "m": "ln", "n": "bm", "o": "ip", "p": "ol", "q": "as", "r": "et", "s": "qd", "t": "ry",
    "u": "yi", "v": "cb", "w": "xz", "x": "wc", "y": "tu", "z": "ae",
}  # fmt: skip


def with_slips(text: str, rng: random.Random, rate: float = 0.2) -> str:
    """Return `text` with a slip in about `rate` of its words: letters swapped, lost, doubled or hit next door."""
    return " ".join(_slip(word, rng) if len(word) > 3 and rng.random() < rate else word for word in text.split())


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    neighbours = _NEIGHBOURS.get(word[at].casefold(), word[at])
    return word[:at] + rng.choice(neighbours) + word[at + 1 :]
