"""Nothing that a person typed is logged, at any level.

While a turn is being worked on, a record of anybody's code but ours is reduced to who wrote it and, if it tells of an
exception, to the exception's class and place. Rasa's own records may hold the message, its slots, or the local
variables of every frame; ours name no text by rule, which tests/unit/test_logs.py checks.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_turn_runs: ContextVar[bool] = ContextVar("turn_runs", default=False)
_OURS = ("bot", "actions")


@contextmanager
def turn() -> Iterator[None]:
    """While it lasts, records of other people's code are reduced."""
    token = _turn_runs.set(True)
    try:
        yield
    finally:
        _turn_runs.reset(token)


class _Reduce(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _turn_runs.get() and record.name.split(".")[0] not in _OURS:
            record.msg = f"{record.name}: {_exception_in_short() or 'details withheld while a message is answered'}"
            record.args = ()
            record.exc_info = record.exc_text = record.stack_info = None
        return True


def _exception_in_short() -> str:
    error = sys.exc_info()[1]
    if error is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def withhold_messages() -> None:
    """Put the filter on every handler there is, and send Python's warnings the same way. Safe to call again."""
    logging.captureWarnings(True)
    root = logging.getLogger()
    handlers = {*root.handlers}
    for name in logging.root.manager.loggerDict:
        handlers.update(logging.getLogger(name).handlers)
    if logging.lastResort:
        handlers.add(logging.lastResort)
    for handler in handlers:
        if not any(isinstance(f, _Reduce) for f in handler.filters):
            handler.addFilter(_Reduce())
