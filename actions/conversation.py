"""Reading the conversation so far, for the actions."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.clinic import clinic

REFERRAL_TOPIC = "who_to_see"


def last_replies(tracker: Tracker, *, with_kinds: frozenset[str] | None = None) -> list[dict[str, Any]]:
    """Return the marks (kind, topic, language, sources …) of the replies of the latest turn that has any.

    Each has the name of its response under `utter_action`. With `with_kinds`, replies of other kinds do not count.
    """
    replies: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        if event.get("event") == "user" and replies:
            break
        if event.get("event") != "bot":
            continue
        details = event.get("metadata") or {}
        marks = dict(details.get("metadata") or {}, utter_action=details.get("utter_action"))
        if marks["utter_action"] and (with_kinds is None or marks.get("kind") in with_kinds):
            replies.insert(0, marks)
    return replies


def topics_answered(tracker: Tracker) -> set[str]:
    """Return the topics that the kept part of the conversation has answered."""
    marks = [
        (event.get("metadata") or {}).get("metadata") or {} for event in tracker.events if event.get("event") == "bot"
    ]
    return {mark["topic"] for mark in marks if mark.get("topic")}


def answer_topic(dispatcher: CollectingDispatcher, topic: str) -> None:
    """Say the answer to a topic; the referral is composed with the clinic's entries."""
    if topic == REFERRAL_TOPIC:
        refer(dispatcher)
    else:
        dispatcher.utter_message(response=f"utter_{topic}")


def refer(dispatcher: CollectingDispatcher) -> None:
    """Say whom to see: the Pain Clinic, and each service of the operator's entries."""
    services = clinic().services
    if not services:
        dispatcher.utter_message(response="utter_who_to_see_intro")
        return
    dispatcher.utter_message(
        response="utter_who_to_see_listed",
        services=[service.model_dump(exclude_none=True) for service in services],
        services_en="\n\n".join(service.lines("en") for service in services),
        services_fr="\n\n".join(service.lines("fr") for service in services),
    )
