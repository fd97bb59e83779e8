"""The detector and the ladder: English and French alike."""

import pytest

from bot.understanding.language import Detection, LanguageDetector, ReplyLanguage, reply_language

QUESTIONS = {
    "en": [
        "what are the risks of the pump",
        "how long does the battery last",
        "is the operation painful",
        "when can i go home after the operation",
        "ok and how often is the pump filled",
        "which drugs are in the pump, morphine or ziconotide",
        "does it hurt",
        "yes please, and the pump",
    ],
    "fr": [
        "quels sont les risques de la pompe",
        "combien de temps dure la pile",
        "est-ce que l'opération fait mal",
        "quand est-ce que je rentre chez moi après l'opération",
        "ok et la pompe est remplie tous les combien",
        "quels médicaments sont dans la pompe, morphine ou ziconotide",
        "ça fait mal",
        "oui s'il vous plaît, et la pompe",
    ],
}
CLEAR = [
    pytest.param("What are the risks of the pump?", "en", id="a whole question in English"),
    pytest.param("Quels sont les risques de la pompe ?", "fr", id="a whole question in French"),
    pytest.param("combien de temps dure la pile", "fr", id="French without accents"),
    pytest.param("HOW LONG DOES IT LAST", "en", id="English in capitals"),
    pytest.param("combien de temps dure la pile de la pump", "fr", id="one foreign word in French"),
    pytest.param("how long does the pile last in the pump", "en", id="one foreign word in English"),
]
NEVER_CLEAR = [
    pytest.param("", id="nothing"),
    pytest.param("ok", id="ok"),
    pytest.param("OK ok ok ok", id="ok again and again"),
    pytest.param("oui oui oui oui", id="yes in French again and again"),
    pytest.param("yes yes yes yes", id="yes in English again and again"),
    pytest.param("112", id="a number"),
    pytest.param("7 2019 300", id="numbers"),
    pytest.param("2 mg", id="a dose"),
    pytest.param("morphine", id="a drug that both languages call so"),
    pytest.param("ziconotide morphine baclofen", id="drugs"),
    pytest.param("👍", id="a sign"),
    pytest.param("???", id="punctuation"),
    pytest.param("помпа болит ночью сильно", id="another script"),
    pytest.param("[name] [phone] [email] [date] [number]", id="our own marks, which are English words"),
]


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector.train(QUESTIONS)


@pytest.mark.parametrize(("text", "language"), CLEAR)
def test_a_sentence_is_clear(detector: LanguageDetector, text: str, language: str) -> None:
    detected = detector.detect(text)
    assert detected
    assert (detected.language, detected.clear) == (language, True)


@pytest.mark.parametrize("previous", ["en", "fr"])
@pytest.mark.parametrize("text", NEVER_CLEAR)
def test_a_text_that_tells_nothing_never_flips_a_conversation(
    detector: LanguageDetector, text: str, previous: str
) -> None:
    assert reply_language(detected=detector.detect(text), previous=previous).code == previous


def test_our_own_marks_do_not_count_against_french(detector: LanguageDetector) -> None:
    plain = detector.detect("la pompe fait mal")
    assert detector.detect("[name] la pompe fait mal [phone] [email]") == plain


def test_an_untrained_detector_tells_whole_sentences_apart() -> None:
    at_large = LanguageDetector()
    for text, language in (
        ("how long does the battery last", "en"),
        ("combien de temps dure la batterie", "fr"),
    ):
        detected = at_large.detect(text)
        assert detected
        assert detected.language == language


def test_confidence_is_between_a_half_and_one(detector: LanguageDetector) -> None:
    for texts in QUESTIONS.values():
        for text in texts:
            detected = detector.detect(text)
            assert detected
            assert 0.5 <= detected.confidence <= 1


def test_a_rare_word_cannot_decide_alone() -> None:
    odds = LanguageDetector.train({"en": ["pump"] * 500, "fr": ["pompe"] * 500}).french_odds
    assert odds == {"pompe": 2.5, "pump": -2.5}


# --- the ladder ---

CLEAR_FR, CLEAR_EN = Detection("fr", 0.95, 4), Detection("en", 0.95, 4)
WEAK_FR = Detection("fr", 0.7, 1)
LADDER = [
    pytest.param({"chosen": "fr", "hint": "en", "previous": "en"}, "fr", True, id="an explicit choice locks"),
    pytest.param({"chosen": "fr", "detected": CLEAR_FR}, "fr", True, id="a choice that the text agrees with"),
    pytest.param({"chosen": "fr", "detected": CLEAR_EN}, "fr", False, id="a choice that clear text contradicts"),
    pytest.param({"chosen": "en", "detected": CLEAR_FR}, "en", False, id="the same the other way round"),
    pytest.param({"chosen": "en", "detected": WEAK_FR}, "en", True, id="a choice that weak text contradicts"),
    pytest.param(
        {"detected": CLEAR_FR, "hint": "en", "previous": "en"}, "fr", True, id="clear text over hint and past"
    ),
    pytest.param({"detected": CLEAR_EN, "hint": "fr"}, "en", True, id="clear English over a French page"),
    pytest.param({"hint": "fr", "previous": "en", "detected": WEAK_FR}, "fr", True, id="the hint over the past"),
    pytest.param({"hint": "en", "previous": "fr", "detected": WEAK_FR}, "en", True, id="the hint over weak text"),
    pytest.param({"previous": "en", "detected": WEAK_FR}, "en", True, id="the past over weak text"),
    pytest.param({"detected": WEAK_FR}, "fr", False, id="weak text is better than nothing"),
    pytest.param({"detected": Detection("fr", 0.55, 3)}, "en", False, id="a guess is not"),
    pytest.param({"detected": Detection("fr", 0.99, 0)}, "en", False, id="nor text without a telling word"),
    pytest.param({}, "en", False, id="nothing known"),
    pytest.param({"chosen": "de", "hint": "fr"}, "fr", True, id="an unknown choice is passed over"),
    pytest.param({"hint": "it", "previous": "fr"}, "fr", True, id="an unknown hint is passed over"),
    pytest.param({"hint": "FR-CH", "previous": None}, "en", False, id="a code in another form is unknown"),
]


@pytest.mark.parametrize(("known", "code", "certain"), LADDER)
def test_the_ladder(known: dict, code: str, certain: bool) -> None:
    assert reply_language(**known) == ReplyLanguage(code, certain)


@pytest.mark.parametrize(
    ("detected", "clear", "weak"),
    [
        pytest.param(Detection("fr", 0.9, 3), True, True, id="just clear"),
        pytest.param(Detection("fr", 0.899, 9), False, True, id="not confident enough to be clear"),
        pytest.param(Detection("fr", 0.999, 2), False, True, id="too short to be clear"),
        pytest.param(Detection("en", 0.6, 1), False, True, id="just weak"),
        pytest.param(Detection("en", 0.599, 1), False, False, id="less than weak"),
    ],
)
def test_what_counts_as_clear_and_as_weak(detected: Detection, clear: bool, weak: bool) -> None:
    assert (detected.clear, detected.weak) == (clear, weak)
