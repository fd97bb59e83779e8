"""`python -m bot.grounding PATH`: the report on the document for a person."""

import argparse
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.content import ContentError, Fact, facts
from bot.grounding.document import Report, Review, check_document
from bot.grounding.words import fingerprint

_EXPLAINED = {
    "changed": "the sentence has changed",
    "gone": "the sentence is gone",
    "moved": "the sentence now stands in another section",
    "heading gone": "the heading is gone",
}


def as_text(report: Report) -> str:
    """Return the report for a person: what holds, what to review, what no fact covers, and what to do about it."""
    known = facts()
    lines = [f"HOLDS: {len(report.holds)} of {len(known)} facts stand in the document as they did."]
    if report.reviews:
        lines += ["", f"REVIEW: {len(report.reviews)} place(s) of the document that facts rest on"]
    for review in report.reviews:
        lines += ["", *_review_lines(review, known)]
    if report.not_covered:
        lines += ["", f"NOT COVERED: {len(report.not_covered)} sentence(s) that no fact rests on"]
    for passage in report.not_covered:
        lines += ["", *_field("sentence", passage.text), *_field("section", passage.section or "-")]
        lines += _field("topics to review", ", ".join(passage.topics) or "none is close: a new topic?")
        lines += _field("fingerprint", fingerprint(passage.text))
    lines += ["", _advice(report)]
    return "\n".join(lines) + "\n"


def _review_lines(review: Review, known: Mapping[str, Fact]) -> list[str]:
    lines = [f"* {review.sentence} (section {review.section}): {_EXPLAINED[review.why]}"]
    if review.now:
        lines += _field("now", review.now)
    if review.figures_gone:
        new = f"; there now: {', '.join(review.figures_new)}" if review.figures_new else ""
        lines += _field("figures gone", ", ".join(review.figures_gone) + new)
    if review.why == "heading gone":
        lines += _field("facts", ", ".join(review.facts) or "-")
    else:
        for fact in review.facts:
            lines += _field("fact", f"{fact}: {known[fact].text['en']}")
    lines += _field("topics to review", ", ".join(review.topics) or "-")
    if review.why == "changed" and review.now:
        lines += _field("new fingerprint", fingerprint(review.now))
    return lines


def _field(name: str, value: str) -> list[str]:
    return textwrap.wrap(
        f"{name + ':':<18}{value}", 116, initial_indent="  ", subsequent_indent=" " * 20, break_on_hyphens=False
    )


def _advice(report: Report) -> str:
    if report.all_holds:
        return "Everything holds: nothing to review."
    return (
        "What to do: read each place, mend the facts (data/facts.yml) and the answers of the topics named, and only\n"
        "then put the new fingerprint into data/document.yml. A sentence that needs no fact goes under left_out there."
    )


def read_document(path: Path) -> str:
    """Return the text of the document; raises `ContentError` when there is no such file or it is not plain text."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ContentError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ContentError(f"{path}: not plain text in UTF-8 (save the document as a .txt file in UTF-8)") from error
    if "\0" in text or text.startswith("%PDF") or not text.strip():
        raise ContentError(f"{path}: not plain text, or empty (save the document as a .txt file in UTF-8)")
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report on the document at the path given; return the exit status: 0 holds, 1 review, 2 unreadable."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.grounding", description="Holds the facts against the document."
    )
    parser.add_argument("path", type=Path, nargs="?", help="the document's current text, a .txt file")
    parser.add_argument("--fingerprint", metavar="SENTENCE", help="only print the fingerprint of a sentence")
    given = parser.parse_args(arguments)
    if given.fingerprint:
        sys.stdout.write(fingerprint(given.fingerprint) + "\n")
        return 0
    if given.path is None:
        parser.error("say which document, or give --fingerprint")
    try:
        report = check_document(read_document(given.path))
    except ContentError as error:
        sys.stderr.write(f"check-document: {error}\n")
        return 2
    sys.stdout.write(as_text(report))
    return 0 if report.all_holds else 1


if __name__ == "__main__":
    sys.exit(main())
