"""Rasa component: which language the message is in, put on the message as an output property."""

import json
from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.source import fingerprint_of_understanding
from bot.understanding.language import LANGUAGES, LanguageDetector

# the property of the parsed message: {"language", "confidence", "telling_words"} or None
DETECTED = "detected_language"
# a training example's language stands in the metadata of its intent: `metadata: {language: fr}`
EXAMPLE_LANGUAGE = "language"


def example_language(example: Message) -> str | None:
    """Return the language in which a training example is filed, or None."""
    return example.get("metadata", {}).get(INTENT, {}).get(EXAMPLE_LANGUAGE)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LanguageDetection(GraphComponent):
    """Detects the language; not as an entity, which would have to be listed in every test story."""

    _FILE = "language.json"

    def __init__(self, detector: LanguageDetector, model_storage: ModelStorage, resource: Resource) -> None:
        self._detector = detector
        self._model_storage = model_storage
        self._resource = resource

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str:
        return fingerprint_of_understanding()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageDetection":
        return cls(LanguageDetector(), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of each language from the training questions."""
        texts = {
            code: [e.get(TEXT) for e in training_data.intent_examples if example_language(e) == code]
            for code in LANGUAGES
        }
        self._detector = LanguageDetector.train(texts)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / self._FILE).write_text(json.dumps(self._detector.french_odds), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LanguageDetection":
        with model_storage.read_from(resource) as folder:
            odds = json.loads((folder / cls._FILE).read_text(encoding="utf-8"))
        return cls(LanguageDetector(odds), model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            detected = self._detector.detect(message.get(TEXT) or "")
            message.set(DETECTED, asdict(detected) if detected else None, add_to_output=True)
        return messages
