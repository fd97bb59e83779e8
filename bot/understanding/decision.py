"""From how likely each intent is, for the whole message and for its parts, to what the message asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.understanding.intents import Guess
from bot.understanding.questions import parts, sentences

UNCLEAR = "unclear"
SEVERAL = "several_topics"
EMERGENCY, CRISIS = "emergency", "crisis"
MOST_TOPICS = 3

Rank = Callable[[str], list[Guess]]


@dataclass(frozen=True)
class Thresholds:
    """From which likelihood on a guess is acted upon; measured in docs/understanding.md."""

    answer: float = 0.4  # below: ask what is meant
    part: float = 0.6  # a part of a message counts as a question of its own
    danger: float = 0.35  # danger is shown in doubt, also when it is not the likeliest reading


@dataclass(frozen=True)
class Understanding:
    """What a message asks: one intent, or several topics in the order asked, and every intent's likelihood."""

    intent: str
    confidence: float
    topics: tuple[str, ...]
    ranking: tuple[Guess, ...]


def understand(text: str, rank: Rank, topics: frozenset[str], thresholds: Thresholds = Thresholds()) -> Understanding:
    """Return what `text` asks; `topics` are the intents that count as questions which the document answers."""
    whole = rank(text)
    danger = _danger(whole, thresholds)
    if danger:
        return Understanding(danger.intent, danger.confidence, (), tuple(whole))
    asked = _topics_of_parts(text, rank, topics, thresholds)
    if len(asked) > 1:
        return Understanding(SEVERAL, whole[0].confidence, tuple(asked), tuple(whole))
    best = whole[0]
    if best.confidence < thresholds.answer:
        if asked:
            return Understanding(asked[0], thresholds.part, tuple(asked), tuple(whole))
        return Understanding(UNCLEAR, best.confidence, (), tuple(whole))
    return Understanding(best.intent, best.confidence, (best.intent,) if best.intent in topics else (), tuple(whole))


def _danger(ranking: Sequence[Guess], thresholds: Thresholds) -> Guess | None:
    likely = [g for g in ranking if g.intent in (EMERGENCY, CRISIS) and g.confidence >= thresholds.danger]
    return max(likely, key=lambda guess: guess.confidence) if likely else None


def _topics_of_parts(text: str, rank: Rank, topics: frozenset[str], thresholds: Thresholds) -> list[str]:
    """Return the topics that parts of the message ask for, in the order asked, each once, at most `MOST_TOPICS`."""
    pieces = [piece for sentence in sentences(text) for piece in _pieces(sentence, rank, topics, thresholds)]
    return list(dict.fromkeys(pieces))[:MOST_TOPICS]


def _pieces(sentence: str, rank: Rank, topics: frozenset[str], thresholds: Thresholds) -> list[str]:
    whole = rank(sentence)[0]
    split = parts(sentence)
    if len(split) > 1:
        guesses = [rank(part)[0] for part in split]
        found = [g.intent for g in guesses if g.intent in topics and g.confidence >= thresholds.part]
        if len(set(found)) > 1:
            return found
    return [whole.intent] if whole.intent in topics and whole.confidence >= thresholds.part else []
