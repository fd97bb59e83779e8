"""What may stand in no file of the project: the document's wording, addresses of package indexes, this machine's paths.

What is looked for is put together here, so that this file does not hold it itself.
"""

import re
from pathlib import Path

import pytest

from bot.understanding.text import fold
from tests.content.helpers import ROOT, project_files, text_of

RUN = (
    9  # words in a row that count as copied: shorter runs are the language's own ("the side effects of the medicines")
)

_ESCAPES = re.compile(r"\\u([0-9a-fA-F]{4})")

INDEXES = re.compile(
    "|".join(
        [
            r"\bpypi" + r"\.(?:org|python\.org)\b",
            "files.python" + "hosted",
            r"registry\." + r"(?:npmjs\.org|yarnpkg\.com)",
            r"--(?:extra-)?index" + r"-url\b",
            r"(?:PIP|UV)_(?:EXTRA_|DEFAULT_)?INDEX" + r"_URL\s*=",
            r"https?://[^\s\"'<>]+/" + r"simple\b",
            r"https?://[^\s\"'<>]+/artifactory" + r"/",
        ]
    )
)
# after a word, "/" means "or": "at home/work/school" is no path
OWN_PATHS = re.compile("|".join(rf"(?<!\w)/{folder}/" for folder in ("work", "root", "tmp/stage")))


def runs(text: str) -> set[str]:
    """Return every run of nine folded words of a text, whatever stands between them."""
    text = _ESCAPES.sub(lambda code: chr(int(code[1], 16)), text).replace("\\n", " ")
    words = re.findall(r"[a-z0-9]+", fold(text))
    return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def lines_with(pattern: re.Pattern[str], text: str) -> list[str]:
    return [f"line {n}: {line.strip()[:80]}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _texts() -> list[tuple[Path, str]]:
    return [(path, text) for path in project_files() if (text := text_of(path)) is not None]


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [f"{name(path)}: {line}" for path, text in _texts() for line in lines_with(pattern, text)]


def test_the_project_has_files() -> None:
    assert any(path.name == "facts.yml" for path, _ in _texts())


def test_nine_words_of_the_document_stand_nowhere(document_text: str) -> None:
    of_document = runs(document_text)
    found = [f"{name(path)}: {run}" for path, text in _texts() for run in sorted(runs(text) & of_document)]
    assert not found, "\n".join(found)


def test_no_address_of_a_package_index() -> None:
    found = _found(INDEXES)
    assert not found, "\n".join(found)


def test_no_path_of_this_machine() -> None:
    found = _found(OWN_PATHS)
    assert not found, "\n".join(found)


# --- each is seen to fail ---


def test_copied_words_are_seen(document_text: str) -> None:
    every = document_text.split()
    first = next(i for i, word in enumerate(every) if "é" in word)
    words = every[first - RUN + 1 : first + 1]
    yaml_lines = "text: >-\n  " + " ".join(words[:4]).upper() + "\n  " + " ".join(words[4:])
    json_text = '"' + "\\n".join(words).replace("é", "\\u00e9") + '"'
    assert runs(yaml_lines) & runs(document_text)
    assert runs(json_text) & runs(document_text)
    assert not runs(" ".join(words[:8])) & runs(document_text)


@pytest.mark.parametrize(
    "line",
    [
        "see https://pypi" + ".org/project/rasa",
        "pip install --index" + "-url http://mirror.example",
        "ENV PIP_INDEX" + "_URL=http://mirror.example",
        '"resol' + 'ved": "https://regis' + 'try.npmjs.org/esbuild"',
        "index = http://mirror.example:3141/root/pypi/" + "simple",
    ],
)
def test_an_address_of_a_package_index_is_seen(line: str) -> None:
    assert lines_with(INDEXES, line)


@pytest.mark.parametrize("folder", ["work", "root"])
def test_a_path_of_this_machine_is_seen(folder: str) -> None:
    path = f"/{folder}/" + "main"
    assert lines_with(OWN_PATHS, f"DATA = '{path}/data'")
    assert lines_with(OWN_PATHS, f"file://{path}")
    assert not lines_with(OWN_PATHS, f"home{path}")
    assert not lines_with(OWN_PATHS, f"https://example.org{path}")
