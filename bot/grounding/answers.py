"""The answers held against the facts that they cite, and the facts against their own figures and terms."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.content import ContentError, Document, Fact, document, facts, load_yaml
from bot.grounding.words import PLACEHOLDER, content_stems, figures_of, has_term, split_sentences, stem, tokens
from bot.settings import settings
from bot.understanding.text import fold

LANGUAGES = ("en", "fr")

# The checks, as findings name them.
NO_FACTS = "no facts"
UNKNOWN_FACT = "unknown fact"
NEVER_CITED = "never cited"
NOT_COVERED = "sentence not covered"
NEW_WORD = "word in no fact"
FIGURE = "figure"
TERM = "term"
NEGATION = "negation"
RESERVE = "reserve"
SOURCE = "source"
UNUSED = "unused"

# The share of a sentence's content words that must stand in the facts cited. Measured on the 172 sentences of the
# first answers: with their own facts each reaches 75 % (99 % on average); with the facts of another answer that shares
# none, 5 pairs in 1000 do (25 of 5042), and those are explanations that both answers give in the same words.
MIN_COVERAGE = 0.75
# From this share of a fact's content words on, a sentence is about the same matter: a longer fact may be told shortly.
SAME_MATTER = 1 / 3

_NEGATION = {
    "en": re.compile(r"\b(?:not|no|nor|never|none|cannot|without|neither)\b|n't\b"),
    "fr": re.compile(r"\b(?:pas|jamais|aucune?|sans|ni|non)\b"),
}
# Words that make a claim weaker: an answer that drops one of them says more than its fact.
_HEDGES = {
    "en": ("about", "up to", "average", "generally", "normally", "often", "certain", "might", "some cases", "rarely"),
    "fr": ("environ", "jusqu", "moyenne", "general", "normalement", "souvent", "certain", "pourrait", "rarement"),
}


@dataclass(frozen=True)
class Answer:
    """One response variation of data/topics."""

    key: str
    topic: str
    language: str
    kind: str
    title: str
    facts: tuple[str, ...]
    related: tuple[str, ...]
    text: str

    @property
    def where(self) -> str:
        """How findings name it."""
        return f"{self.key} ({self.language})"


@dataclass(frozen=True)
class Finding:
    """Something that is not grounded: where, which check says so, and what it saw."""

    where: str
    check: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.check}: {self.detail}"


def answers(topics_dir: Path | None = None) -> list[Answer]:
    """Return every response variation of the topic files, in the order of the files.

    Raises `ContentError` naming the file when a variation has no text or is not marked with its topic and language.
    """
    found = []
    for path in sorted((topics_dir or settings().data_dir / "topics").glob("*.yml")):
        for key, variations in ((load_yaml(path) or {}).get("responses") or {}).items():
            found += [_answer(path, key, variation) for variation in variations]
    return found


def _answer(path: Path, key: str, variation: Mapping[str, Any]) -> Answer:
    marks = variation.get("metadata") or {}
    try:
        return Answer(
            key=key,
            topic=marks["topic"],
            language=marks["language"],
            kind=marks["kind"],
            title=marks["title"],
            facts=tuple(marks.get("facts") or ()),
            related=tuple(marks.get("related") or ()),
            text=variation["text"],
        )
    except KeyError as error:
        raise ContentError(f"{path.name}: {key}: a variation without {error}") from error


def check_answers(given: Iterable[Answer] | None = None, known: Mapping[str, Fact] | None = None) -> list[Finding]:
    """Return what is not grounded in the answers (all of data/topics unless given) by the facts (data/facts.yml)."""
    given = list(answers() if given is None else given)
    known = facts() if known is None else known
    found = [finding for answer in given for finding in check_answer(answer, known)]
    cited = {fact for answer in given for fact in answer.facts}
    return found + [Finding(f"fact {fact}", NEVER_CITED, "no answer cites it") for fact in known if fact not in cited]


def check_answer(answer: Answer, known: Mapping[str, Fact]) -> list[Finding]:
    """Return what is not grounded in one answer."""
    if not answer.facts:
        return [Finding(answer.where, NO_FACTS, "the answer cites none")]
    found = [Finding(answer.where, UNKNOWN_FACT, fact) for fact in answer.facts if fact not in known]
    cited = [known[fact] for fact in answer.facts if fact in known]
    problems = [
        *_check_coverage(answer, cited, known),
        *_check_figures(answer, cited),
        *_check_terms(answer, cited, known),
        *_check_negations(answer, cited),
        *_check_hedges(answer, cited),
    ]
    return found + [Finding(answer.where, check, detail) for check, detail in problems]


type _Problems = Iterable[tuple[str, str]]


def _check_coverage(answer: Answer, cited: Sequence[Fact], known: Mapping[str, Fact]) -> _Problems:
    """Each sentence rests on the facts cited, and no word of it is foreign to all facts: a new claim needs one."""
    language = answer.language
    ours = _stems_of_facts(tuple(f.text[language] for f in cited), language)
    vocabulary = _stems_of_facts(tuple(f.text[language] for f in known.values()), language)
    for sentence in split_sentences(answer.text):
        # what the operator's own file fills in is not the document's: the referral may introduce it
        if answer.kind == "referral" and PLACEHOLDER.search(sentence):
            continue
        mine = content_stems(sentence, language)
        share = len(mine & ours) / len(mine) if mine else 0.0
        if share < MIN_COVERAGE:
            yield NOT_COVERED, f"{share:.0%} of its words are in the facts cited: {sentence}"
        for word in dict.fromkeys(w for w in tokens(sentence) if stem(w) in mine - vocabulary):
            yield NEW_WORD, f"{word} (say it in the facts' words, or put it into the fact): {sentence}"


@cache
def _stems_of_facts(texts: tuple[str, ...], language: str) -> frozenset[str]:
    return frozenset(content_stems(" ".join(texts), language))


def _check_figures(answer: Answer, cited: Sequence[Fact]) -> _Problems:
    """Each figure is one of the facts cited, stands with that fact's words, and none of theirs is left out."""
    of_facts = {figure for fact in cited for figure in fact.figures}
    for figure in dict.fromkeys(figures_of(answer.text)):
        if figure not in of_facts:
            yield FIGURE, f"{figure} is in none of the facts cited"
    for figure in sorted(of_facts - set(figures_of(answer.text))):
        yield FIGURE, f"{figure} of the facts cited is not in the answer"
    # "300 times lower than by mouth, 100 than into a vein": the two may not change places
    with_figures = [fact for fact in cited if fact.figures]
    for part in re.split(r"[,;:.]\s", answer.text):
        for figure in set(figures_of(part)) & of_facts:
            closest = max(with_figures, key=lambda fact: likeness(part, fact, answer.language))
            if figure not in closest.figures:
                yield FIGURE, f"{figure} stands with the words of {closest.id}"


def likeness(text: str, fact: Fact, language: str) -> float:
    """Return how much of a fact's content a text has: 0 to 1, shared stems over all stems."""
    mine, theirs = content_stems(text, language), content_stems(fact.text[language], language)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def _check_terms(answer: Answer, cited: Sequence[Fact], known: Mapping[str, Fact]) -> _Problems:
    """Each drug and medical term stands in a fact cited, not only in some other fact."""
    language = answer.language
    allowed = {term for fact in cited for term in fact.terms.get(language, ())}
    for term in sorted({term for fact in known.values() for term in fact.terms.get(language, ())} - allowed):
        # "tolerance" is no trespass where the fact has "opioid tolerance"
        if has_term(answer.text, term) and not any(has_term(longer, term) for longer in allowed):
            yield TERM, f"{term} is in none of the facts cited"


def _check_negations(answer: Answer, cited: Sequence[Fact]) -> _Problems:
    """A "not" that a fact has is in the answer, and the other way round: word overlap alone would not see it."""
    language = answer.language
    sentences = split_sentences(answer.text)
    negated = _NEGATION[language]
    for fact in cited:
        if negated.search(fold(fact.text[language])) and not any(
            negated.search(fold(s)) and _share_of_fact(s, fact, language) >= SAME_MATTER for s in sentences
        ):
            yield NEGATION, f"the answer drops the one of {fact.id}"
    for sentence in sentences:
        if negated.search(fold(sentence)) and not any(
            negated.search(fold(f.text[language])) and _share_of_fact(sentence, f, language) >= SAME_MATTER
            for f in cited
        ):
            yield NEGATION, f"no fact cited has one: {sentence}"


def _share_of_fact(sentence: str, fact: Fact, language: str) -> float:
    mine, theirs = content_stems(sentence, language), content_stems(fact.text[language], language)
    return len(mine & theirs) / len(theirs) if theirs else 0.0


def _check_hedges(answer: Answer, cited: Sequence[Fact]) -> _Problems:
    """What a fact says with reserve ("about", "often"), the answer says with reserve."""
    text = fold(answer.text)
    for fact in cited:
        for hedge in _HEDGES[answer.language]:
            if re.search(rf"\b{hedge}", fold(fact.text[answer.language])) and not re.search(rf"\b{hedge}", text):
                yield RESERVE, f"{hedge!r} of {fact.id} is not in the answer"


def check_facts(known: Mapping[str, Fact] | None = None, of: Document | None = None) -> list[Finding]:
    """Return where the facts contradict themselves or the document's map: figures, terms, sentences, sections."""
    known = facts() if known is None else known
    of = document() if of is None else of
    found = []
    for fact in known.values():
        problems = [*_check_fact_sources(fact, of), *_check_fact_words(fact)]
        found += [Finding(f"fact {fact.id}", check, detail) for check, detail in problems]
    used = {sentence for fact in known.values() for sentence in fact.rests_on}
    return found + [Finding(f"sentence {s}", UNUSED, "no fact rests on it") for s in of.sentences if s not in used]


def _check_fact_sources(fact: Fact, of: Document) -> _Problems:
    if not fact.rests_on:
        yield SOURCE, "rests on no sentence"
    for sentence in fact.rests_on:
        if sentence not in of.sentences:
            yield SOURCE, f"rests on {sentence}, which data/document.yml does not have"
    if fact.section not in {of.sentences[s].section for s in fact.rests_on if s in of.sentences}:
        yield SOURCE, f"none of its sentences stands in section {fact.section}"


def _check_fact_words(fact: Fact) -> _Problems:
    for language in LANGUAGES:
        if sorted(set(figures_of(fact.text[language]))) != sorted(fact.figures):
            yield FIGURE, f"{language}: {figures_of(fact.text[language])} in its text, {list(fact.figures)} listed"
        for term in fact.terms.get(language, ()):
            if not has_term(fact.text[language], term):
                yield TERM, f"{language}: {term} is listed and not in its text"
