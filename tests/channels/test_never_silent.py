"""Whatever fails inside, the person gets an answer, and a call for help goes out."""

import asyncio
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import UserUttered

from bot.actions_in_process import InProcessActions
from bot.channels import base, sessions
from bot.channels.base import Incoming, answer
from bot.settings import Settings
from bot.storage import BoundedTrackerStore
from tests.channels.bot_server import DATABASE, Reply, Server, serve

LANGUAGES = ("en", "fr")
# what each apology has to say: that it failed, whom to turn to, the emergency number
APOLOGY = {
    "en": ("Something went wrong", "Pain Clinic", "112"),
    "fr": ("Un problème est survenu", "Clinique de la douleur", "112"),
}


def assert_apology(replies: list[Reply], language: str) -> None:
    """Hold replies to be one apology in a language, or in "both"."""
    (reply,) = replies
    assert (reply["kind"], reply["language"]) == ("error", language)
    for code in LANGUAGES if language == "both" else (language,):
        for words in APOLOGY[code]:
            assert words in reply["text"]
    assert "{" not in reply["text"]


# --- answer(): whatever the rest of the bot does ---


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "settings", lambda: Settings(turn_seconds=0.2))


def said(kind: str, language: str = "en", utter_action: str = "") -> dict[str, Any]:
    return {
        "text": "words",
        "metadata": {"kind": kind, "language": language, "title": "title"},
        "utter_action": utter_action or f"utter_{kind}",
    }


async def raises(_message: UserMessage) -> None:
    raise KeyError("a component of the pipeline failed")


async def hangs(_message: UserMessage) -> None:
    await asyncio.sleep(60)


async def says_nothing(_message: UserMessage) -> None:
    return None


@pytest.mark.parametrize("on_new_message", [raises, hangs, says_nothing])
@pytest.mark.parametrize("hint", [*LANGUAGES, None])
async def test_a_turn_that_fails_is_answered_with_an_apology(on_new_message: Any, hint: str | None) -> None:
    replies = await answer(Incoming("a", text="Hello", language=hint), on_new_message, None, "website")
    assert_apology(replies, hint or "both")


@pytest.mark.parametrize("kind", ["emergency", "crisis"])
@pytest.mark.parametrize("then", [raises, hangs, says_nothing])
async def test_a_call_for_help_goes_out_even_if_the_turn_fails_afterwards(kind: str, then: Any) -> None:
    async def on_new_message(message: UserMessage) -> None:
        await message.output_channel.send_response(message.sender_id, said(kind))
        await then(message)

    replies = await answer(Incoming("a", text="I cannot breathe"), on_new_message, None, "website")
    assert [reply["kind"] for reply in replies] == [kind]


@pytest.mark.parametrize("then", [raises, hangs])
async def test_half_an_answer_does_not_go_out(then: Any) -> None:
    async def on_new_message(message: UserMessage) -> None:
        await message.output_channel.send_response(message.sender_id, said("answer"))
        await then(message)

    assert_apology(await answer(Incoming("a", text="Hello", language="en"), on_new_message, None, "website"), "en")


async def test_a_text_of_nothing_but_slashes_is_asked_about_and_not_dropped() -> None:
    seen = []

    async def on_new_message(message: UserMessage) -> None:
        seen.append(message.text)
        await message.output_channel.send_response(message.sender_id, said("unclear"))

    assert await answer(Incoming("a", text="/ //"), on_new_message, None, "website")
    assert seen == ["?"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_erased_is_only_said_when_it_is_so(tmp_path: Path, language: str) -> None:
    store = BoundedTrackerStore(None, file=tmp_path / DATABASE)
    agent: Any = SimpleNamespace(tracker_store=store)

    async def on_new_message(message: UserMessage) -> None:
        reply = said("privacy", language, utter_action="utter_deleted")
        await message.output_channel.send_response(message.sender_id, reply)

    wish = Incoming("a", payload="/delete_conversation")
    assert (await answer(wish, on_new_message, agent, "website"))[0]["kind"] == "privacy"
    tracker = await store.get_or_create_tracker("a")
    tracker.update(UserUttered("still there"))
    await store.save(tracker)
    (reply,) = await answer(wish, on_new_message, agent, "website")
    assert (reply["kind"], reply["language"]) == ("error", language)
    assert ("not erased" if language == "en" else "pas été effacée") in reply["text"]


# --- custom actions ---

BROKEN_ACTIONS = """
    import time
    from rasa_sdk import Action


    class Raises(Action):
        def name(self):
            return "action_who_to_see"

        def run(self, dispatcher, tracker, domain):
            heard = tracker.latest_message["text"]
            dispatcher.utter_message(response="utter_greet")
            raise RuntimeError(f"this action is broken: {heard}")


    class Hangs(Action):
        def name(self):
            return "action_more"

        def run(self, dispatcher, tracker, domain):
            time.sleep(3)
            return []


    class GivesNonsense(Action):
        def name(self):
            return "action_where_stated"

        def run(self, dispatcher, tracker, domain):
            return "nonsense"


    class SaysNothing(Action):
        def name(self):
            return "action_change_language"

        def run(self, dispatcher, tracker, domain):
            return []
"""


def write_broken_actions(folder: Path, package: str) -> None:
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text("")
    (folder / package / "broken.py").write_text(textwrap.dedent(BROKEN_ACTIONS))


@pytest.fixture(scope="module")
def broken_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("package")
    write_broken_actions(folder, "broken_actions_of_the_tests")
    sys.path.insert(0, str(folder))
    yield "broken_actions_of_the_tests"
    sys.path.remove(str(folder))


@pytest.mark.parametrize("name", ["action_who_to_see", "action_more", "action_that_nobody_wrote"])
async def test_an_action_that_fails_is_answered_with_the_apology_alone(broken_package: str, name: str) -> None:
    actions = InProcessActions(broken_package, seconds=0.2)
    tracker = {"sender_id": "a", "slots": {}, "latest_message": {"text": "Hello"}, "events": [], "paused": False}
    result = await actions.request(json={"next_action": name, "tracker": tracker, "domain": {}})
    assert result == {"events": [], "responses": [{"response": "utter_error"}]}


@pytest.fixture(scope="module")
def server_with_broken_actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bot, with a package `actions` in its working folder that takes the place of ours; it logs all it can."""
    folder = tmp_path_factory.mktemp("broken")
    write_broken_actions(folder, "actions")
    with serve(folder, {"BOT_ACTION_SECONDS": "0.5"}, options=("--debug",), cwd=folder) as server:
        yield server


@pytest.mark.parametrize("payload", ["/who_to_see", "/more"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_broken_action_is_answered_over_http(server_with_broken_actions: Server, payload: str, language: str) -> None:
    visitor = server_with_broken_actions.visitor()
    assert_apology(visitor.press(payload, language), language)
    # and the conversation goes on
    assert visitor.press("/battery_replacement", language)[0]["kind"] == "answer"


@pytest.mark.parametrize("text", ["Where does that stand?", "in English please"])
def test_an_action_that_gives_nonsense_or_nothing_is_answered_over_http(
    server_with_broken_actions: Server, text: str
) -> None:
    assert_apology(server_with_broken_actions.visitor().ask(text, "en"), "en")


def test_emergencies_need_no_action(server_with_broken_actions: Server) -> None:
    assert server_with_broken_actions.visitor().ask("I cannot breathe")[0]["kind"] == "emergency"


def test_what_fails_is_logged_without_what_was_typed(server_with_broken_actions: Server) -> None:
    visitor = server_with_broken_actions.visitor()
    assert_apology(visitor.ask("Who should I see? gooseberries", "en"), "en")
    assert "action_who_to_see raised RuntimeError" in server_with_broken_actions.logged()
    assert "gooseberries" not in server_with_broken_actions.logged()


# --- no model, no database ---


@pytest.fixture(scope="module")
def server_without_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bot with half a model. (With none, `rasa run` says so and does not start.)"""
    folder = tmp_path_factory.mktemp("half")
    (folder / "half.tar.gz").write_bytes(b"\x1f\x8b\x08 this is not a model")
    with serve(folder, model=folder / "half.tar.gz", ready=False) as server:
        yield server


def test_healthz_says_that_no_model_is_loaded(server_without_model: Server) -> None:
    response = server_without_model.health()
    assert response.status_code == 503
    assert response.json() == {"ready": False, "model": None}


@pytest.mark.parametrize("hint", [*LANGUAGES, None])
def test_without_a_model_a_question_is_answered_with_an_apology(server_without_model: Server, hint: str | None) -> None:
    visitor = server_without_model.visitor()
    assert_apology(visitor.ask("How long does the battery last?", hint), hint or "both")
    assert_apology(visitor.press("/battery_replacement", hint), hint or "both")
    assert_apology(visitor.press("/delete_conversation", hint), hint or "both")


@pytest.fixture(scope="module")
def server_without_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bot whose database cannot be opened: a folder stands in its place."""
    folder = tmp_path_factory.mktemp("nodatabase")
    (folder / "var" / DATABASE).mkdir(parents=True)
    with serve(folder) as server:
        yield server


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_database_questions_are_answered(server_without_database: Server, language: str) -> None:
    visitor = server_without_database.visitor()
    assert visitor.press("/battery_replacement", language)[0]["topic"] == "battery_replacement"
    assert visitor.press("/who_to_see", language)[0]["kind"] == "referral"
    texts = {"en": "I cannot breathe", "fr": "Je n'arrive plus à respirer"}
    assert visitor.ask(texts[language])[0]["kind"] == "emergency"
    # not known is not erased
    (reply,) = visitor.press("/delete_conversation", language)
    assert (reply["kind"], reply["language"]) == ("error", language)
    assert "this turn is not kept" in server_without_database.logged()


def test_with_its_database_back_conversations_are_kept_without_a_new_start(server_without_database: Server) -> None:
    (server_without_database.var / DATABASE).rmdir()
    visitor = server_without_database.visitor()
    visitor.press("/battery_replacement")
    assert visitor.press("/more")[0]["kind"] == "answer"
    assert visitor.sender_id in server_without_database.rows()


# --- the key that signs sessions ---


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sessions, "settings", lambda: Settings(var_dir=tmp_path / "var"))
    sessions._secret.cache_clear()
    yield tmp_path / "var"
    sessions._secret.cache_clear()


def test_an_empty_key_file_is_no_key(var: Path) -> None:
    var.mkdir()
    (var / "session.key").touch()
    assert sessions.sender_of(sessions.issue()[0])
    assert len((var / "session.key").read_text()) == 64


def test_the_key_is_made_once_whole_and_for_the_bots_eyes_alone(var: Path) -> None:
    token = sessions.issue()[0]
    sessions._secret.cache_clear()  # as after a new start
    assert sessions.sender_of(token)
    assert [path.name for path in var.iterdir()] == ["session.key"]
    assert (var / "session.key").stat().st_mode & 0o077 == 0
