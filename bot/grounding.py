"""The proof that our answers say only what the document says, and the review list when the document changes.

- `check_answers()` holds every sentence of every answer against the facts that the answer cites.
- `check_facts()` holds the facts against their own figures and terms and against the document's map.
- `check_document(text)` holds the facts against the document's current text.

`python -m bot.grounding PATH` prints the last of these for a person: exit status 0 when everything holds, 1 when
something has to be reviewed, 2 when the file cannot be read.
"""

import argparse
import hashlib
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.content import ContentError, Document, Fact, document, facts, load_yaml
from bot.settings import settings
from bot.understanding.text import fold, normalise_sentence

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

# Words that claim nothing by themselves: grammar, and what links or introduces ("for example", "include").
# Negations are in here because `_check_negations` looks at them; hedges ("about", "often") are not: they are content.
_STOP_EN = """
a also an and are as at be been but by called can cannot could did do does each even example for from get gets give
given gives giving has have how i if in include includes into is it its kind kinds like made make makes making may me
mean meaning means name no nor not of on one or other our out over so some such take takes than that the their them
then there these they this those through to too under us used was way ways we well what when which who will with
without words would you your
"""
_STOP_FR = """
a agir agissent agit ai aide ainsi alors appelle as au aucun aucune aussi autre autrement autres aux avec avez avoir c
ca cas ce cela celle celles celui cependant ces cet cette ceux chaque chez ci cite citer comme comprend comprendre
comprennent d dans de des dire dis dit dois doit donc donnait donne donner dont du egalement elle elles en ensemble
entre es est et etre eux exemple faire fait font geste ici il ils j je l la le les leur leurs lui m ma mais me meme
mes mien n ne ni non nos notre nous on ont ou par partie pas peut peuvent peux plus pour prend prendre prenez qu quand
que qui s sa sans se ses seule si son sont sous sur t te tels tous tout toute toutes tu un une va vos votre vous y
"""
_STOP = {"en": frozenset(_STOP_EN.split()), "fr": frozenset(_STOP_FR.split())}
# Forms of one word that no common beginning shows.
_SAME = {"dormez": "dort", "dorment": "dort", "dormir": "dort"}

_NEGATION = {
    "en": re.compile(r"\b(?:not|no|nor|never|none|cannot|without|neither)\b|n't\b"),
    "fr": re.compile(r"\b(?:pas|jamais|aucune?|sans|ni|non)\b"),
}
# Words that make a claim weaker: an answer that drops one of them says more than its fact.
_HEDGES = {
    "en": ("about", "up to", "average", "generally", "normally", "often", "certain", "might", "some cases", "rarely"),
    "fr": ("environ", "jusqu", "moyenne", "general", "normalement", "souvent", "certain", "pourrait", "rarement"),
}

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_END = re.compile(r"(?<=[.!?])\s+")

# --- words ---


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", fold(text))


def _stem(word: str) -> str:
    """Return a crude stem: the endings of number, person and participle off, then five letters."""
    word = _SAME.get(word, word)
    word = re.sub(r"(?:ied|ies)$", "y", word)
    if len(word) > 4:
        word = re.sub(r"(?:ed|es|s|x|ing)$", "", word)
    return word[:5]


def content_stems(text: str, language: str) -> set[str]:
    """Return the stems of the words of `text` that carry content: no grammar, no figures, no single letters."""
    stop = _STOP[language]
    return {_stem(w) for w in _tokens(text) if w not in stop and len(w) > 1 and not w[0].isdigit()}


def figures_of(text: str) -> list[str]:
    """Return the figures of `text` in their order, as they are written ("7", "1980", "2,5")."""
    return _FIGURE.findall(text)


def has_term(text: str, term: str) -> bool:
    """Return whether the term stands in the text, in the singular or the plural, whatever the accents."""
    pattern = r"\s".join(rf"{re.escape(w)}(?:s|x|es)?" for w in _tokens(term))
    return re.search(rf"\b{pattern}\b", " ".join(_tokens(text))) is not None


def split_sentences(text: str) -> list[str]:
    """Return the sentences of one paragraph: cut after . ! or ? where the next word starts with a capital or a quote.

    "e.g. morphine" and "approx. 7 years" stay whole.
    """
    sentences, start = [], 0
    text = text.strip()
    for end in _END.finditer(text):
        following = text[end.end()]
        if following.isupper() or following in '«“"({¿¡':
            sentences.append(text[start : end.start()])
            start = end.end()
    return [s for s in [*sentences, text[start:]] if s]


def fingerprint(sentence: str) -> str:
    """Return the fingerprint of a sentence of the document, as data/document.yml keeps it."""
    return hashlib.sha256(normalise_sentence(sentence).encode()).hexdigest()


# --- the answers ---


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
        if answer.kind == "referral" and _PLACEHOLDER.search(sentence):
            continue
        mine = content_stems(sentence, language)
        share = len(mine & ours) / len(mine) if mine else 0.0
        if share < MIN_COVERAGE:
            yield NOT_COVERED, f"{share:.0%} of its words are in the facts cited: {sentence}"
        for word in dict.fromkeys(w for w in _tokens(sentence) if _stem(w) in mine - vocabulary):
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
            closest = max(with_figures, key=lambda fact: _likeness(part, fact, answer.language))
            if figure not in closest.figures:
                yield FIGURE, f"{figure} stands with the words of {closest.id}"


def _likeness(text: str, fact: Fact, language: str) -> float:
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


# --- the facts ---


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


# --- the document ---


@dataclass(frozen=True)
class Passage:
    """A sentence or a heading of the document's current text, and the section it stands in."""

    text: str
    section: str | None
    is_heading: bool = False


@dataclass(frozen=True)
class Review:
    """A place of the document that facts rest on and that is no longer as it was.

    `why` is "changed" (another sentence stands there now), "gone", "moved" (to another section) or "heading gone".
    """

    why: str
    sentence: str
    section: str
    facts: tuple[str, ...]
    topics: tuple[str, ...]
    now: str | None = None
    figures_gone: tuple[str, ...] = ()
    figures_new: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotCovered:
    """A sentence of the document that no fact rests on, with the topics it most likely belongs to."""

    text: str
    section: str | None
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What `check_document` found: the facts that hold, what to review, and what no fact covers."""

    holds: tuple[str, ...]
    reviews: tuple[Review, ...]
    not_covered: tuple[NotCovered, ...]

    @property
    def all_holds(self) -> bool:
        """Whether there is nothing for anyone to review."""
        return not self.reviews and not self.not_covered


def check_document(text: str, given: Iterable[Answer] | None = None) -> Report:
    """Return how the facts stand against the document's current text.

    The topics to review are those of the answers given, all of data/topics by default. Raises `ContentError` when a
    fact rests on a sentence that data/document.yml does not have.
    """
    return _DocumentCheck(text, answers() if given is None else given).report()


def passages(text: str, of: Document) -> list[Passage]:
    """Return the headings and sentences of the document's text, in order.

    Headings are the lines that data/document.yml has as titles of sections; anything else counts as a sentence, so that
    a line nobody knows yet (a new list, say) is seen.
    """
    headings = {normalise_sentence(s.title[s.language]): s.id for s in of.sections.values()}
    section = next(iter(of.sections), None)  # what comes before the first heading
    found = []
    for line in _unwrapped(text, set(headings)):
        if (heading := headings.get(normalise_sentence(line))) is not None:
            section = heading
            found.append(Passage(line, section, is_heading=True))
        else:
            found += [Passage(sentence, section) for sentence in split_sentences(line)]
    return found


def _unwrapped(text: str, headings: set[str]) -> list[str]:
    """Return the lines of the text that are not empty, with sentences that a line break cuts in two put together."""
    lines: list[str] = []
    open_sentence = False
    for raw in text.splitlines():
        line = raw.strip()
        if line and open_sentence and line[0].islower():
            lines[-1] += " " + line
        elif line:
            lines.append(line)
        open_sentence = bool(line) and line[-1] not in ".!?:" and normalise_sentence(line) not in headings
    return lines


def left_out() -> frozenset[str]:
    """Return the fingerprints of the document's sentences that need no fact, from data/document.yml."""
    return frozenset(entry["fingerprint"] for entry in load_yaml(settings().data_dir / "document.yml")["left_out"])


class _DocumentCheck:
    """One run of `check_document`: the document's passages beside what we know of it."""

    def __init__(self, text: str, given: Iterable[Answer]) -> None:
        self.facts = facts()
        self.of = document()
        if broken := [str(f) for f in check_facts(self.facts, self.of) if f.check == SOURCE]:
            raise ContentError("; ".join(broken))
        self.passages = passages(text, self.of)
        self.prints = [fingerprint(p.text) for p in self.passages]
        self.headings = {p.section for p in self.passages if p.is_heading}
        self.topics_of_fact = _topics_of_facts(given)
        self.order = {s.fingerprint: i for i, s in enumerate(self.of.sentences.values())}
        self.sections_of: dict[str, set[str | None]] = {}
        for passage, its_print in zip(self.passages, self.prints, strict=True):
            self.sections_of.setdefault(its_print, set()).add(passage.section)
        cited = {s for fact in self.facts.values() for s in fact.rests_on}
        covered = {s.fingerprint for s in self.of.sentences.values() if s.id in cited} | left_out()
        # the places of the sentences that nobody knows yet
        self.strangers = [i for i, p in enumerate(self.passages) if not p.is_heading and self.prints[i] not in covered]

    def report(self) -> Report:
        reviews = [*self._sentences_to_review(), *self._headings_gone()]
        shaken = {fact for review in reviews for fact in review.facts}
        shown = {review.now for review in reviews}
        return Report(
            tuple(fact for fact in self.facts if fact not in shaken),
            tuple(reviews),
            tuple(
                NotCovered(p.text, p.section, self._topics_near(p))
                for p in (self.passages[i] for i in self.strangers)
                if p.text not in shown
            ),
        )

    def _sentences_to_review(self) -> Iterable[Review]:
        for sentence in self.of.sentences.values():
            resting = [fact for fact in self.facts.values() if sentence.id in fact.rests_on]
            found_in = self.sections_of.get(sentence.fingerprint, set())
            if not resting or sentence.section in found_in:
                continue
            ids, topics = tuple(f.id for f in resting), self._topics(f.id for f in resting)
            if found_in:
                # where the heading itself is gone, that is what there is to say
                if sentence.section in self.headings:
                    place = f"in section {min(map(str, found_in))}"
                    yield Review("moved", sentence.id, sentence.section, ids, topics, place)
                continue
            now = self._closest(sentence.id, resting)
            ours = {figure for fact in resting for figure in fact.figures}
            theirs = set(figures_of(now)) if now else set()
            yield Review(
                "changed" if now else "gone",
                sentence.id,
                sentence.section,
                ids,
                topics,
                now,
                tuple(sorted(ours - theirs)),
                tuple(sorted(theirs - ours)),
            )

    def _headings_gone(self) -> Iterable[Review]:
        """Replies cite sections by their titles: a title that is gone cites nothing."""
        first = next(iter(self.of.sections), None)  # the introduction has a title of our own
        for section in self.of.sections.values():
            citing = tuple(
                f.id for f in self.facts.values() if section.id in {self.of.sentences[s].section for s in f.rests_on}
            )
            if section.id not in self.headings and section.id != first:
                yield Review("heading gone", section.title[section.language], section.id, citing, self._topics(citing))

    def _closest(self, sentence: str, resting: Sequence[Fact]) -> str | None:
        """Return the unknown sentence that most likely took the place of a known one, None when there is none.

        We keep fingerprints, not the document's words: likeness is measured by our facts' words, and the place counts
        for more. A sentence stands in the place when the known ones before and after it are the right ones.
        """
        best: str | None = None
        best_score = 0.0
        language = self.of.sentences[sentence].language
        ours = content_stems(" ".join(f.text[language] for f in resting), language)
        for i in self.strangers:
            theirs = content_stems(self.passages[i].text, language)
            likeness = len(ours & theirs) / max(1, min(len(ours), len(theirs)))
            score = likeness + (1.0 if self._in_place(i, self.of.sentences[sentence].fingerprint) else 0.0)
            if likeness >= 0.2 and score > max(best_score, 0.6):
                best, best_score = self.passages[i].text, score
        return best

    def _in_place(self, i: int, of: str) -> bool:
        before = next((self.order[p] for p in reversed(self.prints[:i]) if p in self.order), -1)
        after = next((self.order[p] for p in self.prints[i + 1 :] if p in self.order), len(self.order))
        return before < self.order[of] < after

    def _topics(self, fact_ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({topic for fact in fact_ids for topic in self.topics_of_fact.get(fact, ())}))

    def _topics_near(self, passage: Passage, most: int = 3) -> tuple[str, ...]:
        """Return the topics whose facts are most like a passage; facts of its section come first."""
        scores: dict[str, float] = {}
        for fact in self.facts.values():
            likeness = max(_likeness(passage.text, fact, language) for language in LANGUAGES)
            here = passage.section in {self.of.sentences[s].section for s in fact.rests_on}
            for topic in self.topics_of_fact.get(fact.id, ()):
                scores[topic] = max(scores.get(topic, 0.0), likeness + (0.1 if here else 0.0))
        ranked = sorted(scores, key=lambda topic: (-scores[topic], topic))
        return tuple(topic for topic in ranked[:most] if scores[topic] >= 0.15)


def _topics_of_facts(given: Iterable[Answer]) -> dict[str, set[str]]:
    topics: dict[str, set[str]] = {}
    for answer in given:
        for fact in answer.facts:
            topics.setdefault(fact, set()).add(answer.topic)
    return topics


# --- the report for a person ---

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
    parser.add_argument("path", type=Path, help="the document's current text, a .txt file")
    path = parser.parse_args(arguments).path
    try:
        report = check_document(read_document(path))
    except ContentError as error:
        sys.stderr.write(f"check-document: {error}\n")
        return 2
    sys.stdout.write(as_text(report))
    return 0 if report.all_holds else 1


if __name__ == "__main__":
    sys.exit(main())
