"""Fixtures of the content tests."""

import pytest

from bot.grounding.answers import Answer, answers
from tests.content.helpers import DOCUMENT, need


@pytest.fixture(scope="session")
def document_text() -> str:
    """The hospital's document; the test is skipped where it is not there."""
    return need(DOCUMENT).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def given() -> list[Answer]:
    """The answers of data/topics, read once."""
    return answers()
