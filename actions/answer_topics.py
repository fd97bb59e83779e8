"""Several questions in one message: each answered, in the order asked."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import answer_topic


class ActionAnswerTopics(Action):
    """Answers the topics that the topic classifier found in the latest message."""

    def name(self) -> str:
        return "action_answer_topics"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        for topic in tracker.latest_message.get("topics", ()):
            answer_topic(dispatcher, topic)
        return []
