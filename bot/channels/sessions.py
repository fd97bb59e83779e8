"""Sessions of the website: the server issues them and signs them, so no one can speak or read as another."""

import os
import secrets
import time
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
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_hex(32))
    except FileExistsError:
        pass
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
