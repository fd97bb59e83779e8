"""The settings: what they are out of the box, how they are set, and what is refused."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import ROOT, Settings, SettingsError, settings, table

SetVariables = Callable[..., None]

DEFAULTS = {
    "data_dir": ROOT / "data",
    "var_dir": ROOT / "var",
    "clinic_file": ROOT / "data" / "clinic.yml",
    "country": "",
    "max_characters": 1000,
    "max_body_bytes": 16_384,
    "session_rate": 60,
    "address_rate": 3000,
    "turn_seconds": 10,
    "action_seconds": 4,
    "session_hours": 24,
    "retention_days": 30,
    "history_turns": 10,
    "session_secret": "",
    "action_server": "",
}
TAKEN = [
    pytest.param("country", "CH", "CH", id="a country"),
    pytest.param("country", "", "", id="no country"),
    pytest.param("max_characters", "1", 1, id="the smallest length"),
    pytest.param("turn_seconds", "0.5", 0.5, id="a part of a second"),
    pytest.param("data_dir", "elsewhere", Path("elsewhere"), id="a folder"),
    pytest.param("session_secret", "é" * 40, "é" * 40, id="a key with accents"),
]
REFUSED = [
    pytest.param("country", "ch", id="a country in small letters"),
    pytest.param("country", "CHE", id="a country of three letters"),
    pytest.param("country", "CH\n", id="a line break behind"),
    pytest.param("max_characters", "0", id="no characters"),
    pytest.param("max_characters", "many", id="a word for a number"),
    pytest.param("max_characters", "", id="empty where a number is wanted"),
    pytest.param("max_body_bytes", "1023", id="a body that holds nothing"),
    pytest.param("session_rate", "-1", id="a negative rate"),
    pytest.param("address_rate", "1.5", id="a part of a request"),
    pytest.param("turn_seconds", "0", id="no time"),
    pytest.param("turn_seconds", "inf", id="endless time"),
    pytest.param("action_seconds", "nan", id="no number"),
    pytest.param("session_hours", "inf", id="an endless session"),
    pytest.param("retention_days", "0", id="no retention"),
    pytest.param("history_turns", "1", id="too short a history"),
]


def test_out_of_the_box_the_settings_are_the_documented_ones(
    environment: SetVariables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOT_VAR_DIR")
    settings.cache_clear()
    assert settings().model_dump() == DEFAULTS


@pytest.mark.parametrize(("name", "written", "value"), TAKEN)
def test_a_variable_sets_its_setting(environment: SetVariables, name: str, written: str, value: object) -> None:
    environment(**{name: written})
    assert getattr(settings(), name) == value


@pytest.mark.parametrize(("name", "written"), REFUSED)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    environment: SetVariables, name: str, written: str
) -> None:
    environment(**{name: written})
    with pytest.raises(SettingsError, match=f"BOT_{name.upper()}: "):
        settings()


def test_every_wrong_value_is_named_at_once(environment: SetVariables) -> None:
    environment(country="x", history_turns="0")
    with pytest.raises(SettingsError, match=r"BOT_COUNTRY: .*; BOT_HISTORY_TURNS: "):
        settings()


def test_a_refusal_does_not_tell_the_signing_key(environment: SetVariables) -> None:
    environment(session_secret="a key that nobody should read", country="x")
    with pytest.raises(SettingsError) as refused:
        settings()
    assert "nobody should read" not in str(refused.value)


def test_variables_of_others_are_left_alone(environment: SetVariables) -> None:
    environment(unheard_of="1")
    assert settings().country == ""


def test_settings_are_read_once(environment: SetVariables, monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings()
    monkeypatch.setenv("BOT_MAX_CHARACTERS", "5")
    assert settings() is before


def test_conversations_are_kept_below_the_folder_for_what_the_bot_writes(environment: SetVariables) -> None:
    environment(var_dir="/somewhere")
    assert settings().database_file == Path("/somewhere/conversations.sqlite")


def test_the_table_has_a_line_for_each_setting_and_no_path_of_this_machine() -> None:
    lines = table().splitlines()
    assert [line.split("`")[1] for line in lines[2:]] == [f"BOT_{name.upper()}" for name in Settings.model_fields]
    assert all(line.count("|") == 4 for line in lines)
    assert all(line.split("|")[3].strip() for line in lines)
    assert str(ROOT) not in table()


def test_the_module_prints_its_table() -> None:
    command = [sys.executable, "-m", "bot.settings"]
    assert subprocess.check_output(command, text=True, cwd=ROOT) == table() + "\n"
