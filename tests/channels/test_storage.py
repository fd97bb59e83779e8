"""bot/storage.py against SQLite files: bounded, erasable, and never in the way of an answer."""

import asyncio
import json
import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import storage
from bot.storage import ERASE_SLOT, BoundedTrackerStore
from tests.channels.bot_server import ROOT

ANSWER = "The battery of the pump lasts about 7 years on average. It can be replaced if needed. " * 3
SECRET = "marigold-on-the-table"


@pytest.fixture(scope="module")
def domain() -> Domain:
    with pytest.warns(UserWarning, match="Slot auto-fill has been removed"):  # Rasa tells every domain with slots
        return Domain.load(ROOT / "domain.yml")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "conversations.sqlite"


@pytest.fixture
def store(domain: Domain, file: Path) -> BoundedTrackerStore:
    return BoundedTrackerStore(domain, file=file, history_turns=5)


def add_turn(tracker: DialogueStateTracker, text: str) -> None:
    tracker.update(UserUttered(text, {"name": "battery_replacement"}))
    tracker.update(ActionExecuted("utter_battery_replacement"))
    tracker.update(BotUttered(ANSWER, metadata={"utter_action": "utter_battery_replacement"}))
    tracker.update(ActionExecuted("action_listen"))


async def turn(store: BoundedTrackerStore, sender: str, text: str) -> DialogueStateTracker:
    """Do with the store what Rasa does in a turn; return the tracker as it was saved."""
    tracker = await store.get_or_create_tracker(sender)
    add_turn(tracker, text)
    await store.save(tracker)
    return tracker


async def texts(store: BoundedTrackerStore, sender: str) -> list[str | None]:
    """Return what was typed, as far as it is kept."""
    tracker = await store.retrieve(sender)
    assert tracker
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def stored(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT sender_id, dialogue FROM conversations"))


def on_disk(file: Path) -> bytes:
    """Return all that stands in the files of the database, also what no row shows."""
    return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))


def put_aside(file: Path) -> None:
    for path in file.parent.iterdir():
        path.unlink()


def spoil(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 1000)


# --- what is kept ---


async def test_nobody_is_known_at_first(store: BoundedTrackerStore) -> None:
    assert await store.retrieve("a") is None
    assert not await store.is_kept("a")
    assert list(await store.keys()) == []


async def test_a_conversation_that_has_not_begun_is_not_stored(store: BoundedTrackerStore, file: Path) -> None:
    assert await store.get_or_create_tracker("a")
    assert not await store.is_kept("a")


async def test_a_conversation_is_one_row_and_comes_back_whole(store: BoundedTrackerStore, file: Path) -> None:
    saved = [await turn(store, "a", f"question {n}") for n in range(3)][-1]
    assert list(stored(file)) == ["a"]
    found = await store.retrieve("a")
    assert found
    assert [event.as_dict() for event in found.events] == [event.as_dict() for event in saved.events]


async def test_the_last_turns_are_kept_and_the_slots_of_all(store: BoundedTrackerStore) -> None:
    tracker = await store.get_or_create_tracker("a")
    tracker.update(SlotSet("language_choice", "fr"))
    await store.save(tracker)
    for n in range(12):
        await turn(store, "a", f"question {n}")
    assert await texts(store, "a") == [f"question {n}" for n in range(7, 12)]
    found = await store.retrieve("a")
    assert found
    assert found.get_slot("language_choice") == "fr"
    assert found.latest_action_name == "action_listen"


async def test_a_thousand_turns_stay_as_small_and_as_quick_as_ten(store: BoundedTrackerStore, file: Path) -> None:
    sizes, seconds = [], []
    for n in range(1000):
        begun = time.process_time()  # not the clock on the wall: the machine does other work as well
        await turn(store, "a", f"question {n:04}")
        seconds.append(time.process_time() - begun)
        if n % 100 == 10 or n == 999:
            sizes.append(len(stored(file)["a"]))
    assert max(sizes) <= 1.05 * min(sizes)
    assert sizes[0] < 20_000
    assert median(seconds[-50:]) < 2.5 * median(seconds[10:60])
    assert len(on_disk(file)) < 6_000_000  # the write-ahead log grows to 4 MB before SQLite begins it anew


async def test_two_conversations_never_mix(store: BoundedTrackerStore, file: Path) -> None:
    async def talk(sender: str) -> None:
        for n in range(20):
            await turn(store, sender, f"{sender} {n}")

    await asyncio.gather(*(talk(sender) for sender in ("anna", "anna ", "Anna", "a'; DROP TABLE conversations --")))
    for sender, dialogue in stored(file).items():
        assert await texts(store, sender) == [f"{sender} {n}" for n in range(15, 20)]
        typed = [event["text"] for event in json.loads(dialogue)["events"] if event["event"] == "user"]
        assert typed == [f"{sender} {n}" for n in range(15, 20)]
    assert len(stored(file)) == 4


def test_the_file_is_for_the_bots_eyes_alone(store: BoundedTrackerStore, file: Path) -> None:
    asyncio.run(turn(store, "a", "question"))
    assert file.stat().st_mode & 0o077 == 0


# --- what is erased ---


async def test_a_conversation_whose_erasure_was_asked_is_gone_from_the_disk(
    store: BoundedTrackerStore, file: Path
) -> None:
    await turn(store, "a", SECRET)
    await turn(store, "b", "another question")
    tracker = await store.get_or_create_tracker("a")
    add_turn(tracker, "delete my conversation")
    tracker.update(SlotSet(ERASE_SLOT, True))
    await store.save(tracker)
    assert not await store.is_kept("a")
    assert await store.retrieve("a") is None
    assert list(await store.keys()) == ["b"]
    assert SECRET.encode() not in on_disk(file), "erased rows should be overwritten, not only unlinked"


async def test_the_conversation_after_an_erasure_is_a_new_one(store: BoundedTrackerStore) -> None:
    tracker = await store.get_or_create_tracker("a")
    tracker.update(SlotSet("language_choice", "fr"))
    tracker.update(SlotSet(ERASE_SLOT, True))
    await store.save(tracker)
    await turn(store, "a", "question")
    found = await store.retrieve("a")
    assert found
    assert (found.get_slot("language_choice"), found.get_slot(ERASE_SLOT)) == (None, None)


async def test_conversations_past_their_retention_are_erased(store: BoundedTrackerStore, file: Path) -> None:
    ages = {"today": 0.0, "nearly": 29.9, "just": 30.1, "long ago": 400.0}
    for sender in ages:
        await turn(store, sender, f"{SECRET} {sender}")
    with closing(sqlite3.connect(file)) as connection, connection:
        for sender, days in ages.items():
            connection.execute(
                "UPDATE conversations SET updated_at = ? WHERE sender_id = ?", (time.time() - days * 86_400, sender)
            )
    assert await store.erase_older_than(30) == 2
    assert sorted(stored(file)) == ["nearly", "today"]
    assert f"{SECRET} long ago".encode() not in on_disk(file)
    assert await store.erase_older_than(30) == 0


async def test_a_message_begins_the_retention_anew(store: BoundedTrackerStore, file: Path) -> None:
    await turn(store, "a", "question")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE conversations SET updated_at = ?", (time.time() - 31 * 86_400,))
    await turn(store, "a", "another question")
    assert await store.erase_older_than(30) == 0


# --- what fails ---


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_SECONDS", 0.4)


async def assert_answers_go_on(store: BoundedTrackerStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert await store.retrieve("a") is None
    await turn(store, "a", SECRET)
    assert "this turn is not kept" in caplog.text
    assert SECRET not in caplog.text
    assert "battery" not in caplog.text
    with pytest.raises((sqlite3.Error, OSError, storage.sa.exc.SQLAlchemyError)):
        await store.is_kept("a")  # not known is not erased


async def test_answers_go_on_where_nothing_can_be_written(
    domain: Domain, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("where a folder should be")  # root may write everywhere but here
    await assert_answers_go_on(BoundedTrackerStore(domain, file=tmp_path / "file" / "c.sqlite"), caplog)


async def test_answers_go_on_with_a_corrupt_file_and_are_kept_once_it_is_put_aside(
    store: BoundedTrackerStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(file)
    await assert_answers_go_on(store, caplog)
    put_aside(file)
    await turn(store, "a", "question")
    assert await texts(store, "a") == ["question"]


async def test_a_database_that_is_put_aside_while_the_bot_runs_is_made_anew(
    store: BoundedTrackerStore, file: Path
) -> None:
    await turn(store, "a", "question")
    put_aside(file)
    await turn(store, "a", "another question")
    assert await texts(store, "a") == ["another question"]


async def test_a_row_that_cannot_be_read_is_a_new_conversation_and_is_replaced(
    store: BoundedTrackerStore, file: Path
) -> None:
    await turn(store, "a", "question")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE conversations SET dialogue = ?", ('{"name": "a", "events": [{"event":',))
    wrapped = FailSafeTrackerStore(store)  # as the agent has it
    assert await wrapped.retrieve("a") is None
    await wrapped.save(DialogueStateTracker.from_events("a", [UserUttered("hello")], store.domain.slots))
    assert await texts(store, "a") == ["hello"]


async def test_another_writer_holds_up_nobody_but_the_one_turn(
    impatient: None, domain: Domain, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = BoundedTrackerStore(domain, file=file)
    await turn(store, "a", "question")
    gaps: list[float] = []

    async def heartbeat() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.01)
            gaps.append(time.perf_counter() - begun)

    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        pulse = asyncio.create_task(heartbeat())
        begun = time.perf_counter()
        assert await texts(store, "a") == ["question"], "a writer keeps nobody from reading"
        await turn(store, "a", SECRET)
        took = time.perf_counter() - begun
        pulse.cancel()
        other.execute("ROLLBACK")
    assert 0.3 < took < 3
    assert len(gaps) > 10, "the event loop was blocked"
    assert max(gaps) < 0.3, "the event loop was blocked"
    assert "this turn is not kept" in caplog.text
    assert SECRET not in caplog.text
    await asyncio.sleep(0.5)  # what was given up may still be under way
    await turn(store, "a", "another question")
    assert (await texts(store, "a"))[-1] == "another question"


async def test_an_erasure_that_another_writer_prevents_is_not_taken_for_done(
    impatient: None, domain: Domain, file: Path
) -> None:
    store = BoundedTrackerStore(domain, file=file)
    tracker = await turn(store, "a", "question")
    tracker.update(SlotSet(ERASE_SLOT, True))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await store.save(tracker)
        other.execute("ROLLBACK")
    await asyncio.sleep(0.5)
    assert await store.is_kept("a") is ("a" in stored(file))
