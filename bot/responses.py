"""Rasa response generator: the right language on the same turn, citations, buttons, and never an empty reply."""

from collections.abc import Mapping
from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.clinic import clinic
from bot.content import source_of, topic_ids
from bot.nlu.language import DETECTED
from bot.settings import settings
from bot.understanding.language import LANGUAGES, Code, Detection, ReplyLanguage, reply_language

# the slot that conditions of response variations name; set here, for each reply
LANGUAGE_SLOT = "language"
# the slot that keeps an explicit choice ("in French please")
CHOICE_SLOT = "language_choice"
# the key of a message's channel metadata that holds the page's or the messenger's language
HINT = "language"

# metadata of a variation -> how its buttons are found
RELATED, OFFER_CLOSEST = "related", "offer_closest"
# a topic is offered from this likelihood on
_WORTH_OFFERING = 0.05
FIRST_QUESTIONS = ("what_is_it", "who_can_benefit", "risks_complications")


def language_of(tracker: DialogueStateTracker) -> ReplyLanguage:
    """Return the language of the reply to the tracker's latest message, by the ladder of bot.understanding.language."""
    message = tracker.latest_message
    metadata = (message.metadata if message else None) or {}
    detected = (message.parse_data if message else {}).get(DETECTED)
    return reply_language(
        chosen=tracker.get_slot(CHOICE_SLOT),
        hint=metadata.get(HINT),
        detected=Detection(**detected) if detected else None,
        previous=_language_of_last_reply(tracker),
    )


def _language_of_last_reply(tracker: DialogueStateTracker) -> str | None:
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            language = event.metadata.get("metadata", {}).get("language")
            if language in LANGUAGES:
                return language
    return None


class BilingualResponses(TemplatedNaturalLanguageGenerator):
    """Chooses the variation by language and fills it; used by `endpoints.yml: nlg: type`."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__(domain.responses if domain else {})
        # the titles per language, and the responses they were read from: Rasa exchanges those with the model
        self._titles_of: tuple[Any, dict[Code, dict[str, str]]] = (None, {})

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return the response, with `sources` and `buttons` added; None only for an unknown name."""
        language = language_of(tracker)
        slots = (
            tracker.current_slot_values() | self._constants() | {LANGUAGE_SLOT: self._variation(utter_action, language)}
        )
        response = self.generate_from_slots(utter_action, slots, output_channel, **kwargs)
        if response is None:
            return None
        metadata = response.setdefault("metadata", {})
        metadata["sources"] = [source_of(fact, language.code) for fact in metadata.get("facts", ())]
        response["buttons"] = response.get("buttons") or self._buttons(metadata, tracker, language.code)
        return response

    def _variation(self, utter_action: str, language: ReplyLanguage) -> str | None:
        """Return the language to choose the variation by; None for both languages, where there is such a variation."""
        both = any(not variation.get("condition") for variation in self.responses.get(utter_action, ()))
        return None if both and not language.certain else language.code

    @staticmethod
    def _constants() -> dict[str, Any]:
        return {
            "emergency_number": clinic().emergency_number,
            "retention_days": settings().retention_days,
            "limit": settings().max_characters,
        }

    def _buttons(
        self, metadata: Mapping[str, Any], tracker: DialogueStateTracker, language: Code
    ) -> list[dict[str, str]]:
        offered = list(metadata.get(RELATED, ()))
        if OFFER_CLOSEST in metadata:
            closest = self._closest_topics(tracker, metadata[OFFER_CLOSEST])
            offered = [*(closest or ([] if offered else FIRST_QUESTIONS)), *offered]
        titles = self._titles(language)
        return [{"title": titles[topic], "payload": f"/{topic}"} for topic in dict.fromkeys(offered) if topic in titles]

    @staticmethod
    def _closest_topics(tracker: DialogueStateTracker, most: int) -> list[str]:
        """Return the topics that the latest message most likely asked for, at most `most`."""
        ranking = (tracker.latest_message.parse_data if tracker.latest_message else {}).get("intent_ranking", ())
        topics = set(topic_ids()) - {"who_to_see"}
        return [g["name"] for g in ranking if g["name"] in topics and g["confidence"] >= _WORTH_OFFERING][:most]

    def _titles(self, language: Code) -> dict[str, str]:
        """Return each topic's button title: the title of its answer in that language."""
        if self._titles_of[0] is not self.responses:
            marked = [v.get("metadata", {}) for variations in self.responses.values() for v in variations]
            titles = {
                code: {m["topic"]: m["title"] for m in marked if m.get("topic") and m.get("language") == code}
                for code in LANGUAGES
            }
            self._titles_of = (self.responses, titles)
        return self._titles_of[1][language]
