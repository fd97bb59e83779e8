"""Rasa tracker store: one row per conversation, bounded, erasable, off the event loop.

What differs from Rasa's SQL store, and why:
- a conversation keeps its last turns only, so the 1,000th turn costs what the 10th does;
- it is one row, written whole: erasing it is one statement, and nothing of it is left elsewhere;
- the database is used in a thread of its own with a time limit, so a slow disk does not stop other people's answers;
- when the database fails, the person is still answered, from what this turn knows. Rasa's fail-safe wrapper would hide
  a failed erasure as well, so the channel looks afterwards whether the conversation is really gone.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.dialects.sqlite import insert

from bot.settings import settings

logger = logging.getLogger(__name__)

# the slot that a wish to be forgotten sets: such a conversation is erased instead of saved
ERASE_SLOT = "erase"
_SECONDS = 3.0
_DAY = 86_400

_metadata = sa.MetaData()
_conversations = sa.Table(
    "conversations",
    _metadata,
    sa.Column("sender_id", sa.String(64), primary_key=True),
    sa.Column("updated_at", sa.Float, nullable=False, index=True),
    sa.Column("dialogue", sa.Text, nullable=False),
)

Result = TypeVar("Result")


class BoundedTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Keeps conversations in an SQLite file; used by `endpoints.yml: tracker_store: type`."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        file: Path | None = None,
        history_turns: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._file = file or settings().database_file
        self._history_turns = history_turns or settings().history_turns
        self._engine = _engine(self._file)
        self._made_in: int | None = None  # the file (its inode) that the tables were made in
        # conversations that could not be read: what they hold must not be written over by the turn that did not see it
        self._unread: set[str] = set()
        # one thread: SQLite takes one writer at a time anyway
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="conversations")

    @classmethod
    async def create(
        cls, endpoint_config: EndpointConfig, domain: Domain | None = None, **kwargs: Any
    ) -> "BoundedTrackerStore":
        return cls(domain)

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """Return a new tracker; unlike Rasa's, it is saved only once there is something in it."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation, or None when there is none or the database does not answer."""
        query = sa.select(_conversations.c.dialogue).where(_conversations.c.sender_id == sender_id)
        try:
            stored = await self._run(lambda connection: connection.execute(query).scalar())
        except (sa.exc.SQLAlchemyError, OSError, TimeoutError) as error:
            logger.error("conversations cannot be read (%s): answering without history", type(error).__name__)
            self._unread.add(sender_id)
            return None
        self._unread.discard(sender_id)
        return self.deserialise_tracker(sender_id, stored) if stored else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation's last turns, or erase it when that was asked."""
        await self.stream_events(tracker)
        row = {
            "sender_id": tracker.sender_id,
            "updated_at": time.time(),
            "dialogue": self.serialise_tracker(_bounded(tracker, self._history_turns, self.init_tracker)),
        }
        erase = bool(tracker.get_slot(ERASE_SLOT))
        if tracker.sender_id in self._unread and not erase:
            logger.error("a conversation could not be read before: this turn is not kept")
            return
        statement = _erase(tracker.sender_id) if erase else _upsert(row)
        try:
            await self._run(lambda connection: connection.execute(statement), tidy=erase)
        except (sa.exc.SQLAlchemyError, OSError, TimeoutError) as error:
            logger.error("conversations cannot be written (%s): this turn is not kept", type(error).__name__)

    async def is_kept(self, sender_id: str) -> bool:
        """Return whether anything of the conversation is kept; raises the database's error when that is not known."""
        query = sa.select(_conversations.c.sender_id).where(_conversations.c.sender_id == sender_id)
        return await self._run(lambda connection: connection.execute(query).first()) is not None

    async def erase_older_than(self, days: float) -> int:
        """Erase the conversations without a message for `days`, and return how many they were."""
        statement = _conversations.delete().where(_conversations.c.updated_at < time.time() - days * _DAY)
        return await self._run(lambda connection: connection.execute(statement).rowcount, tidy=True)

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations that are kept."""
        return await self._run(
            lambda connection: connection.execute(sa.select(_conversations.c.sender_id)).scalars().all()
        )

    async def _run(self, work: Callable[[sa.engine.Connection], Result], *, tidy: bool = False) -> Result:
        """Return what `work` returns on a connection, in the database's thread and within the time limit.

        With `tidy`, what the write-ahead log still holds of erased rows is taken away as well.
        """
        return await asyncio.wait_for(
            # with the context, by which bot.logs knows in that thread that a turn runs
            asyncio.get_running_loop().run_in_executor(self._thread, copy_context().run, self._within, work, tidy),
            _SECONDS,
        )

    def _within(self, work: Callable[[sa.engine.Connection], Result], tidy: bool) -> Result:
        if self._made_in is None or self._made_in != _inode(self._file):  # at first use, whenever the database is there
            self._engine.dispose()  # an open connection would go on with a file that was put aside
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch(mode=0o600)  # for the bot's eyes alone; SQLite's own files beside it take this over
            _metadata.create_all(self._engine)
            self._made_in = _inode(self._file)
        with self._engine.begin() as connection:
            result = work(connection)
        if tidy:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return result


def _inode(file: Path) -> int | None:
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return None


def _engine(file: Path) -> sa.engine.Engine:
    engine = sa.create_engine(
        f"sqlite:///{file}",
        future=True,
        # one connection that stays open: closing the last one makes SQLite tidy its log away, each time
        poolclass=sa.pool.QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"timeout": _SECONDS, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # a write-ahead log lets reads go on during a write; erased rows are overwritten, not only unlinked
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _erase(sender_id: str) -> Any:
    return _conversations.delete().where(_conversations.c.sender_id == sender_id)


def _upsert(row: dict[str, Any]) -> Any:
    statement = insert(_conversations).values(**row)
    return statement.on_conflict_do_update(
        index_elements=["sender_id"], set_={k: v for k, v in row.items() if k != "sender_id"}
    )


def _bounded(
    tracker: DialogueStateTracker, turns: int, new_tracker: Callable[[str], DialogueStateTracker]
) -> DialogueStateTracker:
    """Return the tracker with its last `turns` turns and every slot's value."""
    events = list(tracker.events)
    starts = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= turns:
        return tracker
    kept = new_tracker(tracker.sender_id)
    head: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    head += [SlotSet(name, value) for name, value in tracker.current_slot_values().items() if value is not None]
    head.append(ActionExecuted(ACTION_LISTEN_NAME))
    for event in [*head, *events[starts[-turns] :]]:
        kept.update(event)
    return kept


def tracker_store_of(agent: Any) -> BoundedTrackerStore | None:
    """Return our store of a Rasa agent, which wraps it, or None when another store is configured."""
    store = agent.tracker_store
    store = getattr(store, "_tracker_store", store)
    return store if isinstance(store, BoundedTrackerStore) else None
