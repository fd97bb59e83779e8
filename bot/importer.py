"""Rasa importer: the domain's intents are those that the content files have questions for.

With it, adding a topic is adding a file; domain.yml keeps only what is not content.
"""

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

from bot.lean.hook import PLACEHOLDERS


class ContentImporter(RasaFileImporter):
    """Reads the project's files as Rasa does, and adds the intents of data/ to the domain."""

    @cached_method
    def get_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().get_config()
        _refuse_what_is_left_out(config)
        return config

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        # the questions are in both languages, whatever Rasa asks for
        return self._questions()

    @cached_method
    def _questions(self) -> TrainingData:
        # Rasa asks several times, and reading tens of thousands of questions takes seconds
        return TrainingData().merge(*(_with_questions(load_data(file)) for file in self._nlu_files))

    @cached_method
    def get_domain(self) -> Domain:
        domain = super().get_domain()
        intents = sorted({example.get(INTENT) for example in self._questions().intent_examples})
        return domain.merge(Domain.from_dict({"intents": intents}))


class _Question(Message):
    """A training question. It never changes: a copy of it is itself, and its fingerprint is taken once.

    Rasa merges training data ten times on its way to the components and copies every message each time; with tens of
    thousands of questions that takes longer than learning from them.
    """

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        if self.data.get(prop) != info:
            super().set(prop, info, add_to_output)

    def __deepcopy__(self, _memo: dict[int, Any]) -> "_Question":
        return self


def _with_questions(data: TrainingData) -> TrainingData:
    questions = [_Question(m.data, m.output_properties, m.time, m.features) for m in data.training_examples]
    return TrainingData(questions, responses=data.responses)


def _refuse_what_is_left_out(config: dict[str, Any]) -> None:
    # without this, Rasa would ask to register its own component
    reasons = {name: reason for names, reason in PLACEHOLDERS.values() for name in names}
    for component in [*(config.get("pipeline") or ()), *(config.get("policies") or ())]:
        name = str(component.get("name")).rpartition(".")[2]
        if name in reasons:
            raise InvalidConfigException(f"config.yml names {name}: it {reasons[name]} (see docs/architecture.md)")
