"""The website's channel over HTTP: what it promises to those who call it, and what it refuses."""

import time
from typing import Any

import jwt
import pytest

from bot.channels.limits import RateLimit
from bot.content import document, facts, topic_ids
from tests.channels.bot_server import MESSAGES, SESSIONS, Server, Visitor
from tests.conftest import OPERATORS_SETTINGS

KINDS = {
    *("answer", "referral", "emergency", "crisis", "personal_advice", "not_in_document", "off_topic", "unclear"),
    *("small_talk", "language", "privacy", "error"),
}
LANGUAGES = ("en", "fr")
# (what is asked, the reply's kind, its topic)
QUESTIONS = {
    "en": [
        ("How long does the battery last?", "answer", "battery_replacement"),
        ("Who should I see?", "referral", "who_to_see"),
        ("I cannot breathe", "emergency", None),
        ("I want to kill myself", "crisis", None),
        ("Should I stop my morphine tonight?", "personal_advice", None),
        ("What does the pump cost?", "not_in_document", None),
        ("What is the weather like tomorrow?", "off_topic", None),
        ("Hello, how are you?", "small_talk", None),
        ("What do you keep about me?", "privacy", None),
        ("Please answer me in English", "language", None),
    ],
    "fr": [
        ("Combien de temps dure la batterie ?", "answer", "battery_replacement"),
        ("Qui dois-je consulter ?", "referral", "who_to_see"),
        ("Je n'arrive plus à respirer", "emergency", None),
        ("Je veux mourir", "crisis", None),
        ("Dois-je arrêter ma morphine ce soir ?", "personal_advice", None),
        ("Combien coûte la pompe ?", "not_in_document", None),
        ("Quel temps fera-t-il demain ?", "off_topic", None),
        ("Bonjour, comment allez-vous ?", "small_talk", None),
        ("Que gardez-vous de notre conversation ?", "privacy", None),
        ("Répondez-moi en français s'il vous plaît", "language", None),
    ],
}


def assert_as_promised(reply: dict[str, Any], language: str) -> None:
    """Hold a reply against the contract, whatever it says."""
    assert reply["kind"] in KINDS
    assert reply["language"] == language
    assert reply["title"].strip()
    assert reply["text"].strip()
    assert "{" not in reply["text"], "a placeholder was not filled"
    assert ("topic" in reply) == (reply["kind"] in ("answer", "referral"))
    assert bool(reply["sources"]) == (reply["kind"] in ("answer", "referral"))
    for source in reply["sources"]:
        assert source["fact"] in facts()
        assert source["language"] in LANGUAGES
        assert source["translated"] is (source["language"] != language)
        assert source["section"] in {section.title[language] for section in document().sections.values()}
    for button in reply["buttons"]:
        assert set(button) == {"title", "payload"}
        assert button["title"].strip()
        assert button["payload"].startswith("/")


# --- the reply ---


@pytest.mark.parametrize(
    ("language", "text", "kind", "topic"),
    [(language, *question) for language in LANGUAGES for question in QUESTIONS[language]],
)
def test_each_kind_of_reply_keeps_the_contract(
    visitor: Visitor, language: str, text: str, kind: str, topic: str | None
) -> None:
    replies = visitor.ask(text)
    assert (replies[0]["kind"], replies[0].get("topic")) == (kind, topic)
    for reply in replies:
        assert_as_promised(reply, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", topic_ids())
def test_each_topics_button_gives_its_answer_and_buttons_that_are_known(
    visitor: Visitor, topic: str, language: str
) -> None:
    (reply,) = visitor.press(f"/{topic}", language)
    assert reply["topic"] == topic
    assert reply["kind"] == ("referral" if topic == "who_to_see" else "answer")
    assert_as_promised(reply, language)
    assert reply["buttons"]
    assert {button["payload"][1:] for button in reply["buttons"]} <= set(topic_ids()) - {topic}


@pytest.mark.parametrize("hint", LANGUAGES)
def test_the_pages_language_decides_when_the_text_does_not(visitor: Visitor, hint: str) -> None:
    assert visitor.ask("morphine ?", hint)[0]["language"] == hint


@pytest.mark.parametrize("hint", LANGUAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_sentence_says_more_than_the_pages_language(visitor: Visitor, language: str, hint: str) -> None:
    assert visitor.ask(QUESTIONS[language][0][0], hint)[0]["language"] == language


def test_the_language_of_a_chosen_button_stays(visitor: Visitor) -> None:
    visitor.press("/choose_french")
    assert visitor.press("/battery_replacement", "en")[0]["language"] == "fr"


# --- sessions ---


def test_a_session_has_a_token_and_says_how_long_it_is_valid(visitor: Visitor) -> None:
    response = visitor.http.post(SESSIONS)
    assert response.status_code == 201
    assert response.json().keys() == {"token", "expires_in"}
    assert response.json()["expires_in"] == 24 * 3600


def forged(secret: str, **claims: Any) -> str:
    given = {"sub": "somebody", "aud": "website", "exp": int(time.time()) + 600} | claims
    return jwt.encode({k: v for k, v in given.items() if v is not None}, secret, algorithm="HS256")


@pytest.mark.parametrize(
    "make",
    [
        lambda good, _: "",
        lambda good, _: "nonsense",
        lambda good, _: good[:-6],
        lambda good, _: good.rpartition(".")[0] + ".",
        lambda good, _: good.replace(".", ".e30", 1),
        lambda good, _: forged("another key, long enough to be one for HS256"),
        lambda good, _: jwt.encode({"sub": "a", "aud": "website", "exp": 9999999999}, None, algorithm="none"),
        lambda good, key: forged(key, exp=int(time.time()) - 10),
        lambda good, key: forged(key, exp=None),
        lambda good, key: forged(key, sub=None),
        lambda good, key: forged(key, aud="telegram"),
    ],
    ids=[
        *("none", "wrong", "cut", "no-signature", "tampered", "another-key", "algorithm-none"),
        *("expired", "without-an-end", "of-nobody", "for-something-else"),
    ],
)
def test_a_token_that_is_not_ours_is_refused_and_nothing_is_stored(
    bot_server: Server, visitor: Visitor, make: Any
) -> None:
    before = bot_server.rows()
    token = make(visitor.token, (bot_server.var / "session.key").read_text())
    response = visitor.post({"text": "How long does the battery last?"}, token=token)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "bad_token"
    assert bot_server.rows() == before


def test_the_key_that_signs_is_the_one_in_the_folder_and_only_the_bot_reads_it(
    bot_server: Server, visitor: Visitor
) -> None:
    key = bot_server.var / "session.key"
    assert key.stat().st_mode & 0o077 == 0
    # what the refusals above are worth: with the right key and claims the same token is taken
    assert visitor.post({"text": "Hello"}, token=forged(key.read_text())).status_code == 200


def test_the_operators_key_signs_when_there_is_one(operators_server: Server) -> None:
    visitor = operators_server.visitor()
    assert jwt.decode(visitor.token, OPERATORS_SETTINGS["BOT_SESSION_SECRET"], ["HS256"], audience="website")["sub"]
    assert not (operators_server.var / "session.key").exists()


def test_another_session_neither_reads_nor_continues_mine(bot_server: Server, visitor: Visitor) -> None:
    visitor.press("/choose_french")
    visitor.ask("How long does the battery last?")
    mine = bot_server.rows()[visitor.sender_id]
    other = bot_server.visitor()
    assert other.sender_id != visitor.sender_id
    assert other.ask("where does that stand?")[0]["title"] == "No answer given yet"
    assert other.ask("How is the pump refilled?")[0]["language"] == "en"
    other.press("/delete_conversation")
    assert bot_server.rows()[visitor.sender_id] == mine
    assert visitor.ask("more")[0]["kind"] == "answer"


# --- what is refused ---

NESTED = b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"text": "%s"}' % (b"a" * 1001), 413, "too_long"),
        (b'{"text": "%s"}' % (b"a " * 500 + b"b"), 413, "too_long"),
        (b'{"text": "Hello"', 400, "bad_json"),
        (b"", 400, "bad_json"),
        (b"text=Hello", 400, "bad_json"),
        (b'{"text": "\xff"}', 400, "bad_json"),
        (b"9" * 5000, 400, "bad_json"),
        (b'["Hello"]', 400, "bad_json"),
        (b'"Hello"', 400, "bad_json"),
        (b"null", 400, "bad_json"),
        (NESTED, 400, "bad_json"),
        (b"[" * 10_000, 400, "bad_json"),
        (b'{"text": "Hello", "payload": "/refill"}', 400, "bad_message"),
        (b"{}", 400, "bad_message"),
        (b'{"text": null}', 400, "bad_message"),
        (b'{"text": 7}', 400, "bad_text"),
        (b'{"text": NaN}', 400, "bad_text"),
        (b'{"text": ["Hello"]}', 400, "bad_text"),
        (b'{"text": ""}', 400, "bad_text"),
        (b'{"text": " \\n\\u00a0 "}', 400, "bad_text"),
        (b'{"text": "Hello \\ud83d"}', 400, "bad_text"),
        (b'{"text": "Hello \\u0000"}', 400, "bad_text"),
        (b'{"payload": "/restart"}', 400, "unknown_payload"),
        (b'{"payload": "refill"}', 400, "unknown_payload"),
        (b'{"payload": "/refill{}"}', 400, "unknown_payload"),
        (b'{"payload": " /refill"}', 400, "unknown_payload"),
        (b'{"payload": "/emergency"}', 400, "unknown_payload"),
        (b'{"payload": ["/refill"]}', 400, "unknown_payload"),
        (b'{"payload": ""}', 400, "unknown_payload"),
        (b'{"text": "Hello", "language": "de"}', 400, "bad_language"),
        (b'{"text": "Hello", "language": ["en"]}', 400, "bad_language"),
        (b'{"text": "Hello", "language": ""}', 400, "bad_language"),
        (b'{"text": "%s"}' % (b"a" * 17_000), 413, "too_large"),
    ],
    ids=lambda value: value[:30].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_what_is_no_message_is_refused_with_a_reason_and_not_stored(
    bot_server: Server, visitor: Visitor, content: bytes, status: int, code: str
) -> None:
    before = bot_server.rows()
    response = visitor.post(content=content)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["text"].strip()
    assert bot_server.rows() == before


def test_a_body_far_over_the_limit_is_refused_before_it_is_all_there(bot_server: Server, visitor: Visitor) -> None:
    before = bot_server.rows()
    with visitor.http.stream(
        "POST", MESSAGES, content=b" " * 1_000_000, headers={"Authorization": f"Bearer {visitor.token}"}
    ) as response:
        assert response.status_code == 413
    assert bot_server.rows() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_refusal_of_a_long_text_is_in_the_pages_language_and_names_the_limit(
    visitor: Visitor, language: str
) -> None:
    error = visitor.post({"text": "é" * 1001, "language": language}).json()["error"]
    assert "1000" in error["text"]
    assert ("characters" if language == "en" else "caractères") in error["text"]


def test_the_longest_text_is_taken(visitor: Visitor) -> None:
    assert visitor.post({"text": "é " * 500}).status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    [("GET", MESSAGES), ("PUT", MESSAGES), ("DELETE", MESSAGES), ("GET", SESSIONS)],
)
def test_a_wrong_method_is_refused(visitor: Visitor, method: str, address: str) -> None:
    assert visitor.http.request(method, address).status_code == 405


@pytest.mark.parametrize(
    "address", ["/conversations/x/tracker", "/model", "/domain", "/webhooks/rest/webhook", "/webhooks/website/trackers"]
)
def test_nothing_else_of_rasa_can_be_reached(bot_server: Server, address: str) -> None:
    assert bot_server.http.get(address).status_code in (404, 405)


# --- typed text is never a command ---

BLANKS = ["", "  ", "\t\n", "//", "\u00a0", "\u202f", "\u3000", "\x0b", "\x1c", "\x85", " \u00a0/ "]


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
@pytest.mark.parametrize(
    "command", ["/restart", "/risks_complications", "/session_start{}", "/greet", "/several_topics", "/nlu_fallback"]
)
def test_a_typed_command_is_text_and_changes_nothing(
    bot_server: Server, visitor: Visitor, command: str, blank: str
) -> None:
    visitor.press("/choose_french")
    visitor.press("/battery_replacement")
    replies = visitor.ask(blank + command)
    assert replies[0]["kind"] != "error"
    assert len(replies) == 1
    assert bot_server.typed(visitor)[-1] == command.lstrip("/"), "it was carried out as a command"
    assert bot_server.typed(visitor)[:2] == ["/choose_french", "/battery_replacement"]
    assert visitor.press("/refill", "en")[0]["language"] == "fr", "the chosen language was forgotten"


# --- limits ---


@pytest.fixture
def guest(operators_server: Server) -> Visitor:
    return operators_server.visitor()


def test_too_many_messages_of_a_session_have_to_wait(operators_server: Server, guest: Visitor) -> None:
    for _ in range(3):
        assert guest.post({"text": "Hello"}).status_code == 200
    before = operators_server.rows()
    response = guest.post({"text": "Hello again"})
    assert (response.status_code, response.json()["error"]["code"]) == (429, "too_many")
    assert 1 <= int(response.headers["Retry-After"]) <= 20
    assert guest.post({"payload": "/refill"}).status_code == 429
    assert operators_server.rows() == before
    assert guest.session().post({"text": "Hello"}).status_code == 200, "another session had to wait as well"


def test_what_is_refused_does_not_count_as_a_message(guest: Visitor) -> None:
    assert [guest.post({"text": 7}).status_code for _ in range(5)] == [400] * 5
    assert guest.post({"text": "Hello"}).status_code == 200


def test_the_operators_longest_text_holds(guest: Visitor) -> None:
    response = guest.post({"text": "a" * 61})
    assert response.status_code == 413
    assert "60" in response.json()["error"]["text"]


def test_the_rate_is_a_bursts_worth_and_then_steady() -> None:
    now = 0.0
    limit = RateLimit(6, clock=lambda: now)
    assert [limit.seconds_to_wait("a") for _ in range(7)] == [0, 0, 0, 0, 0, 0, 10]
    assert limit.seconds_to_wait("b") == 0
    now = 9.0
    assert limit.seconds_to_wait("a") == 1
    now = 10.0
    assert limit.seconds_to_wait("a") == 0
    assert limit.seconds_to_wait("a") == 10


def test_the_rate_counts_a_bounded_number_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.limits._MOST_KEYS", 10)
    limit = RateLimit(1)
    for key in range(100):
        limit.seconds_to_wait(str(key))
    assert len(limit._buckets) == 10


# --- health ---


def test_healthz_says_that_a_model_is_loaded(bot_server: Server) -> None:
    response = bot_server.health()
    assert response.status_code == 200
    assert response.json() == {"ready": True, "model": "bot.tar.gz"}
