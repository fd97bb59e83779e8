"""How long a running bot takes to answer: one client, over HTTP, on this machine only.

    python tests/load/bench_http.py --url http://127.0.0.1:5005 --messages 1000

Asks N questions, each in a session of its own, then TURNS questions in one conversation. Start the bot with
BOT_SESSION_RATE and BOT_ADDRESS_RATE above what is asked, or the measure stops at the first 429.
"""

import argparse
import ipaddress
import itertools
import statistics
import sys
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

MOST_MESSAGES = 100_000
# plain questions in both languages, two that need an action, small talk, and one that is not understood
QUESTIONS = (
    "How long does the battery last?",
    "Combien de temps dure la batterie ?",
    "What are the risks?",
    "Quels sont les risques de l'opération ?",
    "How is the pump refilled? How long is the hospital stay?",
    "Comment remplit-on la pompe ?",
    "Who should I see?",
    "Qui dois-je consulter ?",
    "thank you",
    "Quel temps fera-t-il demain ?",
    "My name is Jane Doe and I would like to know which drugs are used",
    "Should I stop my morphine tonight?",
)


class BenchError(Exception):
    """The measure cannot be taken; the message says why."""


class Client:
    """Asks a bot and takes the time."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/webhooks/website", trust_env=False, timeout=60)
        self._token = "none"

    def session(self) -> None:
        """Begin a new session."""
        self._token = str(self._post("/sessions", None).json()["token"])

    def ask(self, text: str) -> float:
        """Return how long the answer took, in ms."""
        begun = time.perf_counter()
        response = self._post("/messages", {"text": text})
        took = 1000 * (time.perf_counter() - begun)
        replies = response.json()["messages"]
        if not replies or replies[0]["kind"] == "error":
            raise BenchError(f"{text!r} was not answered")
        return took

    def _post(self, address: str, body: dict[str, str] | None) -> httpx.Response:
        try:
            response = self._http.post(address, json=body, headers={"Authorization": f"Bearer {self._token}"})
        except httpx.TransportError as error:
            raise BenchError(f"no bot answers: {error}") from None
        if response.status_code == 429:
            raise BenchError("the rate limit was met: start the bot with BOT_SESSION_RATE and BOT_ADDRESS_RATE raised")
        if response.status_code >= 300:
            raise BenchError(f"{address} says {response.status_code}: {response.text[:200]}")
        return response


def loopback(url: str) -> str:
    """Return `url` if it is on this machine; raises `argparse.ArgumentTypeError` otherwise: nobody else is loaded."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    if parts.scheme != "http" or not here:
        raise argparse.ArgumentTypeError(f"{url} is not on this machine; only http://127.0.0.1:… is measured")
    return url


def number(text: str) -> int:
    """Return a number of messages; raises `argparse.ArgumentTypeError` when it is none or too many."""
    if not text.isdigit() or not 20 <= int(text) <= MOST_MESSAGES:
        raise argparse.ArgumentTypeError(f"{text} should be a number from 20 to {MOST_MESSAGES}")
    return int(text)


def percentile(times: Sequence[float], share: float) -> float:
    """Return the time below which `share` of the times are."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 when both measures were taken, 1 when not."""
    parser = argparse.ArgumentParser(description="Measure how long a bot on this machine takes to answer.")
    parser.add_argument("--url", type=loopback, default="http://127.0.0.1:5005")
    parser.add_argument("--messages", type=number, default=1000, help="messages in sessions of their own")
    parser.add_argument("--turns", type=number, default=1000, help="turns of the one long conversation")
    given = parser.parse_args(arguments)
    client = Client(given.url)
    questions = itertools.cycle(QUESTIONS)
    try:
        client.session()
        for _ in range(5):  # what is only loaded when it is first used
            client.ask(next(questions))
        apart = []
        for _ in range(given.messages):
            client.session()
            apart.append(client.ask(next(questions)))
        client.session()
        # always the same question: what is measured is the conversation's length
        turns = [client.ask(QUESTIONS[0]) for _ in range(given.turns)]
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    rows = [
        (f"{given.messages} messages in new sessions: median", statistics.median(apart)),
        ("  95 of 100 are below", percentile(apart, 0.95)),
        ("  99 of 100 are below", percentile(apart, 0.99)),
        ("  the longest", max(apart)),
        ("one conversation: median of turns 5 to 15", statistics.median(turns[4:15])),
        (f"  of turns {given.turns - 10} to {given.turns}", statistics.median(turns[-11:])),
        ("  the longest", max(turns)),
    ]
    for label, milliseconds in rows:
        sys.stdout.write(f"{label:<52}{milliseconds:>9.1f} ms\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
