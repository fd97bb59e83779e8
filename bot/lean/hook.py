"""Placeholders for Rasa modules that cost much and that this project never uses, served by an import hook.

Rasa imports these modules even when a configuration uses none of them:
- eight import TensorFlow at their top, two more feed them and import a large part of scikit-learn and SciPy;
- ten are connectors to messaging platforms, which cannot be put before patients as they are (docs/architecture.md).
The hook costs nothing until one of them is asked for, so plain `rasa train`, `rasa run`, `rasa test` and `rasa shell`
work as anyone who knows Rasa expects. A configuration that names one of them is refused with a message that says why.
"""

import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

_TENSORFLOW = "needs TensorFlow, which this installation leaves out: use the components in bot/nlu"
_CONNECTOR = "is a connector that Rasa ships and that this installation leaves out: use the channels in bot/channels"

# module -> (the names other Rasa modules import from it, why it is left out); tests/unit/test_lean.py holds it to Rasa
PLACEHOLDERS: dict[str, tuple[tuple[str, ...], str]] = {
    "rasa.utils.tensorflow.callback": (("RasaTrainingLogger", "RasaModelCheckpoint"), _TENSORFLOW),
    "rasa.utils.tensorflow.data_generator": (("RasaBatchDataGenerator",), _TENSORFLOW),
    "rasa.utils.tensorflow.model_data": (("RasaModelData", "ragged_array_to_ndarray"), _TENSORFLOW),
    "rasa.utils.tensorflow.model_data_utils": ((), _TENSORFLOW),
    "rasa.nlu.classifiers.diet_classifier": (("DIETClassifier",), _TENSORFLOW),
    "rasa.nlu.selectors.response_selector": (("ResponseSelector",), _TENSORFLOW),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": (("ConveRTFeaturizer",), _TENSORFLOW),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": (("LanguageModelFeaturizer",), _TENSORFLOW),
    "rasa.core.policies.ted_policy": (("TEDPolicy",), _TENSORFLOW),
    "rasa.core.policies.unexpected_intent_policy": (("UnexpecTEDIntentPolicy",), _TENSORFLOW),
    "rasa.core.channels.botframework": (("BotFrameworkInput",), _CONNECTOR),
    "rasa.core.channels.facebook": (("FacebookInput",), _CONNECTOR),
    "rasa.core.channels.hangouts": (("HangoutsInput",), _CONNECTOR),
    "rasa.core.channels.mattermost": (("MattermostInput",), _CONNECTOR),
    "rasa.core.channels.rocketchat": (("RocketChatInput",), _CONNECTOR),
    "rasa.core.channels.slack": (("SlackInput",), _CONNECTOR),
    "rasa.core.channels.socketio": (("SocketIOInput",), _CONNECTOR),
    "rasa.core.channels.telegram": (("TelegramInput",), _CONNECTOR),
    "rasa.core.channels.twilio": (("TwilioInput",), _CONNECTOR),
    "rasa.core.channels.twilio_voice": (("TwilioVoiceInput",), _CONNECTOR),
    "rasa.core.channels.webexteams": (("WebexTeamsInput",), _CONNECTOR),
}

# draws the pictures of `rasa test`, and imports matplotlib for it: loaded when something of it is used
_LAZY = "rasa.utils.plotting"
# numpy 2 dropped a name that this module uses once, to silence a warning
_NEEDS_OLD_NUMPY_NAME = "rasa.utils.common"


class LeftOutError(ImportError):
    """A part of Rasa was used that this installation leaves out on purpose; the message says why."""


class _Placeholder:
    """Stands in for a class that is left out; importing and comparing it is fine, using it is refused."""

    _why = ""

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        self._refuse()

    @classmethod
    def _refuse(cls, *_args: object, **_kwargs: object) -> None:
        raise LeftOutError(f"{cls.__name__} {cls._why} (see docs/architecture.md)")

    @classmethod
    def name(cls) -> str:
        # Rasa lists its connectors by name when they are imported
        return cls.__module__.rpartition(".")[2]

    # what Rasa asks a component or a connector for before it makes one: refuse there, where the name is at hand
    create = get_default_config = required_components = required_packages = supported_languages = _refuse
    from_credentials = _refuse


class _PlaceholderLoader(Loader):
    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        names, why = PLACEHOLDERS[module.__name__]
        for name in names:
            setattr(module, name, type(name, (_Placeholder,), {"__module__": module.__name__, "_why": why}))


class LeanFinder(MetaPathFinder):
    """Serves the placeholders; passes on every other import."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return a placeholder's spec, or None for the next finder."""
        if fullname in PLACEHOLDERS:
            return ModuleSpec(fullname, _PlaceholderLoader())
        if fullname == _NEEDS_OLD_NUMPY_NAME:
            _restore_numpy_name()
        if fullname == _LAZY:
            return _loaded_when_used(PathFinder.find_spec(fullname, path))  # type: ignore[arg-type]
        return None


def _loaded_when_used(spec: ModuleSpec | None) -> ModuleSpec | None:
    if spec and spec.loader:
        spec.loader = LazyLoader(spec.loader)
    return spec


def _restore_numpy_name() -> None:
    import numpy  # noqa: PLC0415  # at every start of Python would be too early: most programs need no numpy

    if not hasattr(numpy, "VisibleDeprecationWarning"):
        numpy.VisibleDeprecationWarning = numpy.exceptions.VisibleDeprecationWarning  # type: ignore[attr-defined]


def activate() -> None:
    """Put the finder first in line, once, and keep Rasa from reporting to its maker."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    if not any(isinstance(finder, LeanFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, LeanFinder())


activate()
