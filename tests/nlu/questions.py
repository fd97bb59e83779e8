"""Reading the held-out questions of tests/nlu."""

from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Question:
    """A held-out question, the intent it is for, and the file's name without its ending."""

    text: str
    intent: str
    group: str


@dataclass(frozen=True)
class SeveralQuestions:
    """A message with several questions, or a story with one: the topics in the order asked."""

    text: str
    topics: tuple[str, ...]


def questions(language: str, *groups: str) -> list[Question]:
    """Return the questions of a language; of all groups when none is named."""
    names = groups or tuple(p.stem for p in sorted((FOLDER / language).glob("*.yml")) if p.stem != "several")
    return [
        Question(line.removeprefix("- "), block["intent"], name)
        for name in names
        for block in yaml.safe_load((FOLDER / language / f"{name}.yml").read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].splitlines()
    ]


def several(language: str) -> list[SeveralQuestions]:
    """Return the messages of several.yml."""
    entries = yaml.safe_load((FOLDER / language / "several.yml").read_text(encoding="utf-8"))
    return [SeveralQuestions(entry["text"], tuple(entry["topics"])) for entry in entries]
