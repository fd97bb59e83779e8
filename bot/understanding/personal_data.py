"""Personal data in a typed message, replaced before anything else sees it.

Replaced: e-mail addresses, links with a name in them, phone numbers, dates of birth, national and insurance numbers,
names after "my name is" / "je m'appelle", and names that spaCy finds. Kept: emergency numbers, years, doses, ages.
"""

import re
from collections.abc import Callable, Iterable

from bot.understanding.text import fold

EMAIL, LINK, PHONE, DATE, NUMBER, NAME = "[email]", "[link]", "[phone]", "[date]", "[number]", "[name]"
REPLACED = re.compile(r"\[(?:email|link|phone|date|number|name)\]")

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
# the same mark twice, and no digits beyond: "4.5/10" is a score of pain and "06.12.34.56.78" a phone
_DAY_MONTH_YEAR = re.compile(
    rf"\b(?<!\d[./-])(?:{_DAY}(\s?[./-]\s?){_MONTH}\1(?:19|20)?\d{{2}}"
    rf"|{_MONTH}(\s?[./-]\s?){_DAY}\2(?:19|20)?\d{{2}}"
    rf"|(?:19|20)\d{{2}}(\s?[./-]\s?){_MONTH}\3{_DAY})\b(?![./-]\d)"
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
_DIGITS = re.compile(r"(?<!\w)(?<!\d[.,])(?:\+|00)?\(?\d(?:[\s./()-]{0,2}\d){6,16}(?!\w)")
# … unless it is nothing but years, emergency numbers, scores of pain and decimal numbers
_HARMLESS = re.compile(
    r"(?:(?:(?:19|20)\d{2}|1\d{1,2}|911|999|\d{1,2}/10|(?:0|[1-9]\d?)\.\d{1,2}(?=[\s-]|$))(?:[\s./-]+|$))+"
)
_DOSE_UNIT = re.compile(r"\s?(?:mg|ml|mcg|[uµμ]g)\b", re.IGNORECASE)

# after these, a name is taken however it is written …
_INTRODUCED = re.compile(
    r"\b(?:my (?:full |first |last |sur)?name(?:['’]?s| is)|i am called|je m['’ ]?appell?e"
    r"|mon (?:pr[ée])?nom(?: de famille)? (?:est|c['’]est)|je me nomme)\s*:?\s+",
    re.IGNORECASE,
)
# … and after these only if it has a capital: "call me an ambulance", "docteur il ne respire plus"
_ADDRESSED = re.compile(
    r"\b(?:(?:call me|appelez[- ]moi|signed|sign[ée] ?:)\s*:?"
    r"|(?:mr|mrs|ms|mme|mlle|dr|prof|pr)\.?|miss|monsieur|madame|mademoiselle|docteur|doctor|professeur|(?-i:M\.))\s+",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_MOST_NAME_WORDS = 4
# never part of a name: what is taken for one is lost to the red flags
_NEVER_NAMES = frozenset((
    "a", "about", "after", "ago", "ai", "aide", "aidez", "also", "am", "ambulance", "an", "and", "are", "as", "at",
    "au", "aux", "avec", "back", "be", "because", "been", "bonjour", "born", "but", "by", "c", "ca", "can",
    "cannot", "cant", "ce", "cette", "comment", "could", "dans", "de", "demain", "depuis", "des", "did", "do",
    "does", "dont", "du", "elle", "elles", "en", "est", "et", "etait", "for", "from", "had", "has", "have", "he",
    "hello", "help", "her", "here", "hi", "his", "how", "i", "il", "ils", "im", "in", "is", "isnt", "it", "its",
    "j", "je", "la", "le", "les", "leur", "lui", "m", "ma", "mais", "me", "mes", "moi", "mon", "must", "my", "n",
    "ne", "nee", "need", "no", "non", "not", "nous", "now", "of", "on", "or", "ou", "our", "par", "pas", "please",
    "pour", "qu", "que", "quel", "quelle", "qui", "quoi", "s", "sa", "samu", "se", "secours", "ses", "she", "si",
    "so", "son", "sont", "soon", "sur", "svp", "t", "ta", "te", "that", "the", "their", "there", "they", "this",
    "to", "tomorrow", "ton", "tu", "un", "une", "urgence", "urgent", "vite", "votre", "vous", "was", "we", "what",
    "when", "where", "who", "why", "with", "wont", "you", "your",
))  # fmt: skip
_NEW_CLAUSE = frozenset(("and", "born", "but", "et", "from", "i", "im", "j", "je", "ma", "mais", "mes", "mon", "my"))
_PARTICLES = frozenset(("de", "del", "den", "der", "des", "di", "du", "la", "le", "ten", "van", "vom", "von", "zu"))


def replace_personal_data(text: str, names: Callable[[str], Iterable[str]] = lambda _: ()) -> str:
    """Return `text` with personal data replaced by what it was: `[email]`, `[link]`, `[phone]`, `[date]` and so on.

    `names` finds further names of persons in a text, as they stand in it (spaCy's, in the running bot).
    """
    text = _EMAIL.sub(EMAIL, text)
    text = _LINK.sub(LINK, text)
    text = _NATIONAL.sub(NUMBER, text)
    text = _DAY_MONTH_YEAR.sub(DATE, text)
    text = _WRITTEN_DATE.sub(DATE, text)
    text = _DIGITS.sub(_phone_or_harmless, text)
    text = _without_names_after(_INTRODUCED, text, capital=False)
    text = _without_names_after(_ADDRESSED, text, capital=True)
    for name in sorted(set(names(text)), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME, text)
    return text


def _phone_or_harmless(match: re.Match[str]) -> str:
    doses = match[0][0] in "123456789" and _DOSE_UNIT.match(match.string, match.end())
    return match[0] if doses or _HARMLESS.fullmatch(match[0].strip()) else PHONE


def _without_names_after(lead: re.Pattern[str], text: str, *, capital: bool) -> str:
    """Return `text` with the name after each `lead` replaced; with `capital`, only if it is written with one."""
    kept, at = [], 0
    for match in lead.finditer(text):
        end = _end_of_name(text, match.end(), capital)
        if match.start() >= at and end > match.end():
            kept += [text[at : match.end()], NAME]
            at = end
    return "".join([*kept, text[at:]])


def _end_of_name(text: str, start: int, capital: bool) -> int:
    """Return where the name that starts at `start` ends; `start` when there is none."""
    shouted = text.isupper()  # then capitals tell nothing
    end = at = start
    for _ in range(_MOST_NAME_WORDS):
        word = _NAME_WORD.match(text, at)
        if not word:
            break
        after_particle, at = at > end + 1, word.end() + (text[word.end() : word.end() + 1] == " ")
        never, particle = _is_never_name(word[0]), fold(word[0]) in _PARTICLES
        if not shouted and word[0][0].isupper():
            belongs = particle or not never
        elif not shouted and particle and end > start:
            continue  # it belongs to the name if a capital follows
        elif after_particle or (not shouted and capital):
            belongs = False
        else:  # without capitals a name is one word, or two where the speaker begins anew
            belongs = not never and ((end == start and not capital) or _ends_there(text, at, word.end(), capital))
        if not belongs:
            break
        end = word.end()
    return end


def _ends_there(text: str, at: int, end: int, capital: bool) -> bool:
    following = _NAME_WORD.match(text, at) if at > end else None
    if not following or fold(following[0]).partition("'")[0] in _NEW_CLAUSE:
        return True
    return capital and _is_never_name(following[0])


def _is_never_name(word: str) -> bool:
    folded = fold(word)
    return folded.endswith("n't") or folded.partition("'")[0] in _NEVER_NAMES
