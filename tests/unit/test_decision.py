"""From likelihoods to what a message asks, with a ranking of our own making."""

from collections.abc import Mapping

import pytest

from bot.understanding.decision import CRISIS, EMERGENCY, MOST_TOPICS, SEVERAL, UNCLEAR, Thresholds, understand
from bot.understanding.intents import Guess
from bot.understanding.red_flags import RedFlag

TOPICS = frozenset({"battery", "risks", "refill", "drugs"})
LIMITS = Thresholds(answer=0.4, part=0.8, together=0.01, danger=0.35, overrule=0.85, no_danger=0.02)
# a word -> the intent it speaks for
SPOKEN_OF = {
    "battery": "battery", "pile": "battery", "risks": "risks", "risques": "risks", "refill": "refill",
    "remplissage": "refill", "drugs": "drugs", "médicaments": "drugs", "hello": "greet", "bonjour": "greet",
}  # fmt: skip


def by_words(text: str) -> list[Guess]:
    """Rank the intents whose words stand in `text` alike, most certain when there is one."""
    found = list(dict.fromkeys(intent for word, intent in SPOKEN_OF.items() if word in text.casefold()))
    if not found:
        return [Guess("off_topic", 0.2)]
    return [Guess(intent, 0.95 / len(found)) for intent in found]


def as_told(**likelihoods: float):
    """Return a rank that says the same of every text."""
    return lambda _: sorted((Guess(i, c) for i, c in likelihoods.items()), key=lambda guess: -guess.confidence)


def told_for(table: Mapping[str, dict[str, float]]):
    """Return a rank that says for each text what the table says."""
    return lambda text: as_told(**table[text])(text)


# --- one question ---


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        pytest.param("how long does the battery last", "battery", id="a topic in English"),
        pytest.param("combien de temps dure la pile", "battery", id="a topic in French"),
    ],
)
def test_one_question_is_its_topic(text: str, intent: str) -> None:
    found = understand(text, by_words, TOPICS, None, LIMITS)
    assert (found.intent, found.topics) == (intent, (intent,))
    assert found.confidence == pytest.approx(0.95)


def test_small_talk_is_an_intent_without_a_topic() -> None:
    found = understand("hello", by_words, TOPICS, None, LIMITS)
    assert (found.intent, found.topics) == ("greet", ())


def test_the_whole_ranking_is_handed_on() -> None:
    ranking = as_told(battery=0.7, risks=0.3)
    assert understand("x", ranking, TOPICS, None, LIMITS).ranking == tuple(ranking("x"))


@pytest.mark.parametrize(
    ("confidence", "intent"),
    [
        pytest.param(0.4, "battery", id="at the threshold"),
        pytest.param(0.399, UNCLEAR, id="below the threshold"),
        pytest.param(0.0, UNCLEAR, id="nothing at all"),
    ],
)
def test_what_is_not_likely_enough_is_unclear(confidence: float, intent: str) -> None:
    found = understand("battery", as_told(battery=confidence), TOPICS, None, LIMITS)
    assert (found.intent, found.confidence) == (intent, confidence)
    assert found.topics == (("battery",) if intent == "battery" else ())


# --- danger ---


@pytest.mark.parametrize("kind", [EMERGENCY, CRISIS])
@pytest.mark.parametrize(
    ("danger", "shown"),
    [pytest.param(0.35, True, id="at the threshold"), pytest.param(0.349, False, id="below the threshold")],
)
def test_danger_is_shown_in_doubt_even_if_another_reading_is_likelier(kind: str, danger: float, shown: bool) -> None:
    found = understand("x", as_told(**{"battery": 0.6, kind: danger}), TOPICS, None, LIMITS)
    assert found.intent == (kind if shown else "battery")
    assert found.topics == (() if shown else ("battery",))


def test_the_likelier_danger_is_shown() -> None:
    assert understand("x", as_told(emergency=0.4, crisis=0.45), TOPICS, None, LIMITS).intent == CRISIS


def test_danger_comes_before_the_questions_beside_it() -> None:
    def rank(text: str) -> list[Guess]:
        return [Guess("risks", 0.9), Guess(EMERGENCY, 0.5), Guess("battery", 0.4)]

    found = understand("the risks? the battery?", rank, TOPICS, None, LIMITS)
    assert (found.intent, found.confidence, found.topics) == (EMERGENCY, 0.5, ())


CERTAIN, UNCERTAIN = RedFlag(EMERGENCY, "breathing", True), RedFlag(CRISIS, "wish to die", False)
RULES_SPEAK = [
    pytest.param(CERTAIN, {"risks": 1.0}, id="a certain sign, whatever the ranking"),
    pytest.param(UNCERTAIN, {"risks": 0.84, "crisis": 0.0}, id="no other reading likely enough"),
    pytest.param(UNCERTAIN, {"risks": 0.9, "crisis": 0.021}, id="some likelihood of danger"),
    pytest.param(UNCERTAIN, {"risks": 0.9, "crisis": 0.015, "emergency": 0.015}, id="both dangers together"),
]


@pytest.mark.parametrize(("flag", "likelihoods"), RULES_SPEAK)
def test_a_red_flag_of_the_rules_decides(flag: RedFlag, likelihoods: dict[str, float]) -> None:
    found = understand("x", as_told(**likelihoods), TOPICS, flag, LIMITS)
    assert (found.intent, found.confidence, found.topics) == (flag.kind, 1.0, ())


def test_a_red_flag_that_is_not_certain_gives_way_to_a_reading_without_danger() -> None:
    found = understand("what about x", as_told(risks=0.85, crisis=0.02), TOPICS, UNCERTAIN, LIMITS)
    assert found.intent == "risks"


def test_what_is_told_and_not_asked_is_never_explained_away() -> None:
    found = understand("x since noon", as_told(risks=0.95, crisis=0.0), TOPICS, UNCERTAIN, LIMITS)
    assert found.intent == UNCERTAIN.kind


# --- several questions ---

SEVERAL_ASKED = [
    pytest.param("what are the risks? how long is the battery?", ("risks", "battery"), id="two sentences"),
    pytest.param("combien dure la pile ? quels sont les risques ?", ("battery", "risks"), id="two French sentences"),
    pytest.param("what are the risks and how long is the battery", ("risks", "battery"), id="joined by and"),
    pytest.param("la pile et le remplissage", ("battery", "refill"), id="joined by et"),
    pytest.param("refill, battery and risks?", ("refill", "battery", "risks"), id="three, in the order asked"),
    pytest.param("risks? battery? risks? risks?", ("risks", "battery"), id="each once"),
    pytest.param("I am 70. battery? I live alone. risks?", ("battery", "risks"), id="with a story between"),
]


@pytest.mark.parametrize(("text", "topics"), SEVERAL_ASKED)
def test_several_questions_are_several_topics_in_the_order_asked(text: str, topics: tuple[str, ...]) -> None:
    found = understand(text, by_words, TOPICS, None, LIMITS)
    assert (found.intent, found.topics) == (SEVERAL, topics)


def test_at_most_three_topics_are_taken_the_first_asked() -> None:
    found = understand("drugs? risks? refill? battery?", by_words, TOPICS, None, LIMITS)
    assert found.topics == ("drugs", "risks", "refill")
    assert len(found.topics) == MOST_TOPICS


def test_one_question_in_a_long_story_is_answered() -> None:
    question = "How long does the battery last"
    story = f"My husband has lived with pain for ten years. He walks a lot. {question}? We live far away."
    rank = told_for({story: {"off_topic": 0.3, "battery": 0.2}, question: {"battery": 0.9}})
    found = understand(story, rank, TOPICS, None, LIMITS)
    assert (found.intent, found.topics, found.confidence) == ("battery", ("battery",), LIMITS.part)


ONE_TOPIC = [
    pytest.param(
        "battery? battery!", {"battery? battery!": {"battery": 0.9}, "battery": {"battery": 0.9}}, id="said twice"
    ),
    pytest.param(
        "nausea and vomiting",
        {
            "nausea and vomiting": {"battery": 0.9},
            "nausea": {"battery": 0.9},
            "vomiting": {"battery": 0.9},
        },
        id="two words of one topic",
    ),
    pytest.param(
        "battery? risks?",
        {"battery? risks?": {"battery": 0.9, "risks": 0.1}, "battery": {"battery": 0.9}, "risks": {"risks": 0.79}},
        id="a part that is not certain",
    ),
    pytest.param(
        "battery? risks?",
        {"battery? risks?": {"battery": 0.9, "risks": 0.009}, "battery": {"battery": 0.9}, "risks": {"risks": 0.9}},
        id="a part that does not fit the whole",
    ),
    pytest.param(
        "battery? hello?",
        {"battery? hello?": {"battery": 0.9, "greet": 0.1}, "battery": {"battery": 0.9}, "hello": {"greet": 1.0}},
        id="small talk beside it",
    ),
]


@pytest.mark.parametrize(("text", "table"), ONE_TOPIC)
def test_what_is_one_question_is_not_split(text: str, table: dict[str, dict[str, float]]) -> None:
    found = understand(text, told_for(table), TOPICS, None, LIMITS)
    assert (found.intent, found.topics) == ("battery", ("battery",))
