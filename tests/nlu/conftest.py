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


@pytest.fixture(scope="session")
def understand() -> Callable[[str], Understood]:
    """A function from a typed text to what the trained model understands."""
    if not MODEL.exists():
        pytest.fail("there is no trained model: `make train` makes it, and `make test` does so by itself")
    configure_structlog(logging.ERROR)  # or every message would be printed
    agent = Agent.load(MODEL)

    @cache
    def ask(text: str) -> Understood:
        # a typed text that begins with a slash is no command: the channels see to that
        parsed = asyncio.run(agent.parse_message(text.lstrip("/")))
        return Understood(parsed["intent"]["name"], tuple(parsed["topics"]))

    return ask
