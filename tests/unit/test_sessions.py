"""Session tokens: only ours, only for a time, and only for one sender."""

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest

from bot.channels import sessions
from bot.channels.sessions import SessionError, issue, sender_of

KEY = "a key for the tests, long enough to sign with"
FAR = 4_000_000_000  # the year 2096

SetVariables = Callable[..., None]


@pytest.fixture(autouse=True)
def _signed_with_our_key(environment: SetVariables) -> None:
    environment(session_secret=KEY)


def token(key: str = KEY, algorithm: str = "HS256", without: str = "", **claims: object) -> str:
    """Return a token like ours, but for what the test changes."""
    described = {"sub": "somebody", "aud": "website", "exp": FAR} | claims
    described.pop(without, None)
    return jwt.encode(described, key if algorithm != "none" else None, algorithm=algorithm)


def tampered(claims: dict[str, object]) -> str:
    """Return one of our tokens with other claims and the old signature."""
    head, _, signature = token().split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


def test_a_token_gives_the_sender_it_was_issued_for() -> None:
    one, other = issue()[0], issue()[0]
    assert sender_of(one) == sender_of(one)
    assert sender_of(one) != sender_of(other)


def test_a_sender_id_cannot_be_guessed_and_fits_the_database() -> None:
    senders = {sender_of(issue()[0]) for _ in range(100)}
    assert len(senders) == 100
    assert all(24 <= len(sender) <= 64 for sender in senders)


def test_a_token_tells_how_long_it_is_valid(environment: SetVariables) -> None:
    environment(session_hours="0.5")
    issued, seconds = issue()
    assert seconds == 1800
    claims = jwt.decode(issued, KEY, algorithms=["HS256"], audience="website")
    assert set(claims) == {"sub", "aud", "exp"}


REFUSED = [
    pytest.param(lambda: None, id="missing"),
    pytest.param(lambda: "", id="empty"),
    pytest.param(lambda: "not a token", id="not a token"),
    pytest.param(lambda: "é.ü.ö", id="letters that no token has"),
    pytest.param(lambda: tampered({"sub": "another", "aud": "website", "exp": FAR}), id="tampered"),
    pytest.param(lambda: token()[:-4], id="cut off"),
    pytest.param(lambda: token() + "x", id="lengthened"),
    pytest.param(lambda: token(exp=1), id="expired"),
    pytest.param(lambda: token(key="another key, also long enough to sign with"), id="signed with another key"),
    pytest.param(lambda: token(key=KEY * 2, algorithm="HS512"), id="another algorithm"),
    pytest.param(lambda: token(algorithm="none"), id="no signature"),
    pytest.param(
        lambda: token(algorithm="none").rstrip(".") + "." + token().split(".")[2], id="none, with a signature"
    ),
    pytest.param(lambda: token(without="exp"), id="without an end"),
    pytest.param(lambda: token(without="sub"), id="without a sender"),
    pytest.param(lambda: token(without="aud"), id="without a purpose"),
    pytest.param(lambda: token(aud="admin"), id="for another purpose"),
    pytest.param(lambda: token(exp="soon"), id="an end that is no time"),
]


@pytest.mark.parametrize("made", REFUSED)
def test_a_token_that_is_not_ours_is_refused(made: Callable[[], str | None]) -> None:
    with pytest.raises(SessionError):
        sender_of(made())


def test_a_token_like_ours_is_taken() -> None:
    assert sender_of(token()) == "somebody"  # what the refused ones differ from


# --- the key that is made when the operator gives none ---


@pytest.fixture
def key_file(environment: SetVariables, tmp_path: Path) -> Path:
    environment(session_secret="", var_dir=str(tmp_path / "made" / "var"))
    return tmp_path / "made" / "var" / "session.key"


def test_the_key_is_made_once_and_readable_by_the_bot_alone(key_file: Path) -> None:
    issued, _ = issue()
    made = key_file.read_text()
    assert len(made) == 64
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    sessions._secret.cache_clear()  # the bot starts again
    sender_of(issued)
    assert key_file.read_text() == made


def test_every_installation_makes_a_key_of_its_own(key_file: Path, environment: SetVariables, tmp_path: Path) -> None:
    issued, _ = issue()
    environment(var_dir=str(tmp_path / "elsewhere"))
    with pytest.raises(SessionError):
        sender_of(issued)


def test_the_operators_key_makes_no_file(tmp_path: Path) -> None:
    issue()
    assert not (tmp_path / "var").exists()
