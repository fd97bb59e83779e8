"""`GET /healthz`: whether a model is loaded. Rasa's own `GET /` says 200 even when no message would be answered."""

from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.base import OnNewMessage


class HealthChannel(InputChannel):
    """Not a channel for people: Rasa lets only channels add addresses."""

    @classmethod
    def name(cls) -> str:
        return "health"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "HealthChannel":
        return cls()

    def url_prefix(self) -> str:
        return "/"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("health")

        @blueprint.get("/healthz")
        async def healthz(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            model = agent.model_name if agent and agent.is_ready() else None
            return json_response({"ready": bool(model), "model": model}, 200 if model else 503)

        return blueprint
