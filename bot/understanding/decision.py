"""From how likely each intent is, for the whole message and for its parts, to what the message asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.understanding.intents import Guess
from bot.understanding.questions import askings, parts, sentences
from bot.understanding.red_flags import RedFlag

UNCLEAR = "unclear"
SEVERAL = "several_topics"
EMERGENCY, CRISIS = "emergency", "crisis"
# what people say around a question: a question beside it counts
COURTESIES = frozenset({"thanks", "greet", "goodbye", "acknowledge", "how_are_you"})
MOST_TOPICS = 3

Rank = Callable[[str], list[Guess]]


@dataclass(frozen=True)
class Thresholds:
    """From which likelihood on a guess is acted upon; measured in docs/understanding.md."""

    answer: float = 0.4  # below: ask what is meant
    part: float = 0.8  # a part of a message counts as a question of its own
    together: float = 0.003  # … if the whole message is at least this likely to ask for its topic
    danger: float = 0.3  # danger is shown in doubt, also when it is not the likeliest reading
    overrule: float = 0.85  # a sign of danger that is not certain gives way to another reading as likely as this …
    no_danger: float = 0.02  # … if danger is at most this likely


@dataclass(frozen=True)
class Understanding:
    """What a message asks: one intent, or several topics in the order asked, and every intent's likelihood."""

    intent: str
    confidence: float
    topics: tuple[str, ...]
    ranking: tuple[Guess, ...]


def understand(
    text: str,
    rank: Rank,
    topics: frozenset[str],
    flag: RedFlag | None = None,
    thresholds: Thresholds = Thresholds(),
) -> Understanding:
    """Return what `text` asks, `flag` being what the red-flag rules recognised in it.

    `topics` are the intents that count as questions which the document answers.
    """
    whole = rank(text)
    if flag and not _overruled(flag, text, whole, thresholds):
        return Understanding(flag.kind, 1.0, (), tuple(whole))
    danger = _danger(whole, thresholds)
    if danger:
        return Understanding(danger.intent, danger.confidence, (), tuple(whole))
    asked = _topics_of_parts(text, whole, rank, topics, thresholds)
    if len(asked) > 1:
        return Understanding(SEVERAL, whole[0].confidence, tuple(asked), tuple(whole))
    best = whole[0]
    if asked and (best.confidence < thresholds.answer or best.intent in COURTESIES):
        return Understanding(asked[0], thresholds.part, tuple(asked), tuple(whole))
    if best.confidence < thresholds.answer:
        return Understanding(UNCLEAR, best.confidence, (), tuple(whole))
    return Understanding(best.intent, best.confidence, (best.intent,) if best.intent in topics else (), tuple(whole))


def _overruled(flag: RedFlag, text: str, ranking: Sequence[Guess], thresholds: Thresholds) -> bool:
    # what is told and not asked is never explained away
    if flag.certain or not any(sentence.asks for sentence in sentences(text)):
        return False
    danger = sum(guess.confidence for guess in ranking if guess.intent in (EMERGENCY, CRISIS))
    return danger <= thresholds.no_danger and ranking[0].confidence >= thresholds.overrule


def _danger(ranking: Sequence[Guess], thresholds: Thresholds) -> Guess | None:
    likely = [g for g in ranking if g.intent in (EMERGENCY, CRISIS) and g.confidence >= thresholds.danger]
    return max(likely, key=lambda guess: guess.confidence) if likely else None


def _topics_of_parts(
    text: str, whole: Sequence[Guess], rank: Rank, topics: frozenset[str], thresholds: Thresholds
) -> list[str]:
    """Return the topics that parts of the message ask for, in the order asked, each once, at most `MOST_TOPICS`."""
    fitting = {g.intent: g.confidence for g in whole if g.intent in topics and g.confidence >= thresholds.together}

    def asks_for(part: str) -> str | None:
        best = rank(part)[0]
        return best.intent if best.intent in fitting and best.confidence >= thresholds.part else None

    found: list[str] = []
    for sentence in askings(text):
        pieces = parts(sentence)
        of_pieces = [topic for topic in map(asks_for, pieces) if topic] if len(pieces) > 1 else []
        # "nausea and vomiting" is one question: pieces count only when they ask for different things
        found += of_pieces if len(set(of_pieces)) > 1 else [topic for topic in [asks_for(sentence)] if topic]
    return list(dict.fromkeys(found))[:MOST_TOPICS]
