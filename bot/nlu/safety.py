"""Rasa component: red flags, before the topics."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.settings import ROOT
from bot.understanding.red_flags import RedFlagRules

# the property of the parsed message: the red flag that was recognised ({"kind", "sign", "certain"}), or None
RED_FLAG = "red_flag"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class RedFlagDetection(GraphComponent):
    """Recognises red flags by rules, before the topics; what follows may overrule only those that are not certain."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"rules": "data/safety/red_flags.yml"}  # below the project's folder

    def __init__(self, rules: RedFlagRules) -> None:
        self._rules = rules

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RedFlagDetection":
        return cls(RedFlagRules.load(ROOT / Path(config["rules"])))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            flag = self._rules.recognise(message.get(TEXT) or "")
            message.set(RED_FLAG, asdict(flag) if flag else None, add_to_output=True)
            if flag:
                message.set(INTENT, {"name": flag.kind, "confidence": 1.0}, add_to_output=True)
        return messages
