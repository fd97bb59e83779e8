"""Reading text the way people type it: without accents, in capitals, with curly quotes and stretched letters."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def fold(text: str) -> str:
    """Return `text` in lower case, without accents, invisible marks, curly quotes or letters stretched beyond two."""
    text = _INVISIBLE.sub("", text).casefold().translate(_LIGATURES)
    decomposed = unicodedata.normalize("NFKD", text)
    stripped = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _STRETCHED.sub(r"\1\1", stripped)


def words(text: str) -> list[str]:
    """Return the words of `text`, folded; digits count as words, punctuation does not."""
    return _WORD.findall(fold(text))


def normalise_sentence(text: str) -> str:
    """Return a sentence in the form its fingerprint is taken of: one case, one kind of apostrophe, single spaces."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return " ".join(text.casefold().split())
