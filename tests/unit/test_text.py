"""Folding, words and sentences: as people type them, in both languages."""

import pytest

from bot.understanding.text import fold, normalise_sentence, words

FOLDED = [
    pytest.param("Durée de la PILE", "duree de la pile", id="accents and capitals"),
    pytest.param("sœur, nævus, Straße", "soeur, naevus, strasse", id="ligatures"),
    pytest.param("l’été, l‘été, l´été, l`été, lʼété", "l'ete, l'ete, l'ete, l'ete, l'ete", id="every apostrophe"),
    pytest.param("ca\u0300 fait mal", "ca fait mal", id="accents as marks of their own"),
    pytest.param("noooooon, pleeease", "noon, pleease", id="stretched letters"),
    pytest.param("ÉÉÉÉ", "ee", id="stretched letters with accents"),
    pytest.param("in\u00adtra\u200bthe\u2060cal\ufeff", "intrathecal", id="invisible marks"),
    pytest.param("\u202epump\u202c", "pump", id="marks that turn the direction"),
    pytest.param("ｐｕｍｐ ﬁx", "pump fix", id="wide letters and joined letters"),
    pytest.param("", "", id="nothing"),
]
UNFOLDED = [
    pytest.param("1000", id="a dose is not shortened"),
    pytest.param("0.0005", id="nor a decimal number"),
    pytest.param("111 000 999", id="nor a number of one digit"),
    pytest.param("pour elle, a little pill", id="doubled letters are spelling"),
    pytest.param("...!!! ???", id="punctuation is left alone"),
    pytest.param("___", id="and so are underscores"),
]
WORDS = [
    pytest.param("What's the dose?", ["what's", "the", "dose"], id="an English contraction is one word"),
    pytest.param("L’opération, c'est quand ?", ["l'operation", "c'est", "quand"], id="a French elision is one word"),
    pytest.param("a-t-il, side-effects", ["a", "t", "il", "side", "effects"], id="hyphens separate"),
    pytest.param("300 mg / 2,5 ml", ["300", "mg", "2", "5", "ml"], id="digits are words, marks are not"),
    pytest.param("snake_case", ["snake", "case"], id="underscores separate"),
    pytest.param("'quoted' «cité»", ["quoted", "cite"], id="quotes are not part of words"),
    pytest.param("?! 👍 …", [], id="nothing to read"),
]
SAME_SENTENCE = [
    pytest.param("The pump’s  life", "the pump's life", id="apostrophes and spaces in English"),
    pytest.param("L’Été\nprochain\u00a0!", "l'été prochain !", id="line breaks and hard spaces in French"),
    pytest.param("e\u0301te\u0301", "été", id="one way to write an accent"),
]
OTHER_SENTENCE = [
    pytest.param("dose élevée", "dose elevee", id="accents count"),
    pytest.param("7 years.", "7 years", id="punctuation counts"),
    pytest.param("1000 mg", "100 mg", id="figures count"),
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_fold_removes_what_typing_varies(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", UNFOLDED)
def test_fold_leaves_what_has_a_meaning(text: str) -> None:
    assert fold(text) == text


@pytest.mark.parametrize("text", [case.values[0] for case in FOLDED])
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(("text", "found"), WORDS)
def test_words_are_folded_and_without_punctuation(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(("one", "other"), SAME_SENTENCE)
def test_a_sentence_is_the_same_however_it_is_set(one: str, other: str) -> None:
    assert normalise_sentence(one) == normalise_sentence(other)


@pytest.mark.parametrize(("one", "other"), OTHER_SENTENCE)
def test_a_sentence_that_says_something_else_is_another(one: str, other: str) -> None:
    assert normalise_sentence(one) != normalise_sentence(other)
