"""Whom to see: the clinic's entries from data/clinic.yml, for the country the operator sets.

Nothing is invented: without entries there is the Pain Clinic that the document names, no number, no specialty, and the
European emergency number.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.settings import settings

Text = Annotated[str, Field(min_length=1, max_length=200)]
# digits with the usual separators; extensions and words belong in the name
Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ().\-/]{1,24}$")]


class ClinicError(ValueError):
    """data/clinic.yml cannot be used; the message names the line and the reason."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Strict):
    """A text in both languages."""

    en: Text
    fr: Text


class Service(_Strict):
    """A service or professional to turn to; what is not given is not shown."""

    name: Bilingual
    specialty: Bilingual | None = None
    phone: Phone | None = None
    address: Text | None = None

    def lines(self, language: str) -> str:
        """Return the service as lines of text in `language`."""
        given = [
            getattr(self.name, language),
            getattr(self.specialty, language) if self.specialty else None,
            self.phone,
            self.address,
        ]
        return "\n".join(line for line in given if line)


class Country(_Strict):
    """What holds in one country."""

    emergency_number: Phone
    services: tuple[Service, ...] = ()


class Clinic(_Strict):
    """The whole file: what holds everywhere, and what differs by country."""

    emergency_number: Phone
    services: tuple[Service, ...] = ()
    countries: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], Country] = {}

    def in_country(self, code: str) -> Country:
        """Return what holds in the country `code`; "" or a country without entries gets what holds everywhere."""
        return self.countries.get(code, Country(emergency_number=self.emergency_number, services=self.services))


def load(path: Path, country: str = "") -> Country:
    """Return what holds in `country` by the file `path`.

    Raises `ClinicError`, with the line and the reason, when the file cannot be used or does not know the country.
    """
    try:
        raw = YAML().load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClinicError(f"{path.name}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ClinicError(f"{path.name}, line {line}: the file is not saved as UTF-8") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ClinicError(
            f"{path.name}, line {mark.line + 1 if mark else '?'}: {getattr(error, 'problem', error)}"
        ) from None
    if not isinstance(raw, dict):
        raise ClinicError(f"{path.name}, line 1: the file should hold `emergency_number`, `services` and `countries`")
    try:
        clinic = Clinic.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ClinicError(f"{path.name}, line {_line_of(raw, first['loc'])}: {where}: {first['msg']}") from None
    if country and clinic.countries and country not in clinic.countries:
        known = ", ".join(sorted(clinic.countries))
        raise ClinicError(f"{path.name}: BOT_COUNTRY is {country}, but the file has entries only for {known}")
    return clinic.in_country(country)


def _line_of(node: Any, location: tuple[int | str, ...]) -> int:
    """Return the line, from 1, of the innermost part of `location` that stands in the file."""
    line: int = node.lc.line
    for part in location:
        try:
            line = (node.lc.item(part) if isinstance(part, int) else node.lc.key(part))[0]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1


@cache
def clinic() -> Country:
    """Return the entries for the operator's country; raises `ClinicError`."""
    return load(settings().clinic_file, settings().country)
