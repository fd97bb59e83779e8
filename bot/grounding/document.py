"""The facts held against the document's current text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.content import ContentError, Document, Fact, document, facts, load_yaml
from bot.grounding.answers import LANGUAGES, SOURCE, Answer, answers, check_facts, likeness
from bot.grounding.words import content_stems, figures_of, fingerprint, split_sentences
from bot.settings import settings
from bot.understanding.text import normalise_sentence


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
            like = max(likeness(passage.text, fact, language) for language in LANGUAGES)
            here = passage.section in {self.of.sentences[s].section for s in fact.rests_on}
            for topic in self.topics_of_fact.get(fact.id, ()):
                scores[topic] = max(scores.get(topic, 0.0), like + (0.1 if here else 0.0))
        ranked = sorted(scores, key=lambda topic: (-scores[topic], topic))
        return tuple(topic for topic in ranked[:most] if scores[topic] >= 0.15)


def _topics_of_facts(given: Iterable[Answer]) -> dict[str, set[str]]:
    topics: dict[str, set[str]] = {}
    for answer in given:
        for fact in answer.facts:
            topics.setdefault(fact, set()).add(answer.topic)
    return topics
