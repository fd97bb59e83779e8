"""What is read once per process is read anew in each test that asks for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import clinic, content, last_words, settings
from bot.channels import sessions

CACHED: tuple[Callable, ...] = (
    settings.settings,
    clinic.clinic,
    content.document,
    content.facts,
    content.topic_ids,
    last_words._texts,
    sessions._secret,
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Return a function that sets BOT_ variables; without a call the bot is as it comes, and writes to `tmp_path`."""

    def forget() -> None:
        for cached in CACHED:
            cached.cache_clear()

    def set_variables(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"BOT_{name.upper()}", value)
        forget()

    for field in settings.Settings.model_fields:
        monkeypatch.delenv(f"BOT_{field.upper()}", raising=False)
    set_variables(var_dir=str(tmp_path / "var"))
    yield set_variables
    monkeypatch.undo()
    forget()
