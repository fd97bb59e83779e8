"""What every channel shares: a message is cleaned, answered within a time limit, and never met with silence."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage

from bot.content import topic_ids
from bot.last_words import last_words
from bot.logs import turn
from bot.settings import settings
from bot.storage import tracker_store_of
from bot.understanding.language import LANGUAGES, LanguageDetector
from bot.understanding.personal_data import replace_personal_data
from bot.understanding.pipelines import person_names

logger = logging.getLogger(__name__)

Reply = dict[str, Any]
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

# what a button may do besides asking a topic's question
_COMMANDS = ("choose_english", "choose_french", "delete_conversation", "what_is_kept", "more", "greet", "capabilities")
ERASED, ERASE_FAILED = "utter_deleted", "utter_delete_failed"


@dataclass(frozen=True)
class Incoming:
    """A message as a channel hands it over: typed text, or the payload of a button that the bot has shown."""

    sender_id: str
    text: str = ""
    payload: str = ""
    language: str | None = None  # the channel's hint


class CollectedReplies(OutputChannel):
    """Collects a turn's replies with their marks; channels turn them into what they can show."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.utter_actions: list[str] = []

    @classmethod
    def name(cls) -> str:
        return "collected"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        marks = message.get("metadata") or {}
        reply = {
            "kind": marks.get("kind", "error"),
            "language": marks.get("language"),
            "title": marks.get("title"),
            "text": message.get("text") or "",
            "sources": marks.get("sources", []),
            "buttons": message.get("buttons") or [],
        }
        if marks.get("topic"):
            reply["topic"] = marks["topic"]
        if message.get("services"):
            reply["services"] = message["services"]
        self.replies.append(reply)
        self.utter_actions.append(message.get("utter_action") or "")


def is_known_payload(payload: str) -> bool:
    """Return whether `payload` is one that the bot's buttons carry: nothing else is ever carried out."""
    return payload.startswith("/") and payload[1:] in {*topic_ids(), *_COMMANDS}


_at_large = LanguageDetector()
# any blank, also the no-break space that French keyboards type: Rasa strips them before it looks for the slash
_LEADING = re.compile(r"\A[\s/]+")


def clean(text: str) -> str:
    """Return typed text as the rest of the bot may see it: personal data replaced, and never a command.

    Rasa carries out text that begins with a slash ("/restart"); here it is only text.
    """

    def names(message: str) -> list[str]:
        detected = _at_large.detect(message)
        return person_names(message, detected.language if detected else LANGUAGES[0])

    return _LEADING.sub("", replace_personal_data(text, names))


async def answer(message: Incoming, on_new_message: OnNewMessage, agent: Agent | None, channel: str) -> list[Reply]:
    """Return the replies to a message: at least one, whatever fails inside."""
    collected = CollectedReplies()
    try:
        text = message.payload or await asyncio.to_thread(clean, message.text)
        with turn():
            await asyncio.wait_for(
                on_new_message(
                    UserMessage(
                        # Rasa takes no empty text; a lone question mark is as unclear as what was typed
                        text or "?",
                        collected,
                        message.sender_id,
                        input_channel=channel,
                        metadata={"language": message.language} if message.language else None,
                    )
                ),
                settings().turn_seconds,
            )
    except Exception as error:  # whatever fails, the person is answered
        logger.error("a turn failed: %s", type(error).__name__)
        # a call for help that was already composed goes out; half an answer does not
        if not any(reply["kind"] in ("emergency", "crisis") for reply in collected.replies):
            return [last_words("utter_error", message.language)]
    if not collected.replies:
        logger.error("a turn gave no reply (is a model loaded?)")
        return [last_words("utter_error", message.language)]
    if ERASED in collected.utter_actions and not await _is_erased(message.sender_id, agent):
        return [last_words(ERASE_FAILED, collected.replies[0]["language"])]
    return collected.replies


async def _is_erased(sender_id: str, agent: Agent | None) -> bool:
    store = tracker_store_of(agent) if agent else None
    try:
        return store is None or not await store.is_kept(sender_id)
    except Exception as error:  # not known is not erased
        logger.error("it is not known whether a conversation was erased: %s", type(error).__name__)
        return False
