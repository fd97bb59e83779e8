"""Whole conversations with the running bot: the scenarios of the YAML files beside this one."""

import subprocess
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tests.channels.bot_server import ROOT, Reply, Server, Visitor, command, environment

HERE = Path(__file__).parent

Words = Annotated[tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Strict):
    """What is expected of a reply; what is not given is not looked at."""

    kind: str | None = None
    topic: str | None = None
    language: Literal["en", "fr", "both"] | None = None
    contains: Words = ()
    lacks: Words = ()
    offers: Words = ()
    buttons: int | None = None
    related: Literal["new"] | None = None


class Turn(_Strict):
    """What the person does, and each reply that is expected."""

    user: str | None = None
    press: str | int | None = None
    bot: Annotated[
        tuple[Expected, ...], BeforeValidator(lambda value: [value] if isinstance(value, dict) else value)
    ] = Field(min_length=1)


class Scenario(_Strict):
    """A conversation from its beginning."""

    scenario: str
    language: Literal["en", "fr"] | None = None
    turns: tuple[Turn, ...]


def scenarios(folder: Path) -> list[Any]:
    """Return the scenarios of the YAML files in `folder`, as pytest's parameters."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in content if isinstance(content, list) else ():
            scenario = Scenario.model_validate(entry)
            found.append(pytest.param(scenario, id=f"{path.stem}: {scenario.scenario}"))
    return found


class Conversation:
    """A conversation under way: what was answered, and which buttons were shown."""

    def __init__(self, visitor: Visitor | None, language: str | None) -> None:
        self._visitor = visitor
        self._language = language
        self._topics: set[str] = set()
        self._buttons: list[str] = []

    def take(self, turn: Turn) -> None:
        """Do a turn and hold the replies against what is expected."""
        assert self._visitor
        if turn.user is not None:
            done, replies = turn.user, self._visitor.ask(turn.user, self._language)
        else:
            done = self._buttons[turn.press - 1] if isinstance(turn.press, int) else str(turn.press)
            replies = self._visitor.press(done, self._language)
        differences = self.differences(turn.bot, replies)
        said = [{k: r.get(k) for k in ("kind", "topic", "language", "text", "buttons")} for r in replies]
        assert not differences, f"{done!r}: {'; '.join(differences)}\n{yaml.safe_dump(said, allow_unicode=True)}"
        self._topics |= {reply["topic"] for reply in replies if "topic" in reply}
        self._buttons = [button["payload"] for reply in replies for button in reply["buttons"]]

    def differences(self, expected: tuple[Expected, ...], replies: list[Reply]) -> list[str]:
        """Return what is not as expected, in words."""
        if len(expected) != len(replies):
            return [f"{len(replies)} replies instead of {len(expected)}"]
        return [
            difference
            for each, reply in zip(expected, replies, strict=True)
            for difference in self._differences(each, reply)
        ]

    def _differences(self, expected: Expected, reply: Reply) -> list[str]:
        offered = [button["payload"] for button in reply["buttons"]]
        text, topic = reply["text"].casefold(), reply.get("topic")
        wrong = [
            f"{key} is {reply.get(key)} instead of {value}"
            for key in ("kind", "topic", "language")
            if (value := getattr(expected, key)) is not None and reply.get(key) != value
        ]
        wrong += [f"{words!r} is not said" for words in expected.contains if words.casefold() not in text]
        wrong += [f"{words!r} is said" for words in expected.lacks if words.casefold() in text]
        wrong += [f"{payload} is not offered" for payload in expected.offers if payload not in offered]
        if expected.buttons is not None and len(offered) != expected.buttons:
            wrong.append(f"{len(offered)} buttons instead of {expected.buttons}")
        if expected.related and (topic in self._topics or f"/{topic}" not in self._buttons):
            wrong.append(f"{topic} is not a related topic that was not answered yet")
        return wrong


def talk(server: Server, scenario: Scenario) -> None:
    conversation = Conversation(server.visitor(), scenario.language)
    for turn in scenario.turns:
        conversation.take(turn)


@pytest.mark.parametrize("scenario", scenarios(HERE))
def test_conversation(bot_server: Server, scenario: Scenario) -> None:
    talk(bot_server, scenario)


@pytest.mark.parametrize("scenario", scenarios(HERE / "operator"))
def test_conversation_with_the_operators_entries(operators_server: Server, scenario: Scenario) -> None:
    talk(operators_server, scenario)


# --- the operator's file ---


def test_the_referral_carries_the_operators_entries_as_fields_as_well(operators_server: Server) -> None:
    (reply,) = operators_server.visitor().press("/who_to_see")
    assert [service["name"]["en"] for service in reply["services"]] == [
        *("Pain Clinic of B", "Neurosurgery of B", "Nurses of B")
    ]
    assert reply["services"][0]["phone"] == "+00 22 222 22 22"
    assert "phone" not in reply["services"][2]


def test_a_mistake_in_the_operators_file_ends_the_start_with_the_line_and_the_reason(tmp_path: Path) -> None:
    right = (HERE / "operator" / "clinic.yml").read_text(encoding="utf-8")
    wrong = right.replace('phone: "+00 22 333 33 33"', "phone: ask at the desk")
    line = wrong[: wrong.index("phone: ask")].count("\n") + 1
    (tmp_path / "wrong.yml").write_text(wrong, encoding="utf-8")
    ended = subprocess.run(
        command(),
        cwd=ROOT,
        env=environment(tmp_path / "var", {"BOT_CLINIC_FILE": str(tmp_path / "wrong.yml"), "BOT_COUNTRY": "BB"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode not in (0, None)
    said = ended.stdout + ended.stderr
    assert f"wrong.yml, line {line}: countries.BB.services.1.phone" in said
    assert "Traceback" not in said


# --- the scenarios' own gate ---

REPLY = {"kind": "answer", "topic": "refill", "language": "en", "text": "A needle.", "buttons": [{"payload": "/x"}]}


@pytest.mark.parametrize(
    ("expected", "difference"),
    [
        ({"kind": "referral"}, "kind is answer instead of referral"),
        ({"topic": "what_is_it"}, "topic is refill instead of what_is_it"),
        ({"language": "fr"}, "language is en instead of fr"),
        ({"contains": "thread"}, "'thread' is not said"),
        ({"lacks": ["NEEDLE"]}, "'NEEDLE' is said"),
        ({"offers": "/y"}, "/y is not offered"),
        ({"buttons": 0}, "1 buttons instead of 0"),
        ({"related": "new"}, "refill is not a related topic that was not answered yet"),
    ],
)
def test_a_reply_that_is_not_as_expected_is_seen(bot_server: Server, expected: dict[str, Any], difference: str) -> None:
    conversation = Conversation(bot_server.visitor(), None)
    assert conversation.differences((Expected.model_validate(expected),), [REPLY]) == [difference]
    as_it_is = Expected(kind="answer", topic="refill", language="en", contains=["needle"], offers=["/x"], buttons=1)
    assert conversation.differences((as_it_is,), [REPLY]) == []
    assert conversation.differences((as_it_is,), [REPLY, REPLY]) == ["2 replies instead of 1"]


def test_a_scenario_with_a_word_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        Scenario.model_validate({"scenario": "a", "turns": [{"user": "hello", "bot": {"knd": "answer"}}]})
