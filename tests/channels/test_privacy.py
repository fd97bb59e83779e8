"""What a person types: personal data is stored nowhere, no text is logged, and what is erased is gone."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.storage import BoundedTrackerStore
from tests.channels.bot_server import DATABASE, Server, Visitor, serve

# (what is typed, what of it may be nowhere)
PERSONAL = {
    "en": [
        ("Write to me at zebulon.quack@example.org please", ["zebulon", "example.org"]),
        ("You can call me on 079 555 01 23 tomorrow", ["079 555", "555 01 23"]),
        ("You can call me on +41795550124 tomorrow", ["41795550124"]),
        ("I was born on 24/03/1957, is the pump for me?", ["24/03/1957"]),
        ("I was born on 24 March 1958, is the pump for me?", ["24 March"]),
        ("My insurance number is 756.9217.0769.85", ["756.9217", "0769.85"]),
        ("My name is Zebulon Quackenbush. How long does the battery last?", ["Zebulon", "Quackenbush"]),
        ("my name is zebulon quackenbush", ["zebulon", "quackenbush"]),
        ("Mrs Quackenbush is my doctor", ["Quackenbush"]),
    ],
    "fr": [
        ("Écrivez-moi à firmin.gobelet@example.org", ["firmin", "example.org"]),
        ("Mon numéro est le 06 55 50 01 25, rappelez-moi", ["06 55", "50 01 25"]),
        ("Je suis né le 24.03.1959, est-ce pour moi ?", ["24.03.1959"]),
        ("Je suis né le 24 mars 1961, est-ce pour moi ?", ["24 mars"]),
        ("Mon numéro de sécurité sociale est 1 57 03 75 123 456 78", ["1 57 03", "123 456"]),
        ("Je m'appelle Firmin Gobelet. Combien de temps dure la batterie ?", ["Firmin", "Gobelet"]),
        ("je m’appelle firmin gobelet", ["firmin", "gobelet"]),
        ("Madame Gobelet est mon médecin", ["Gobelet"]),
        ("Mon chirurgien est Firmin Gobelet, à Paris", ["Firmin", "Gobelet"]),
    ],
}
LANGUAGES = ("en", "fr")
# each marker stands in the database and in no log
MARKER = "quixotry"


@pytest.fixture(scope="module")
def talkative_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bot with every log there is."""
    levels = {"LOG_LEVEL": "DEBUG", "LOG_LEVEL_LIBRARIES": "DEBUG"}
    with serve(tmp_path_factory.mktemp("talkative"), levels, options=("--debug",)) as server:
        yield server


@pytest.fixture(scope="module", params=["info", "debug"])
def server(request: pytest.FixtureRequest) -> Server:
    name = "bot_server" if request.param == "info" else "talkative_server"
    found: Server = request.getfixturevalue(name)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_personal_data_is_neither_stored_nor_logged(server: Server, language: str) -> None:
    for text, secrets in PERSONAL[language]:
        visitor = server.visitor()
        visitor.ask(text)
        (typed,) = server.typed(visitor)
        assert "[" in typed, text
        everything = "\n".join([*server.rows().values(), server.kept(), server.logged()]).casefold()
        assert [secret for secret in secrets if secret.casefold() in everything] == [], text


def test_no_text_is_logged_at_any_level(server: Server) -> None:
    visitor = server.visitor()
    for text in [
        f"How long does the {MARKER} battery last?",
        f"{MARKER}",
        f"/restart {MARKER}",
        f"more {MARKER}",
        f"where does that stand? {MARKER}",
        f"in French please {MARKER}",
        f"Combien de temps dure la batterie ? Et quels sont les risques ? {MARKER}",
        f"je n'arrive plus à respirer {MARKER}",
        f"qui consulter ? {MARKER}",
    ]:
        visitor.ask(text)
        visitor.post({"text": 7, "more": text})
        visitor.post({"text": f"{text}\ud83d"})
        visitor.post(content=f'{{"text": "{text}'.encode())
        visitor.post({"payload": f"/{text}"})
    visitor.press("/more")
    assert MARKER in server.rows()[visitor.sender_id], "the marker should have been stored"
    assert MARKER not in server.logged().casefold()
    # nor what was answered
    assert "7 years" not in server.logged()
    assert visitor.sender_id not in server.logged()


def test_the_log_of_the_talkative_server_is_one(talkative_server: Server) -> None:
    talkative_server.visitor().ask("Hello")
    assert " DEBUG " in talkative_server.logged()


# --- being forgotten ---


@pytest.mark.parametrize(
    ("language", "wish"),
    [("en", "Delete my conversation"), ("fr", "Supprimez ma conversation"), ("en", None), ("fr", None)],
)
def test_an_erased_conversation_is_gone_and_the_next_message_begins_anew(
    bot_server: Server, visitor: Visitor, language: str, wish: str | None
) -> None:
    visitor.press("/choose_french" if language == "fr" else "/choose_english")
    visitor.press("/battery_replacement")
    visitor.ask("vermicelli")
    assert "vermicelli" in bot_server.kept()
    (reply,) = visitor.ask(wish) if wish else visitor.press("/delete_conversation")
    assert (reply["kind"], reply["language"]) == ("privacy", language)
    assert ("erased" if language == "en" else "effacée") in reply["text"]
    assert visitor.sender_id not in bot_server.rows()
    assert "vermicelli" not in bot_server.kept(), "erased rows should be overwritten, not only unlinked"

    other = "en" if language == "fr" else "fr"
    assert visitor.ask("more" if other == "en" else "encore", other)[0]["kind"] == "unclear"
    assert visitor.press("/battery_replacement", other)[0]["language"] == other, "the choice should be forgotten"
    assert len(bot_server.typed(visitor)) == 2


def test_a_wish_to_be_forgotten_that_another_writer_prevents_is_not_called_done(
    bot_server: Server, visitor: Visitor
) -> None:
    visitor.press("/choose_french")
    with closing(sqlite3.connect(bot_server.var / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (reply,) = visitor.press("/delete_conversation", "en")
        other.execute("ROLLBACK")
    assert (reply["kind"], reply["language"], reply["title"]) == ("error", "fr", "Effacement impossible")
    time.sleep(3.5)  # what was given up may still be under way
    assert visitor.press("/delete_conversation")[0]["kind"] == "privacy"
    assert visitor.sender_id not in bot_server.rows()


def test_conversations_past_their_retention_go(bot_server: Server) -> None:
    store = BoundedTrackerStore(None, file=bot_server.var / DATABASE)
    old, recent = bot_server.visitor(), bot_server.visitor()
    old.ask("wheelbarrow of long ago")
    recent.ask("How long does the battery last?")
    with closing(sqlite3.connect(bot_server.var / DATABASE)) as connection, connection:
        connection.execute(
            "UPDATE conversations SET updated_at = ? WHERE sender_id = ?", (time.time() - 31 * 86_400, old.sender_id)
        )
    assert asyncio.run(store.erase_older_than(30)) == 1
    assert old.sender_id not in bot_server.rows()
    assert recent.sender_id in bot_server.rows()
    assert "wheelbarrow" not in bot_server.kept()


def test_the_files_are_for_the_bots_eyes_alone(bot_server: Server, visitor: Visitor) -> None:
    visitor.ask("Hello")
    assert {path.name for path in bot_server.var.iterdir() if path.stat().st_mode & 0o077} == set()
