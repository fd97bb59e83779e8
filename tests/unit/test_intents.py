"""The intent classifier on a tiny training set, in both languages: five topics, and what is none of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.understanding.decision import Thresholds
from bot.understanding.intents import IntentModel
from bot.understanding.training import FOLDS, train

QUESTIONS = {
    "battery": """
        how long does the battery last
        when is the battery changed
        what happens if the battery is empty
        battery life of the pump
        can the battery be recharged
        do I need surgery for a new battery
        combien de temps dure la pile
        quand change-t-on la pile
        que se passe-t-il si la pile est vide
        durée de la pile
        la batterie se recharge-t-elle
        faut-il opérer pour changer la pile
    """,
    "refill": """
        how often is the pump refilled
        does the refill hurt
        where do I go for the refill
        who fills the pump
        is a needle used to fill it
        how long does a refill take
        tous les combien remplit-on la pompe
        le remplissage fait-il mal
        où aller pour le remplissage
        qui remplit la pompe
        remplit-on la pompe avec une aiguille
        combien de temps prend le remplissage
    """,
    "risks": """
        what are the risks
        is it dangerous
        which side effects are there
        can the wound get infected
        what can go wrong with the catheter
        how safe is this treatment
        quels sont les risques
        est-ce dangereux
        quels effets indésirables y a-t-il
        la plaie peut-elle s'infecter
        quels problèmes avec le cathéter
        ce traitement est-il sûr
    """,
    "surgery": """
        how is the pump implanted
        am I asleep during the operation
        how long does the surgery take
        where is the incision made
        is it a big operation
        what does the surgeon do
        comment pose-t-on la pompe
        est-on endormi pendant l'opération
        combien de temps dure l'intervention
        où fait-on l'incision
        est-ce une grosse opération
        que fait le chirurgien
    """,
    "drugs": """
        which drugs are in the pump
        is it morphine
        what is ziconotide
        which medicine is used against pain
        can two drugs be mixed
        why not take tablets
        quels médicaments sont dans la pompe
        est-ce de la morphine
        qu'est-ce que le ziconotide
        quel produit contre la douleur
        peut-on mélanger deux médicaments
        pourquoi pas des comprimés
    """,
    "off_topic": """
        who won the football match
        recipe for chocolate cake
        weather tomorrow in Oslo
        zyx
        sing me a song
        ?
        horaires des trains
        bonne adresse de pizza
        raconte une blague
        qsdf
        météo du week-end
        42
    """,
}
TEXTS, LABELS = zip(
    *[(line.strip(), intent) for intent, lines in QUESTIONS.items() for line in lines.strip().splitlines()],
    strict=True,
)
ASKED = [
    *TEXTS[::5],
    "how long is the battery life",
    "combien dure la pile",
    "BATTERIE???",
    "batery lif",
    "les risques et la pile",
    "xyzzy qwrtp",
    "",
    "?",
    "0",
]


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(TEXTS, LABELS)


@pytest.mark.parametrize("text", ASKED)
def test_a_ranking_names_every_intent_once_by_falling_likelihood(model: IntentModel, text: str) -> None:
    ranking = model.rank(text)
    confidences = [guess.confidence for guess in ranking]
    assert sorted(guess.intent for guess in ranking) == sorted(QUESTIONS)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize("text", ASKED)
def test_likelihoods_add_up_to_one_unless_the_first_is_too_unlikely_to_stand_above_the_others(
    model: IntentModel, text: str
) -> None:
    confidences = [guess.confidence for guess in model.rank(text)]
    if confidences[1] < confidences[0]:
        assert sum(confidences) == pytest.approx(1)
    else:
        assert sum(confidences) <= 1 + 1e-6


def test_no_intent_stands_above_a_first_that_is_unlikely(model: IntentModel) -> None:
    doubting = replace(model, calibration=np.array([-5.0, 0, 0, 0, 0]))
    confidences = [guess.confidence for guess in doubting.rank("battery, refill, risks")]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[0] < 0.01


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        pytest.param("how long does the battery last", "battery", id="a training question in English"),
        pytest.param("combien de temps dure la pile", "battery", id="a training question in French"),
        pytest.param("BATTERY LIFE?", "battery", id="in capitals"),
        pytest.param("effets indesirables", "risks", id="without accents"),
        pytest.param("remplisage de la pompe", "refill", id="with a slip in French"),
        pytest.param("wat is zikonotide", "drugs", id="with slips in English"),
    ],
)
def test_a_known_question_comes_first(model: IntentModel, text: str, intent: str) -> None:
    assert model.rank(text)[0].intent == intent


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("xyzzy wrtpl fghjk", id="no words of any language"),
        pytest.param("日本語 помпа", id="other scripts"),
        pytest.param("", id="nothing"),
        pytest.param("?! 👍", id="signs"),
        pytest.param("best bicycle route along the river", id="another subject in English"),
        pytest.param("la plus belle piste cyclable du canton", id="another subject in French"),
    ],
)
def test_an_unknown_text_gets_low_confidence_for_every_topic(model: IntentModel, text: str) -> None:
    topics = [guess.confidence for guess in model.rank(text) if guess.intent != "off_topic"]
    assert max(topics) < Thresholds.answer


def test_training_twice_gives_nearly_the_same_ranking(model: IntentModel) -> None:
    again = train(TEXTS, LABELS)
    for text in ASKED:
        first, same = model.rank(text)[0], again.rank(text)[0]
        assert same.intent == first.intent
        # liblinear draws from one generator for the whole process: threads that fit side by side disturb each other
        assert same.confidence == pytest.approx(first.confidence, abs=0.1)


def test_a_saved_model_ranks_the_same(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    for text in ASKED:
        assert loaded.rank(text) == model.rank(text)


def test_nothing_is_pickled(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["intents.json", "intents.npz"]
    with np.load(tmp_path / "intents.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fiu" for name in arrays.files)  # numbers, no objects


@pytest.mark.parametrize("name", ["intents.json", "intents.npz"])
@pytest.mark.parametrize(
    ("damage", "error"),
    [
        pytest.param(lambda path: path.unlink(), OSError, id="missing"),
        pytest.param(lambda path: path.write_bytes(b"not it"), ValueError, id="overwritten"),
    ],
)
def test_a_damaged_model_is_refused(model: IntentModel, tmp_path: Path, name: str, damage, error) -> None:
    model.save(tmp_path)
    damage(tmp_path / name)
    with pytest.raises(error):
        IntentModel.load(tmp_path)


def test_an_intent_with_too_few_questions_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=f"'lonely' has fewer than {FOLDS} training questions"):
        train([*TEXTS, "one"], [*LABELS, "lonely"])
