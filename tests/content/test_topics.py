"""Each topic file is whole: both languages, questions, a rule, an answer that a twelve-year-old can read."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from bot.content import document, facts
from bot.grounding.answers import Answer, answers
from bot.grounding.document import passages
from bot.grounding.words import content_stems, fingerprint, split_sentences
from bot.understanding.text import fold
from tests.content.helpers import DATA, LANGUAGES, TOPICS, examples_of, need, read_yaml

FILES = sorted((DATA / "topics").glob("*.yml"))
MOST_TITLE = 30  # characters: a button is cut off beyond that in some channels
LEAST_QUESTIONS = 60  # per language
REFERRAL = "who_to_see"
# Topics that speak for the treatment: whoever reads one is led on to the risks as well.
BENEFITS = {
    "dose_comparison",
    "drugs_only_this_route",
    "efficacy",
    "fewer_side_effects",
    "how_it_works",
    "opioid_tolerance",
    "other_painkillers",
    "quality_of_life",
    "tolerability_overall",
}


@cache
def _content(path: Path) -> dict[str, Any]:
    content = read_yaml(path)
    assert isinstance(content, dict)
    return content


@cache
def _all_answers() -> tuple[Answer, ...]:
    return tuple(answers())


def _of_topic(topic: str) -> list[Answer]:
    return [answer for answer in _all_answers() if answer.topic == topic]


each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
each_answer = pytest.mark.parametrize("answer", _all_answers(), ids=lambda answer: f"{answer.key}-{answer.language}")


# --- the files ---


def test_every_topic_of_the_list_is_there() -> None:
    assert {topic["id"] for topic in read_yaml(need(TOPICS))["topics"]} <= {path.stem for path in FILES}


def test_answers_rest_on_the_sentences_that_the_list_allows() -> None:
    """topics.yml says what an answer may state, and no more; what it says is used."""
    prints = {sentence.id: sentence.fingerprint for sentence in document().sentences.values()}
    for topic in read_yaml(need(TOPICS))["topics"]:
        allowed = {fingerprint(sentence["text"]) for sentence in topic["support"]}
        cited = {prints[s] for a in _of_topic(topic["id"]) for fact in a.facts for s in facts()[fact].rests_on}
        assert cited <= allowed, f"{topic['id']}: rests on a sentence that is not its own"
        assert cited == allowed, f"{topic['id']}: a sentence of its support is left unused"


@each_file
def test_there_are_enough_questions_in_both_languages(path: Path) -> None:
    blocks = _content(path)["nlu"]
    assert {block["intent"] for block in blocks} == {path.stem}
    assert Counter(block["metadata"]["language"] for block in blocks) == dict.fromkeys(LANGUAGES, 1)
    for block in blocks:
        assert len(examples_of(block)) >= LEAST_QUESTIONS, block["metadata"]["language"]


@each_file
def test_there_is_a_rule_from_the_question_to_the_answer(path: Path) -> None:
    action = "action_who_to_see" if path.stem == REFERRAL else f"utter_{path.stem}"
    (rule,) = _content(path)["rules"]
    assert rule == {"rule": path.stem, "steps": [{"intent": path.stem}, {"action": action}]}
    if action.startswith("utter_"):
        assert set(_content(path)["responses"]) == {action}


@each_file
def test_each_response_has_both_languages_and_the_same_facts(path: Path) -> None:
    for key, variations in _content(path)["responses"].items():
        assert [variation["condition"] for variation in variations] == [
            [{"type": "slot", "name": "language", "value": language}] for language in LANGUAGES
        ], key
        marks = [variation["metadata"] for variation in variations]
        assert [mark["language"] for mark in marks] == list(LANGUAGES), key
        assert {mark["topic"] for mark in marks} == {path.stem}, key
        assert {mark["kind"] for mark in marks} == {"referral" if path.stem == REFERRAL else "answer"}, key
        assert marks[0]["facts"] == marks[1]["facts"], key
        assert marks[0]["related"] == marks[1]["related"], key


# --- the answers ---


@each_answer
def test_an_answer_has_one_to_four_sentences(answer: Answer) -> None:
    assert 1 <= len(split_sentences(answer.text)) <= 4


@each_answer
def test_an_answer_leads_on_to_two_or_three_topics(answer: Answer) -> None:
    topics = {path.stem for path in FILES}
    assert 2 <= len(answer.related) <= 3
    assert len(set(answer.related)) == len(answer.related)
    assert set(answer.related) <= topics - {answer.topic}


@pytest.mark.parametrize("topic", sorted(BENEFITS))
def test_a_benefit_leads_on_to_the_risks(topic: str) -> None:
    given = _of_topic(topic)
    assert given
    assert all("risks_complications" in answer.related for answer in given)


@each_answer
def test_a_title_fits_on_a_button(answer: Answer) -> None:
    assert 0 < len(answer.title) <= MOST_TITLE


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_topics_share_a_title(language: str) -> None:
    titles = {(answer.topic, fold(answer.title)) for answer in _all_answers() if answer.language == language}
    assert len({title for _, title in titles}) == len({topic for topic, _ in titles})


@each_answer
def test_only_the_referral_has_something_to_fill_in(answer: Answer) -> None:
    assert answer.kind == "referral" or not re.search(r"[{}\[\]]", answer.text)


# --- the reading level ---
#
# LIX (Björnsson 1968): words per sentence plus the percentage of words of more than six letters; a colon or a semicolon
# ends a sentence there. It is meant for any language, and was held against French and English texts side by side by
# Anderson (1981, ERIC ED207022). 20 is very easy, 60 very difficult; up to 40 counts as easy: what is written for older
# children and fiction. The medical terms of the facts are left out of the long words: an answer explains each where it
# stands, and a patient will hear them. French needs more long words for the same: our
# pairs of answers differ by 6 points on average, hence the higher bounds. (With the terms, the document has 39 long
# words in 100, our English answers have 21.) A single answer may go over the average where the document's matter is a
# list, within the second bound. Sentences: plain-language guides ask for 15 to 20 words on average.
MOST_WORDS_ON_AVERAGE = 20
MOST_WORDS = 36  # in the longest sentence
MOST_LIX_ON_AVERAGE = {"en": 34, "fr": 40}
MOST_LIX = {"en": 45, "fr": 55}


@cache
def _stems_of_terms(language: str) -> set[str]:
    return content_stems(" ".join(t for fact in facts().values() for t in fact.terms[language]), language)


def words_per_sentence(answer: Answer) -> float:
    sentences = [part for part in re.split(r"(?<=[.!?:;])\s+", answer.text.strip()) if part]
    return mean(_count(sentence) for sentence in sentences)


def _count(sentence: str) -> int:
    return sum(1 for word in sentence.split() if re.search(r"\w", word))


def long_words(answer: Answer) -> float:
    """Return the percentage of words of more than six letters, the medical terms left out."""
    words = re.findall(r"[^\W\d_]+", answer.text)
    terms = _stems_of_terms(answer.language)
    return 100 * mean(len(word) > 6 and not content_stems(word, answer.language) & terms for word in words)


def lix(answer: Answer) -> float:
    return words_per_sentence(answer) + long_words(answer)


@each_answer
def test_an_answer_is_easy_to_read(answer: Answer) -> None:
    assert lix(answer) <= MOST_LIX[answer.language]
    assert max(_count(sentence) for sentence in split_sentences(answer.text)) <= MOST_WORDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answers_together_are_easy_to_read(language: str) -> None:
    given = [answer for answer in _all_answers() if answer.language == language]
    assert mean(map(words_per_sentence, given)) <= MOST_WORDS_ON_AVERAGE
    assert mean(map(lix, given)) <= MOST_LIX_ON_AVERAGE[language]


def test_a_text_for_adults_is_seen() -> None:
    hard = (
        "Notwithstanding considerable uncertainties concerning individual responsiveness, contemporary "
        "interdisciplinary recommendations consistently emphasise assessment preceding definitive treatment."
    )
    answer = replace(_of_topic("refill")[0], text=hard)
    assert lix(answer) > MOST_LIX["en"]


# --- superlatives ---

SUPERLATIVES = {
    "en": re.compile(
        r"\b(?:best|most|least|safest|strongest|easiest|fastest|greatest|perfect(?:ly)?|complete(?:ly)?|total(?:ly)?|"
        r"fully|guarantee[sd]?|always|never|cure[sd]?|miracle|revolutionary|unique|ideal|extremely|risk free|everybody|"
        r"everyone|as \w+ as possible)\b"
    ),
    "fr": re.compile(
        r"\b(?:(?:le|la|les) (?:plus|moins|mieux) ?\w*|meilleure?s?|parfaite?s?|parfaitement|completement|totalement|"
        r"entierement|garanti\w*|toujours|jamais|gueri\w*|miracles?|revolutionnaires?|uniques?|ideale?s?|extremement|"
        r"sans (?:aucun )?(?:risque|danger)|tout le monde)\b"
    ),
}
# What may be said because the document says as much: the words, the sentence, and what stands in that sentence.
WARRANTS = {
    "the most is made of its effect": ("local_concentration", "maximis"),
    "le meilleur parti de son efficacite": ("local_concentration", "maximis"),
    "relieved as well as possible": ("visits_purpose", "optimum"),
    "le mieux possible": ("visits_purpose", "optimum"),
    "not always needed": ("test_not_always", "not always"),
    "pas toujours necessaire": ("test_not_always", "not always"),
}


def superlatives(answer: Answer) -> list[str]:
    """Return the superlatives of an answer that none of the sentences its facts rest on warrants."""
    text = " ".join(re.findall(r"[a-z0-9]+", fold(answer.text)))
    rests_on = {sentence for fact in answer.facts for sentence in facts()[fact].rests_on}
    for words, (sentence, _) in WARRANTS.items():
        if sentence in rests_on:
            text = text.replace(words, "")
    return SUPERLATIVES[answer.language].findall(text)


@each_answer
def test_an_answer_has_no_superlative_that_the_document_lacks(answer: Answer) -> None:
    assert not superlatives(answer)


@pytest.mark.parametrize(
    ("topic", "language", "added"),
    [
        ("efficacy", "en", "It is the best treatment."),
        ("efficacy", "fr", "C’est le traitement le plus sûr."),
        ("refill", "en", "The dose is adapted so that the pain is relieved as well as possible."),
        ("refill", "fr", "C’est sans aucun danger."),
    ],
)
def test_a_superlative_is_seen(topic: str, language: str, added: str) -> None:
    (answer,) = (a for a in _of_topic(topic) if a.language == language)
    assert superlatives(replace(answer, text=f"{answer.text} {added}"))


def test_the_document_warrants_what_we_let_through(document_text: str) -> None:
    standing = {fingerprint(passage.text): passage.text for passage in passages(document_text, document())}
    for sentence, words in WARRANTS.values():
        assert words in fold(standing[document().sentences[sentence].fingerprint])
