"""What the content tests share: the files, the training questions, the sentences of the other tests."""

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rapidfuzz import fuzz, process

from bot.settings import settings
from bot.understanding.text import fold, words

ROOT = Path(__file__).resolve().parents[2]
DATA = settings().data_dir  # the folder that bot.content reads
TESTS = ROOT / "tests"
# The hospital's document is not ours to publish: it stands beside the checkout where there is one.
DOCUMENT = ROOT.parent / "shared" / "document.txt"
TOPICS = ROOT.parent / "shared" / "topics.yml"

LANGUAGES = ("en", "fr")
# libyaml's loader where PyYAML was built with it: ten times as fast on the question files
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

NEAR = 96  # RapidFuzz ratio from which two questions count as one
SHORTEST_COMPARED = 12  # characters; below, one letter changes the word ("sore", "sort")


@dataclass(frozen=True)
class Question:
    """One training question or test sentence."""

    text: str
    intent: str
    language: str
    file: str

    @property
    def key(self) -> str:
        """What two spellings of one sentence have in common: the folded words, or the signs where there is no word."""
        return " ".join(words(self.text)) or fold(self.text).strip()


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)


def need(path: Path) -> Path:
    """Return the path; skips the test, with the reason, when there is nothing there."""
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    return path


def examples_of(block: dict[str, Any]) -> list[str]:
    """Return the sentences of one `nlu` entry."""
    return [
        line.strip()[2:].strip() for line in block.get("examples", "").splitlines() if line.strip().startswith("- ")
    ]


@cache
def training_questions() -> tuple[Question, ...]:
    """Return every training question of data/."""
    return tuple(question for path in sorted(DATA.rglob("*.yml")) for question in _questions_of(path, DATA))


def _questions_of(path: Path, root: Path) -> Iterator[Question]:
    content = read_yaml(path)
    if not isinstance(content, dict):
        return
    for block in content.get("nlu") or []:
        language = (block.get("metadata") or {}).get("language", "")
        for text in examples_of(block):
            yield Question(text, block.get("intent", ""), language, path.relative_to(root).as_posix())


def sentences_of_tests(folder: Path = TESTS) -> list[Question]:
    """Return the sentences that the tests hold the models against: Rasa NLU files, and lists of {text, topics}."""
    found: list[Question] = []
    for path in sorted({*(folder / "nlu").rglob("*.yml"), *folder.rglob("several.yml")}):
        content = read_yaml(path)
        if isinstance(content, list):
            name = path.relative_to(folder).as_posix()
            found += [Question(entry["text"], "", "", name) for entry in content if "text" in entry]
        else:
            found += _questions_of(path, folder)
    return found


def near_duplicates(questions: Iterable[Question]) -> list[tuple[Question, Question]]:
    """Return the pairs of one intent and language that are the same sentence, or nearly."""
    groups: dict[tuple[str, str], list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.intent, question.language].append(question)
    return [pair for group in groups.values() for pair in _near_pairs(group)]


def _near_pairs(group: list[Question]) -> Iterator[tuple[Question, Question]]:
    keys = [question.key for question in group]
    scores = process.cdist(keys, keys, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8, workers=2)
    for i, j in np.argwhere(np.triu(scores, 1)):
        if keys[i] == keys[j] or min(len(keys[i]), len(keys[j])) >= SHORTEST_COMPARED:
            yield group[i], group[j]


def under_two_intents(questions: Iterable[Question]) -> list[tuple[Question, Question]]:
    """Return the pairs that are the same folded sentence under two intents, whatever their languages."""
    first: dict[str, Question] = {}
    pairs = []
    for question in questions:
        other = first.setdefault(question.key, question)
        if other.intent != question.intent:
            pairs.append((other, question))
    return pairs


def in_both(questions: Iterable[Question], held_out: Iterable[Question]) -> list[tuple[Question, Question]]:
    """Return the pairs of a training question and a test sentence that are the same folded sentence."""
    tested = {sentence.key: sentence for sentence in held_out}
    return [(question, tested[question.key]) for question in questions if question.key in tested]


def listed(pairs: Iterable[tuple[Question, Question]], most: int = 40) -> str:
    """Return pairs for a person: file, language, both lines."""
    lines = [f"{a.file} [{a.intent} {a.language}]: {a.text!r} / {b.file} [{b.intent}]: {b.text!r}" for a, b in pairs]
    return "\n".join([f"{len(lines)} pair(s)", *lines[:most]])


@cache
def project_files() -> tuple[Path, ...]:
    """Return the files of the project, committed or about to be; skips the test where git cannot tell."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"git cannot list the files: {type(error).__name__}")
    paths = [ROOT / name for name in listing.decode().split("\0") if name]
    return tuple(path for path in paths if path.is_file())


def text_of(path: Path) -> str | None:
    """Return the text of a file, None when it is not text."""
    raw = path.read_bytes()
    if b"\0" in raw[:8192]:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
