"""Splitting a message into the questions it may hold."""

import re

# ends of sentences and list marks always separate; joining words separate only where both sides can stand alone
_HARD = re.compile(r"[?!;\n…]+|(?<!\d)\.(?!\d)|(?:^|\s)(?:[-*•]|\d[.)])\s+")
_JOINING = re.compile(
    r"\s*(?:,\s*)?\b(?:and also|and then|and|also|plus|as well as|or"
    r"|et aussi|et puis|et|ou bien|ainsi que|aussi|puis)\b\s+"
    r"|\s*[,&+/]\s*",
    re.IGNORECASE,
)
MOST_PARTS = 8


def sentences(text: str) -> list[str]:
    """Return the sentences of `text`, without their end marks, at most `MOST_PARTS`."""
    return [part.strip() for part in _HARD.split(text) if part and part.strip()][:MOST_PARTS]


def parts(sentence: str) -> list[str]:
    """Return the pieces of a sentence between its joining words and commas, at most `MOST_PARTS`."""
    return [part.strip() for part in _JOINING.split(sentence) if part and part.strip()][:MOST_PARTS]
