"""Red flags happening now, and thoughts of suicide: recognised by rules that a clinician can read and change.

The rules stand in data/safety/red_flags.yml, as sets of words and as signs made of them. A sign counts when its words
stand in one sentence, unless they are denied ("no fever"), belong to the past ("last year I had a fever"), or are
asked about in general ("can it get infected?"); a word for now ("since this morning") outweighs the last two. The
rules run before the topics and override them: in doubt the call to act is shown.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz.distance import DamerauLevenshtein

from bot.understanding.text import fold

_SENTENCE_END = re.compile(r"(?<!\d)[.](?!\d)|[!?;\n…]+")
_TOKEN = re.compile(r"\d+(?:[.,°]\d+)?|[^\W_]+(?:'[^\W_]+)*|[,:()/+–—]")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu)'(?=\w)")
# the comma of a list that ends in "or": a denial before it goes for the whole list
_LIST_COMMA = re.compile(r",(?=(?:[^,]{1,30},){0,8}[^,]{1,30} (?:or|nor|ou|ni) )")
_GAP = "..."
_FRAMES = ("denial", "turn", "past", "general", "now", "set_aside")
_AUXILIARY_NOT = re.compile(r"\b(ca(?=n)|do|does|did|is|are|was|were|has|have|had|could|would)n? not\b")
# a denial reaches this many words ahead, though not over a comma or a turn ("but")
_DENIAL_REACH = 7
# from this length on a word with one slip is still read as the word of the rules
_REPAIR_LENGTH = 6
# words are looked up by at most so many of their first letters
_ANCHOR_LENGTH = 5


class RedFlagRulesError(ValueError):
    """The rules cannot be used; the message names the sign or the set of words that is wrong."""


@dataclass(frozen=True)
class Sign:
    """A red flag: `needs` lists sets of words of which one word each must stand in one sentence."""

    name: str
    kind: str  # "emergency" or "crisis"
    needs: tuple[str, ...]
    about: tuple[str, ...]  # sets of which one word each must stand anywhere in the message
    even_if_general: bool  # also when it is put as a general question: the words alone are reason enough
    certain: bool  # these words leave no doubt: nothing overrules them


@dataclass(frozen=True)
class RedFlag:
    """What was recognised: the kind of reply it calls for and the sign behind it."""

    kind: str
    sign: str
    certain: bool


@dataclass(frozen=True)
class _WordSet:
    pattern: re.Pattern[str]
    anchors: frozenset[str]  # beginnings of one word of each term: a sentence without any of them needs no search
    words: frozenset[str]

    @classmethod
    def of(cls, terms: Iterable[str], spellings: Mapping[str, str]) -> "_WordSet":
        read = [_as_term(term, spellings) for term in terms]
        alternatives = sorted((pattern for term in read for pattern in _as_patterns(term)), key=len, reverse=True)
        return cls(
            re.compile(rf"(?<!\S)(?:{'|'.join(alternatives)})(?!\S)"),
            frozenset(anchor for term in read for anchor in _anchors(term)),
            frozenset(part.rstrip("*") for term in read for choice in term for word in choice for part in word.split()),
        )


@dataclass(frozen=True)
class _Sentence:
    text: str
    found: Mapping[str, list[re.Match[str]]]  # by the name of the set; without those that are not there

    def is_now(self) -> bool:
        return "now" in self.found or not ("general" in self.found or "past" in self.found)


@dataclass(frozen=True)
class RedFlagRules:
    """The rules of one file, ready to be asked with `recognise`."""

    sets: Mapping[str, _WordSet]  # the frames among them
    signs: tuple[Sign, ...]
    spellings: Mapping[str, str]
    kept: frozenset[str]  # words that are never put right, because they are right
    by_anchor: Mapping[str, frozenset[str]]  # the names of the sets and frames to search
    by_likeness: Mapping[tuple[str, int], tuple[str, ...]]  # what may be meant by a word of this letter and length

    @classmethod
    def load(cls, path: Path) -> "RedFlagRules":
        """Return the rules of `path`; raises `RedFlagRulesError` when they name words that are not there."""
        described = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        spellings = {
            fold(str(written)).replace("'", ""): " ".join(_as_read(word, {}) for word in str(meant).split())
            for written, meant in described.get("spellings", {}).items()
        }
        sets = {name: _word_set(path, name, terms, spellings) for name, terms in described["words"].items()}
        sets |= {name: _word_set(path, name, described["frames"].get(name), spellings) for name in _FRAMES}
        # crisis first: a call for life outranks every other sign in the same message
        signs = sorted((_sign(path, entry, sets) for entry in described["signs"]), key=lambda s: s.kind != "crisis")

        by_anchor = defaultdict(set)
        for name, word_set in sets.items():
            for anchor in word_set.anchors:
                by_anchor[anchor].add(name)
        ordinary = frozenset(fold(word) for word in described.get("ordinary", ()))
        by_likeness = defaultdict(list)
        for word in sorted(frozenset[str]().union(*(sets[name].words for name in described["words"]))):
            if len(word) >= _REPAIR_LENGTH:
                for length in range(len(word) - 1, len(word) + 2):
                    by_likeness[word[0], length].append(word)
        kept = ordinary.union(*(s.words for s in sets.values()))
        return cls(
            sets, tuple(signs), spellings, kept,
            {anchor: frozenset(names) for anchor, names in by_anchor.items()},
            {likeness: tuple(like) for likeness, like in by_likeness.items()},
        )  # fmt: skip

    def recognise(self, text: str) -> RedFlag | None:
        """Return the red flag that `text` tells of, or None."""
        sentences = [self._read(part) for part in _SENTENCE_END.split(fold(text)) if part.strip()]
        spoken_of = frozenset(name for sentence in sentences for name in sentence.found)
        told = [
            RedFlag(sign.kind, sign.name, sign.certain)
            for sign in self.signs
            if spoken_of.issuperset((*sign.needs, *sign.about))
            and any(self._stands_in(sign, s) and (sign.even_if_general or s.is_now()) for s in sentences)
        ]
        return next((flag for flag in told if flag.certain), told[0] if told else None)

    def _stands_in(self, sign: Sign, sentence: _Sentence) -> bool:
        # the last set named is what is wrong; the others say where: only the wrong is denied by "no"
        return all(name in sentence.found for name in sign.needs) and not all(
            self._denied(sentence.text[: match.start()]) for match in sentence.found[sign.needs[-1]]
        )

    def _denied(self, before: str) -> bool:
        clause = self.sets["turn"].pattern.split(before.rpartition(",")[2])[-1]
        return bool(self.sets["denial"].pattern.search(" ".join(clause.split()[-_DENIAL_REACH:])))

    def _read(self, sentence: str) -> _Sentence:
        """Return a folded sentence as the rules read it: words put right, everything that sets apart as a comma."""
        tokens = []
        for token in _TOKEN.findall(_LIST_COMMA.sub(" ", sentence)):
            if token[0].isalnum():
                tokens += [self._put_right(word) for word in _as_read(token, self.spellings).split()]
            else:
                tokens.append(",")
        # "is not" as "isnt", as it is read when written "isn't"
        text = _AUXILIARY_NOT.sub(r"\1nt", " ".join(tokens))
        if "set_aside" in self._worth_searching(text):
            text = self.sets["set_aside"].pattern.sub(",", text)
        found = {name: list(self.sets[name].pattern.finditer(text)) for name in self._worth_searching(text)}
        return _Sentence(text, {name: matches for name, matches in found.items() if matches})

    def _worth_searching(self, text: str) -> frozenset[str]:
        beginnings = {word[:length] for word in text.split() for length in range(1, _ANCHOR_LENGTH + 1)}
        return frozenset[str]().union(*(self.by_anchor.get(beginning, ()) for beginning in beginnings))

    def _put_right(self, word: str) -> str:
        if len(word) < _REPAIR_LENGTH or word in self.kept:
            return word
        for known in self.by_likeness.get((word[0], len(word)), ()):
            if DamerauLevenshtein.distance(word, known, score_cutoff=1) <= 1:
                return known
        return word


def _word_set(path: Path, name: str, terms: Any, spellings: Mapping[str, str]) -> _WordSet:
    # the languages are read together: people mix them, and a red flag must not hang on the detector
    try:
        both = [str(term) for language in ("en", "fr") for term in terms[language]]
    except (KeyError, TypeError) as error:
        raise RedFlagRulesError(f"{path.name}: the words {name!r} need a list each for en and fr") from error
    if not both or any(not term.strip("*./ ") or term.startswith(_GAP) for term in both):
        raise RedFlagRulesError(f"{path.name}: the words {name!r} are empty, or one of them is or starts with {_GAP}")
    return _WordSet.of(both, spellings)


def _sign(path: Path, entry: Mapping[str, Any], sets: Mapping[str, _WordSet]) -> Sign:
    name, kind = entry.get("name"), entry.get("kind")
    needs, about = tuple(entry.get("needs", ())), tuple(entry.get("about", ()))
    missing = [word_set for word_set in (*needs, *about) if word_set not in sets]
    if missing or not needs:
        raise RedFlagRulesError(f"{path.name}: sign {name!r} needs unknown words {missing}")
    if kind not in ("emergency", "crisis"):
        raise RedFlagRulesError(f"{path.name}: sign {name!r} has the unknown kind {kind!r}")
    return Sign(
        str(name), kind, needs, about, bool(entry.get("even_if_general", False)), bool(entry.get("certain", False))
    )


def _as_read(word: str, spellings: Mapping[str, str]) -> str:
    """Return a word of a message or of a rule as the rules read it: folded, "j'ai" as "j ai", "can't" as "cant"."""
    word = re.sub(r"(?<=\d)[,°](?=\d)", ".", fold(word))
    elided = _ELIDED.match(word)
    if elided:
        return f"{elided[0][:-1]} {_as_read(word[elided.end() :], spellings)}"
    word = word.replace("'", "")
    return spellings.get(word, word)


def _as_term(term: str, spellings: Mapping[str, str]) -> list[list[str]]:
    """Return a term word by word, each with its choices: "he/she can't" is [["he", "she"], ["cant"]]."""
    return [[w if w == _GAP else _as_read(w, spellings) for w in word.split("/")] for word in term.split()]


def _as_patterns(term: list[list[str]]) -> list[str]:
    """Return the patterns of a term, one for each choice of its first word, so that each begins with a letter.

    `*` at a word's end stands for any ending, `...` for up to three words between.
    """
    rest = []
    for choices in term[1:]:
        rest.append(r"(?:\S+ ){0,3}" if choices == [_GAP] else f"(?:{'|'.join(map(_as_word, choices))}) ")
    return [f"{_as_word(first)} {''.join(rest)}".strip() for first in term[0]]


def _as_word(word: str) -> str:
    return re.escape(word.rstrip("*")).replace(r"\ ", " ") + (r"\S*" if word.endswith("*") else "")


def _anchors(term: list[list[str]]) -> list[str]:
    """Return the beginnings of that word of a term which narrows the search most: the one with the longest choices."""
    words = [[max(word.split(), key=len).rstrip("*") for word in choices] for choices in term if choices != [_GAP]]
    return [word[:_ANCHOR_LENGTH] for word in max(words, key=lambda choices: min(map(len, choices)))]
