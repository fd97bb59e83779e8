"""How often one may ask, by a clock that the test turns."""

import pytest

from bot.channels import limits
from bot.channels.limits import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_minutes_worth_goes_through_at_once_and_no_more(clock: Clock) -> None:
    limit = RateLimit(5, clock)
    assert [limit.seconds_to_wait("a") for _ in range(6)] == [0, 0, 0, 0, 0, 12]


@pytest.mark.parametrize(
    ("per_minute", "seconds"),
    [
        pytest.param(60, 1, id="one a second"),
        pytest.param(3, 20, id="three a minute"),
        pytest.param(7, 9, id="not a whole number of seconds: rounded up"),
        pytest.param(3000, 1, id="faster than one a second: still a whole second"),
    ],
)
def test_the_wait_that_is_told_is_enough(clock: Clock, per_minute: int, seconds: int) -> None:
    limit = RateLimit(per_minute, clock)
    while not (wait := limit.seconds_to_wait("a")):
        pass
    assert wait == seconds
    clock.now += wait
    assert limit.seconds_to_wait("a") == 0


def test_being_refused_costs_nothing(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    assert limit.seconds_to_wait("a") == 0
    assert {limit.seconds_to_wait("a") for _ in range(100)} == {60}
    clock.now += 45
    assert limit.seconds_to_wait("a") == 15


def test_the_rate_is_steady_after_the_burst(clock: Clock) -> None:
    limit = RateLimit(6, clock)
    through = 0
    for _ in range(600):
        through += limit.seconds_to_wait("a") == 0
        clock.now += 1
    assert through == 6 + 60 - 1


def test_a_long_rest_earns_one_burst_only(clock: Clock) -> None:
    limit = RateLimit(2, clock)
    limit.seconds_to_wait("a")
    clock.now += 86_400
    assert [limit.seconds_to_wait("a") for _ in range(3)] == [0, 0, 30]


def test_one_session_does_not_use_up_anothers(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    assert limit.seconds_to_wait("a") == 0
    assert limit.seconds_to_wait("a") > 0
    assert limit.seconds_to_wait("b") == 0


def test_who_was_seen_longest_ago_is_forgotten_first(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_KEYS", 2)
    limit = RateLimit(1, clock)
    for key in ("a", "b", "a", "c"):  # "a" is refused, but seen again
        limit.seconds_to_wait(key)
    assert limit.seconds_to_wait("a") > 0
    assert limit.seconds_to_wait("b") == 0
