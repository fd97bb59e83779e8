"""Which of the two languages a message is in, and which one the reply is given in.

The reply's language is decided by a ladder: an explicit choice locks; then a clear detection; then the channel's hint
(the page's language, a messenger's language code); then the language of the last turns; then a weak detection; then
English. A clear detection stands above the hint because a page's language is a guess about its reader, and a whole
sentence is not; short texts ("ok", a number, a drug name) are never clear.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args

from lingua import Language, LanguageDetectorBuilder

from bot.understanding.personal_data import REPLACED
from bot.understanding.text import words

Code = Literal["en", "fr"]
LANGUAGES: tuple[Code, ...] = get_args(Code)
DEFAULT: Code = "en"

# a detection below is not believed against the channel's hint or the conversation so far
CLEAR_CONFIDENCE = 0.9
CLEAR_WORDS = 3
# and below this one not even against the default
WEAK_CONFIDENCE = 0.6

# one word says at most this much (natural logarithm of the odds), so that a rare word cannot decide alone
_MOST_PER_WORD = 2.5


@dataclass(frozen=True)
class Detection:
    """What a text's language seems to be: confidence from 0.5 to 1, and how many of its words tell anything."""

    language: Code
    confidence: float
    telling_words: int

    @property
    def clear(self) -> bool:
        """Whether it outweighs what the channel and the conversation say."""
        return self.confidence >= CLEAR_CONFIDENCE and self.telling_words >= CLEAR_WORDS

    @property
    def weak(self) -> bool:
        """Whether it is better than nothing."""
        return self.confidence >= WEAK_CONFIDENCE and self.telling_words >= 1


@dataclass(frozen=True)
class ReplyLanguage:
    """The language of a reply, and whether it is certain enough to answer danger in one language alone."""

    code: Code
    certain: bool


@dataclass(frozen=True)
class LanguageDetector:
    """Lingua's detector, helped by the words that patients use in each language.

    Lingua knows both languages at large and errs on two-word questions without accents; `french_odds` maps a folded
    word of the training questions to how much it speaks for French (positive) or English (negative).
    """

    french_odds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def train(cls, texts: Mapping[Code, Iterable[str]]) -> "LanguageDetector":
        """Return a detector that knows the words of `texts`, one collection of questions per language."""
        counts = {code: Counter(w for text in texts[code] for w in words(text)) for code in LANGUAGES}
        totals = {code: sum(counts[code].values()) or 1 for code in LANGUAGES}

        def odds(word: str) -> float:
            share = {code: (counts[code][word] + 0.5) / totals[code] for code in LANGUAGES}
            return max(-_MOST_PER_WORD, min(_MOST_PER_WORD, math.log(share["fr"] / share["en"])))

        return cls({word: round(odds(word), 3) for word in sorted(counts["en"] | counts["fr"])})

    def detect(self, text: str) -> Detection | None:
        """Return what the text's language seems to be, or None when nothing in it tells."""
        text = REPLACED.sub(" ", text)  # our own marks are English words
        read = [w for w in words(text) if not w.isdigit()]
        known = [self.french_odds.get(w, 0.0) for w in read]
        # each word once: "ok ok ok" tells as much as "ok"
        telling = {word for word, odds in zip(read, known, strict=True) if abs(odds) >= 0.5}
        if not known or (self.french_odds and not telling and len(known) < CLEAR_WORDS):
            return None  # "ok", a number, a drug name, a typing slip: never a reason to change the language
        confidence = {v.language: v.value for v in _lingua().compute_language_confidence_values(text)}
        at_large = math.log((confidence[Language.FRENCH] + 1e-3) / (confidence[Language.ENGLISH] + 1e-3))
        logit = sum(known) + at_large
        french = 1 / (1 + math.exp(-logit))
        code: Code = "fr" if french >= 0.5 else "en"
        return Detection(code, max(french, 1 - french), len(telling) if self.french_odds else len(set(read)))


@cache
def _lingua() -> Any:
    return LanguageDetectorBuilder.from_languages(Language.ENGLISH, Language.FRENCH).build()


def reply_language(
    *,
    chosen: str | None = None,
    hint: str | None = None,
    detected: Detection | None = None,
    previous: str | None = None,
) -> ReplyLanguage:
    """Return the language to reply in; unknown codes are passed over."""
    if chosen in LANGUAGES:
        # someone who chose one language and clearly writes the other may be another person: danger is told in both
        return ReplyLanguage(chosen, certain=not (detected and detected.clear and detected.language != chosen))
    if detected and detected.clear:
        return ReplyLanguage(detected.language, certain=True)
    for known in (hint, previous):
        if known in LANGUAGES:
            return ReplyLanguage(known, certain=True)
    if detected and detected.weak:
        return ReplyLanguage(detected.language, certain=False)
    return ReplyLanguage(DEFAULT, certain=False)
