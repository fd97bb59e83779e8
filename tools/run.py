"""Train the bot if need be and serve it: what `make run` does once the environment is there.

    HOST=127.0.0.1 PORT=5005 .venv/bin/python tools/run.py
    .venv/bin/python tools/run.py --train      only train, whether or not it is needed (`make train`)
    .venv/bin/python tools/run.py --model      only train, and only if it is needed (before `make test`)

Rasa does the work, as a child whose many lines go to log files; this program checks what a person can get wrong
beforehand, shows how far it is, says how to reach the bot, and never leaves the child behind.
"""

import argparse
import ctypes
import errno
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from types import FrameType

from bot.clinic import ClinicError, clinic
from bot.content import ContentError, document, facts
from bot.settings import ROOT, SettingsError, settings

MODELS = ROOT / "models"
MODEL_NAME = "bot"

START_SECONDS = 180  # the slowest machine we care for has loaded Rasa and the model by then
END_SECONDS = 15  # a turn may still be answered; after that the child is killed
SILENT_SECONDS = 10  # outside a terminal, a line of progress this often
LOG_BYTES = 5_000_000  # a server log longer than this is put aside at the next start
TAIL_LINES = 25
TAIL_WIDTH = 240


class RunError(Exception):
    """The bot cannot be trained or started; the message says why and what to do, `status` is the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class Stopped(BaseException):
    """Someone asked this program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def say(text: str = "") -> None:
    """Write a line for the person, at once."""
    print(text, file=sys.stderr, flush=True)


# --- what a person can get wrong ---


def read_address(environment: Mapping[str, str]) -> tuple[str, int]:
    """Return host and port from HOST and PORT; raises `RunError` when PORT is not one."""
    host = environment.get("HOST") or "127.0.0.1"
    port = environment.get("PORT") or "5005"
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise RunError(f"PORT should be a number from 1 to 65535, not {port!r}.", 2)
    return host, int(port)


def check_free(host: str, port: int) -> None:
    """Raise `RunError` when nothing can listen at this address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            # as the server does it: a port that was just left is free
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        raise RunError(_why_not(host, port, error), 2) from None


def _why_not(host: str, port: int, error: OSError) -> str:
    other = f"Choose another one, for example: make run PORT={port + 1 if port < 65535 else 5005}"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: is the bot running already? {other}"
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the system. {other}"
    return f"HOST={host}: this machine cannot listen there ({error.strerror or error})."


def check_content() -> None:
    """Raise `RunError` for wrong settings, a wrong clinic.yml or content that cannot be read, naming what is wrong."""
    try:
        settings(), document(), facts(), clinic()
    except (SettingsError, ClinicError, ContentError) as error:
        raise RunError(str(error), 2) from None


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# --- what is shown meanwhile ---


class Progress:
    """A line that ticks: rewritten each second in a terminal, added now and then elsewhere."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()
        self._start = self._shown = time.monotonic()
        say(f"{what} …")

    def tick(self) -> None:
        """Show how long it has taken so far."""
        now = time.monotonic()
        if self._terminal:
            print(f"\r    {now - self._start:.0f} s ", end="", file=sys.stderr, flush=True)
        elif now - self._shown >= SILENT_SECONDS:
            self._shown = now
            say(f"    {now - self._start:.0f} s")

    def end(self, result: str) -> None:
        """Close the line with what came of it."""
        if self._terminal:
            print("\r", end="", file=sys.stderr)
        say(f"    {result} after {time.monotonic() - self._start:.0f} s")


def tail(log: Path, since: int = 0) -> str:
    """Return the last lines of a log, of what was written from byte `since` on, fit to be shown."""
    try:
        with log.open("rb") as file:
            file.seek(since)
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    # colours are not for us to pass on; a progress bar rewrites its line: only its last state counts
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1].rstrip()[:TAIL_WIDTH] for line in text.split("\n")]
    return "\n".join(f"    | {line}" for line in [line for line in lines if line][-TAIL_LINES:])


def _log(name: str) -> Path:
    """Return a log file in BOT_VAR_DIR, there and readable by this user alone; raises `RunError`."""
    log = settings().var_dir / name
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        log.touch(mode=0o600)
    except OSError as error:
        raise RunError(
            f"{log}: {error.strerror}. BOT_VAR_DIR should be a folder that this user may write to.", 2
        ) from None
    return log


# --- the child ---


def _end_with_parent() -> Callable[[], None] | None:
    """Return what a child does first so that Linux ends it when we are killed; `None` on other systems.

    Linux watches the thread that started the child: start it from the main thread.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it has died in between
            os._exit(1)

    return ask


def start(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Return a running child of `python -m rasa` with its output going to the end of `log`; `environment` is added."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "rasa", *command],
            cwd=ROOT,
            env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal reaches us alone, and we pass it on once: a second one would cut the child's ending
            process_group=0,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509  # no threads here
        )


def end(child: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    """End a child with a signal, by force if it takes too long; return its exit status."""
    if child.poll() is None:
        child.send_signal(number)
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raise `Stopped` for Ctrl-C, a plain kill and a closed terminal; only once, so that endings are whole."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- training ---


def newest_model() -> Path | None:
    """Return the newest model in models/, or `None`."""
    return max(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)


def _ingredients() -> Iterator[Path]:
    """Yield the files that a model is made from, and the folders, whose time changes when a file is removed."""
    yield from (ROOT / "config.yml", ROOT / "domain.yml", ROOT / "bot" / "importer.py")
    # the folders with questions and answers; what stands beside them is read when the bot starts
    yield from settings().data_dir.glob("*/")
    yield from settings().data_dir.glob("*/*.yml")
    for package in ("understanding", "nlu"):
        yield from (ROOT / "bot" / package).glob("*.py")


def reason_to_train() -> str | None:
    """Return why a model has to be trained, or `None` when the newest one is good."""
    model = newest_model()
    if model is None:
        return "there is no model yet"
    newer = max(_ingredients(), key=lambda path: path.stat().st_mtime)
    if newer.stat().st_mtime > model.stat().st_mtime:
        name = newer.relative_to(ROOT) if newer.is_relative_to(ROOT) else newer
        return f"{name} is newer than {model.name}"
    return None


def train(reason: str) -> Path:
    """Train with Rasa and return the model's path; raises `RunError` with the end of the log when it fails."""
    log = _log("train.log")
    log.write_bytes(b"")
    begun = time.time()
    # Rasa writes the archive in place: made here, moved there, so that a stopped training leaves no half of a model
    workshop = MODELS / ".training"
    arguments = ["--skip-validation", "--data", str(settings().data_dir)]
    arguments += ["--out", str(workshop), "--fixed-model-name", MODEL_NAME]
    progress = Progress(f"training ({reason}; a few minutes; log: {_shown(log)})")
    child = start(["train", *arguments], log)
    try:
        while child.poll() is None:
            progress.tick()
            with suppress(subprocess.TimeoutExpired):
                child.wait(1)
    finally:
        end(child)
    made, model = workshop / f"{MODEL_NAME}.tar.gz", MODELS / f"{MODEL_NAME}.tar.gz"
    if child.returncode or not made.exists():
        progress.end("failed")
        raise RunError(f"Training failed (status {child.returncode}). The end of {_shown(log)}:\n{tail(log)}")
    # what was changed during the training is newer than the model
    os.utime(made, (begun, begun))
    made.replace(model)
    progress.end(f"{_shown(model)} is ready")
    return model


def trained_model() -> Path:
    """Return the newest model, trained first if it is missing or older than what it is made from; raises `RunError`."""
    model, reason = newest_model(), reason_to_train()
    return model if model and not reason else train(reason or "")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


# --- serving ---


def url_of(host: str, port: int) -> str:
    """Return the address at which a bot that listens on host and port is reached from this machine."""
    with suppress(ValueError):  # a name
        address = ipaddress.ip_address(host)
        if address.is_unspecified:
            host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def health(url: str) -> bool | None:
    """Return whether the bot at `url` has a model loaded; `None` when no bot answers there."""
    # no proxy: the bot is on this machine
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/healthz", timeout=5) as response:
            body = response.read(10_000)
    except urllib.error.HTTPError as error:
        with error:
            body = error.read(10_000)
    except (OSError, HTTPException):
        return None
    try:
        return bool(json.loads(body)["ready"])
    except (ValueError, KeyError, TypeError):
        return None


def serve(
    host: str, port: int, model: Path, log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Return the running server once its model is loaded; raises `RunError` with the end of `log` if it is not."""
    since = log.stat().st_size
    options = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--model", str(model)]
    progress = Progress(f"starting the bot (log: {_shown(log)})")
    child = start(["run", "-i", host, "-p", str(port), *options], log, environment)
    try:
        _wait_until_ready(child, url_of(host, port), progress)
    except RunError as error:
        end(child)
        progress.end("failed")
        raise RunError(f"{error} The end of {_shown(log)}:\n{tail(log, since)}") from None
    except BaseException:
        end(child)
        raise
    progress.end("ready")
    return child


def _wait_until_ready(child: subprocess.Popen[bytes], url: str, progress: Progress) -> None:
    limit = time.monotonic() + START_SECONDS
    while True:
        if child.poll() is not None:
            raise RunError(f"The bot ended while it was starting (status {child.returncode}).")
        ready = health(url)
        if ready:
            return
        if ready is False:  # Rasa loads the model before it listens: it will not come any more
            raise RunError("The bot has started, but its model cannot be loaded; `make train` makes a new one.")
        if time.monotonic() > limit:
            raise RunError(f"The bot did not answer within {START_SECONDS} s.")
        progress.tick()
        time.sleep(0.5)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def welcome(host: str, port: int) -> str:
    """Return what the person should know once the bot is there."""
    url = url_of(host, port)
    line = "-" * 78
    ask = (
        f"T=$(curl -s -X POST {url}/webhooks/website/sessions | cut -d'\"' -f4)",
        f'curl -s {url}/webhooks/website/messages -H "Authorization: Bearer $T" \\',
        '  -H "Content-Type: application/json" -d \'{"text": "How long does the battery last?"}\'',
    )
    chat = "make chat" if port == 5005 and _is_loopback(host) else f"make chat URL={url}"
    block = [line, f"The bot is ready: {url}", "", "Ask it here, in another terminal:", f"    {chat}"]
    block += ["Ask it as a program does:", *(f"    {each}" for each in ask), "Stop it: Ctrl-C"]
    if not _is_loopback(host):
        block += [
            "",
            f"HOST={host}: other machines can reach it. Put a reverse proxy before it, never the open internet.",
        ]
    return "\n".join([*block, line])


def run() -> int:
    """Train if need be and serve until the server ends or someone ends it; return the exit status."""
    host, port = read_address(os.environ)
    check_content()
    check_free(host, port)
    model = trained_model()
    child = serve(host, port, model, _log("server.log"))
    try:
        say(welcome(host, port))
        status = child.wait()
    except Stopped as stopped:
        say("\nstopping the bot …")
        status = end(child, stopped.number)
        say("stopped")
        return _exit_status(status)
    finally:
        end(child)
    say(
        f"The bot has ended by itself (status {status}). The end of its log:\n{tail(settings().var_dir / 'server.log')}"
    )
    return _exit_status(status)


def _exit_status(status: int) -> int:
    # as shells tell it: 128 and the signal
    return 128 - status if status < 0 else status


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: the server's; 1 when it cannot be trained or started, 2 for a mistake in what was set."""
    parser = argparse.ArgumentParser(description="Train the bot if need be and serve it on HOST and PORT.")
    parser.add_argument("--train", action="store_true", help="only train, whether or not it is needed")
    parser.add_argument("--model", action="store_true", help="only train, and only if it is needed")
    given = parser.parse_args(arguments)
    try:
        with signals_as_exceptions():
            if not (given.train or given.model):
                return run()
            check_content()
            if given.train:
                train("asked for")
            else:
                trained_model()
    except RunError as error:
        say(f"\n{error}")
        return error.status
    except Stopped as stopped:
        say("\nstopped")
        return 128 + stopped.number
    return 0


if __name__ == "__main__":
    sys.exit(main())
