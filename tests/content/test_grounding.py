"""The answers say only what the facts say, the facts stand in the document, and each check is seen to fail."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content import ContentError, Fact, document, facts, source_of
from bot.grounding.__main__ import as_text, main
from bot.grounding.answers import (
    FIGURE,
    NEGATION,
    NEVER_CITED,
    NEW_WORD,
    NO_FACTS,
    NOT_COVERED,
    RESERVE,
    SOURCE,
    TERM,
    UNKNOWN_FACT,
    UNUSED,
    Answer,
    check_answer,
    check_answers,
    check_facts,
)
from bot.grounding.document import check_document, left_out, passages
from bot.grounding.words import fingerprint, split_sentences
from tests.content.helpers import DATA, LANGUAGES, ROOT, read_yaml

# --- the answers ---


def _answer(given: list[Answer], topic: str, language: str = "en") -> Answer:
    return next(answer for answer in given if (answer.topic, answer.language) == (topic, language))


def _checks(answer: Answer, old: str, new: str, known: dict[str, Fact] | None = None) -> set[str]:
    """Return which checks object to the answer with `old` replaced by `new`."""
    assert old in answer.text, f"{old!r} is not in the answer any more: the test needs another place to change"
    changed = replace(answer, text=answer.text.replace(old, new, 1))
    return {finding.check for finding in check_answer(changed, known or facts())}


def test_answers_are_grounded(given: list[Answer]) -> None:
    findings = check_answers(given)
    assert not findings, "\n".join(map(str, findings))


def test_facts_are_consistent() -> None:
    findings = check_facts()
    assert not findings, "\n".join(map(str, findings))


def test_every_topic_has_answers_in_both_languages(given: list[Answer]) -> None:
    topics = {path.stem for path in (DATA / "topics").glob("*.yml")}
    assert {(a.topic, a.language) for a in given} == {(topic, language) for topic in topics for language in LANGUAGES}


@pytest.mark.parametrize(
    ("topic", "language", "added"),
    [
        ("refill", "en", " You can go home on the same day."),
        ("refill", "fr", " Vous pouvez rentrer chez vous le jour même."),
        ("efficacy", "en", " It works for everybody."),
        ("battery_replacement", "fr", " On vous la donne."),  # grammar only: nothing in it rests on a fact
    ],
)
def test_a_sentence_without_a_fact_is_seen(given: list[Answer], topic: str, language: str, added: str) -> None:
    answer = _answer(given, topic, language)
    assert NOT_COVERED in _checks(answer, answer.text, answer.text.rstrip() + added)


@pytest.mark.parametrize(
    ("topic", "language", "old", "new"),
    [
        ("battery_replacement", "en", "7", "8"),
        ("battery_replacement", "fr", "7", "8"),
        ("battery_replacement", "en", "7", "7.5"),
        ("battery_replacement", "fr", "7 ans", "sept ans"),
        ("dose_comparison", "en", "300", "3000"),
        ("history_origins", "fr", "1980", "1990"),
    ],
)
def test_a_changed_figure_is_seen(given: list[Answer], topic: str, language: str, old: str, new: str) -> None:
    assert FIGURE in _checks(_answer(given, topic, language), old, new)


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_that_change_places_are_seen(given: list[Answer], language: str) -> None:
    answer = _answer(given, "dose_comparison", language)
    swapped = answer.text.replace("300", "\0").replace("100", "300").replace("\0", "100")
    assert FIGURE in _checks(answer, answer.text, swapped)


@pytest.mark.parametrize(
    ("topic", "language", "old", "new", "check"),
    [
        ("opioid_tolerance", "en", "opioids,", "opioids such as morphine,", TERM),
        ("opioid_tolerance", "fr", "opioïdes,", "opioïdes comme la morphine,", TERM),
        ("hospital_stay", "en", "hospital stay", "hospital stay (without infection)", TERM),
        ("drugs_used", "en", "or hydromorphone", "hydromorphone or fentanyl", NEW_WORD),
        ("drugs_used", "fr", "l’hydromorphone", "l’hydromorphone ou le baclofène", NEW_WORD),
        ("battery_replacement", "en", "on average", "on average, safely", NEW_WORD),
    ],
)
def test_an_added_drug_or_claim_is_seen(
    given: list[Answer], topic: str, language: str, old: str, new: str, check: str
) -> None:
    assert check in _checks(_answer(given, topic, language), old, new)


@pytest.mark.parametrize(
    ("topic", "language", "old", "new", "check"),
    [
        ("battery_replacement", "en", "can be", "cannot be", NEGATION),
        ("battery_replacement", "fr", "peut être", "ne peut pas être", NEGATION),
        ("pre_implant_test", "en", "not always", "always", NEGATION),
        ("pre_implant_test", "fr", "n’est pas toujours", "est toujours", NEGATION),
        ("battery_replacement", "en", "about ", "", RESERVE),
        ("dose_comparison", "fr", "jusqu’à ", "", RESERVE),
        ("hospital_stay", "fr", "généralement ", "", RESERVE),
    ],
)
def test_a_turned_or_stronger_claim_is_seen(
    given: list[Answer], topic: str, language: str, old: str, new: str, check: str
) -> None:
    assert check in _checks(_answer(given, topic, language), old, new)


def test_a_removed_fact_is_seen(given: list[Answer]) -> None:
    without = {name: fact for name, fact in facts().items() if name != "battery_life"}
    found = {(finding.check, finding.detail) for finding in check_answers(given, without)}
    assert (UNKNOWN_FACT, "battery_life") in found
    assert FIGURE in {check for check, _ in found}
    answer = _answer(given, "battery_replacement")
    uncited = replace(answer, facts=("battery_replaceable",))
    assert {FIGURE, NOT_COVERED} <= {finding.check for finding in check_answer(uncited, facts())}


def test_an_answer_without_facts_is_seen(given: list[Answer]) -> None:
    uncited = replace(_answer(given, "refill"), facts=())
    assert [finding.check for finding in check_answer(uncited, facts())] == [NO_FACTS]


def test_a_fact_never_cited_is_seen(given: list[Answer]) -> None:
    without = [answer for answer in given if answer.topic != "refill"]
    assert "fact refill_by_needle" in {f.where for f in check_answers(without) if f.check == NEVER_CITED}


def test_what_the_operator_fills_in_is_let_through_in_the_referral_only(given: list[Answer]) -> None:
    answer = _answer(given, "refill")
    text = answer.text.rstrip() + " The clinic has given us these contacts: {services_en}"
    assert NOT_COVERED in _checks(answer, answer.text, text)
    assert NOT_COVERED not in _checks(replace(answer, kind="referral"), answer.text, text)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"figures": ("8",)}, FIGURE),
        ({"terms": {"en": ("ziconotide",)}}, TERM),
        ({"rests_on": ("no_such_sentence",)}, SOURCE),
        ({"rests_on": ()}, SOURCE),
        ({"section": "risks"}, SOURCE),
        ({"rests_on": ("main_risks",), "section": "risks"}, UNUSED),
    ],
)
def test_an_inconsistent_fact_is_seen(change: dict[str, object], check: str) -> None:
    changed = replace(facts()["battery_life"], **change)  # type: ignore[arg-type]
    known = {name: fact for name, fact in facts().items() if name != "battery_replaceable"} | {"battery_life": changed}
    assert check in {finding.check for finding in check_facts(known)}


def test_a_fact_from_the_other_language_is_marked_as_translated() -> None:
    languages = {sentence.id: sentence.language for sentence in document().sentences.values()}
    for fact in facts().values():
        for language in LANGUAGES:
            stands = {languages[sentence] for sentence in fact.rests_on}
            assert source_of(fact.id, language)["translated"] == (language not in stands), fact.id
    assert source_of("battery_life", "en")["translated"]
    assert not source_of("battery_life", "fr")["translated"]


def test_no_figure_stands_in_any_other_response() -> None:
    """Figures of the document are said by the topics; the rest takes its numbers from settings and the clinic."""
    for path in sorted(DATA.rglob("*.yml")):
        content = read_yaml(path)
        if path.parent.name == "topics" or not isinstance(content, dict):
            continue
        for key, variations in (content.get("responses") or {}).items():
            for variation in variations:
                assert not any(c.isdigit() for c in variation["text"]), f"{path.name}: {key}"


# --- the document ---


def _sentence(text: str, sentence: str) -> str:
    """Return the words of a sentence of the document, which stand nowhere in the project."""
    wanted = document().sentences[sentence].fingerprint
    return next(p.text for p in passages(text, document()) if fingerprint(p.text) == wanted)


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def _battery_lasting(text: str, figure: str) -> tuple[str, str]:
    """Return the document with the battery's seven years replaced, and the sentence that says so then."""
    old = _sentence(text, "battery_life_avg")
    new = _replaced(old, " 7 ", f" {figure} ")
    return _replaced(text, old, new), new


def test_the_document_holds(document_text: str, given: list[Answer]) -> None:
    report = check_document(document_text, given)
    assert report.all_holds, as_text(report)
    assert set(report.holds) == set(facts())


def test_line_breaks_and_quotes_are_no_change(document_text: str, given: list[Answer]) -> None:
    wrapped = _replaced(document_text, "by the sensory nerves, which", "by the sensory nerves,\nwhich")
    assert check_document(wrapped.replace("’", "'").replace("\n", "\r\n").replace(" ?", "\u00a0?"), given).all_holds


@pytest.mark.parametrize("figure", ["8", "10"])
def test_a_changed_figure_of_the_document_is_seen(document_text: str, given: list[Answer], figure: str) -> None:
    changed, sentence = _battery_lasting(document_text, figure)
    report = check_document(changed, given)
    (review,) = report.reviews
    assert (review.why, review.sentence, review.now) == ("changed", "battery_life_avg", sentence)
    assert (review.figures_gone, review.figures_new) == (("7",), (figure,))
    assert review.topics == ("battery_replacement",)
    assert set(review.facts) == {"battery_life", "battery_replaceable"}
    assert not set(review.facts) & set(report.holds)
    assert len(report.holds) == len(facts()) - 2
    assert not report.not_covered  # it is shown once, beside the facts
    assert "there now: " + figure in as_text(report)


def test_a_removed_sentence_of_the_document_is_seen(document_text: str, given: list[Answer]) -> None:
    report = check_document(_replaced(document_text, _sentence(document_text, "opioid_tolerance_reduced"), ""), given)
    (review,) = report.reviews
    assert (review.why, review.sentence, review.now) == ("gone", "opioid_tolerance_reduced", None)
    assert review.topics == ("opioid_tolerance",)


def test_an_added_sentence_of_the_document_is_seen(document_text: str, given: list[Answer]) -> None:
    added = "The pump sounds an alarm when the reservoir is nearly empty."
    last = _sentence(document_text, "opioid_tolerance_reduced")
    report = check_document(_replaced(document_text, last, f"{last} {added}"), given)
    assert not report.reviews
    assert [passage.text for passage in report.not_covered] == [added]
    assert report.not_covered[0].section == "systemic_comparison"
    assert report.not_covered[0].topics
    assert fingerprint(added) in as_text(report)


def test_an_added_line_without_a_full_stop_is_seen(document_text: str, given: list[Answer]) -> None:
    """The document's list of specialties is cut off: the day it is there, somebody has to know."""
    report = check_document(document_text.rstrip() + "\n\nPalliative care\nNeurosurgery\n", given)
    assert [p.text for p in report.not_covered] == ["Palliative care", "Neurosurgery"]
    assert {p.section for p in report.not_covered} == {"specialties"}


def test_a_sentence_that_moved_is_seen(document_text: str, given: list[Answer]) -> None:
    sentence = _sentence(document_text, "opioid_tolerance_reduced")
    without = _replaced(document_text, sentence, "")
    moved = _replaced(without, "Pre-implantation test\n", f"Pre-implantation test\n{sentence} ")
    (review,) = check_document(moved, given).reviews
    assert (review.why, review.now) == ("moved", "in section pre_implantation_test")


def test_a_heading_that_changed_is_seen(document_text: str, given: list[Answer]) -> None:
    changed = _replaced(document_text, "Comparison with systemic treatments", "Other ways of giving the drugs")
    report = check_document(changed, given)
    assert [(review.why, review.section) for review in report.reviews] == [("heading gone", "systemic_comparison")]
    assert "dose_versus_oral" in report.reviews[0].facts
    assert [passage.text for passage in report.not_covered] == ["Other ways of giving the drugs"]


def test_each_sentence_that_facts_rest_on_is_watched(document_text: str, given: list[Answer]) -> None:
    """Whichever sentence changes, exactly that one is named, with what stands there now."""
    known = {sentence.fingerprint: sentence.id for sentence in document().sentences.values()}
    watched = [p.text for p in passages(document_text, document()) if not p.is_heading and fingerprint(p.text) in known]
    assert len(watched) == len(known) - 1  # one of them is a heading
    for sentence in watched:
        first, *rest = sentence.split(" ")
        changed = " ".join([first, "perhaps", *rest])
        (review,) = check_document(_replaced(document_text, sentence, changed), given).reviews
        assert (review.why, review.sentence, review.now) == ("changed", known[fingerprint(sentence)], changed)


def test_a_broken_map_is_refused(document_text: str, given: list[Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    broken = facts() | {"battery_life": replace(facts()["battery_life"], rests_on=("no_such_sentence",))}
    monkeypatch.setattr("bot.grounding.document.facts", lambda: broken)
    with pytest.raises(ContentError, match="no_such_sentence"):
        check_document(document_text, given)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("It lasts approx. 7 years, e.g. here.", 1),
        ("Quels risques ? Élevés.", 2),
        ("He said. «Yes.»", 2),
        ("A dose of 2.5 a day.", 1),
        ("", 0),
    ],
)
def test_sentences_are_split(text: str, count: int) -> None:
    assert len(split_sentences(text)) == count


def test_what_needs_no_fact_is_kept_in_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"fingerprint": fingerprint("Thank you for reading."), "why": "a greeting"}
    monkeypatch.setattr("bot.grounding.document.load_yaml", lambda _: {"left_out": [entry]})
    assert left_out() == {entry["fingerprint"]}


def test_what_needs_no_fact_stands_beside_no_sentence_that_has_one() -> None:
    assert not left_out() & {sentence.fingerprint for sentence in document().sentences.values()}


# --- the command ---


def test_the_command_says_that_all_holds(
    document_text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "document.txt"
    path.write_text(document_text, encoding="utf-8")
    assert main([str(path)]) == 0
    assert "nothing to review" in capsys.readouterr().out


def test_the_command_names_what_to_review(
    document_text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "document.txt"
    path.write_text(_battery_lasting(document_text, "8")[0] + "\nNeurosurgery\n", encoding="utf-8")
    assert main([str(path)]) == 1
    printed = capsys.readouterr().out
    for expected in (
        "HOLDS: ",
        "REVIEW: 1",
        "NOT COVERED: 1",
        "battery_replacement",
        "figures gone:     7; there now: 8",
    ):
        assert expected in printed


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"\xff\xfe\x00T", "not plain text"),
        (b"%PDF-1.7\n", "not plain text"),
        (b"PK\x03\x04\x00\x00", "not plain text"),
        (b" \n", "empty"),
    ],
)
def test_the_command_refuses_what_is_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, reason: str
) -> None:
    path = tmp_path / "document.txt"
    if content is not None:
        path.write_bytes(content)
    assert main([str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert reason in printed.err


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.grounding", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "directory" in run.stderr
