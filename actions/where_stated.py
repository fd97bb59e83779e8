""" "Where does that stand?": the section of the document behind the last answer."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import last_replies
from bot.content import document, facts

_ANSWERS = frozenset({"answer", "referral"})


class ActionWhereStated(Action):
    """Names the sections that the last answers rest on."""

    def name(self) -> str:
        return "action_where_stated"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        cited = [fact for reply in last_replies(tracker, with_kinds=_ANSWERS) for fact in reply.get("facts", ())]
        if not cited:
            dispatcher.utter_message(response="utter_where_stated_nothing")
            return []
        sections = dict.fromkeys(document().sentences[s].section for fact in cited for s in facts()[fact].rests_on)
        titles = {
            f"section_{language}": quotes.join(document().sections[section].title[language] for section in sections)
            for language, quotes in (("en", "”, “"), ("fr", " », « "))
        }
        dispatcher.utter_message(
            response="utter_where_stated",
            document_en=document().title["en"],
            document_fr=document().title["fr"],
            **titles,
        )
        return []
