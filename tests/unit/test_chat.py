"""bot/chat.py against a small bot on loopback: what it sends, and what the person sees."""

import io
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot import chat
from tools import run

ESC = "\x1b"
ANSWER = {
    "kind": "answer",
    "topic": "battery_replacement",
    "language": "en",
    "title": "Battery life",
    "text": "The battery lasts about 7 years.",
    "sources": [
        {"fact": "battery_life", "section": "How long does it last?", "language": "fr", "translated": True},
        {"fact": "battery_replaceable", "section": "How long does it last?", "language": "fr", "translated": True},
    ],
    "buttons": [{"title": "Refill", "payload": "/refill"}, {"title": "The risks", "payload": "/risks_complications"}],
}
EMERGENCY = {"kind": "emergency", "language": "en", "title": "Call for help", "text": "Please call 112 now."}
FRENCH = {"kind": "answer", "language": "fr", "title": "Titre", "text": "Texte.", "sources": [{"section": "Partie"}]}


class FakeBot(ThreadingHTTPServer):
    """Answers as it was told, and notes what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.sessions = 0
        self.ready = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def will_say(self, *replies: dict[str, Any]) -> None:
        self.answers.append((200, {"messages": list(replies)}))

    def will_refuse(self, status: int, text: str) -> None:
        self.answers.append((status, {"error": {"code": "some_code", "text": text}}))


class _Handler(BaseHTTPRequestHandler):
    server: FakeBot

    def do_GET(self) -> None:
        self._send(200 if self.server.ready else 503, {"ready": self.server.ready, "model": None})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/webhooks/website/sessions":
            self.server.sessions += 1
            self._send(201, {"token": f"token-{self.server.sessions}", "expires_in": 60})
        else:
            assert self.headers["Authorization"] == f"Bearer token-{self.server.sessions}"
            self.server.asked.append(json.loads(body))
            self._send(*self.server.answers.pop(0))

    def _send(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        pass


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def fake() -> Iterator[FakeBot]:
    with FakeBot() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")


@pytest.fixture
def piped(fake: FakeBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that chats through pipes: lines and options in, exit status and output out."""

    def chat_with(*lines: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        status = chat.main(["--url", fake.url, *options])
        return status, capsys.readouterr().out

    return chat_with


@pytest.fixture
def typed(fake: FakeBot, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that chats in a terminal: lines and options in, exit status and output out."""

    def chat_with(*lines: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
        screen = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr(sys, "stdout", screen)
        return chat.main(["--url", fake.url, *options]), screen.getvalue()

    return chat_with


# --- an answer ---


def test_an_answer_shows_title_text_source_and_numbered_buttons(fake: FakeBot, piped: Any) -> None:
    fake.will_say(ANSWER)
    status, shown = piped("How long does the battery last?")
    assert status == 0
    assert shown.splitlines() == [
        "> How long does the battery last?",
        "",
        "Battery life",
        "The battery lasts about 7 years.",
        "Source: How long does it last? (translated)",
        "  1. Refill",
        "  2. The risks",
        "",
    ]
    assert fake.asked == [{"text": "How long does the battery last?"}]


def test_a_number_sends_the_payload_of_its_button(fake: FakeBot, piped: Any) -> None:
    fake.will_say(ANSWER)
    fake.will_say(FRENCH)
    piped("battery", "2")
    assert fake.asked[1] == {"payload": "/risks_complications"}


def test_buttons_are_numbered_through_the_replies_of_a_turn(fake: FakeBot, piped: Any) -> None:
    fake.will_say(ANSWER, ANSWER)
    fake.will_say(ANSWER)
    _, shown = piped("two questions", "3")
    assert "  3. Refill" in shown
    assert fake.asked[1] == {"payload": "/refill"}


@pytest.mark.parametrize("number", ["3", "0", "02", "7 years?"])
def test_a_number_without_a_button_is_text(fake: FakeBot, piped: Any, number: str) -> None:
    fake.will_say(ANSWER)
    fake.will_say(ANSWER)
    piped("battery", number)
    assert fake.asked[1] == {"text": number}


def test_the_language_option_goes_with_every_message_and_sets_our_own_words(fake: FakeBot, piped: Any) -> None:
    fake.will_say(ANSWER)
    _, shown = piped("batterie", options=("--language", "fr"))
    assert fake.asked == [{"text": "batterie", "language": "fr"}]
    assert "Source : How long does it last? (traduit)" in shown


def test_our_own_words_follow_the_language_of_the_reply(fake: FakeBot, typed: Any) -> None:
    fake.will_say(FRENCH)
    _, shown = typed("la pile ?")
    assert "You: " in shown
    assert "Source : Partie" in shown
    assert shown.rstrip().endswith("Au revoir.")


def test_a_terminal_gets_lines_of_its_width_and_french_spaces_hold(fake: FakeBot, typed: Any) -> None:
    fake.will_say({"kind": "answer", "language": "fr", "text": "mot\u00a0! " * 40})
    _, shown = typed("?", options=("--language", "fr"))
    lines = [line for line in shown.splitlines() if "mot" in line]
    assert len(lines) > 1
    assert all(len(line) <= 60 and line.rstrip().endswith("mot\u00a0!") for line in lines)


def test_what_would_steer_the_terminal_is_left_out(fake: FakeBot, typed: Any) -> None:
    fake.will_say({"kind": "answer", "language": "en", "title": "T\x1b]0;x\x07", "text": "a\x1b[2Jb\u202ec\n\td"})
    _, shown = typed("?")
    assert "a[2Jbc\n d" in shown
    assert f"{ESC}]" not in shown
    assert f"{ESC}[2J" not in shown


# --- what cannot be missed ---


@pytest.mark.parametrize("kind", ["emergency", "crisis"])
def test_an_alarm_is_a_red_panel_in_a_terminal(fake: FakeBot, typed: Any, kind: str) -> None:
    fake.will_say(EMERGENCY | {"kind": kind})
    _, shown = typed("help")
    assert "41m" in shown  # red behind
    assert "CALL FOR HELP" in shown
    assert "┏" in shown
    assert "Please call 112 now." in shown


def test_an_alarm_stands_out_without_colour_and_without_a_terminal(fake: FakeBot, piped: Any) -> None:
    fake.will_say(EMERGENCY)
    _, shown = piped("help")
    assert "!!! CALL FOR HELP !!!\nPlease call 112 now.\n!!!" in shown


def test_no_color_gives_a_terminal_no_escape_codes(fake: FakeBot, typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.will_say(ANSWER, EMERGENCY)
    assert ESC in typed("battery")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    fake.will_say(ANSWER, EMERGENCY)
    shown = typed("battery")[1]
    assert ESC not in shown
    assert "┏" in shown


def test_a_pipe_gets_no_escape_codes(fake: FakeBot, piped: Any) -> None:
    fake.will_say(ANSWER, EMERGENCY)
    assert ESC not in piped("battery")[1]


# --- what goes wrong ---


def test_a_refusal_is_shown_in_the_words_of_the_bot_and_the_chat_goes_on(fake: FakeBot, piped: Any) -> None:
    fake.will_refuse(413, "Your message is too long.")
    fake.will_say(ANSWER)
    status, shown = piped("x" * 2000, "battery")
    assert status == 0
    assert "The bot did not take that: Your message is too long." in shown
    assert "Battery life" in shown


def test_a_session_that_is_over_is_replaced_once(fake: FakeBot, piped: Any) -> None:
    fake.will_say(ANSWER)
    fake.will_refuse(401, "This session is over.")
    fake.will_say(FRENCH)
    status, shown = piped("first", "second")
    assert (status, fake.sessions) == (0, 2)
    assert "Titre" in shown
    fake.will_refuse(401, "This session is over.")
    assert "This session is over." in piped("third")[1]


@pytest.mark.parametrize("answer", [(500, "oops"), (200, ["not", "ours"]), (200, {"messages": "no"})])
def test_what_is_not_the_bot_is_said_to_be_out_of_reach(fake: FakeBot, piped: Any, answer: tuple[int, Any]) -> None:
    fake.answers.append(answer)
    status, shown = piped("battery")
    assert status == 1
    assert "The bot cannot be reached: " in shown


def test_a_bot_on_this_machine_is_not_asked_through_a_proxy(
    fake: FakeBot, piped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{run.free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    fake.will_say(ANSWER)
    assert piped("battery")[0] == 0


def test_a_bot_without_a_model_is_said(fake: FakeBot, capsys: pytest.CaptureFixture[str]) -> None:
    fake.ready = False
    assert chat.main(["--url", fake.url]) == 1
    assert "no model" in capsys.readouterr().err


def test_an_address_of_another_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert chat.main(["--url", "file:///etc"]) == 1
    assert "is not an address" in capsys.readouterr().err


# --- beginning and ending ---


@pytest.mark.parametrize("word", ["/quit", "/QUIT", "/quitter"])
def test_quit_ends_the_chat_politely_and_is_not_sent(fake: FakeBot, typed: Any, word: str) -> None:
    status, shown = typed(word, "never sent")
    assert (status, fake.asked) == (0, [])
    assert shown.rstrip().endswith("Goodbye.")


def test_empty_lines_are_not_sent(fake: FakeBot, piped: Any) -> None:
    assert piped("", "   ") == (0, "")
    assert fake.asked == []


def test_where_no_bot_answers_one_is_started_and_ended(
    fake: FakeBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    events: list[str] = []
    kept: list[Path] = []

    def serve(_host: str, port: int, _model: Path, _log: Path, environment: dict[str, str]) -> str:
        assert port == fake.server_port
        kept.append(Path(environment["BOT_VAR_DIR"]))
        events.append(f"folder {kept[0].is_dir()}")
        return "child"

    nobody = run.free_port()
    monkeypatch.setattr(run, "trained_model", lambda: Path("model"))
    monkeypatch.setattr(run, "free_port", lambda: fake.server_port)
    monkeypatch.setattr(run, "serve", serve)
    monkeypatch.setattr(run, "end", lambda child: events.append(f"ended {child}"))
    monkeypatch.setattr(sys, "stdin", io.StringIO("battery\n"))
    fake.will_say(ANSWER)
    assert chat.main(["--url", f"http://127.0.0.1:{nobody}"]) == 0
    assert "Battery life" in capsys.readouterr().out
    assert events == ["folder True", "ended child"]
    assert not kept[0].exists()


def test_nothing_that_is_typed_is_written_to_the_home_folder(
    fake: FakeBot, typed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    fake.will_say(ANSWER)
    typed("something private")
    assert list(tmp_path.iterdir()) == []
