"""Nothing that a person typed is logged: third-party records in a turn are reduced, and ours name no text."""

import ast
import asyncio
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.actions_in_process import InProcessActions
from bot.logs import _Reduce, turn, withhold_messages
from bot.settings import ROOT
from bot.storage import BoundedTrackerStore

TYPED = "the words somebody typed"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the root's handler writes once messages are withheld."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        withhold_messages()
        yield written
        logging.captureWarnings(False)
    root.setLevel(level)
    root.removeHandler(handler)
    for other in root.handlers:
        other.filters = [f for f in other.filters if not isinstance(f, _Reduce)]


def plain() -> None:
    logging.getLogger("rasa.core.processor").error("cannot answer %r", TYPED)


def formatted_beforehand() -> None:
    logging.getLogger("rasa").debug(f"Received '{TYPED}'")


def with_a_traceback() -> None:
    message = TYPED
    try:
        raise ValueError(f"bad message: {message}")
    except ValueError:
        logging.getLogger("sanic.error").exception("failed")


def with_the_locals_of_each_frame() -> None:
    structured = structlog.wrap_logger(
        logging.getLogger("rasa.core.nlg"),
        processors=[structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()],
    )
    message = TYPED
    try:
        raise KeyError(len(message))
    except KeyError:
        structured.error("failed", exc_info=True)


def with_the_stack() -> None:
    logging.getLogger("asyncio").warning(TYPED, stack_info=True)


def a_warning() -> None:
    warnings.warn(f"Failed to parse '{TYPED}'", UserWarning, stacklevel=1)


THIRD_PARTY = [
    pytest.param(plain, id="an argument"),
    pytest.param(formatted_beforehand, id="a text put together beforehand"),
    pytest.param(with_a_traceback, id="an exception's message"),
    pytest.param(with_the_locals_of_each_frame, id="an exception's locals"),
    pytest.param(with_the_stack, id="a stack"),
    pytest.param(a_warning, id="a warning of Python"),
]


@pytest.mark.parametrize("record", THIRD_PARTY)
def test_in_a_turn_a_record_of_others_carries_no_text(log: io.StringIO, record) -> None:
    with turn():
        record()
    assert TYPED not in log.getvalue()
    assert log.getvalue().count("\n") == 1  # that something was logged is still told


@pytest.mark.parametrize("record", THIRD_PARTY)
def test_outside_a_turn_it_is_unchanged(log: io.StringIO, record) -> None:
    record()
    with turn():
        pass
    record()
    assert log.getvalue().count(TYPED) >= 2


def test_who_wrote_it_and_the_exceptions_class_and_place_are_kept(log: io.StringIO) -> None:
    with turn():
        with_a_traceback()
    assert log.getvalue().startswith(f"ERROR sanic.error: ValueError at {__file__}:")


@pytest.mark.parametrize("name", ["bot.channels.base", "actions.more", "bot"])
def test_in_a_turn_ours_pass(log: io.StringIO, name: str) -> None:
    with turn():
        logging.getLogger(name).error("a turn failed: %s", "KeyError")
    assert log.getvalue() == "ERROR a turn failed: KeyError\n"


@pytest.mark.parametrize("name", ["botocore.parsers", "rasa.core.actions", "actionsx"])
def test_a_name_that_only_looks_like_ours_is_reduced(log: io.StringIO, name: str) -> None:
    with turn():
        logging.getLogger(name).error(TYPED)
    assert TYPED not in log.getvalue()


async def test_a_turn_does_not_reach_into_other_tasks(log: io.StringIO) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def in_a_turn() -> None:
        with turn():
            begun.set()
            await over.wait()

    running = asyncio.create_task(in_a_turn())
    await begun.wait()
    plain()
    over.set()
    await running
    assert TYPED in log.getvalue()


async def test_a_turn_reaches_into_the_threads_of_actions_and_of_the_database(log: io.StringIO, tmp_path: Path) -> None:
    actions, store = InProcessActions(seconds=5), BoundedTrackerStore(None, file=tmp_path / "db.sqlite")

    class Logging:
        async def run(self, _call: object) -> None:
            plain()

    actions._executor = Logging()
    with turn():
        await actions.request({"next_action": "any"})
        await store._run(lambda _: plain())
    assert log.getvalue().count("rasa.core.processor: details withheld") == 2
    assert TYPED not in log.getvalue()


def test_withholding_twice_puts_one_filter_on_a_handler(log: io.StringIO) -> None:
    withhold_messages()
    assert all(sum(isinstance(f, _Reduce) for f in h.filters) == 1 for h in logging.getLogger().handlers)


def test_handlers_of_single_loggers_are_covered() -> None:
    own = logging.getLogger("somebody.elses")
    handler = logging.NullHandler()
    own.addHandler(handler)
    withhold_messages()
    logging.captureWarnings(False)
    own.removeHandler(handler)
    assert any(isinstance(f, _Reduce) for f in handler.filters)


# --- our own logger calls, read in the source ---

LEVELS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
# what a value may be called if it is to be logged: none of these can hold what was typed
HARMLESS_NAMES = {"name", "erased", "_seconds"}


def offences(source: str) -> list[str]:
    """Return the logger calls of `source` that could carry what somebody typed, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
            continue
        if ast.unparse(node.func.value).rpartition(".")[2].strip("_") not in (
            "logger",
            "log",
            "logging",
            "structlogger",
        ):
            continue
        template, *values = node.args or [None]
        if node.func.attr == "exception" or node.keywords:
            found.append(f"{node.lineno}: an exception's message or other details may hold the text")
        if not isinstance(template, ast.Constant):
            found.append(f"{node.lineno}: the record is put together beforehand")
        found += [f"{node.lineno}: {ast.unparse(value)}" for value in values if not _is_harmless(value)]
    return found


def _is_harmless(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant) or ast.unparse(value) == "type(error).__name__":
        return True
    return isinstance(value, ast.Name | ast.Attribute) and ast.unparse(value).rpartition(".")[2] in HARMLESS_NAMES


SOURCES = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")])


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_logger_call_of_ours_can_carry_what_was_typed(file: Path) -> None:
    assert offences(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("logger.info('got %s', message.text)", id="the message's text"),
        pytest.param("logger.error('failed: %s', text)", id="a text"),
        pytest.param("logger.error(f'failed: {text}')", id="a text put in beforehand"),
        pytest.param("logger.error('failed: ' + text)", id="a text joined beforehand"),
        pytest.param("self._logger.debug('%r', tracker)", id="a conversation"),
        pytest.param("logging.warning('failed: %s', error)", id="an exception's message"),
        pytest.param("logger.exception('failed')", id="an exception with its message"),
        pytest.param("logger.error('failed', exc_info=True)", id="the same by keyword"),
        pytest.param("logger.info('x', extra={'text': text})", id="an extra"),
    ],
)
def test_the_reading_of_the_source_finds(call: str) -> None:
    assert offences(call)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("logger.error('a turn failed: %s', type(error).__name__)", id="an exception's class"),
        pytest.param("logger.info('%d erased', erased)", id="a number"),
        pytest.param("math.log(text)", id="a logarithm"),
    ],
)
def test_the_reading_of_the_source_lets_pass(call: str) -> None:
    assert offences(call) == []


def test_the_reading_of_the_source_reads_our_logger_calls() -> None:
    assert sum(file.read_text(encoding="utf-8").count("logger.error(") for file in SOURCES) > 5
