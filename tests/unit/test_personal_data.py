"""Personal data that must go, and what must stay. Names are made up; numbers are those set aside for examples."""

from pathlib import Path

import pytest
import yaml

from bot.understanding.personal_data import replace_personal_data
from bot.understanding.pipelines import person_names
from bot.understanding.red_flags import RedFlagRules

SAFETY = Path(__file__).parents[2] / "data" / "safety"


def french_names(text: str) -> list[str]:
    return person_names(text, "fr")


REPLACED = [
    pytest.param("write to a.b@example.org please", "write to [email] please", id="an e-mail address"),
    pytest.param("c'est x-y+pompe@mail.example.fr.", "c'est [email].", id="an address with marks, at the end"),
    pytest.param("see https://example.org/z-petrov?q=1 there", "see [link] there", id="a link"),
    pytest.param("voir www.example.fr/petrov", "voir [link]", id="a link without its beginning"),
    # phones: the numbers that each country sets aside for films and examples, or with digits no one can have
    pytest.param("06 39 98 00 00", "[phone]", id="French phone"),
    pytest.param("0639980000", "[phone]", id="French phone in one piece"),
    pytest.param("06.39.98.00.00", "[phone]", id="French phone with dots"),
    pytest.param("mon numéro : 06.12.00.00.00.", "mon numéro : [phone].", id="French phone that begins like a date"),
    pytest.param("06-12-00-00-00", "[phone]", id="the same with hyphens"),
    pytest.param("+33 (0)6 39 98 00 00", "[phone]", id="French phone from abroad"),
    pytest.param("0033639980000", "[phone]", id="French phone with two zeros"),
    pytest.param("079 000 00 00", "[phone]", id="Swiss phone"),
    pytest.param("+41 79 000 00 00", "[phone]", id="Swiss phone from abroad"),
    pytest.param("0470/00.00.00", "[phone]", id="Belgian phone"),
    pytest.param("+32 470 00 00 00", "[phone]", id="Belgian phone from abroad"),
    pytest.param("call 07700 900123 today", "call [phone] today", id="British phone"),
    pytest.param("+44 (0)20 7946 0000", "[phone]", id="British phone from abroad"),
    pytest.param("(202) 555-0100", "[phone]", id="American phone"),
    pytest.param("+1 202.555.0100", "[phone]", id="American phone from abroad"),
    pytest.param("555-0100", "[phone]", id="seven digits"),
    pytest.param("tel.0639980000", "tel.[phone]", id="a phone right behind a full stop"),
    pytest.param("Tél.06 39 98 00 00", "Tél.[phone]", id="the same in French, in groups"),
    pytest.param("born on 12/03/1954", "born on [date]", id="date of birth with slashes"),
    pytest.param("née le 12.03.54", "née le [date]", id="date of birth with dots and a short year"),
    pytest.param("12 / 03 / 1954", "[date]", id="date of birth with spaces"),
    pytest.param("1954-03-12", "[date]", id="year first"),
    pytest.param("12/25/1954", "[date]", id="month first"),
    pytest.param("née le 1er août 1954", "née le [date]", id="date written out in French"),
    pytest.param("on the 12th of March 1954", "on the [date]", id="date written out in English"),
    pytest.param("March 12, 1954", "[date]", id="the American way"),
    pytest.param("756.0000.0000.00", "[number]", id="Swiss national number"),
    pytest.param("2 54 13 75 000 000 00", "[phone]", id="no month: still a long number"),
    pytest.param("2 54 03 99 000 000 00", "[number]", id="French national number"),
    pytest.param("54.03.12-000.00", "[number]", id="Belgian national number"),
    pytest.param("AB 00 00 00 C", "[number]", id="British national insurance number"),
    pytest.param("000-00-0000", "[number]", id="American social security number"),
    pytest.param("999 000 0000", "[phone]", id="British health number"),
    pytest.param("my name is Zoltan Petrov", "my name is [name]", id="name in English"),
    pytest.param("My name is Zoltan and I have a pump", "My name is [name] and I have a pump", id="a sentence goes on"),
    pytest.param("my name is zoltan petrov", "my name is [name]", id="name without capitals"),
    pytest.param("my name's Zoltan. Is it safe?", "my name's [name]. Is it safe?", id="short form"),
    pytest.param("Call me Zoltan", "Call me [name]", id="call me, with a capital"),
    pytest.param("je m'appelle Zoltan Petrov, bonjour", "je m'appelle [name], bonjour", id="name in French"),
    pytest.param("Je m’appelle zoltan j'ai mal", "Je m’appelle [name] j'ai mal", id="curly apostrophe, no capital"),
    pytest.param("je mappelle Zoltan", "je mappelle [name]", id="without the apostrophe"),
    pytest.param("mon nom est Petrov", "mon nom est [name]", id="mon nom est"),
    pytest.param(
        "Je m'appelle Zoé de la Tour et j'ai mal", "Je m'appelle [name] et j'ai mal", id="name with particles"
    ),
    pytest.param("je m'appelle Zoltan\nla pompe ?", "je m'appelle [name]\nla pompe ?", id="a line ends a name"),
    pytest.param("JE M'APPELLE ZOLTAN", "JE M'APPELLE [name]", id="name in a message of capitals"),
    pytest.param("Mme Petrov-Zed m'a dit", "Mme [name] m'a dit", id="French title"),
    pytest.param("M. Zoltan PETROV", "M. [name]", id="the shortest French title"),
    pytest.param("le Pr Petrov", "le Pr [name]", id="French professor"),
    pytest.param("Monsieur Le Petrov est là", "Monsieur [name] est là", id="name that begins like an article"),
    pytest.param("Dr. Petrov said so", "Dr. [name] said so", id="English title"),
    pytest.param("Mr and Mrs Petrov", "Mr and Mrs [name]", id="two titles"),
]
KEPT = [
    pytest.param("call 112, 15, 144 or 911", id="emergency numbers"),
    pytest.param("le 15/18/112", id="emergency numbers in one go"),
    pytest.param("in 2019", id="a year"),
    pytest.param("1990 2000 2010", id="years"),
    pytest.param("entre 2019-2021 et 2023", id="years with a hyphen"),
    pytest.param("2 mg", id="a dose"),
    pytest.param("0.5 ml, 0,5 ml", id="small doses in both languages"),
    pytest.param("10 20 30 40 mg", id="doses in a row"),
    pytest.param("1000 mg", id="a large dose"),
    pytest.param("38.5 or 38,5 °C", id="a temperature"),
    pytest.param("0.5 1.0 1.5 2.0", id="decimal numbers in a row"),
    pytest.param("12.5 mg/ml, 0.25 ml/day", id="concentrations"),
    pytest.param("my pain is 4.5/10", id="a score of pain is no date"),
    pytest.param("7/10 8/10 9/10", id="scores of pain"),
    pytest.param("300 times stronger, 300 fois", id="the document's 300 times"),
    pytest.param("I am 67, j'ai 67 ans", id="ages"),
    pytest.param("100000 patients", id="six digits"),
    pytest.param("1/2, 24/7, 3-4 days", id="fractions and ranges"),
    pytest.param("12 mars, le 3 mai", id="a day without its year"),
    pytest.param("what is the name of the drug", id="a name that is asked for"),
    pytest.param("my name is not important", id="no name follows"),
    pytest.param("je m'appelle et j'ai", id="no name follows in French"),
    pytest.param("call me back tomorrow please", id="call me, without a name"),
    pytest.param("appelez-moi vite", id="the same in French"),
    pytest.param("the doctor said, le docteur m'a dit", id="a title without a name"),
    pytest.param("Which doctor. Don't say", id="a title at the end of a sentence"),
    pytest.param("dit madame. Petit séjour", id="the same in French"),
    pytest.param("Quels sont les risques de la Morphine ?", id="a drug with a capital"),
    pytest.param("", id="nothing"),
]
# what is taken for a name is lost to the red flags: none of these words may go
DANGER_KEPT = [
    pytest.param("call me an ambulance", id="ambulance"),
    pytest.param("CALL ME AN AMBULANCE", id="ambulance in capitals"),
    pytest.param("appelez-moi une ambulance", id="ambulance in French"),
    pytest.param("APPELEZ MOI UNE AMBULANCE", id="ambulance in French, in capitals"),
    pytest.param("call me back she's not breathing", id="a call back"),
    pytest.param("docteur ma femme ne respire plus", id="docteur, without a comma"),
    pytest.param("Docteur Ma femme ne respire plus", id="docteur, with a capital after it"),
    pytest.param("Doctor Don't go, he is blue", id="doctor, with a capital after it"),
    pytest.param("DOCTOR HE CANNOT BREATHE", id="doctor, in capitals"),
    pytest.param("MONSIEUR ELLE NE RESPIRE PLUS", id="monsieur, in capitals"),
    pytest.param("DOCTEUR ALARME POMPE", id="keywords in capitals"),
    pytest.param("Ma Mère Ne Respire Plus", id="each word with a capital"),
    pytest.param("Aidez Moi Vite Il Est Bleu", id="each word with a capital, nothing else"),
    pytest.param("comment s'inscrire chez Exit, je ne supporte plus mes douleurs", id="assisted suicide"),
]
DANGER_AFTER_A_NAME = [
    pytest.param("my name is zoltan he cant breathe", "my name is [name] he cant breathe", id="English, no comma"),
    pytest.param("je m'appelle zoltan elle convulse", "je m'appelle [name] elle convulse", id="French, no comma"),
    pytest.param("je m'appelle zoltan la pompe bipe", "je m'appelle [name] la pompe bipe", id="an article"),
    pytest.param("je m'appelle zoltan la fièvre", "je m'appelle [name] la fièvre", id="an article near the end"),
    pytest.param("JE M'APPELLE ZOLTAN POMPE EN PANNE", "JE M'APPELLE [name] POMPE EN PANNE", id="capitals, keywords"),
    pytest.param("my name is zoltan pump beeping", "my name is [name] pump beeping", id="keywords"),
    pytest.param("MME PETROV NE RESPIRE PLUS", "MME [name] NE RESPIRE PLUS", id="capitals"),
]
SPACY = [
    pytest.param("Mon mari Zoltan Petrov a une pompe.", "Mon mari [name] a une pompe.", id="a relative"),
    pytest.param("Bonjour, ici Zoé Fontaine", "Bonjour, ici [name]", id="a greeting"),
    pytest.param("ma voisine Zoé de Montreux a mal", "ma voisine [name] a mal", id="a name with a particle"),
    pytest.param("mon oncle Pieter van den Berg", "mon oncle [name]", id="a name with two particles"),
]


@pytest.mark.parametrize(("text", "cleaned"), REPLACED)
def test_personal_data_goes(text: str, cleaned: str) -> None:
    assert replace_personal_data(text) == cleaned


@pytest.mark.parametrize("text", KEPT)
def test_what_a_question_needs_stays(text: str) -> None:
    assert replace_personal_data(text, french_names) == text


@pytest.mark.parametrize(("text", "cleaned"), SPACY)
def test_names_that_spacy_finds_in_french_go(text: str, cleaned: str) -> None:
    assert replace_personal_data(text, french_names) == cleaned


@pytest.mark.parametrize("text", DANGER_KEPT)
def test_a_cry_for_help_is_not_taken_for_a_name(text: str) -> None:
    assert replace_personal_data(text, french_names) == text


@pytest.mark.parametrize(("text", "cleaned"), DANGER_AFTER_A_NAME)
def test_a_name_ends_before_the_cry_for_help(text: str, cleaned: str) -> None:
    assert replace_personal_data(text) == cleaned


@pytest.mark.parametrize("kind", ["emergency", "crisis"])
def test_no_red_flag_is_lost_with_the_personal_data(kind: str) -> None:
    rules = RedFlagRules.load(SAFETY / "red_flags.yml")
    entries = yaml.load((SAFETY / f"{kind}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]
    examples = [line.removeprefix("- ") for entry in entries for line in entry["examples"].splitlines()]
    assert len(examples) > 100
    lost = []
    for text in examples:
        cleaned = replace_personal_data(text, french_names)
        if cleaned != text and rules.recognise(text) != rules.recognise(cleaned):
            lost.append(text)
    assert lost == []


def test_every_occurrence_of_a_name_goes_and_longer_names_first() -> None:
    text = replace_personal_data("Zoltan Petrov, Zoltan, Zoltanov", lambda _: ["Zoltan", "Zoltan Petrov"])
    assert text == "[name], [name], Zoltanov"


def test_a_name_with_special_marks_is_taken_literally() -> None:
    assert replace_personal_data("Z. (Petrov), zx", lambda _: ["Z. (Petrov)"]) == "[name], zx"


@pytest.mark.parametrize("text", [case.values[0] for case in REPLACED])
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = replace_personal_data(text)
    assert replace_personal_data(once) == once


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1" * 5000, id="digits"),
        pytest.param("1 " * 2500, id="digits apart"),
        pytest.param("my name is " * 500, id="introductions"),
        pytest.param("a." * 2500 + "@", id="dots before an at sign"),
        pytest.param("Mr " + "A" * 5000, id="one long name"),
        pytest.param("1.1." * 1250, id="dots between digits"),
    ],
)
@pytest.mark.timeout(2)
def test_no_text_makes_it_slow(text: str) -> None:
    replace_personal_data(text)
