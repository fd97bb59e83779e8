"""Every setting of the bot, read from the environment once, typed and checked.

A wrong value is refused at start with the name of the variable. `python -m bot.settings` prints the table for the docs.
"""

import sys
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable."""


class Settings(BaseSettings):
    """The environment variables that the bot reads, all prefixed with `BOT_`."""

    model_config = SettingsConfigDict(env_prefix="BOT_", extra="ignore")

    # where things are
    data_dir: Path = Field(ROOT / "data", description="folder of the content")
    var_dir: Path = Field(ROOT / "var", description="folder of what the bot writes: conversations, the signing key")
    clinic_file: Path = Field(ROOT / "data" / "clinic.yml", description="the clinic's entries: whom to see")
    country: str = Field("", pattern=r"^([A-Z]{2})?$", description="two-letter country whose numbers are shown")

    # what a person may send
    max_characters: int = Field(1000, ge=1, description="longest message, in characters")
    max_body_bytes: int = Field(16_384, ge=1024, description="largest HTTP request body, in bytes")
    session_rate: int = Field(60, ge=1, description="messages per minute and session")
    address_rate: int = Field(3000, ge=1, description="requests per minute and network address")

    # how long things take and last
    turn_seconds: float = Field(
        10, gt=0, allow_inf_nan=False, description="a turn that takes longer is answered with an apology"
    )
    action_seconds: float = Field(
        4, gt=0, allow_inf_nan=False, description="a custom action that takes longer is given up"
    )
    session_hours: float = Field(24, gt=0, allow_inf_nan=False, description="how long a session token is valid")
    retention_days: int = Field(30, ge=1, description="conversations are erased after so many days without a message")
    history_turns: int = Field(10, ge=2, description="turns of a conversation that are kept")

    # how it runs
    session_secret: str = Field(
        "",
        pattern=r"^(.{32,})?$",
        description="key that signs session tokens, 32 characters at least; made and kept in BOT_VAR_DIR if empty",
    )
    action_server: str = Field("", description="address of an outside action server; inside the process if empty")

    @property
    def database_file(self) -> Path:
        """The SQLite file of the conversations."""
        return self.var_dir / "conversations.sqlite"


@cache
def settings() -> Settings:
    """Return the settings, read once per process.

    Raises `SettingsError` naming each variable whose value cannot be used.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # every field has a default or comes from the environment
    except ValidationError as error:
        lines = [f"BOT_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("settings that cannot be used: " + "; ".join(lines)) from None


def table() -> str:
    """Return the settings as a Markdown table: variable, default, what it is."""
    rows = ["| variable | default | what it is |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path):
            default = default.relative_to(ROOT)
        rows.append(f"| `BOT_{name.upper()}` | `{default}` | {field.description} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
