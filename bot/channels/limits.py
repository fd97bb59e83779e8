"""How often a session or a network address may ask."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_KEYS = 50_000


class RateLimit:
    """A token bucket per key: a burst of one minute's worth, then a steady rate."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (tokens left, when counted)

    def seconds_to_wait(self, key: str) -> int:
        """Count a request for `key`; return 0 if it may go on, else the whole seconds until the next one may."""
        now = self._clock()
        tokens, counted = self._buckets.pop(key, (float(self._per_minute), now))
        tokens = min(self._per_minute, tokens + (now - counted) * self._per_minute / 60)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - tokens) * 60 / self._per_minute)
