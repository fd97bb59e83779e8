"""A running bot and someone who talks to it: the real server process, over HTTP on loopback."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import jwt

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "bot.tar.gz"
DATABASE = "conversations.sqlite"
SESSIONS, MESSAGES = "/webhooks/website/sessions", "/webhooks/website/messages"
# no test but those of the limits should meet them
NO_LIMITS = {"BOT_SESSION_RATE": "1000000", "BOT_ADDRESS_RATE": "1000000"}
START_SECONDS = 150
END_SECONDS = 15

Reply = dict[str, Any]


class Visitor:
    """Someone on the website, in a session of their own."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.session()

    def session(self) -> Self:
        """Begin a new session, and a new conversation with it."""
        response = self.http.post(SESSIONS)
        assert response.status_code == 201, response.text
        self.token: str = response.json()["token"]
        return self

    @property
    def sender_id(self) -> str:
        """The id under which the conversation is stored."""
        return str(jwt.decode(self.token, options={"verify_signature": False})["sub"])

    def post(self, body: object = None, *, content: bytes | None = None, token: str | None = None) -> httpx.Response:
        """Return the response to a message as it is given: an object, or the bytes of a request."""
        return self.http.post(
            MESSAGES,
            content=content if content is not None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token if token is None else token}".strip()},
        )

    def ask(self, text: str, language: str | None = None) -> list[Reply]:
        """Return the replies to a typed text."""
        return self._replies({"text": text}, language)

    def press(self, payload: str, language: str | None = None) -> list[Reply]:
        """Return the replies to a button."""
        return self._replies({"payload": payload}, language)

    def _replies(self, message: dict[str, str], language: str | None) -> list[Reply]:
        response = self.post(message | ({"language": language} if language else {}))
        assert response.status_code == 200, response.text
        replies = response.json()["messages"]
        assert replies, "the person met silence"
        return list(replies)


@dataclass(frozen=True)
class Server:
    """A running bot: where it is, what it keeps, what it logs."""

    http: httpx.Client
    var: Path
    log: Path

    def visitor(self) -> Visitor:
        """Return somebody new."""
        return Visitor(self.http)

    def health(self) -> httpx.Response:
        """Return the answer of /healthz."""
        return self.http.get("/healthz")

    def rows(self) -> dict[str, str]:
        """Return what is stored: sender id -> dialogue, as it stands in the database."""
        if not (self.var / DATABASE).is_file():
            return {}
        with closing(sqlite3.connect(self.var / DATABASE, timeout=10)) as connection:
            return dict(connection.execute("SELECT sender_id, dialogue FROM conversations"))

    def typed(self, visitor: Visitor) -> list[str]:
        """Return the texts of a visitor that are stored."""
        dialogue = json.loads(self.rows().get(visitor.sender_id, '{"events": []}'))
        return [event["text"] for event in dialogue["events"] if event["event"] == "user"]

    def kept(self) -> str:
        """Return all that the files of the database hold, also what no row shows."""
        return "\n".join(path.read_bytes().decode("latin-1") for path in self.var.glob(f"{DATABASE}*"))

    def logged(self) -> str:
        """Return the log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def command(*options: str, model: Path = MODEL, port: int = 0) -> list[str]:
    """Return the command that serves the bot; `options` are added."""
    return [
        str(Path(sys.executable).with_name("rasa")),
        *("run", "-i", "127.0.0.1", "-p", str(port)),
        *("--endpoints", str(ROOT / "endpoints.yml"), "--credentials", str(ROOT / "credentials.yml")),
        *("--model", str(model), *options),
    ]


def environment(var: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a bot: nobody's settings of BOT_… or Rasa's, but those given."""
    outer = {k: v for k, v in os.environ.items() if not k.startswith(("BOT_", "LOG_LEVEL", "SANIC_", "RASA_"))}
    return outer | NO_LIMITS | {"BOT_VAR_DIR": str(var), "RASA_TELEMETRY_ENABLED": "false"} | dict(extra or {})


@contextmanager
def serve(
    folder: Path,
    env: Mapping[str, str] | None = None,
    *,
    options: tuple[str, ...] = (),
    model: Path = MODEL,
    cwd: Path = ROOT,
    ready: bool = True,
) -> Iterator[Server]:
    """Yield a bot that answers /healthz with `ready`; it is ended afterwards. Its files stand in `folder`.

    Modules in `cwd` come before the project's: an `actions` package there takes the place of ours.
    """
    if not model.exists():
        raise FileNotFoundError(f"{model} is missing: `make train` makes it")
    port = _free_port()
    # no proxy: the bot is on this machine
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60)
    server = Server(http, folder / "var", folder / "server.log")
    server.var.mkdir(exist_ok=True)
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            command(*options, model=model, port=port),
            cwd=cwd,
            env=environment(server.var, env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(server, process, 200 if ready else 503)
        yield server
    finally:
        http.close()
        _end(process)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(server: Server, process: subprocess.Popen[bytes], status: int) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        with suppress(httpx.TransportError):
            found = server.health().status_code
            assert found == status, f"/healthz says {found}\n{server.logged()[-800:]}"
            return
        time.sleep(0.1)
    raise AssertionError(f"the bot does not answer (status {process.poll()})\n{server.logged()[-800:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
