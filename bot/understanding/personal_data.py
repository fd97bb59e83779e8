"""Personal data in a typed message, replaced before anything else sees it.

Replaced: e-mail addresses, links with a name in them, phone numbers, dates of birth, national and insurance numbers,
names after "my name is" / "je m'appelle", and names that spaCy finds. Kept: emergency numbers, years, doses, ages.
"""

import re
from collections.abc import Callable, Iterable

EMAIL, PHONE, DATE, NUMBER, NAME = "[email]", "[phone]", "[date]", "[number]", "[name]"

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DAY_MONTH_YEAR = re.compile(
    r"\b(?:(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)?\d{2}"
    r"|(?:19|20)\d{2}[./-](?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01]))\b"
)
_MONTHS = (
    "jan(?:uary|vier)?|feb(?:ruary)?|f[ée]v(?:rier)?|mar(?:ch|s)|apr(?:il)?|avril|may|mai|june?|juin|july?|juillet"
    "|aug(?:ust)?|ao[uû]t|sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|dec(?:ember)?|d[ée]c(?:embre)?"
)
_WRITTEN_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th|er)?\s+(?:of\s+)?(?:{_MONTHS})\.?,?\s+(?:19|20)\d{{2}}"
    rf"|(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d{{2}})\b",
    re.IGNORECASE,
)
# AHV/AVS (756.…), French NIR, British NHS and NI, Belgian and any other identifier written with separators
_NATIONAL = re.compile(
    r"\b(?:756[.\s-]?\d{4}[.\s-]?\d{4}[.\s-]?\d{2}"
    r"|[12][\s.]?\d{2}[\s.]?(?:0[1-9]|1[0-2]|[2-9]\d)[\s.]?(?:\d{2}|2[ab])[\s.]?\d{3}[\s.]?\d{3}(?:[\s.]?\d{2})?"
    r"|[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d]"
    r"|\d{2}[.]\d{2}[.]\d{2}[-\s]\d{3}[.]\d{2}|\d{3}-\d{2}-\d{4})\b",
    re.IGNORECASE,
)
# a run of digits, perhaps in groups: a phone or another identifying number from seven digits on
_DIGITS = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d(?:[\s./()-]{0,2}\d){6,16}(?!\w)")
_YEARS = re.compile(r"(?:(?:19|20)\d{2}[\s./,-]*)+")

_NAME_WORD = r"(?:[^\W\d_][\w'’-]*)"
_INTRODUCED = re.compile(
    r"\b(?P<lead>my (?:full |first |last |sur)?name(?:['’]?s| is)|i am called|call me|je m['’ ]?appell?e"
    r"|mon (?:pr[ée])?nom(?: de famille)? (?:est|c['’]est)|je me nomme|appelez[- ]moi|signed|sign[ée] ?:)"
    rf"\s*:?\s+(?P<name>{_NAME_WORD}(?:[ -]{_NAME_WORD}){{0,2}})",
    re.IGNORECASE,
)
_TITLED = re.compile(
    rf"\b(?P<lead>(?i:mr|mrs|ms|miss|mme|mlle|monsieur|madame|mademoiselle|dr|prof|docteur|doctor|professeur)\.?)"
    rf"\s+(?P<name>[A-ZÀ-Þ]{_NAME_WORD}?(?:[ -][A-ZÀ-Þ]{_NAME_WORD}?){{0,2}})\b(?!\w)"
)
# words that follow a name in the same breath: the name ends before them
_NAME_ENDS = re.compile(
    r"\s+(?:and|et|i|j['’]?ai|je|my|mon|ma|i['’]m|im|but|mais|from|de|born|n[ée]e?|is|est|who|qui|with|avec|what|how|can|"
    r"est-ce|comment|quel\w*|bonjour|hello|hi|please|svp|pour|for|the|a|la|le|les|un|une)\b.*$",
    re.IGNORECASE | re.DOTALL,
)


def replace_personal_data(text: str, names: Callable[[str], Iterable[str]] = lambda _: ()) -> str:
    """Return `text` with personal data replaced by what it was: `[email]`, `[phone]`, `[date]`, `[number]`, `[name]`.

    `names` finds further names of persons in a text, as they stand in it (spaCy's, in the running bot).
    """
    text = _EMAIL.sub(EMAIL, text)
    text = _NATIONAL.sub(NUMBER, text)
    text = _DAY_MONTH_YEAR.sub(DATE, text)
    text = _WRITTEN_DATE.sub(DATE, text)
    text = _DIGITS.sub(_phone_or_years, text)
    text = _INTRODUCED.sub(_name_after_lead, text)
    text = _TITLED.sub(lambda m: f"{m['lead']} {NAME}", text)
    for name in sorted(set(names(text)), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME, text)
    return text


def _phone_or_years(match: re.Match[str]) -> str:
    return match[0] if _YEARS.fullmatch(match[0].strip()) else PHONE


def _name_after_lead(match: re.Match[str]) -> str:
    name = match["name"]
    kept = _NAME_ENDS.search(name)
    tail = kept[0] if kept else ""
    return f"{match['lead']} {NAME}{tail}"
