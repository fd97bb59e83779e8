"""Fixtures of the tests that need a running bot: a server takes seconds to start, so they share it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.bot_server import Server, Visitor, serve

CLINIC_FILE = Path(__file__).parent / "conversations" / "operator" / "clinic.yml"
# what an operator may set, each with a value that is not the default
OPERATORS_SETTINGS = {
    "BOT_CLINIC_FILE": str(CLINIC_FILE),
    "BOT_COUNTRY": "BB",
    "BOT_SESSION_RATE": "3",
    "BOT_MAX_CHARACTERS": "60",
    "BOT_RETENTION_DAYS": "7",
    "BOT_SESSION_SECRET": "a key of the operator's own, for the tests only",
}


@pytest.fixture(scope="session")
def bot_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bot as it comes, but without limits on the rate."""
    with serve(tmp_path_factory.mktemp("bot")) as server:
        yield server


@pytest.fixture(scope="session")
def operators_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bot with an operator's settings and entries."""
    with serve(tmp_path_factory.mktemp("operator"), OPERATORS_SETTINGS) as server:
        yield server


@pytest.fixture
def visitor(bot_server: Server) -> Visitor:
    """Somebody new on the website."""
    return bot_server.visitor()
