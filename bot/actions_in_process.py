"""Custom actions inside the server's process: no second server to start, watch and secure.

Rasa only asks of an action endpoint that it has `request`, `url` and `kwargs`; this one runs rasa_sdk's executor in a
thread, under a time limit. An action that raises or hangs is answered with a truthful message instead of silence.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.settings import settings

logger = logging.getLogger(__name__)

ACTIONS_PACKAGE = "actions"
# a hanging action keeps its thread: others must still find one
_THREADS = 16


class InProcessActions:
    """Stands where Rasa expects the endpoint of an action server."""

    url = "in-process"

    def __init__(self, package: str = ACTIONS_PACKAGE, seconds: float | None = None) -> None:
        self.kwargs: dict[str, Any] = {"enable_selective_domain": True}  # no action reads the domain: do not copy it
        self._seconds = seconds or settings().action_seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="actions")
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, json: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the action's events and responses; the apology as its response when it raises or takes too long."""
        name = json.get("next_action")
        context = copy_context()  # or the thread would not know that a turn runs, and bot.logs would reduce nothing
        running = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: context.run(asyncio.run, self._executor.run(json))
        )
        try:
            result = await asyncio.wait_for(running, self._seconds)
        except TimeoutError:
            logger.error("action %s took longer than %s s and was given up", name, self._seconds)
        except Exception as error:  # whatever an action raises, the person is answered
            logger.error("action %s raised %s", name, type(error).__name__)
        else:
            if result:
                return result
        return {"events": [], "responses": [{"response": "utter_error"}]}


def use_actions(agent: Agent) -> None:
    """Let `agent` run the actions in this process, or in the outside action server that the operator has named."""
    address = settings().action_server
    endpoint: Any = EndpointConfig(url=address) if address else InProcessActions()
    agent.action_endpoint = endpoint
    if agent.processor:
        agent.processor.action_endpoint = endpoint
