"""Splitting a message into the questions it may hold."""

import re
from dataclasses import dataclass

from bot.understanding.text import fold, words

# ends of sentences always separate; joining words separate only where both sides can stand alone
_END = re.compile(r"([?!;\n…]+|(?<!\d)\.(?!\d))")
_JOINING = re.compile(
    r"\s*(?:,\s*)?\b(?:and also|and then|and|also|plus|as well as|or"
    r"|et aussi|et puis|et|ou bien|ainsi que|aussi|puis)\b\s+"
    r"|\s*[,&+/]\s*",
    re.IGNORECASE,
)
# words that ask, in both languages, also as they are texted
_ASKING = re.compile(
    r"\b(?:what|whats|wat|how|hows|when|why|who|whom|which|where|whether|does|did|can|could|will|would|should"
    r"|is (?:it|there|this)|are (?:there|the|they)|do (?:i|you|they|we|the)|tell me|explain|wondering|any idea"
    r"|(?:want|like|need) to know|comment|coment|koman|combien|cb|quel|quels|quelle|quelles|kel|pourquoi|pk|quand|qd"
    r"|qui|ki|ou (?:est|sont|se)|est[ -]ce|c'?est quoi|c quoi|ckoi|koi|quoi|qu'est|kes|y a t il|ya t il|peut[ -]on"
    r"|dites|dis moi|expliqu\w*|savoir|faut[ -]il|doit[ -]on|va t on|sera|seront)\b"
)
MOST_SENTENCES = 8
# a message this short is taken as keywords: each of its sentences may be a question without any word that asks
_KEYWORDS = 12


@dataclass(frozen=True)
class Sentence:
    """A sentence of a message, without its end mark, and whether it asks something."""

    text: str
    asks: bool


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of `text`, at most `MOST_SENTENCES`."""
    found = []
    pieces = [*_END.split(text), ""]
    for body, end in zip(pieces[::2], pieces[1::2], strict=False):
        if body.strip():
            found.append(Sentence(body.strip(), "?" in end or bool(_ASKING.search(fold(body)))))
    return found[:MOST_SENTENCES]


def askings(text: str) -> list[str]:
    """Return the sentences of `text` that may ask something: background that only tells a story is left out."""
    every = sentences(text)
    asking = [sentence.text for sentence in every if sentence.asks]
    if asking:
        return asking
    return [sentence.text for sentence in every] if len(words(text)) <= _KEYWORDS else []


def parts(sentence: str) -> list[str]:
    """Return the pieces of a sentence between its joining words and commas."""
    return [part.strip() for part in _JOINING.split(sentence) if part and part.strip()]
