"""The domain's intents come from the data files; a configuration that cannot run here is refused."""

from copy import deepcopy
from pathlib import Path

import pytest
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.importers.importer import TrainingDataImporter

from bot.content import load_yaml
from bot.importer import ContentImporter
from bot.settings import ROOT

TOPIC = """\
version: "3.1"
nlu:
- intent: {intent}
  metadata: {{language: en}}
  examples: |
    - how about {intent}
    - tell me about {intent}
- intent: {intent}
  metadata: {{language: fr}}
  examples: |
    - et {intent}
    - parlez-moi de {intent}
responses:
  utter_{intent}:
  - text: about {intent}
"""


class Project:
    """A project in a folder, with as many topics as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "data").mkdir()
        (folder / "domain.yml").write_text('version: "3.1"\nintents:\n- several_topics\n')
        self.configure()

    def configure(self, pipeline: str = "[]", policies: str = "[]") -> None:
        (self.folder / "config.yml").write_text(
            "recipe: default.v1\nlanguage: en\nimporters:\n- name: bot.importer.ContentImporter\n"
            f"pipeline: {pipeline}\npolicies: {policies}\n"
        )

    def add_topic(self, intent: str) -> None:
        (self.folder / "data" / f"{intent}.yml").write_text(TOPIC.format(intent=intent))

    def read(self) -> TrainingDataImporter:
        """Return the importer as Rasa's commands get it."""
        return TrainingDataImporter.load_from_config(
            str(self.folder / "config.yml"), str(self.folder / "domain.yml"), [str(self.folder / "data")]
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add_topic("battery")
    made.add_topic("refill")
    return made


def test_the_projects_own_configuration_names_it() -> None:
    assert load_yaml(ROOT / "config.yml")["importers"] == [{"name": f"{ContentImporter.__module__}.ContentImporter"}]


def test_the_domains_intents_are_those_with_questions_and_those_of_the_domain_file(project: Project) -> None:
    assert {"battery", "refill", "several_topics"} <= set(project.read().get_domain().intents)


def test_adding_a_file_adds_its_intent_and_its_response(project: Project) -> None:
    assert "drugs" not in project.read().get_domain().intents
    project.add_topic("drugs")
    domain = project.read().get_domain()
    assert "drugs" in domain.intents
    assert "utter_drugs" in domain.responses


@pytest.mark.parametrize("language", ["en", "fr", "de", None])
def test_the_questions_of_both_languages_are_read_whatever_rasa_asks_for(
    project: Project, language: str | None
) -> None:
    texts = {example.get("text") for example in project.read().get_nlu_data(language).intent_examples}
    assert {"tell me about battery", "parlez-moi de battery"} <= texts


def test_the_language_of_each_question_is_kept(project: Project) -> None:
    examples = project.read().get_nlu_data().intent_examples
    languages = {e.get("text"): e.get("metadata")["intent"]["language"] for e in examples}
    assert languages["how about refill"] == "en"
    assert languages["et refill"] == "fr"


def test_questions_are_not_copied_and_stay_as_they_are(project: Project) -> None:
    importer = ContentImporter(
        str(project.folder / "config.yml"), str(project.folder / "domain.yml"), [str(project.folder / "data")]
    )
    question = importer.get_nlu_data().intent_examples[0]
    before = question.fingerprint()
    assert deepcopy(question) is question
    question.set("intent", question.get("intent"))  # Rasa sets again what is there
    assert importer.get_nlu_data().intent_examples[0].fingerprint() == before


REFUSED = [
    pytest.param({"pipeline": "[{name: DIETClassifier}]"}, "DIETClassifier: it needs TensorFlow", id="a component"),
    pytest.param(
        {"pipeline": "[{name: rasa.nlu.selectors.response_selector.ResponseSelector}]"},
        "ResponseSelector: it needs TensorFlow",
        id="a component by its module",
    ),
    pytest.param({"policies": "[{name: TEDPolicy}]"}, "TEDPolicy: it needs TensorFlow", id="a policy"),
]


@pytest.mark.parametrize(("configuration", "reason"), REFUSED)
def test_a_configuration_that_needs_tensorflow_is_refused_with_the_reason(
    project: Project, configuration: dict[str, str], reason: str
) -> None:
    project.configure(**configuration)
    with pytest.raises(InvalidConfigException, match=reason):
        project.read().get_config()


def test_a_configuration_without_any_components_is_read(project: Project) -> None:
    project.configure(pipeline="", policies="")
    assert project.read().get_config()["recipe"] == "default.v1"
