"""The training questions: none twice, none under two intents, none that a test holds the models against."""

import re
from pathlib import Path

import pytest

from tests.content.helpers import (
    Question,
    in_both,
    listed,
    near_duplicates,
    sentences_of_tests,
    training_questions,
    under_two_intents,
)


def _question(text: str, intent: str = "refill", language: str = "en") -> Question:
    return Question(text, intent, language, f"topics/{intent}.yml")


def test_there_are_questions_in_both_languages() -> None:
    assert {question.language for question in training_questions()} == {"en", "fr"}


def test_no_near_duplicates_within_an_intent() -> None:
    pairs = near_duplicates(training_questions())
    assert not pairs, listed(pairs)


def test_no_question_under_two_intents() -> None:
    pairs = under_two_intents(training_questions())
    assert not pairs, listed(pairs)


def test_no_question_is_also_in_the_tests() -> None:
    held_out = sentences_of_tests()
    if not held_out:
        pytest.skip("tests/ has no sentences yet")
    pairs = in_both(training_questions(), held_out)
    assert not pairs, listed(pairs)


def test_no_markup_in_questions() -> None:
    """Brackets are Rasa's annotation of entities: in a question they would change its words."""
    marked = [f"{q.file}: {q.text}" for q in training_questions() if re.search(r"[\[\]{}]", q.text)]
    assert not marked, "\n".join(marked)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How is the pump refilled?", "how is the pump refilled"),
        ("Où est le réservoir ?", "ou est le reservoir"),
        ("how often does the pump need refilling", "how often does the pump needs refilling"),
        ("?!", "?!"),
    ],
)
def test_near_duplicates_are_seen(one: str, other: str) -> None:
    assert near_duplicates([_question(one), _question(other)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How is the pump refilled?", "When is the pump refilled?"),
        ("is it sore", "is it sort"),  # too short to be compared by letters
        ("?", "..."),
    ],
)
def test_different_questions_are_left_alone(one: str, other: str) -> None:
    assert not near_duplicates([_question(one), _question(other)])


def test_the_same_words_in_two_languages_are_left_alone() -> None:
    french = _question("hydromorphone intrathécale", language="fr")
    assert not near_duplicates([_question("hydromorphone intrathecal"), french])


def test_a_question_under_two_intents_is_seen() -> None:
    assert under_two_intents([_question("Does it hurt?"), _question("does it hurt", "implant_procedure")])
    assert not under_two_intents([_question("Does it hurt?"), _question("does it hurt")])


def test_a_question_of_the_tests_is_seen(tmp_path: Path) -> None:
    (tmp_path / "nlu" / "fr").mkdir(parents=True)
    (tmp_path / "nlu" / "fr" / "refill.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: refill\n  examples: |\n    - Est-ce que ça fait mal ?\n', encoding="utf-8"
    )
    (tmp_path / "nlu" / "several.yml").write_text("- {text: Does it hurt and how long?, topics: [refill]}\n")
    held_out = sentences_of_tests(tmp_path)
    assert in_both([_question("est ce que ca fait mal", language="fr")], held_out)
    assert in_both([_question("does it hurt, and how long")], held_out)
    assert not in_both([_question("how long does it hurt")], held_out)


def test_tests_without_sentences_give_none(tmp_path: Path) -> None:
    assert sentences_of_tests(tmp_path) == []
