"""Custom actions inside the server's process: no second server to start, watch and secure.

Rasa only asks of an action endpoint that it has `request`, `url` and `kwargs`; this one runs rasa_sdk's executor in a
thread, under a time limit. An action that raises or hangs is answered with a truthful message instead of silence.
"""

import asyncio
import logging
import threading
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.settings import settings

logger = logging.getLogger(__name__)

ACTIONS_PACKAGE = "actions"
# a hanging action keeps its thread; so many may hang before actions are refused
_MOST_THREADS = 16


class InProcessActions:
    """Stands where Rasa expects the endpoint of an action server."""

    url = "in-process"

    def __init__(self, package: str = ACTIONS_PACKAGE, seconds: float | None = None) -> None:
        self.kwargs: dict[str, Any] = {"enable_selective_domain": True}  # no action reads the domain: do not copy it
        self._seconds = seconds or settings().action_seconds
        self._free_threads = threading.BoundedSemaphore(_MOST_THREADS)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, json: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the action's events and responses; the apology as its response when it raises or takes too long."""
        name = json.get("next_action")
        try:
            result = await asyncio.wait_for(self._in_thread(json), self._seconds)
        except TimeoutError:
            logger.error("action %s took longer than %s s and was given up", name, self._seconds)
        except Exception as error:  # whatever an action raises, the person is answered
            logger.error("action %s raised %s", name, type(error).__name__)
        else:
            if result:
                return result
        return {"events": [], "responses": [{"response": "utter_error"}]}

    async def _in_thread(self, json: dict[str, Any]) -> Any:
        """Return what the executor returns, run in a thread that does not keep the process from ending."""
        if not self._free_threads.acquire(blocking=False):
            raise RuntimeError("too many actions hang")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        context = copy_context()  # or the thread would not know that a turn runs, and bot.logs would reduce nothing

        def settle(result: Any, error: Exception | None) -> None:
            if done.done():  # given up meanwhile
                return
            if error:
                done.set_exception(error)
            else:
                done.set_result(result)

        def work() -> None:
            result, error = None, None
            try:
                result = context.run(asyncio.run, self._executor.run(json))
            except Exception as raised:
                error = raised
            finally:
                self._free_threads.release()
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, result, error)

        threading.Thread(target=work, name="action", daemon=True).start()
        return await done


def use_actions(agent: Agent) -> None:
    """Let `agent` run the actions in this process, or in the outside action server that the operator has named."""
    address = settings().action_server
    endpoint: Any = EndpointConfig(url=address) if address else InProcessActions()
    if not address:
        # What rasa_sdk returns in this process was checked by rasa_sdk. Rasa would check it, and the schema of all
        # events against the schema of schemas, each time anew: 45 ms in which nobody else is answered.
        RemoteAction.action_response_format_spec = staticmethod(lambda: {"type": "object"})
    agent.action_endpoint = endpoint
    if agent.processor:
        agent.processor.action_endpoint = endpoint
