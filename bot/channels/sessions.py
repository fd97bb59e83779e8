"""Sessions of the website: the server issues them and signs them, so no one can speak or read as another."""

import os
import secrets
import time
from contextlib import suppress
from functools import cache

import jwt

from bot.settings import settings

_ALGORITHM = "HS256"
_AUDIENCE = "website"
_KEY_FILE = "session.key"


class SessionError(Exception):
    """The token is missing, wrong or no longer valid."""


@cache
def _secret() -> str:
    """Return the signing key: the operator's, else one that is made once and kept readable by the bot alone."""
    if settings().session_secret:
        return settings().session_secret
    file = settings().var_dir / _KEY_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and not file.stat().st_size:
        file.unlink()  # a full disk: no key, and none to keep
    if not file.exists():
        # written beside it and then linked: another process that starts now finds a whole key or none
        made = file.with_name(f"{_KEY_FILE}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32), encoding="ascii")
        with suppress(FileExistsError):
            file.hardlink_to(made)
        made.unlink()
    return file.read_text(encoding="ascii")


def issue() -> tuple[str, int]:
    """Return a new session's token and the number of seconds that it is valid."""
    seconds = int(settings().session_hours * 3600)
    claims = {"sub": secrets.token_urlsafe(18), "aud": _AUDIENCE, "exp": int(time.time()) + seconds}
    return jwt.encode(claims, _secret(), algorithm=_ALGORITHM), seconds


def sender_of(token: str | None) -> str:
    """Return the sender id that the token was issued for; raises `SessionError` if the token is not ours or is over."""
    if not token:
        raise SessionError("no session token")
    try:
        claims = jwt.decode(
            token, _secret(), algorithms=[_ALGORITHM], audience=_AUDIENCE, options={"require": ["exp", "sub", "aud"]}
        )
    except jwt.PyJWTError as error:
        raise SessionError(str(error)) from None
    return str(claims["sub"])
