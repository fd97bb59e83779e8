"""The website's channel: sessions, messages, clear errors. docs/http.md describes it for those who call it."""

import asyncio
import json
import logging
from typing import Any

from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.actions_in_process import use_actions
from bot.channels import sessions
from bot.channels.base import Incoming, OnNewMessage, answer, clean, is_known_payload
from bot.channels.limits import RateLimit
from bot.clinic import ClinicError, clinic
from bot.content import ContentError, document, facts
from bot.last_words import last_words
from bot.logs import withhold_messages
from bot.settings import SettingsError, settings
from bot.storage import tracker_store_of
from bot.understanding.language import LANGUAGES
from bot.understanding.pipelines import pipeline

logger = logging.getLogger(__name__)

_CLEAN_UP_SECONDS = 3600


class _RefusedError(Exception):
    """A request that is not carried out: an HTTP status and a code for programs, a sentence for people."""

    def __init__(self, status: int, code: str, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.text, self.headers = status, code, text, headers

    def response(self) -> HTTPResponse:
        return json_response({"error": {"code": self.code, "text": self.text}}, self.status, self.headers)


class WebsiteChannel(InputChannel):
    """`POST /webhooks/website/sessions` and `POST /webhooks/website/messages`."""

    def __init__(self) -> None:
        self._per_session = RateLimit(settings().session_rate)
        self._per_address = RateLimit(settings().address_rate)

    @classmethod
    def name(cls) -> str:
        return "website"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "WebsiteChannel":
        """Return the channel; refuses wrong settings, content and clinic entries before anything listens."""
        try:
            settings(), document(), facts(), clinic()
            sessions.issue()
        except (SettingsError, ContentError, ClinicError) as error:
            raise RasaException(str(error)) from None
        except OSError as error:
            raise RasaException(f"BOT_VAR_DIR: the key of the sessions cannot be kept there ({error})") from None
        return cls()

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("website")
        blueprint.listener("before_server_start")(_before_start)
        blueprint.listener("after_server_start")(_after_start)

        @blueprint.post("/sessions")
        async def new_session(request: Request) -> HTTPResponse:
            try:
                self._count_address(request)
            except _RefusedError as refused:
                return refused.response()
            token, seconds = sessions.issue()
            return json_response({"token": token, "expires_in": seconds}, status=201)

        @blueprint.post("/messages")
        async def new_message(request: Request) -> HTTPResponse:
            try:
                self._count_address(request)
                message = self._read(request)
            except _RefusedError as refused:
                return refused.response()
            agent = getattr(request.app.ctx, "agent", None)
            return json_response({"messages": await answer(message, on_new_message, agent, self.name())})

        return blueprint

    def _count_address(self, request: Request) -> None:
        _wait(self._per_address.seconds_to_wait(request.remote_addr or request.ip))

    def _read(self, request: Request) -> Incoming:
        """Return the message of a request; raises `_RefusedError` for what is none."""
        try:
            sender_id = sessions.sender_of(request.token)
        except sessions.SessionError:
            raise _RefusedError(401, "bad_token", last_words("utter_session_over", None)["text"]) from None
        body = _object(request)
        language = body.get("language")
        if language is not None and language not in LANGUAGES:
            raise _RefusedError(400, "bad_language", '`language` should be "en" or "fr".')
        text, payload = body.get("text"), body.get("payload")
        if (text is None) == (payload is None):
            raise _RefusedError(400, "bad_message", "Give either `text` or `payload`.")
        if payload is not None:
            if not isinstance(payload, str) or not is_known_payload(payload):
                raise _RefusedError(400, "unknown_payload", "This button is not known.")
            _wait(self._per_session.seconds_to_wait(sender_id), language)
            return Incoming(sender_id, payload=payload, language=language)
        if not isinstance(text, str) or not text.strip():
            raise _RefusedError(400, "bad_text", "`text` should be some text.")
        if len(text) > settings().max_characters:
            raise _RefusedError(413, "too_long", last_words("utter_too_long", language)["text"])
        if not _is_valid_unicode(text):
            raise _RefusedError(400, "bad_text", "`text` holds characters that are not valid Unicode.")
        _wait(self._per_session.seconds_to_wait(sender_id), language)
        return Incoming(sender_id, text=text, language=language)


def _wait(seconds: int, language: str | None = None) -> None:
    if seconds:
        text = last_words("utter_too_many", language, seconds=seconds)["text"]
        raise _RefusedError(429, "too_many", text, {"Retry-After": str(seconds)})


def _object(request: Request) -> dict[str, Any]:
    if len(request.body) > settings().max_body_bytes:
        raise _RefusedError(413, "too_large", "The request is too large.")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _RefusedError(400, "bad_json", "The request's body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise _RefusedError(400, "bad_json", "The request's body should be a JSON object.")
    return body


def _is_valid_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can carry and databases cannot
        return False
    return "\x00" not in text


async def _before_start(app: Sanic, _loop: Any) -> None:
    # the head of the request may not be counted as its body: leave room for it, refuse the rest while it arrives
    app.config.REQUEST_MAX_SIZE = settings().max_body_bytes + 8192
    withhold_messages()


async def _after_start(app: Sanic, _loop: Any) -> None:
    agent = getattr(app.ctx, "agent", None)
    if agent:
        use_actions(agent)
    app.add_task(_load_pipelines())
    app.add_task(_clean_up(agent))


async def _load_pipelines() -> None:
    # the first message must not wait for what is only loaded when it is first used
    await asyncio.to_thread(clean, "Hello")
    for language in LANGUAGES:
        await asyncio.to_thread(pipeline, language)


async def _clean_up(agent: Any) -> None:
    """Erase, once an hour, the conversations that are past their retention."""
    store = tracker_store_of(agent) if agent else None
    while store:
        try:
            erased = await store.erase_older_than(settings().retention_days)
            if erased:
                logger.info("%d conversations past their retention were erased", erased)
        except Exception as error:  # the next hour tries again
            logger.error("conversations past their retention cannot be erased: %s", type(error).__name__)
        await asyncio.sleep(_CLEAN_UP_SECONDS)
