"""Splitting a message into what it asks, in both languages."""

import pytest

from bot.understanding.questions import MOST_SENTENCES, askings, parts, sentences

SPLIT = [
    pytest.param("Is it safe? How long does it last?", ["Is it safe", "How long does it last"], id="two questions"),
    pytest.param("C'est sûr ? Ça dure combien ?", ["C'est sûr", "Ça dure combien"], id="two questions in French"),
    pytest.param("Hello!\nIs it safe", ["Hello", "Is it safe"], id="a new line"),
    pytest.param("Wait… is it safe; really", ["Wait", "is it safe", "really"], id="ellipsis and semicolon"),
    pytest.param("I get 0.5 ml a day. Why", ["I get 0.5 ml a day", "Why"], id="a decimal point is no end"),
    pytest.param("really?!?! yes...", ["really", "yes"], id="marks in a row"),
    pytest.param("  ? . !  ", [], id="marks alone"),
    pytest.param("", [], id="nothing"),
]
ASKS = [
    pytest.param("safe?", id="a question mark"),
    pytest.param("how long does it last", id="an English asking word"),
    pytest.param("tell me about the risks", id="an English request"),
    pytest.param("i want to know the price", id="an English wish"),
    pytest.param("wat is it", id="texted English"),
    pytest.param("combien de temps ça dure", id="a French asking word"),
    pytest.param("Où est placée la pompe", id="a French asking word with its accent"),
    pytest.param("c koi une pompe", id="texted French"),
    pytest.param("dites-moi, j'aimerais savoir", id="a French request"),
    pytest.param("peut-on nager avec", id="French inversion"),
]
TELLS = [
    pytest.param("my husband has had a pump since May", id="an English story"),
    pytest.param("mon mari a une pompe depuis mai", id="a French story"),
    pytest.param("thank you very much", id="thanks"),
    pytest.param("bonjour", id="a greeting"),
]
STORIES = [
    pytest.param(
        "My husband has had back pain for ten years. He takes tablets. How does the pump work?",
        ["How does the pump work"],
        id="one question after a story",
    ),
    pytest.param(
        "Mon mari souffre du dos depuis dix ans. Comment marche la pompe ? Il prend des comprimés.",
        ["Comment marche la pompe"],
        id="one question inside a French story",
    ),
    pytest.param("battery. refill.", ["battery", "refill"], id="keywords may all be asked for"),
    pytest.param("pile, remplissage", ["pile, remplissage"], id="French keywords too"),
    pytest.param(
        "my back has been hurting since the fall and the tablets make me sick. nothing helps me sleep",
        [],
        id="a long story that asks nothing",
    ),
    pytest.param("", [], id="nothing"),
]
PARTS = [
    pytest.param(
        "how long does it last and is it safe", ["how long does it last", "is it safe"], id="English joining word"
    ),
    pytest.param("combien ça dure et est-ce sûr", ["combien ça dure", "est-ce sûr"], id="French joining word"),
    pytest.param("the risks, the battery", ["the risks", "the battery"], id="a comma"),
    pytest.param("the risks, and also the battery", ["the risks", "the battery"], id="comma and words together"),
    pytest.param("les risques ainsi que la pile", ["les risques", "la pile"], id="French joining words"),
    pytest.param("risks + battery / refill & drugs", ["risks", "battery", "refill", "drugs"], id="signs"),
    pytest.param("my hand", ["my hand"], id="'and' inside a word"),
    pytest.param("un poulet", ["un poulet"], id="'et' inside a word"),
    pytest.param("is it safe", ["is it safe"], id="one piece"),
    pytest.param(", and ,", [], id="nothing between"),
]


@pytest.mark.parametrize(("text", "found"), SPLIT)
def test_a_message_is_split_at_the_ends_of_sentences(text: str, found: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == found


@pytest.mark.parametrize("text", ASKS)
def test_a_sentence_asks(text: str) -> None:
    assert [sentence.asks for sentence in sentences(text)] == [True]


@pytest.mark.parametrize("text", TELLS)
def test_a_sentence_only_tells(text: str) -> None:
    assert [sentence.asks for sentence in sentences(text)] == [False]


@pytest.mark.parametrize(("text", "asked"), STORIES)
def test_what_only_tells_a_story_is_left_out(text: str, asked: list[str]) -> None:
    assert askings(text) == asked


@pytest.mark.parametrize(("text", "found"), PARTS)
def test_a_sentence_is_split_at_joining_words(text: str, found: list[str]) -> None:
    assert parts(text) == found


def test_no_more_sentences_are_read_than_the_limit() -> None:
    assert len(sentences("why? " * 50)) == MOST_SENTENCES
