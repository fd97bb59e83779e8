"""Talk to the bot in a terminal: `make chat`, or `python -m bot.chat [--url URL] [--language fr|en]`.

It asks over HTTP, as a website does. Where no bot answers, it starts one for the time of the chat. Nothing that is
typed stays on disk: there is no history file, and a bot that is started here keeps its conversations in a folder that
goes with it (in memory, where the system has such folders).
"""

import argparse
import ipaddress
import json
import os
import signal
import sys
import tempfile
import textwrap
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.understanding.language import LANGUAGES
from tools import run

Reply = dict[str, Any]

ALARMS = ("emergency", "crisis")
QUIT = ("/quit", "/exit", "/q", "/quitter")
MEMORY = "/dev/shm"  # noqa: S108  # Linux keeps this folder in memory; what is made in it has a name of its own
TIMEOUT_SECONDS = 60
WIDEST = 100  # longer lines are hard to read
MOST_BYTES = 1_000_000

# what this program says itself; the bot's own words come from the bot
_WORDS = {
    "en": {
        "hello": "Ask your question. A number chooses a suggestion; /quit or Ctrl-D ends.",
        "prompt": "You: ",
        "source": "Source: ",
        "translated": " (translated)",
        "refused": "The bot did not take that: ",
        "unreachable": "The bot cannot be reached: ",
        "bye": "Goodbye.",
    },
    "fr": {
        "hello": "Posez votre question. Un numéro choisit une proposition ; /quit ou Ctrl-D pour finir.",
        "prompt": "Vous : ",
        "source": "Source : ",
        "translated": " (traduit)",
        "refused": "Le robot n’a pas accepté ce message : ",
        "unreachable": "Le robot est injoignable : ",
        "bye": "Au revoir.",
    },
}


class ChatError(Exception):
    """The chat cannot begin; the message says why."""


class RefusedError(Exception):
    """The bot did not take a message; holds its reason."""


class UnreachableError(Exception):
    """No bot answers, or what answers is not one."""


class Bot:
    """A running bot, and one session with it."""

    def __init__(self, url: str) -> None:
        self._url = url
        # what stands on this machine is not asked through a proxy
        handlers = [urllib.request.ProxyHandler({})] if is_here(url) else []
        self._opener = urllib.request.build_opener(*handlers)
        self._token = ""

    def ask(self, message: dict[str, str]) -> list[Reply]:
        """Return the replies to `{"text": …}` or `{"payload": …}`.

        Raises `RefusedError` with the bot's words, and `UnreachableError`.
        """
        if self._token:
            try:
                return self._ask(message)
            except _SessionOverError:
                pass
        self._token = str(self._post("sessions", None).get("token"))
        try:
            return self._ask(message)
        except _SessionOverError as error:
            raise RefusedError(str(error)) from None

    def _ask(self, message: dict[str, str]) -> list[Reply]:
        replies = self._post("messages", message).get("messages")
        if not isinstance(replies, list) or not all(isinstance(reply, dict) for reply in replies):
            raise UnreachableError("what answers is not the bot")
        return replies

    def _post(self, address: str, body: dict[str, str] | None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  # `bot_at` has seen to the scheme
            f"{self._url}/webhooks/website/{address}",
            data=json.dumps(body).encode() if body is not None else b"",
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                raw = response.read(MOST_BYTES)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error) from None
        except (OSError, HTTPException) as error:
            raise UnreachableError(str(getattr(error, "reason", None) or error)) from None
        answer = _read_json(raw)
        if not isinstance(answer, dict):
            raise UnreachableError("what answers is not the bot")
        return answer


class _SessionOverError(RefusedError):
    """The token is not valid any more: a new one may be had."""


def _read_json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _refusal(error: urllib.error.HTTPError) -> Exception:
    """Return what an HTTP error means: the bot's own words where it gave some."""
    answer = _read_json(error.read(MOST_BYTES))
    details = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(details, dict) or not details.get("text"):
        return UnreachableError(f"HTTP {error.code}")
    return (_SessionOverError if error.code == 401 else RefusedError)(str(details["text"]))


def is_here(url: str) -> bool:
    """Return whether `url` is on this machine."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def printable(text: object) -> str:
    """Return text without the characters that steer a terminal; lines stay lines."""
    visible = str(text).replace("\t", " ")
    return "".join(c for c in visible if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


class Screen:
    """Shows what the bot says: set for reading in a terminal, plain elsewhere."""

    def __init__(self, language: str | None) -> None:
        self._terminal = sys.stdout.isatty()
        self._fixed = language is not None
        self._language = language or LANGUAGES[0]
        plain = not self._terminal or bool(os.environ.get("NO_COLOR"))
        self._console = Console(
            file=sys.stdout,
            force_terminal=self._terminal,
            color_system=None if plain else "auto",  # None: no escape codes at all, not even for bold
            highlight=False,
        )

    def word(self, name: str) -> str:
        """Return one of this program's own words, in the interface's language."""
        return _WORDS[self._language][name]

    def hello(self) -> None:
        """Say how it works; in both languages when none was asked for."""
        for language in [self._language] if self._fixed else LANGUAGES:
            self._lines(_WORDS[language]["hello"], "dim")

    def note(self, name: str, details: object = "") -> None:
        """Say one of this program's own words, with details."""
        self._lines(f"{self.word(name)}{printable(details)}", "yellow" if details else "")

    def echo(self, text: str) -> None:
        """Show what was asked, where there is no prompt that shows it."""
        self._lines(f"> {printable(text)}")

    def replies(self, replies: Sequence[Reply]) -> list[tuple[str, str]]:
        """Show a turn's replies; return the buttons in the order of their numbers, as (title, payload)."""
        buttons: list[tuple[str, str]] = []
        for reply in replies:
            if not self._fixed and reply.get("language") in LANGUAGES:
                self._language = reply["language"]
            self._console.print()
            self._alarm(reply) if reply.get("kind") in ALARMS else self._reply(reply)
            for button in reply.get("buttons") or ():
                buttons.append((printable(button.get("title", "")), str(button.get("payload", ""))))
                self._lines(f"  {len(buttons)}. {buttons[-1][0]}", "cyan")
        self._console.print()
        return buttons

    def _reply(self, reply: Reply) -> None:
        if reply.get("title"):
            self._lines(printable(reply["title"]), "bold")
        self._lines(printable(reply.get("text", "")))
        # several facts may rest on one section
        for section, translated in dict.fromkeys(
            (s.get("section"), s.get("translated")) for s in reply.get("sources") or ()
        ):
            self._lines(
                self.word("source") + printable(section) + (self.word("translated") if translated else ""), "dim"
            )

    def _alarm(self, reply: Reply) -> None:
        title = printable(reply.get("title") or reply["kind"]).upper()
        text = printable(reply.get("text", ""))
        if not self._terminal:
            self._lines(f"!!! {title} !!!\n{text}\n!!!")
            return
        panel = Panel(
            Text(self._wrapped(text, 4)),
            title=Text(f" {title} "),
            box=box.HEAVY,
            style="bold white on red",
            padding=(1, 1),
            width=self._width(),
        )
        self._console.print(panel)

    def _width(self) -> int:
        return max(20, min(WIDEST, self._console.width))

    def _wrapped(self, text: str, margin: int = 0) -> str:
        # not rich's own wrapping: it breaks at the no-break spaces of French
        lines = (
            textwrap.wrap(line, self._width() - margin, break_on_hyphens=False) or [""] for line in text.split("\n")
        )
        return "\n".join("\n".join(line) for line in lines)

    def _lines(self, text: str, style: str = "") -> None:
        # elsewhere than in a terminal, lines are left as long as they are: programs read them
        shown = self._wrapped(text) if self._terminal else text
        self._console.print(Text(shown, style), soft_wrap=True)


def questions(screen: Screen) -> Iterator[str]:
    """Yield what the person asks, line by line, until they end it."""
    if not sys.stdin.isatty():
        yield from (line.strip() for line in sys.stdin)
        return
    with suppress(ImportError):
        import_module("readline")  # `input` edits lines with it; it writes no file unless told to
    while True:
        try:
            yield input(screen.word("prompt")).strip()
        except EOFError:
            print()
            return


def message_of(question: str, buttons: Sequence[tuple[str, str]], language: str | None) -> dict[str, str]:
    """Return what is sent for a typed line: the payload of the button whose number it is, else the text."""
    by_number = {str(number): payload for number, (_, payload) in enumerate(buttons, 1)}
    message = {"payload": by_number[question]} if question in by_number else {"text": question}
    return message | ({"language": language} if language else {})


def talk(bot: Bot, screen: Screen, language: str | None) -> int:
    """Ask and show until the person ends it; return the exit status: 1 when the bot could not be reached at the end."""
    buttons: list[tuple[str, str]] = []
    interactive, status = sys.stdin.isatty(), 0
    if interactive:
        screen.hello()
    for question in questions(screen):
        if question.lower() in QUIT:
            break
        if not question:
            continue
        if not interactive:
            screen.echo(question)
        try:
            buttons = screen.replies(bot.ask(message_of(question, buttons, language)))
            status = 0
        except RefusedError as error:
            screen.note("refused", error)
        except UnreachableError as error:
            screen.note("unreachable", error)
            status = 1
    if interactive:
        screen.note("bye")
    return status


@contextmanager
def bot_at(url: str | None) -> Iterator[str]:
    """Yield the address of a bot that answers: the one at `url`, else one that is started here and ended afterwards.

    Raises `ChatError` when the one at `url` is elsewhere or not ready, and `run.RunError` when none can be started.
    """
    wanted = (url or run.url_of(*run.read_address(os.environ))).rstrip("/")
    if urllib.parse.urlsplit(wanted).scheme not in ("http", "https"):
        raise ChatError(f"{printable(wanted)} is not an address: it should begin with http:// or https://")
    if not is_here(wanted):
        yield wanted
        return
    ready = run.health(wanted)
    if ready is False:
        raise ChatError(f"The bot at {wanted} has no model loaded: see its log.")
    if ready:
        yield wanted
        return
    run.say(f"No bot answers at {wanted}: starting one for this chat.")
    run.check_content()
    model, port = run.trained_model(), run.free_port()
    # its conversations, and its log, go with it
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bot-chat-", dir=memory) as folder:
        log = Path(folder) / "server.log"
        log.touch(mode=0o600)
        child = run.serve("127.0.0.1", port, model, log, {"BOT_VAR_DIR": folder})
        try:
            yield run.url_of("127.0.0.1", port)
        finally:
            run.end(child)


def _never_fail_on_characters() -> None:
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 when the chat was ended, 1 when the bot could not be reached or started."""
    parser = argparse.ArgumentParser(prog="python -m bot.chat", description="Talk to the bot in a terminal.")
    parser.add_argument("--url", help="where the bot is (default: HOST and PORT, as for make run)")
    parser.add_argument("--language", choices=LANGUAGES, help="the page's language, and this program's")
    given = parser.parse_args(arguments)
    _never_fail_on_characters()
    screen = Screen(given.language)
    try:
        with run.signals_as_exceptions(), bot_at(given.url) as url:
            return talk(Bot(url), screen, given.language)
    except (ChatError, run.RunError) as error:
        run.say(str(error))
        return getattr(error, "status", 1)
    except BrokenPipeError:  # `… | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except run.Stopped as stopped:
        if stopped.number != signal.SIGINT:
            return 128 + stopped.number
        print()
        screen.note("bye")
        return 0


if __name__ == "__main__":
    sys.exit(main())
