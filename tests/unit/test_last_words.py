"""What is said when something inside fails: from files alone, in the language of the person."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.last_words import last_words

SetVariables = Callable[..., None]
CLINIC = 'emergency_number: "000"\nservices: []\ncountries: {CH: {emergency_number: "001"}}\n'


@pytest.fixture(autouse=True)
def _as_it_comes(environment: SetVariables) -> None:
    """Read the shipped data with no settings of this machine."""


@pytest.mark.parametrize(
    ("language", "marked", "said"),
    [
        pytest.param("en", "en", ["Something went wrong"], id="English"),
        pytest.param("fr", "fr", ["Un problème est survenu"], id="French"),
        pytest.param(None, "both", ["Something went wrong", "Un problème est survenu"], id="not known: both"),
        pytest.param("", "both", ["Something went wrong", "Un problème est survenu"], id="empty: both"),
        pytest.param("de", "both", ["Something went wrong", "Un problème est survenu"], id="another: both"),
    ],
)
def test_an_error_is_told_in_the_language(language: str | None, marked: str, said: list[str]) -> None:
    reply = last_words("utter_error", language)
    assert reply["language"] == marked
    assert [line for line in said if line in reply["text"]] == said
    assert reply["title"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param("en", "up to 77 characters", id="English"),
        pytest.param("fr", "jusqu’à 77 caractères", id="French"),
        pytest.param(None, "77", id="not known"),
    ],
)
def test_the_limit_is_the_one_that_is_set(environment: SetVariables, language: str | None, said: str) -> None:
    environment(max_characters="77")
    assert said in last_words("utter_too_long", language)["text"]


@pytest.mark.parametrize("language", ["en", "fr", None])
@pytest.mark.parametrize(("country", "number"), [("", "000"), ("CH", "001")])
def test_the_number_is_the_operators(
    environment: SetVariables, tmp_path: Path, language: str | None, country: str, number: str
) -> None:
    file = tmp_path / "clinic.yml"
    file.write_text(CLINIC)
    environment(clinic_file=str(file), country=country)
    assert number in last_words("utter_error", language)["text"]
    assert "112" not in last_words("utter_error", language)["text"]


@pytest.mark.parametrize("language", ["en", "fr", None])
def test_out_of_the_box_the_number_is_112(language: str | None) -> None:
    assert "112" in last_words("utter_error", language)["text"]


@pytest.mark.parametrize("name", ["utter_error", "utter_too_long", "utter_delete_failed"])
@pytest.mark.parametrize("language", ["en", "fr", None])
def test_a_reply_has_the_shape_of_every_other_and_nothing_left_to_fill_in(name: str, language: str | None) -> None:
    reply = last_words(name, language)
    assert set(reply) == {"kind", "language", "title", "text", "sources", "buttons"}
    assert reply["kind"] == "error"
    assert "{" not in reply["text"]


def test_an_unknown_name_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        last_words("utter_unheard_of", "en")
