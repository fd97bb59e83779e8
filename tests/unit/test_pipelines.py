"""The spaCy pipelines: French from the index, English installed or blank. Both ways are real."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import spacy

from bot.understanding import pipelines
from bot.understanding.pipelines import load, person_names, pipeline

TINY = "en_tiny_english"
NOT_THERE = "en_model_that_is_not_installed"


@pytest.fixture
def tiny_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of an installed English model: a package with its metadata, as pip leaves it."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Zoltan Petrov"}])
    nlp.add_pipe("attribute_ruler")
    nlp.meta["name"], nlp.meta["version"] = TINY.partition("_")[2], "0.0.1"
    package = tmp_path / TINY
    package.mkdir()
    nlp.to_disk(package / f"{TINY}-0.0.1")
    (package / "meta.json").write_text((package / f"{TINY}-0.0.1" / "meta.json").read_text())
    (package / "__init__.py").write_text(
        "from spacy.util import load_model_from_init_py\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n"
    )
    metadata = tmp_path / f"{TINY}-0.0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {TINY}\nVersion: 0.0.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, TINY, raising=False)
    importlib.invalidate_caches()
    return TINY


@pytest.fixture
def english_is(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return a function that says which model is the English one."""

    def choose(model: str) -> None:
        monkeypatch.setitem(pipelines.MODELS, "en", model)
        pipeline.cache_clear()

    yield choose
    pipeline.cache_clear()


@pytest.fixture
def blank_english(english_is: Callable[[str], None]) -> None:
    """Make `pipeline` take the fallback, whatever is installed on this machine."""
    english_is(NOT_THERE)


def test_french_is_the_model_of_the_index_and_finds_names() -> None:
    assert pipeline("fr").meta["name"] == "core_news_sm"
    assert "ner" in pipeline("fr").pipe_names
    assert person_names("ici Zoltan Petrov, pour la pompe", "fr") == ["Zoltan Petrov"]


def test_what_names_do_not_need_is_left_out() -> None:
    assert not {"parser", "tagger", "morphologizer", "lemmatizer", "attribute_ruler"} & set(pipeline("fr").pipe_names)


def test_a_pipeline_is_loaded_once() -> None:
    assert pipeline("fr") is pipeline("fr")


def test_the_blank_english_pipeline_has_tokens_stop_words_and_lemmas() -> None:
    document = load(NOT_THERE, "en")("The pumps weren't refilled.")
    assert [token.text for token in document] == ["The", "pumps", "were", "n't", "refilled", "."]
    assert [token.text for token in document if token.is_stop] == ["The", "were", "n't"]
    assert document[1].lemma_ == "pump"
    assert document[4].lemma_ == "refill"


def test_the_blank_english_pipeline_knows_no_names(blank_english: None) -> None:
    assert person_names("my husband Zoltan Petrov", "en") == []


def test_an_installed_english_model_is_preferred(tiny_english: str, english_is: Callable[[str], None]) -> None:
    english_is(tiny_english)
    assert pipeline("en").meta["name"] == "tiny_english"
    assert person_names("my husband Zoltan Petrov has one", "en") == ["Zoltan Petrov"]


def test_an_installed_model_is_loaded_by_name_without_what_is_not_needed(tiny_english: str) -> None:
    nlp = load(tiny_english, "en")
    assert nlp.pipe_names == ["entity_ruler"]


NO_NAMES = [
    pytest.param("MON MARI ZOLTAN PETROV", id="all capitals"),
    pytest.param("zoltan petrov a une pompe", id="no capitals"),
    pytest.param("Ma Mère Ne Respire Plus", id="each word with a capital"),
    pytest.param("La pompe. Elle bipe. Pourquoi ?", id="capitals only where sentences start"),
    pytest.param("chez Exit en Suisse", id="an association that helps to die"),
    pytest.param("", id="nothing"),
]


@pytest.mark.parametrize("text", NO_NAMES)
def test_names_are_not_seen_where_capitals_tell_nothing(text: str) -> None:
    assert person_names(text, "fr") == []
