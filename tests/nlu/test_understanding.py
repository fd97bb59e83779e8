"""How well held-out questions are understood: the floor below which nothing may be released.

The questions were written apart from the training questions, before any error was looked at. A failing test names the
figure and shows what was misunderstood.
"""

import pytest

from bot.content import topic_ids
from bot.understanding.decision import SEVERAL
from tests.nlu.conftest import Understand
from tests.nlu.questions import LANGUAGES, Question, questions, several

DANGER = ("emergency", "crisis")


def misunderstood(asked: list[Question], understand: Understand) -> list[str]:
    wrong = [(q, understand(q.text).intent) for q in asked]
    return [f"{q.intent} -> {found}: {q.text}" for q, found in wrong if found != q.intent]


def report(wrong: list[str], total: int) -> str:
    return f"{len(wrong)} of {total}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_topic_has_at_least_eight_held_out_questions(language: str) -> None:
    asked = questions(language, "topics")
    few = {topic for topic in topic_ids() if sum(q.intent == topic for q in asked) < 8}
    assert not few


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_topic_questions_in_ten_get_the_right_answer(language: str, understand: Understand) -> None:
    asked = questions(language, "topics")
    wrong = misunderstood(asked, understand)
    assert len(wrong) <= 0.10 * len(asked), report(wrong, len(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_topic_is_understood_less_than_six_times_in_ten(language: str, understand: Understand) -> None:
    asked = questions(language, "topics")
    for topic in topic_ids():
        of_topic = [q for q in asked if q.intent == topic]
        wrong = misunderstood(of_topic, understand)
        assert len(wrong) <= 0.4 * len(of_topic), report(wrong, len(of_topic))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_emergency_is_missed(language: str, understand: Understand) -> None:
    asked = [q for q in questions(language, "red_flags") if q.intent == "emergency"]
    assert len(asked) >= 60
    # a thought of suicide read into an emergency shows the same call to act
    wrong = [q.text for q in asked if understand(q.text).intent not in DANGER]
    assert not wrong, report(wrong, len(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_thoughts_of_suicide_are_seen(language: str, understand: Understand) -> None:
    asked = [q for q in questions(language, "red_flags") if q.intent == "crisis"]
    wrong = [q.text for q in asked if understand(q.text).intent not in DANGER]
    assert len(wrong) <= 0.15 * len(asked), report(wrong, len(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_false_alarms_are_rarer_than_one_in_fifty(language: str, understand: Understand) -> None:
    asked = [q for q in questions(language) if q.intent not in DANGER]
    alarms = [q.text for q in asked if understand(q.text).intent in DANGER]
    assert len(alarms) < 0.02 * len(asked), report(alarms, len(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_document_does_not_say_is_rarely_answered(language: str, understand: Understand) -> None:
    asked = [q for q in questions(language, "limits") if q.intent in ("not_in_document", "off_topic")]
    answers = {*topic_ids(), SEVERAL}
    wrong = [f"{understand(q.text).intent}: {q.text}" for q in asked if understand(q.text).intent in answers]
    assert len(wrong) < 0.08 * len(asked), report(wrong, len(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_talk_language_and_privacy_are_understood(language: str, understand: Understand) -> None:
    asked = questions(language, "conversation")
    wrong = misunderstood(asked, understand)
    assert len(wrong) <= 0.15 * len(asked), report(wrong, len(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_questions_are_found_and_stories_with_one_are_left_whole(language: str, understand: Understand) -> None:
    messages = several(language)
    wrong = [f"{m.topics} -> {understand(m.text).topics}: {m.text}" for m in messages]
    wrong = [line for line, m in zip(wrong, messages, strict=True) if understand(m.text).topics != m.topics]
    assert len(wrong) <= 0.35 * len(messages), report(wrong, len(messages))
