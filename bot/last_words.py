"""What a person is told when something inside fails: read from data/ directly, so that no model is needed for it."""

from functools import cache
from typing import Any

from bot.clinic import clinic
from bot.content import load_yaml
from bot.settings import settings

_FILES = ("conversation/errors.yml", "conversation/delete_conversation.yml")
_BOTH = "both"


@cache
def _texts() -> dict[str, dict[str, dict[str, Any]]]:
    """Return response name -> language -> variation."""
    return {
        name: {variation["metadata"]["language"]: variation for variation in variations}
        for file in _FILES
        for name, variations in load_yaml(settings().data_dir / file)["responses"].items()
    }


def last_words(name: str, language: str | None, **values: Any) -> dict[str, Any]:
    """Return the reply `name` ("utter_error", "utter_too_long" …) in `language`, or in both when that is not known."""
    variations = _texts()[name]
    variation = variations.get(language or _BOTH) or variations.get(_BOTH) or variations["en"]
    text = variation["text"].format(
        emergency_number=clinic().emergency_number, limit=settings().max_characters, **values
    )
    return {
        "kind": variation["metadata"]["kind"],
        "language": variation["metadata"]["language"],
        "title": variation["metadata"]["title"],
        "text": text,
        "sources": [],
        "buttons": [],
    }
