"""Whom to see: the referral."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import refer


class ActionWhoToSee(Action):
    """Names the Pain Clinic and the services that the operator has entered; never another number or specialty."""

    def name(self) -> str:
        return "action_who_to_see"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        refer(dispatcher)
        return []
