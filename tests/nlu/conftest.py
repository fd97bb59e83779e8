"""The trained model, asked through Rasa as the server asks it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

from bot.settings import ROOT

MODEL = ROOT / "models" / "bot.tar.gz"


@dataclass(frozen=True)
class Understood:
    """What the model made of a message."""

    intent: str
    topics: tuple[str, ...]


Understand = Callable[[str], Understood]


def loaded_model() -> Understand:
    """Return a function from a typed text to what the trained model understands."""
    configure_structlog(logging.ERROR)  # or Rasa would print every message
    agent = Agent.load(MODEL)

    @cache
    def ask(text: str) -> Understood:
        # a typed text that begins with a slash is no command: the channels see to that
        parsed = asyncio.run(agent.parse_message(text.lstrip("/")))
        return Understood(parsed["intent"]["name"], tuple(parsed["topics"]))

    return ask


@pytest.fixture(scope="session")
def understand() -> Understand:
    """The trained model; the test fails where there is none."""
    if not MODEL.exists():
        pytest.fail("there is no trained model: `make train` makes it, and `make test` does so by itself")
    return loaded_model()
