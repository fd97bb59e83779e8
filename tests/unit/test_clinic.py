"""Whom to see: what the operator enters, and nothing else. The entries here are invented."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.clinic import ClinicError, clinic, load
from bot.settings import ROOT

ENTRIES = """\
emergency_number: "112"
services:
- name: {en: Pain Clinic, fr: Clinique de la douleur}
  specialty: {en: Pain medicine, fr: Médecine de la douleur}
  phone: "+00 00 000 00 00"
  address: 1 Example Street, Nowhere
- name: {en: Nurse on call, fr: Infirmière de garde}
countries:
  CH:
    emergency_number: "144"
  FR:
    emergency_number: "15"
    services:
    - name: {en: French Pain Clinic, fr: Clinique française de la douleur}
"""
TOP = 'emergency_number: "112"\n'
# the file, the line that is named, a word of the reason
REFUSED = [
    pytest.param(TOP + "service: []\n", 2, "Extra inputs", id="a key that is not known"),
    pytest.param(
        TOP + "services:\n- name: {en: A, fr: B}\n  telephone: '1234'\n", 4, "telephone", id="a wrong key in a service"
    ),
    pytest.param(
        TOP + "services:\n- name: {en: A, fr: B}\n  phone: ask at the desk\n", 4, "phone", id="a phone of words"
    ),
    pytest.param(
        TOP + "services:\n- name: {en: A, fr: B}\n  phone: 022 000 00 00 ext 5\n", 4, "phone", id="a phone with letters"
    ),
    pytest.param(
        TOP + "services:\n- name: {en: A, fr: B}\n  phone: 12345\n", 4, "valid string", id="a phone without quotes"
    ),
    pytest.param("emergency_number: 112\n", 1, "valid string", id="an emergency number without quotes"),
    pytest.param("emergency_number: help\n", 1, "emergency_number", id="an emergency number of letters"),
    pytest.param("services: []\n", 1, "emergency_number: Field required", id="no emergency number"),
    pytest.param(TOP + "services:\n- name: {en: A}\n", 3, "name.fr: Field required", id="missing French"),
    pytest.param(TOP + "services:\n- name: {fr: A}\n", 3, "name.en: Field required", id="missing English"),
    pytest.param(TOP + "services:\n- name: {en: A, fr: ''}\n", 3, "name.fr", id="empty French"),
    pytest.param(TOP + "services:\n- name: A\n", 3, "name", id="a name in one language"),
    pytest.param(
        TOP + "services:\n- name: {en: A, fr: B}\n- name: {en: C, fr: D}\n  specialty: {en: E}\n",
        5,
        "services.1.specialty.fr",
        id="missing French in the second service",
    ),
    pytest.param(TOP + "services:\n- phone: '1234'\n", 3, "name: Field required", id="a service without a name"),
    pytest.param(TOP + "services:\n", 2, "services", id="services left empty"),
    pytest.param(
        TOP + "countries:\n  ch:\n    emergency_number: '144'\n", 3, "countries.ch", id="a country in small letters"
    ),
    pytest.param(TOP + "countries:\n  Suisse:\n    emergency_number: '144'\n", 3, "Suisse", id="a country by its name"),
    pytest.param(TOP + "countries:\n  CH: {}\n", 3, "emergency_number", id="a country without its number"),
    pytest.param(
        TOP + "countries:\n  CH:\n    emergency_number: '144'\n    phone: '1'\n", 5, "phone", id="a wrong country key"
    ),
    pytest.param(TOP + "services: [\n", 3, "expected", id="a bracket left open"),
    pytest.param(TOP + "\tservices: []\n", 2, "tab|found character|expected", id="a tab"),
    pytest.param(TOP + TOP, 2, "duplicate", id="a key twice"),
    pytest.param("- 112\n", 1, "should hold", id="a list"),
    pytest.param("", 1, "should hold", id="an empty file"),
]


@pytest.fixture
def entries(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Return a function that writes a clinic file."""

    def write(text: str | bytes) -> Path:
        file = tmp_path / "clinic.yml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def test_out_of_the_box_there_is_nothing_but_112(environment: Callable[..., None]) -> None:
    assert clinic().model_dump() == {"emergency_number": "112", "services": ()}


def test_the_files_own_example_would_be_taken(entries: Callable[[str], Path]) -> None:
    shipped = (ROOT / "data" / "clinic.yml").read_text(encoding="utf-8")
    example = [line.removeprefix("#   ") for line in shipped.splitlines() if line.startswith("#   ") and ":" in line]
    service = load(entries(TOP + "\n".join(example) + "\n")).services[0]
    assert service.phone == "+00 00 000 00 00"


@pytest.mark.parametrize(
    ("country", "number", "names"),
    [
        pytest.param("", "112", ["Pain Clinic", "Nurse on call"], id="no country: what holds everywhere"),
        pytest.param("CH", "144", [], id="a country with a number only: nothing of another country"),
        pytest.param("FR", "15", ["French Pain Clinic"], id="a country with entries"),
    ],
)
def test_the_operators_entries_are_those_of_the_country(
    entries: Callable[[str], Path], country: str, number: str, names: list[str]
) -> None:
    here = load(entries(ENTRIES), country)
    assert here.emergency_number == number
    assert [service.name.en for service in here.services] == names


def test_a_file_without_countries_holds_for_every_country(entries: Callable[[str], Path]) -> None:
    assert load(entries(TOP), "BE").emergency_number == "112"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        pytest.param("en", "Pain Clinic\nPain medicine\n+00 00 000 00 00\n1 Example Street, Nowhere", id="English"),
        pytest.param(
            "fr",
            "Clinique de la douleur\nMédecine de la douleur\n+00 00 000 00 00\n1 Example Street, Nowhere",
            id="French",
        ),
    ],
)
def test_a_service_is_shown_in_lines(entries: Callable[[str], Path], language: str, lines: str) -> None:
    assert load(entries(ENTRIES)).services[0].lines(language) == lines


@pytest.mark.parametrize(("language", "line"), [("en", "Nurse on call"), ("fr", "Infirmière de garde")])
def test_what_is_not_given_is_not_shown(entries: Callable[[str], Path], language: str, line: str) -> None:
    assert load(entries(ENTRIES)).services[1].lines(language) == line


@pytest.mark.parametrize(("text", "line", "reason"), REFUSED)
def test_a_mistake_is_refused_with_its_line_and_reason(
    entries: Callable[[str], Path], text: str, line: int, reason: str
) -> None:
    with pytest.raises(ClinicError, match=rf"(?s)^clinic\.yml, line {line}: .*(?:{reason})"):
        load(entries(text))


def test_a_file_in_another_encoding_is_refused_with_its_line(entries: Callable[[bytes], Path]) -> None:
    with pytest.raises(ClinicError, match=r"^clinic\.yml, line 4: the file is not saved as UTF-8"):
        load(entries(ENTRIES.encode("latin-1")))


def test_a_country_that_the_file_does_not_know_is_refused(entries: Callable[[str], Path]) -> None:
    with pytest.raises(ClinicError, match="BOT_COUNTRY is BE, but the file has entries only for CH, FR"):
        load(entries(ENTRIES), "BE")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match=r"^nowhere\.yml: No such file"):
        load(tmp_path / "nowhere.yml")


def test_the_settings_say_which_file_and_which_country(
    environment: Callable[..., None], entries: Callable[[str], Path]
) -> None:
    environment(clinic_file=str(entries(ENTRIES)), country="FR")
    assert clinic().emergency_number == "15"
