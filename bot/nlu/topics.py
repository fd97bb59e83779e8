"""Rasa component: what the message asks, by our own classifier."""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.content import topic_ids
from bot.nlu.safety import RED_FLAG
from bot.nlu.source import fingerprint_of_understanding
from bot.understanding.decision import Thresholds, understand
from bot.understanding.intents import IntentModel
from bot.understanding.personal_data import REPLACED
from bot.understanding.red_flags import RedFlag

# the property of the parsed message: the ids of the topics asked for, in the order asked
TOPICS = "topics"
RANKING_LENGTH = 10


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class TopicClassification(GraphComponent):
    """Sets the intent, its confidence, the ranking, and the topics when a message asks for several."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # ask what is meant when the likeliest intent is less likely than this
            "answer": Thresholds.answer,
            # take a part of a message as a question of its own from this likelihood on
            "part": Thresholds.part,
            # and only if the whole message is at least this likely to ask for the part's topic
            "together": Thresholds.together,
            # show the call to act from this likelihood of danger on
            "danger": Thresholds.danger,
            # let a sign of danger that is not certain give way to another reading as likely as this …
            "overrule": Thresholds.overrule,
            # … if danger is at most this likely
            "no_danger": Thresholds.no_danger,
        }

    def __init__(
        self, config: dict[str, Any], model: IntentModel | None, model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._thresholds = Thresholds(**{key: config[key] for key in self.get_default_config()})
        self._model = model
        self._model_storage = model_storage
        self._resource = resource
        self._topics = frozenset(topic_ids())

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
    ) -> "TopicClassification":
        return cls(config, None, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        from bot.understanding.training import train  # noqa: PLC0415  # scikit-learn is not needed to serve

        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        self._model = train([e.get(TEXT) for e in examples], [e.get(INTENT) for e in examples])
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TopicClassification":
        with model_storage.read_from(resource) as folder:
            return cls(config, IntentModel.load(folder), model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            self._classify(message)
        return messages

    def _classify(self, message: Message) -> None:
        if self._model is None:
            raise RuntimeError("the topic classifier is used before it is trained or loaded")
        flag = RedFlag(**recognised) if (recognised := message.get(RED_FLAG)) else None
        text = REPLACED.sub(" ", message.get(TEXT) or "")  # our own marks are no words of the person
        found = understand(text, self._model.rank, self._topics, flag, self._thresholds)
        ranking = [{"name": guess.intent, "confidence": guess.confidence} for guess in found.ranking[:RANKING_LENGTH]]
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        message.set(INTENT, {"name": found.intent, "confidence": found.confidence}, add_to_output=True)
        message.set(TOPICS, list(found.topics), add_to_output=True)
