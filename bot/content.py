"""The content as the rest of the code sees it: topics, facts, the document's sections and sentences.

Everything is read from data/ once per process. The texts of answers are Rasa responses and stay with Rasa; what is
here is what Rasa does not know of.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.settings import settings


class ContentError(ValueError):
    """A content file cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class Section:
    """A section of the document: its title in both languages, and the language it is written in."""

    id: str
    title: dict[str, str]
    language: str


@dataclass(frozen=True)
class Sentence:
    """A sentence of the document that facts rest on, known by its fingerprint only."""

    id: str
    section: str
    language: str
    fingerprint: str  # SHA-256 of the normalised sentence (bot.understanding.text.normalise_sentence)


@dataclass(frozen=True)
class Fact:
    """One claim of the document in our own words, with the sentences it rests on."""

    id: str
    section: str
    rests_on: tuple[str, ...]
    figures: tuple[str, ...]
    terms: dict[str, tuple[str, ...]]
    text: dict[str, str]


@dataclass(frozen=True)
class Document:
    """The hospital's document: what is kept of it to cite it and to notice when it changes."""

    id: str
    title: dict[str, str]
    address: str | None
    sections: dict[str, Section]
    sentences: dict[str, Sentence]


def load_yaml(path: Path) -> Any:
    """Return what the YAML file holds; raises `ContentError` with the file's name when it cannot be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise ContentError(f"{path.name}: {error}") from error


@cache
def document() -> Document:
    """Return the document's map from data/document.yml."""
    raw = load_yaml(settings().data_dir / "document.yml")
    return Document(
        raw["id"],
        raw["title"],
        raw["address"],
        {s["id"]: Section(s["id"], s["title"], s["language"]) for s in raw["sections"]},
        {s["id"]: Sentence(s["id"], s["section"], s["language"], s["fingerprint"]) for s in raw["sentences"]},
    )


@cache
def facts() -> dict[str, Fact]:
    """Return the facts of data/facts.yml by id."""
    return {
        f["id"]: Fact(
            f["id"],
            f["section"],
            tuple(f["rests_on"]),
            tuple(f.get("figures", ())),
            {language: tuple(terms) for language, terms in f.get("terms", {}).items()},
            {"en": f["en"], "fr": f["fr"]},
        )
        for f in load_yaml(settings().data_dir / "facts.yml")["facts"]
    }


@cache
def topic_ids() -> tuple[str, ...]:
    """Return the ids of the topics that the document answers: the names of the files in data/topics."""
    return tuple(sorted(path.stem for path in (settings().data_dir / "topics").glob("*.yml")))


def source_of(fact_id: str, language: str) -> dict[str, Any]:
    """Return where a fact stands, for a reply in `language`: fact, section, source language, whether translated."""
    fact = facts()[fact_id]
    languages = [document().sentences[s].language for s in fact.rests_on]
    source_language = language if language in languages else languages[0]
    section = next(
        document().sections[document().sentences[s].section]
        for s in fact.rests_on
        if document().sentences[s].language == source_language
    )
    return {
        "fact": fact_id,
        "section": section.title[language],
        "language": source_language,
        "translated": source_language != language,
    }
