""" "Tell me more": the next related topic of the last answer that has not been answered yet."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import answer_topic, last_replies, topics_answered

_ANSWERS = frozenset({"answer", "referral"})


class ActionMore(Action):
    """Answers the next related topic; says so when the document has nothing more, or asks when nothing went before."""

    def name(self) -> str:
        return "action_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        replies = last_replies(tracker, with_kinds=_ANSWERS)
        related = [topic for reply in replies for topic in reply.get("related", ())]
        fresh = [topic for topic in related if topic not in topics_answered(tracker)]
        if fresh:
            answer_topic(dispatcher, fresh[0])
        else:
            dispatcher.utter_message(response="utter_no_more" if replies else "utter_unclear")
        return []
