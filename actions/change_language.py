""" "In French please": the language changes, and the last answer is given again in it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import last_replies, refer

_WORTH_REPEATING = frozenset(
    {"answer", "referral", "emergency", "crisis", "personal_advice", "not_in_document", "off_topic", "privacy"}
)


class ActionChangeLanguage(Action):
    """Confirms the language and repeats what was said last, or greets; the choice is a slot that the intent sets."""

    def name(self) -> str:
        return "action_change_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_language_changed")
        replies = last_replies(tracker, with_kinds=_WORTH_REPEATING)
        for reply in replies:
            if reply["kind"] == "referral":
                refer(dispatcher)
            else:
                dispatcher.utter_message(response=reply["utter_action"])
        if not replies:
            dispatcher.utter_message(response="utter_greet")
        return []
