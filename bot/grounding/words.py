"""Words, sentences, figures and fingerprints, as the grounding checks read them."""

import hashlib
import re

from bot.understanding.text import fold, normalise_sentence

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

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
PLACEHOLDER = re.compile(r"\{\w+\}")
_END = re.compile(r"(?<=[.!?])\s+")


def tokens(text: str) -> list[str]:
    """Return the words of `text`, folded, without apostrophes."""
    return re.findall(r"[a-z0-9]+", fold(text))


def stem(word: str) -> str:
    """Return a crude stem: the endings of number, person and participle off, then five letters."""
    word = _SAME.get(word, word)
    word = re.sub(r"(?:ied|ies)$", "y", word)
    if len(word) > 4:
        word = re.sub(r"(?:ed|es|s|x|ing)$", "", word)
    return word[:5]


def content_stems(text: str, language: str) -> set[str]:
    """Return the stems of the words of `text` that carry content: no grammar, no figures, no single letters."""
    stop = _STOP[language]
    return {stem(w) for w in tokens(text) if w not in stop and len(w) > 1 and not w[0].isdigit()}


def figures_of(text: str) -> list[str]:
    """Return the figures of `text` in their order, as they are written ("7", "1980", "2,5")."""
    return _FIGURE.findall(text)


def has_term(text: str, term: str) -> bool:
    """Return whether the term stands in the text, in the singular or the plural, whatever the accents."""
    pattern = r"\s".join(rf"{re.escape(w)}(?:s|x|es)?" for w in tokens(term))
    return re.search(rf"\b{pattern}\b", " ".join(tokens(text))) is not None


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
