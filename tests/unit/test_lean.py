"""The lean layer: held to Rasa 3.6.21's source, and to what must not be imported. Says what breaks if a pin moves."""

import ast
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import distribution, requires, version
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from bot.lean import hook, install
from bot.lean.hook import _CONNECTOR, PLACEHOLDERS, LeanFinder, LeftOutError
from bot.settings import ROOT

SITE_PACKAGES = Path(distribution("rasa").locate_file(""))
RASA = SITE_PACKAGES / "rasa"
CONNECTORS = [module for module, (_, why) in PLACEHOLDERS.items() if why == _CONNECTOR]


def at_its_top(tree: ast.Module) -> ast.Module:
    """Return what a module does as soon as it is imported, but for what stands in branches and functions."""
    return ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])


def imports_of(tree: ast.AST) -> set[tuple[str, str]]:
    """Return what a module imports, as pairs of module and name; the name is "" when the module itself is imported."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {(node.module or "", alias.name) for alias in node.names}
    return found


@pytest.fixture(scope="module")
def wanted() -> dict[str, set[str]]:
    """Return module -> the names that Rasa's other modules import, but for those that need TensorFlow themselves."""
    names = defaultdict(set)
    for file in RASA.rglob("*.py"):
        module = ".".join(file.relative_to(SITE_PACKAGES).with_suffix("").parts).removesuffix(".__init__")
        source = file.read_text(encoding="utf-8")
        if module in PLACEHOLDERS or not any(name.rpartition(".")[2] in source for name in PLACEHOLDERS):
            continue
        tree = ast.parse(source)
        if any(name.partition(".")[0] == "tensorflow" for name, _ in imports_of(at_its_top(tree))):
            continue
        for name, part in imports_of(tree):
            names[name].add(part)
            if part:
                names[f"{name}.{part}"].add("")
    return names


# --- the placeholders ---


def test_rasa_is_the_version_that_the_layer_was_made_for() -> None:
    assert version("rasa") == "3.6.21"


@pytest.mark.parametrize("module", PLACEHOLDERS)
def test_a_placeholder_has_the_names_that_rasa_imports(wanted: dict[str, set[str]], module: str) -> None:
    assert wanted[module], "nothing in Rasa imports it: the placeholder is not needed"
    assert wanted[module] - {""} == set(PLACEHOLDERS[module][0])


@pytest.mark.parametrize("module", PLACEHOLDERS)
def test_a_placeholder_stands_for_a_module_that_rasa_has(module: str) -> None:
    file = SITE_PACKAGES / (module.replace(".", "/") + ".py")
    defined = {node.name for node in ast.parse(file.read_text(encoding="utf-8")).body if hasattr(node, "name")}
    assert set(PLACEHOLDERS[module][0]) <= defined


@pytest.mark.parametrize("module", CONNECTORS)
def test_a_connector_goes_by_the_name_that_rasa_gives_it(module: str) -> None:
    source = (SITE_PACKAGES / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    (connector,) = PLACEHOLDERS[module][0]
    (body,) = [node for node in ast.parse(source).body if getattr(node, "name", "") == connector]
    (named,) = [node for node in body.body if getattr(node, "name", "") == "name"]
    returned = ast.unparse(named.body[-1]).removeprefix("return ").strip("'")
    name = module.rpartition(".")[2]
    assert returned == name or f'{returned} = "{name}"' in source


@pytest.mark.parametrize("module", [name for name in PLACEHOLDERS if name not in CONNECTORS])
def test_what_is_left_out_for_tensorflow_leads_to_tensorflow_or_to_much_of_scikit_learn(module: str) -> None:
    source = (SITE_PACKAGES / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    assert re.search(r"^(?:import|from) (?:tensorflow|sklearn|rasa\.utils\.tensorflow)", source, re.MULTILINE)


@pytest.mark.parametrize("use", ["create", "get_default_config", "from_credentials", "required_components"])
def test_using_a_placeholder_is_refused_with_the_reason(use: str) -> None:
    from rasa.nlu.classifiers.diet_classifier import DIETClassifier

    with pytest.raises(LeftOutError, match=r"DIETClassifier needs TensorFlow.*bot/nlu.*docs/architecture\.md"):
        getattr(DIETClassifier, use)({}, None, None, None)


def test_making_a_placeholder_is_refused_with_the_reason() -> None:
    from rasa.core.policies.ted_policy import TEDPolicy

    with pytest.raises(LeftOutError, match="TEDPolicy needs TensorFlow"):
        TEDPolicy({})


@pytest.mark.parametrize("module", CONNECTORS)
def test_credentials_that_name_a_connector_of_rasa_are_refused_with_the_reason(module: str) -> None:
    from rasa.core.run import _create_single_channel

    with pytest.raises(LeftOutError, match=r"is a connector that Rasa ships.*bot/channels"):
        _create_single_channel(module.rpartition(".")[2], {})


def test_a_component_can_be_compared_with_a_placeholder() -> None:
    from rasa.nlu.classifiers.diet_classifier import DIETClassifier

    assert not issubclass(dict, DIETClassifier)


@pytest.mark.parametrize("name", ["rasa", "rasa.core.channels.rest", "tensorflow", "json"])
def test_other_imports_are_passed_on(name: str) -> None:
    assert LeanFinder().find_spec(name) is None


def test_activating_twice_puts_one_finder_in_line() -> None:
    hook.activate()
    assert sum(type(finder).__name__ == "LeanFinder" for finder in sys.meta_path) == 1


# --- what a fresh process imports ---


@pytest.fixture(scope="module")
def fresh() -> dict[str, object]:
    """Return what a Python knows that has just imported what serving needs."""
    program = (
        "import json, sys\n"
        "plain = sorted(m for m in ('numpy', 'rasa', 'yaml') if m in sys.modules)\n"
        "import rasa.core.agent\n"
        "import rasa.telemetry, numpy\n"
        "print(json.dumps({'plain': plain, 'modules': sorted(sys.modules),\n"
        "  'telemetry': rasa.telemetry.is_telemetry_enabled(),\n"
        "  'numpy': hasattr(numpy, 'VisibleDeprecationWarning')}))\n"
    )
    wanting_telemetry = {**os.environ, "RASA_TELEMETRY_ENABLED": "true"}
    printed = subprocess.check_output([sys.executable, "-W", "ignore", "-c", program], text=True, env=wanting_telemetry)
    return json.loads(printed.splitlines()[-1])


def test_the_hook_costs_nothing_until_rasa_is_asked_for(fresh: dict[str, list[str]]) -> None:
    assert fresh["plain"] == []


@pytest.mark.parametrize(
    "module", ["tensorflow", "sklearn", "keras", "skops", "matplotlib", "aiogram", "slack", "twilio"]
)
def test_serving_does_not_import(fresh: dict[str, list[str]], module: str) -> None:
    assert module not in fresh["modules"]


def test_rasa_runs_on_the_placeholders_and_on_numpy_2(fresh: dict[str, list[str]]) -> None:
    assert "rasa.core.processor" in fresh["modules"]
    assert fresh["numpy"]
    assert version("numpy") >= "2"


def test_tensorflow_is_not_installed() -> None:
    installed = {path.name.partition("-")[0] for path in SITE_PACKAGES.glob("*.dist-info")}
    assert not {name for name in installed if name.startswith("tensorflow")}


def test_telemetry_is_off_even_when_the_environment_says_on(fresh: dict[str, object]) -> None:
    assert fresh["telemetry"] is False


def test_installing_writes_a_file_that_python_reads_at_its_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(install.sysconfig, "get_path", lambda _: str(tmp_path))
    assert install.install().read_text().splitlines() == [str(ROOT), "import bot.lean.hook"]


# --- the pins that must not move ---

# package, what it must stay, the file of an installed package and what stands there, and what breaks
PINS = [
    pytest.param(
        "packaging",
        "<22",
        "rasa/shared/utils/validation.py",
        "from packaging.version import LegacyVersion",
        id="packaging: 22 has no LegacyVersion, which Rasa imports to validate any YAML",
    ),
    pytest.param(
        "dask",
        "==2022.10.2",
        "rasa/engine/runner/dask.py",
        "dask.get(run_graph",
        id="dask: later ones do not run the graphs that Rasa writes as plain tuples",
    ),
    pytest.param(
        "sanic",
        "==21.12.*",
        "sanic_cors/extension.py",
        "from sanic.models.futures import FutureMiddleware",
        id="sanic: Rasa's server, sanic-cors and sanic-routing are made for 21.12 (RasaHQ/rasa#10632)",
    ),
    pytest.param(
        "sanic-routing",
        "==0.7.*",
        "sanic/router.py",
        "from sanic_routing import BaseRouter",
        id="sanic-routing: Sanic's",
    ),
    pytest.param(
        "sqlalchemy",
        "==1.4.*",
        "rasa/core/tracker_store.py",
        'conn.execute(f"CREATE DATABASE {database_name}")',
        id="SQLAlchemy: 2.0 refuses statements that are plain strings, which Rasa executes",
    ),
    pytest.param(
        "websockets",
        "<11",
        "sanic/server/protocols/websocket_protocol.py",
        "from websockets.connection import CLOSED, CLOSING, OPEN",
        id="websockets: 11 has no CLOSED there, and Sanic 21.12 cannot be imported (sanic-org/sanic#2733)",
    ),
    pytest.param(
        "redis",
        "<5",
        "rasa/core/lock_store.py",
        "redis.StrictRedis(",
        id="redis: Rasa's lock and tracker stores are declared for 4 only",
    ),
    pytest.param(
        "structlog",
        "<24",
        "rasa/utils/log_utils.py",
        "class HumanConsoleRenderer(ConsoleRenderer)",
        id="structlog: Rasa derives its renderer from 23's and declares no later one",
    ),
]


@pytest.mark.parametrize(("package", "specifier", "file", "reason"), PINS)
def test_a_pin_stands_in_the_lock_and_its_reason_in_the_source(
    package: str, specifier: str, file: str, reason: str
) -> None:
    lock = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    (locked,) = re.findall(rf"^{re.escape(package)}==(\S+)", lock, re.MULTILINE)
    assert locked in SpecifierSet(specifier)
    assert version(package) == locked
    assert reason in (SITE_PACKAGES / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(("package", "bound"), [("redis", "<5.0"), ("structlog", "<24.0.0"), ("websockets", "<11.0")])
def test_rasa_declares_the_bound_itself(package: str, bound: str) -> None:
    (declared,) = [line for line in requires("rasa") if re.match(rf"{package}\b(?!-)", line)]
    assert bound in declared
